"""`console inbox`: messages that could not be read, back into the queue."""

import argparse
from typing import Any

from console import output, pasted, stage


def register(subparsers: Any) -> None:
    """Add `inbox redrive`."""
    commands = subparsers.add_parser("inbox", help="put dead letters back").add_subparsers(required=True)
    redrive = commands.add_parser(
        "redrive", help="move every dead letter back into the inbox; each is read once at most"
    )
    redrive.add_argument("--only", default="", metavar="MESSAGE", help="the id of one message, as `dead list` shows it")
    redrive.set_defaults(run=_redrive)
    stage.add_options(redrive)


def _redrive(arguments: argparse.Namespace) -> int:
    """Send each dead letter to the inbox before deleting it: a crash in between only repeats it, which is harmless."""
    from console import letters

    stage.use(arguments.stage)
    moved = letters.redrive(arguments.stage, "inbox", only=arguments.only)
    if arguments.only and not moved:
        return output.refuse(f"No dead letter {arguments.only} in the inbox; `console dead list` names them all.")
    output.tell(arguments, [{"moved": moved}])
    if moved and not arguments.json:
        print(pasted.look_again(arguments.stage, letters.patience(arguments.stage, "inbox")))
    return 0
