"""`console dead`: what lies in the dead-letter queues, without moving it."""

import argparse
import time
from typing import Any

from console import output, stage

RUN = {
    "inbox": "console inbox redrive",
    "sms-links": "console deliveries redrive",
    "sms-receipts": "console deliveries redrive",
    "replies": "console deliveries redrive",
    "changes": "console changes replay",
}


def register(subparsers: Any) -> None:
    """Add `dead list`."""
    commands = subparsers.add_parser("dead", help="dead letters of every queue").add_subparsers(required=True)
    listing = commands.add_parser("list", help="what each dead letter is about, how old it is, and how to send it on")
    listing.set_defaults(run=_list)
    stage.add_options(listing)


def _list(arguments: argparse.Namespace) -> int:
    from console import letters

    stage.use(arguments.stage)
    now = time.time()
    rows = [
        {
            "queue": f"{letter.queue}-dead",
            "message": letter.id,
            "age": output.ago(now - letter.sent_at),
            "received": letter.received_count,
            **letters.subject(letter),
            "then": f"{RUN[letter.queue]} --only {letter.id}",
        }
        for letter in letters.dead(arguments.stage)
    ]
    return output.tell(arguments, rows, none="No dead letters: every queue has handled what it got.")
