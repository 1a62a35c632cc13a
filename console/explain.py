"""`console explain`: what became of a tweet, as a story in order of time."""

import argparse
import time
from typing import TYPE_CHECKING, Any

from console import output, stage

if TYPE_CHECKING:
    from chalicelib.services import Services
    from console.clues import Clue
    from console.rows import Row


def register(subparsers: Any) -> None:
    """Add the command to the console."""
    explain = subparsers.add_parser("explain", help="what became of a post", description=__doc__)
    explain.add_argument("message", help="a post's id or URL, an intent, a reference, or a correlation id")
    explain.add_argument(
        "--days", type=float, default=3, metavar="N", help="how far back to read the log where there is no order"
    )
    explain.set_defaults(run=_run)
    stage.add_options(explain)


def _run(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from console import clues, story

    stage.use(arguments.stage)
    services = production.services()
    if len(arguments.message.encode()) > clues.LONGEST or '"' in arguments.message:
        return output.refuse("That is no post, intent, reference or correlation id.")
    clue = clues.read(arguments.message, country=services.programme.country)
    rows = _facts(services, arguments, clue)
    if not rows:
        bot = next(iter(services.programme.bots.values())).handle
        return output.refuse(
            f"Nothing came of it: no order, no dead letter, and no log line of the last {arguments.days:g} days. "
            f"Either the network never delivered it (a post must name @{bot}), or we answered 503 and it is sent "
            "again (`console tail --function api`), or the id is another one."
        )
    if arguments.json:
        return output.tell(arguments, rows)
    for facts in rows:
        for line in story.story(facts, zone=services.programme.zone):
            print(line)
    return 0


def _facts(services: "Services", arguments: argparse.Namespace, clue: "Clue") -> "list[Row]":
    """What is known of each order that is meant, or, without one, of the message."""
    from chalicelib.table import intent_key
    from console import facts, orders

    items = orders.look(services, clue)
    if items:
        return [facts.of_order(services, arguments.stage, item) for item in items]
    found = facts.of_message(services, arguments.stage, clue, since=time.time() - arguments.days * 86_400)
    if found is None:
        return []
    named = {line["facts"]["intent_id"] for line in found["log"] if line["facts"].get("intent_id")}
    stored = [services.table.get(intent_key(str(intent)), consistent=True) for intent in sorted(named)]
    return [facts.of_order(services, arguments.stage, item) for item in stored if item] or [found]
