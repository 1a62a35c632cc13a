"""What a cold start spends on imports: each function's module and first clients, against chalice and boto3 alone."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from bench.results import Result
from bench.timing import spread

RUNS = 15
GOAL = 1.25
BASE = "import boto3, chalice.app; boto3.client('{first}')"
OURS = "import app{modules}; from chalicelib import aws; {clients}"
CPU = "; import resource as r; used = r.getrusage(r.RUSAGE_SELF); print(used.ru_utime + used.ru_stime)"
# A function's first client comes first; the modules are what it imports itself when it is first called.
FUNCTIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "api_handler, a webhook": (("sqs", "secretsmanager"), ("chalicelib.channels.inbox",)),
    "api_handler, a page": (("dynamodb", "kms"), ("chalicelib.intents.lifecycle",)),
    "read_orders": (("dynamodb",), ("chalicelib.intents.inbox",)),
    "publish_changes": (("dynamodb", "sns"), ("chalicelib.notices.publishing",)),
    "project_entries": (("dynamodb",), ("chalicelib.ledger.journal",)),
    "send_links, send_receipts": (("dynamodb", "sns"), ("chalicelib.notices.delivery",)),
    "send_replies": (("dynamodb", "secretsmanager"), ("chalicelib.notices.replying",)),
    "sweep": (("dynamodb",), ("chalicelib.intents.sweeping",)),
    "gather": (("dynamodb",), ("chalicelib.ledger.rounds",)),
    "audit": (("dynamodb", "logs", "sqs"), ("chalicelib.auditing",)),
}
# No Region is asked, but clients want one; nothing is read from this user's files.
ENVIRONMENT = {"AWS_DEFAULT_REGION": "eu-west-3", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}


def measure() -> Sequence[Result]:
    """The ratio of CPU times for each function, each the least of its interleaved runs."""
    programs = {name: _ours(*wanted) for name, wanted in FUNCTIONS.items()}
    bases = {first: BASE.format(first=first) for (first, *_), _ in FUNCTIONS.values()}
    spent = _interleaved([*bases.values(), *programs.values()])
    return [_result(name, spent[programs[name]], spent[bases[first]]) for name, ((first, *_), _) in FUNCTIONS.items()]


def _ours(clients: Sequence[str], modules: Sequence[str]) -> str:
    makes = "; ".join(f"aws.client('{client}')" for client in clients)
    return OURS.format(modules="".join(f", {module}" for module in modules), clients=makes)


def _interleaved(programs: Sequence[str]) -> Mapping[str, list[float]]:
    spent: dict[str, list[float]] = {program: [] for program in programs}
    for _ in range(RUNS):
        for program, seconds in spent.items():
            seconds.append(_cpu_seconds(program))
    return spent


def _cpu_seconds(program: str) -> float:
    """User and system time of a fresh process that runs this and ends; with bytecode, which is shipped too."""
    ours = ("AWS_", "ENVOI_", "PYTHON")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    ran = subprocess.run(
        [sys.executable, "-c", program + CPU], env=environment | ENVIRONMENT, capture_output=True, text=True, check=True
    )
    return float(ran.stdout)


def _result(name: str, ours: Sequence[float], base: Sequence[float]) -> Result:
    pairwise = [one / other for one, other in zip(ours, base, strict=True)]
    return Result(
        name=f"imports of {name}",
        value=min(ours) / min(base),
        unit="of bare CPU",
        goal=GOAL,
        spread=spread(pairwise),
    )
