"""`console changes`: changes of the table that could not be published, once more."""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from console import output, stage

if TYPE_CHECKING:
    from chalicelib.conditions import Item
    from chalicelib.services import Services
    from console.letters import Letter

AT_ONCE = ("pending", "refused", "answered")


def register(subparsers: Any) -> None:
    """Add `changes replay`."""
    commands = subparsers.add_parser("changes", help="publish parked changes again").add_subparsers(required=True)
    replay = commands.add_parser(
        "replay", help="publish what the parked items call for as they are now; nobody is told twice"
    )
    replay.add_argument("--only", default="", metavar="MESSAGE", help="the id of one message, as `dead list` shows it")
    replay.set_defaults(run=_replay)
    stage.add_options(replay)


def _replay(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.notices.sns import SnsTopic
    from console import letters

    stage.use(arguments.stage)
    arn = stage.topic(arguments.stage, "events")
    if arn is None:
        return output.refuse(f"There is no topic envoi-{arguments.stage}-events; deploy the stage's resources first.")
    services = replace(production.services(), topic=SnsTopic(arn))
    rows: list[dict[str, Any]] = []
    for letter in letters.letters(arguments.stage, "changes"):
        if arguments.only in ("", letter.id):
            outcome = _publish(services, letter)
            expired = outcome == _PUBLISHED and expire_overdue(services, letters.keys(letter))
            if outcome in _DONE:
                letters.remove(letter, arguments.stage)
            rows.append({"message": letter.id, **letters.subject(letter), "outcome": outcome, "expired": expired})
    if arguments.only and not rows:
        return output.refuse(f"No parked change {arguments.only}; `console dead list` names them all.")
    output.tell(arguments, rows, none="No parked changes.")
    if rows and not arguments.json:
        print(f"Expired, as their time was over: {sum(row['expired'] for row in rows)} of {len(rows)}.")
    return 0 if all(row["outcome"] in _DONE for row in rows) else 1


def before(item: "Item") -> "Item | None":
    """The image from which a change to the item as it is now calls for all that its people should know.

    An order that waits or was decided at once is told as new; one that was settled, as settled just now; an account,
    as if wrong codes had just been typed. What was told already is claimed, so that nobody is told twice.
    """
    if item["PK"].startswith("A#"):
        return {**item, "attempts": 0}
    if item["PK"].startswith("T#") and item["status"] not in AT_ONCE:
        return {**item, "status": "pending"}
    return None


def expire_overdue(services: "Services", keys: Mapping[str, str]) -> bool:
    """Expire the order that was replayed if it still waits after its time; what was not an order is left.

    Its line in the list of what falls due comes too late for the sweep, which never looks back.
    """
    from chalicelib.intents import sweeping

    kind, _, intent = keys["PK"].partition("#")
    return kind == "T" and sweeping.expire_due(services, intent)


def _publish(services: "Services", letter: "Letter") -> str:
    """Publish what one parked change calls for now; says what became of it."""
    import json

    from chalicelib.notices.publishing import publish_changes

    try:
        body = json.loads(letter.body)
        key = body["PK"], body["SK"]
    except (ValueError, KeyError, TypeError):
        return _RANGE if "DDBStreamBatchInfo" in letter.body else "left: it names no item"
    item = services.table.get(key, consistent=True)
    if item is None:
        return "nothing to tell: the item is gone"
    parked: list[Mapping[str, str]] = []
    publish_changes(services, records(item), park=parked.append)
    return "left: our code still cannot publish it; mend it, deploy, then replay" if parked else _PUBLISHED


def records(item: "Item") -> list[dict[str, Any]]:
    """What the table's stream would say: that the item came, so that its lists are filled, and then its change."""
    from chalicelib.expressions import encode_item

    images = {"Keys": encode_item({name: item[name] for name in ("PK", "SK")}), "NewImage": encode_item(item)}
    old = before(item)
    came = {"eventName": "INSERT", "dynamodb": images}
    changed = {"eventName": "MODIFY", "dynamodb": {**images, "OldImage": encode_item(old)}} if old else None
    return [came, changed] if changed and item["PK"].startswith("T#") else [changed or came]


_PUBLISHED = "published"
_DONE = (_PUBLISHED, "nothing to tell: the item is gone")
_RANGE = (
    "left: Lambda gave up a range of the stream and names no item; `console audit` finds what is missing, "
    "and docs/runbook.md says how to read the range"
)
