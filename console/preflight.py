"""`console preflight`: what a real account lacks before a stage opens, and how to mend it."""

import argparse
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from console import output, stage

if TYPE_CHECKING:
    from console.checks import Check

# Columns: where there is no terminal, and the least that a line can be told in.
WIDTH, NARROWEST = 120, 60
_MARGIN = " " * 13


def register(subparsers: Any) -> None:
    """Add the command to the console."""
    preflight = subparsers.add_parser("preflight", help="what a stage lacks before it opens", description=__doc__)
    preflight.set_defaults(run=_run)
    stage.add_options(preflight)


def checks() -> "Sequence[Check]":
    """The whole list, in the order in which an operator goes through it."""
    from console import checks_account, checks_data, checks_stage

    return (*checks_account.CHECKS, *checks_data.CHECKS, *checks_stage.CHECKS)


def readable(row: Mapping[str, str], *, width: int) -> str:
    """A point for a person: what was seen, and beneath it what to do; no line is longer than `width` characters."""
    seen = f"{row['answer']:12} {row['check']}: {row['seen']}"
    lines = _wrapped(seen, "", width)
    for place, line in enumerate(row["fix"].splitlines()):
        lines += _wrapped(line, _MARGIN + ("  " if place else "→ "), width)
    return "\n".join(lines)


def _wrapped(text: str, first: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=f"{_MARGIN}  " if first else _MARGIN,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _run(arguments: argparse.Namespace) -> int:
    """Exit status 0 where nothing is missing, 1 where something is; what cannot be told is for the operator to see."""
    from chalicelib import aws, config
    from console.checks import judge, remedy

    stage.use(arguments.stage)
    config.programme(config.stage().programme)  # one that cannot start is told as such, and not as AWS's answer
    aws.client("sts").get_caller_identity()  # without AWS there is nothing to look at: one sentence instead of a list
    verdicts = [(check, judge(check, arguments.stage)) for check in checks()]
    rows = [
        {
            "check": check.name,
            "answer": verdict.answer,
            "seen": verdict.seen,
            "fix": remedy(check, verdict, arguments.stage),
        }
        for check, verdict in verdicts
    ]
    if arguments.json:
        output.tell(arguments, rows)
    for row in rows if not arguments.json else ():
        print(readable(row, width=max(shutil.get_terminal_size((WIDTH, 24)).columns, NARROWEST)))
    return 1 if any(row["answer"] == "missing" for row in rows) else 0
