"""`console deliveries`: notices that could not be sent, back into their queues."""

import argparse
from typing import Any

from console import output, pasted, stage
from console.letters import ROADS


def register(subparsers: Any) -> None:
    """Add `deliveries redrive`."""
    commands = subparsers.add_parser("deliveries", help="send notices again that died").add_subparsers(required=True)
    redrive = commands.add_parser(
        "redrive", help="move dead notices back; what is out of date is dropped, what another message has sent too"
    )
    redrive.add_argument("--queue", choices=ROADS, help="of one queue alone")
    redrive.add_argument("--only", default="", metavar="MESSAGE", help="the id of one message, as `dead list` shows it")
    redrive.set_defaults(run=_redrive)
    stage.add_options(redrive)


def _redrive(arguments: argparse.Namespace) -> int:
    from console import letters

    stage.use(arguments.stage)
    queues = [arguments.queue] if arguments.queue else ROADS
    moved = {queue: letters.redrive(arguments.stage, queue, only=arguments.only) for queue in queues}
    if arguments.only and not any(moved.values()):
        return output.refuse(f"No dead letter {arguments.only} among deliveries; `console dead list` names them all.")
    output.tell(arguments, [{"queue": queue, "moved": number} for queue, number in moved.items()])
    waits = [letters.patience(arguments.stage, queue) for queue, number in moved.items() if number]
    if waits and not arguments.json:
        print(pasted.look_again(arguments.stage, max(waits)))
    return 0
