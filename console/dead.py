"""`console dead`: what lies in the dead-letter queues, without moving it."""

import argparse
import time
from typing import TYPE_CHECKING, Any

from console import output, pasted, stage

if TYPE_CHECKING:
    from console.letters import Letter

RUN = {
    "inbox": ("inbox", "redrive"),
    "sms-links": ("deliveries", "redrive"),
    "sms-receipts": ("deliveries", "redrive"),
    "replies": ("deliveries", "redrive"),
    "changes": ("changes", "replay"),
    "entries": ("journal", "rebuild"),
}


def register(subparsers: Any) -> None:
    """Add `dead list`."""
    commands = subparsers.add_parser("dead", help="dead letters of every queue").add_subparsers(required=True)
    listing = commands.add_parser("list", help="what each dead letter is about, why it died, and how to send it on")
    listing.set_defaults(run=_list)
    stage.add_options(listing)


def _list(arguments: argparse.Namespace) -> int:
    from console import causes, letters

    stage.use(arguments.stage)
    now = time.time()
    found = letters.dead(arguments.stage)
    errors = causes.read(arguments.stage, found)
    rows = [
        {
            **_row(letter, now),
            "cause": causes.cause(letter, errors[letter.queue], stage=arguments.stage, now=now),
            "then": pasted.command(arguments.stage, *RUN[letter.queue], "--only", letter.id),
        }
        for letter in found
    ]
    if arguments.json or not rows:
        return output.tell(arguments, rows, none="No dead letters: every queue has handled what it got.")
    for row in rows:
        cause, then = row.pop("cause"), row.pop("then")
        output.tell(arguments, [row])
        print(f"  cause  {cause}\n  then   {then}")
    return 0


def _row(letter: "Letter", now: float) -> dict[str, Any]:
    from console import letters

    return {
        "queue": f"{letter.queue}-dead",
        "message": letter.id,
        "age": output.ago(now - letter.sent_at),
        "received": letter.received_count,
        **letters.subject(letter),
    }
