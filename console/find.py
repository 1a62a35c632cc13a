"""`console find`: a person, account, intent or message by any handle on it."""

import argparse
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from console import output, stage
from local.stages import is_local

if TYPE_CHECKING:
    from chalicelib.conditions import Item
    from chalicelib.config import Bot
    from chalicelib.services import Services
    from chalicelib.table import Key, Table
    from console.clues import Clue

ROUNDS = 3
PAGE = 100


def register(subparsers: Any) -> None:
    """Add the command to the console."""
    find = subparsers.add_parser("find", help="a person, account or intent by any handle on it", description=__doc__)
    find.add_argument(
        "handle",
        help="@name, user id, phone, name or part of it, IBAN, id of a person, account or intent, "
        "six-letter reference, post id or its URL, correlation id",
    )
    find.add_argument("--reveal", action="store_true", help="print phone numbers and IBANs in full")
    find.add_argument("--everywhere", action="store_true", help="look through the whole table although a key led to it")
    find.set_defaults(run=_run)
    stage.add_options(find)


def _run(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from console import rows

    stage.use(arguments.stage)
    services = production.services()
    clue = read(services, arguments)
    if clue is None:
        return output.refuse("That is too long for a handle; quote a @name, phone, reference, post or id.")
    items = look(services, clue, everywhere=arguments.everywhere)
    shown = [rows.row(item, programme=services.programme, reveal=arguments.reveal) for item in items]
    found: list[Mapping[str, Any]] = [row for row in shown if row]
    if not found:
        return output.refuse(
            "Nothing is known of it. Try another handle: @name, phone, reference or post; "
            "`console explain` also looks into logs and dead letters."
        )
    return output.tell(arguments, [*found, *_lately(services, items)])


def read(services: "Services", arguments: argparse.Namespace) -> "Clue | None":
    """What the typed handle may be; None for one that nothing can be called."""
    from console import clues

    if len(arguments.handle.encode()) > clues.LONGEST:
        return None
    return clues.read(arguments.handle, country=services.programme.country, fiction=is_local(arguments.stage))


def look(services: "Services", clue: "Clue", *, everywhere: bool = False) -> "list[Item]":
    """The items that a clue leads to and those beside them; the table is searched only where no key leads."""
    from console import clues, everything

    bots = services.programme.bots
    items = _followed(services.table, _read(services.table, clues.keys(clue, bots)), bots)
    if items and not everywhere:
        return list(items.values())
    searched = everything.search(clues.SEARCHED, lambda item: clues.matches(clue, item))
    found: dict[Key, Item] = {(item["PK"], item["SK"]): item for item in searched}
    return list({**items, **_followed(services.table, found, bots)}.values())


def _followed(table: "Table", items: "dict[Key, Item]", bots: "Mapping[str, Bot]") -> "dict[Key, Item]":
    """The items and those that they lead to: names to identities, identities to persons and accounts."""
    for _ in range(ROUNDS):
        beside = {key for item in items.values() for key in _beside(item, bots)} - {*items}
        more = _read(table, sorted(beside))
        if not more:
            break
        items = {**items, **more}
    return {key: item for key, item in items.items() if not key[0].startswith("Q#")}


def _beside(item: "Item", bots: "Mapping[str, Bot]") -> "Iterable[Key]":
    """Where the person, account or identity behind an item is."""
    from chalicelib.table import account_key, claim_key, handle_key, intent_key, person_key

    match item["PK"][:2]:
        case "T#" | "C#":
            held = item["PK"].startswith("C#") or "payee_user" in item
            return [claim_key(item["PK"][2:]), intent_key(item["PK"][2:])] if held else []
        case "Q#":
            network = item["PK"].split("#")[1]
            return [handle_key(network, bots[network].user_id, item["user_id"])] if network in bots else []
        case "P#":
            return [account_key(item["account"])]
        case "A#":
            return [person_key(item["person"])]
        case "L#" | "R#":
            return [person_key(item["person"]), account_key(item["account"])]
        case _:
            return []


def _read(table: "Table", keys: "list[Key]") -> "dict[Key, Item]":
    found: dict[Key, Item] = {}
    for start in range(0, len(keys), PAGE):
        found |= table.get_many(keys[start : start + PAGE])
    return found


def _lately(services: "Services", items: "Iterable[Item]") -> list[Mapping[str, Any]]:
    """The orders of the last day, where one account alone was found and no intent was asked for."""
    from chalicelib.intents import store
    from chalicelib.intents.intent import reference

    accounts = [item["PK"][2:] for item in items if item["PK"].startswith("A#")]
    if len(accounts) != 1:
        return []
    now, zone = services.clock.now(), services.programme.zone
    lists = {
        "order of the last day": store.ordered_lately(services.table, accounts[0], now=now),
        "asked in the last day": store.asked_lately(services.table, accounts[0], now=now),
    }
    return [
        {
            "found": found,
            "intent": line.intent,
            "reference": reference(line.intent),
            "waits": line.waits,
            "received_at": output.at(line.received_at, zone),
        }
        for found, lines in lists.items()
        for line in lines
    ]
