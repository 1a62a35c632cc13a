"""`console preflight`: what a real account lacks before a stage opens, and how to mend it."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from console import output, stage

if TYPE_CHECKING:
    from console.checks import Check


def register(subparsers: Any) -> None:
    """Add the command to the console."""
    preflight = subparsers.add_parser("preflight", help="what a stage lacks before it opens", description=__doc__)
    preflight.set_defaults(run=_run)
    stage.add_options(preflight)


def checks() -> "Sequence[Check]":
    """The whole list, in the order in which an operator goes through it."""
    from console import checks_account, checks_data, checks_stage

    return (*checks_account.CHECKS, *checks_data.CHECKS, *checks_stage.CHECKS)


def _run(arguments: argparse.Namespace) -> int:
    """Exit status 0 where nothing is missing, 1 where something is; what cannot be told is for the operator to see."""
    from chalicelib import aws
    from console.checks import judge

    stage.use(arguments.stage)
    aws.client("sts").get_caller_identity()  # without AWS there is nothing to look at: one sentence instead of a list
    verdicts = [(check, judge(check, arguments.stage)) for check in checks()]
    rows = [
        {
            "check": check.name,
            "answer": verdict.answer,
            "seen": verdict.seen,
            "fix": "" if verdict.answer == "ok" else check.fix.replace("<stage>", arguments.stage),
        }
        for check, verdict in verdicts
    ]
    if arguments.json:
        output.tell(arguments, rows)
    for row in rows if not arguments.json else ():
        print(f"{row['answer']:12} {row['check']}: {row['seen']}" + (f"\n{'':13}→ {row['fix']}" if row["fix"] else ""))
    return 1 if any(row["answer"] == "missing" for row in rows) else 0
