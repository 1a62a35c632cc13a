"""An AWS that fails on purpose: `python -m local.faults table down` breaks a service of the local AWS until Ctrl-C.

microburst stands between the functions and the emulator, and answers, waits or hangs up as AWS does when it fails.
Everybody else (console, sandbox, triggers) goes on reaching the emulator itself.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import ministack, process, stack, wire
from local.stack import Stack

MODULE = "microburst"
START_SECONDS = 20
# Longer than our clients wait for an answer (chalicelib/aws.py).
SLOW_MS = 3_500
REDIRECT = "AWS_ENDPOINT_URL"
NOWHERE = {"ENVOI_X_API_URL": "http://127.0.0.1:9"}

Rule = Mapping[str, Any]

SERVICES: Mapping[str, Rule] = {
    "table": {"service": "dynamodb"},
    "queue": {"service": "sqs"},
    "topic": {"service": "sns", "body": "TopicArn"},
    "sms": {"service": "sns", "body": "PhoneNumber"},
    "kms": {"service": "kms"},
    "secrets": {"service": "secretsmanager"},
}
# What each service says when it is broken, and when it is asked too much (its API reference, common errors).
_DOWN = {
    "table": "InternalServerError",
    "queue": "InternalFailure",
    "topic": "InternalError",
    "sms": "InternalError",
    "kms": "KMSInternalException",
    "secrets": "InternalServiceError",
}
_THROTTLED = {
    "table": "ProvisionedThroughputExceededException",
    "queue": "ThrottlingException",
    "topic": "Throttled",
    "sms": "Throttled",
    "kms": "ThrottlingException",
    "secrets": "ThrottlingException",
}
HOW = ("down", "throttled", "slow", "refused", "lost")


@dataclass(frozen=True)
class Proxy:
    """A running microburst."""

    pid: int
    url: str


def rule(what: str, how: str, **more: Any) -> Rule:
    """What microburst is to do to a service.

    `down` and `throttled` answer with an error and do nothing, `slow` does it and answers too late, `refused` hangs up
    before anything is done, `lost` after it was done. `more` narrows it: `operation`, `times`, …
    """
    effects: Mapping[str, Rule] = {
        "down": {"error": {"code": _DOWN[what], "status": 500}},
        "throttled": {"error": {"code": _THROTTLED[what], "status": 400}},
        "slow": {"latency": SLOW_MS},
        "refused": {"reset": True},
        "lost": {"response": {"abort_bytes": 1}},
    }
    return {**SERVICES[what], **effects[how], **more}


def start(upstream: str, home: Path) -> Proxy:
    """Start a proxy without any rule before an AWS; its log is in `home`. Raises NotReady."""
    port = ministack.free_port()
    log = home / "microburst.log"
    pid = process.spawn(MODULE, ["--upstream", upstream, "--port", str(port)], log=log, environment=_bare())
    proxy = Proxy(pid, ministack.endpoint(port))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.alive(pid, MODULE):
        with suppress(OSError):
            if wire.call(f"{proxy.url}/_microburst/health").status == 200:
                return proxy
        time.sleep(0.1)
    stop(proxy)
    raise ministack.NotReady(f"microburst did not start; see {log}")


def stop(proxy: Proxy) -> None:
    """End a proxy."""
    process.stop(proxy.pid, MODULE)


@contextmanager
def broken(proxy: Proxy, *rules: Rule) -> Iterator[None]:
    """Break what the rules say inside the block."""
    _set(proxy, rules)
    try:
        yield
    finally:
        _set(proxy, ())


def fired(proxy: Proxy) -> list[Mapping[str, Any]]:
    """Every call so far that a rule has met, the oldest first."""
    found: list[Mapping[str, Any]] = json.loads(wire.call(f"{proxy.url}/_microburst/fired?limit=2000").body)
    return found


def redirect(local: Stack, variables: Mapping[str, str]) -> None:
    """Let every function of the stage reach the outside by these variables; by none, as it is deployed."""
    functions = local.client("lambda")
    for function in functions.list_functions()["Functions"]:
        if function["FunctionName"].startswith("envoi-local"):
            _point(functions, function, variables)


def _point(functions: Any, function: Mapping[str, Any], variables: Mapping[str, str]) -> None:
    before = function["Environment"]["Variables"]
    kept = {name: value for name, value in before.items() if name != REDIRECT}
    wanted = kept | ({"ENVOI_X_API_URL": _deployed_x(kept)} if "ENVOI_X_API_URL" in kept else {})
    functions.update_function_configuration(
        FunctionName=function["FunctionName"], Environment={"Variables": wanted | dict(variables)}
    )


def _deployed_x(variables: Mapping[str, str]) -> str:
    return variables["ENVOI_X_API_URL"]


def _set(proxy: Proxy, rules: tuple[Rule, ...]) -> None:
    body = json.dumps(rules).encode()
    answer = wire.call(f"{proxy.url}/_microburst/rules", method="POST", body=body)
    if answer.status != 200:
        raise ValueError(f"microburst does not take the rules: {answer.body}")


def _bare() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin"}
