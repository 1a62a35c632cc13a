"""`python -m tests.mutants`: judge the mutants of the code."""

import argparse
import fnmatch
import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TextIO

import pytest

from tests.mutants import draw_few, page
from tests.mutants.fresh import survives
from tests.mutants.judge import KILLED, TIMED_OUT, Judge, Tell, target
from tests.mutants.making import files, mutants
from tests.mutants.mutant import Mutant

# What they find is kept from run to run, so that `--again` need only judge what lived.
LAST = Path("mutants.jsonl")
EQUAL = Path(__file__).with_name("equal.toml")
# None of these needs the local AWS, a browser or a network. Left out is what only measures how long reading takes, and
# what starts other processes, which know no mutant.
TESTS = (
    "tests/claims",
    "tests/console/test_claim.py",
    "tests/console/test_payouts.py",
    "tests/identity/test_bank_account.py",
    "tests/identity/test_joining.py",
    "tests/intents",
    "tests/ledger",
    "tests/limits",
    "tests/notices",
    "tests/orders",
    "tests/test_money.py",
    "tests/test_money_cldr.py",
    "tests/web/test_claim.py",
    "tests/web/test_linking.py",
    "tests/web/test_pages.py",
    "--ignore=tests/orders/test_console.py",
    "--ignore=tests/orders/test_linear.py",
)
IMPORTED = "-Wignore:Module already imported:pytest.PytestAssertRewriteWarning"
PYTEST = ("-s", "--tb=native", "-pno:cacheprovider", "-pno:xdist", IMPORTED, "-m", "not local", *TESTS)

Verdicts = dict[str, str]


def main() -> int:
    """Judge all mutants, or some; 1 if too many of them live."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Change the code; a test must notice.")
    parser.add_argument("--page", type=Path, metavar="FILE", help="tell all of it in a page")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", nargs="+", default=["*"], metavar="PATTERN", help="files, as chalicelib/ledger/*")
    parser.add_argument("--again", action="store_true", help="judge only what lived in the last run, or is new")
    arguments = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # the same order of sets, and so the same verdicts, in every run
        os.execve(sys.executable, [*sys.orig_argv], {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606  # ourselves
    start, since = time.monotonic(), time.time()
    wanted = [path for path in files() if any(fnmatch.fnmatch(str(path), one) for one in arguments.only)]
    made = [mutant for path in wanted for mutant in mutants(path)]
    known = _known() if arguments.again else {}
    todo = [mutant for mutant in made if known.get(mutant.key) not in (KILLED, TIMED_OUT)]
    with LAST.open("a" if arguments.again else "w", encoding="utf-8") as kept:
        verdicts = known | _judged(todo, workers=arguments.workers, since=since, tell=_progress(len(todo), kept))
    living = [mutant for mutant in made if verdicts[mutant.key] not in (KILLED, TIMED_OUT)]
    result = page.outcome(made, living, page.reasons(EQUAL))
    if arguments.page:
        arguments.page.write_text(page.text(result, tests=TESTS), encoding="utf-8")
    return _told(result, seconds=time.monotonic() - start)


def _judged(todo: Sequence[Mutant], *, workers: int, since: float, tell: Tell) -> Verdicts:
    """The verdict on each; what lives, and runs while modules are imported, is looked at a second time."""
    verdicts: Verdicts = {}

    def noted(mutant: Mutant, verdict: str, by: str) -> None:
        verdicts[mutant.key] = verdict
        tell(mutant, verdict, by)

    draw_few()
    judge = Judge(todo, workers=workers, tell=noted, since=since)
    judge.watch(judge.early, while_imported=True)
    if pytest.main(list(PYTEST), plugins=[judge]):
        raise SystemExit("the tests do not run without mutants")
    if len(verdicts) < len(todo):
        raise SystemExit("not all mutants were judged: has the code changed meanwhile?")
    early = [mutant for mutant in todo if _is_early(mutant, verdicts, judge)]
    with ThreadPoolExecutor(workers) as pool:
        for mutant, alive in zip(early, pool.map(lambda one: survives(one, PYTEST), early), strict=True):
            if not alive:
                noted(mutant, KILLED, "imported anew")
    return verdicts


def _is_early(mutant: Mutant, verdicts: Verdicts, judge: Judge) -> bool:
    """Whether it lives and is of a function that was called before there was a test: it was not in place then."""
    lives = verdicts[mutant.key] not in (KILLED, TIMED_OUT)
    return lives and "." not in mutant.function and target(mutant)[1] in judge.early


def _known() -> Verdicts:
    """The last verdict on each mutant; one of a function that is another by now is not among them."""
    if not LAST.exists():
        return {}
    lines = map(json.loads, LAST.read_text(encoding="utf-8").splitlines())
    return {line["key"]: line["verdict"] for line in lines}


def _progress(total: int, kept: TextIO) -> Tell:
    """Keeps each verdict, and says now and then how far it is."""
    start = time.monotonic()
    done = 0

    def tell(mutant: Mutant, verdict: str, by: str) -> None:
        nonlocal done
        done += 1
        line = {"key": mutant.key, "line": mutant.line, "before": mutant.before, "after": mutant.after}
        kept.write(json.dumps({**line, "verdict": verdict, "by": by}, ensure_ascii=False) + "\n")
        kept.flush()
        if done % 100 == 0:
            sys.stderr.write(f"{done:,} of {total:,} mutants judged in {time.monotonic() - start:.0f} s\n")

    return tell


def _told(result: page.Outcome, *, seconds: float) -> int:
    for mutant in result.survived:
        sys.stdout.write(f"{mutant.file}:{mutant.line}\n  - {mutant.before}\n  + {mutant.after}\n")
    for group in result.idle:
        sys.stdout.write(f"equal.toml: no survivor is explained by: {group.reason}\n")
    killed = len(result.mutants) - len(result.equal) - len(result.survived)
    sys.stdout.write(
        f"{len(result.mutants):,} mutants of the code: {killed:,} killed, {len(result.equal):,} equal, "
        f"{len(result.survived):,} survived ({result.percent:.1f} %), in {seconds / 60:.0f} minutes\n"
    )
    return 0 if result.fine else 1


if __name__ == "__main__":
    sys.exit(main())
