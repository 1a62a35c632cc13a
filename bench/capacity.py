"""What a payment asks of DynamoDB: capacity units and round trips of each step, counted by DynamoDB's rules."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench import orders
from bench.results import Result
from chalicelib.capacity import Usage
from chalicelib.conditions import Item
from chalicelib.expressions import encode_item
from chalicelib.intents import lifecycle, store
from chalicelib.intents.inbox import take
from chalicelib.intents.intent import intent_id
from chalicelib.ledger import journal
from chalicelib.notices.delivery import send_sms, told
from chalicelib.notices.publishing import publish_changes
from tests.bank import BOT, CODE, Bank

# Write units, read units, round trips (design: the table).
BUDGETS: Mapping[str, tuple[float, float, int]] = {
    "webhook → intent": (1, 3, 4),
    "open the page": (0, 1, 2),
    "confirm": (7, 0.5, 3),
    "replay of a confirm": (0, 0.5, 1),
}
SYNCHRONOUS = ("webhook → intent", "open the page", "confirm")
SYNCHRONOUS_WRITES = 8
ALL_WRITES = 16


def measure() -> Sequence[Result]:
    """The figures of each step and of the whole payment."""
    used = payment(Bank())
    steps = [result for name, budget in BUDGETS.items() for result in _step(name, used[name], budget)]
    synchronous = sum(used[name].write_units for name in SYNCHRONOUS)
    everything = sum(usage.write_units for usage in used.values())
    return [
        *steps,
        Result(name="whole payment, synchronous: write units", value=synchronous, unit="WCU", goal=SYNCHRONOUS_WRITES),
        Result(
            name="whole payment, lists, notices and entries too: write units",
            value=everything,
            unit="WCU",
            goal=ALL_WRITES,
        ),
    ]


def payment(bank: Bank) -> Mapping[str, Usage]:
    """Take one payment through every step, its stream and its notices; what each of them used."""
    body = orders.webhook()
    project(bank, [(None, item) for item in list(bank.table.items.values()) if item["PK"].startswith("A#")])
    bank.table.images.clear()
    used = {"webhook → intent": counted(bank, lambda: take(bank.services, orders.event(body)))}
    post = json.loads(body)["data"]["payload"]["id"]
    intent = store.read(bank.table, intent_id("twitter", BOT.user_id, post))
    if intent is None:
        raise LookupError("the order was not stored")
    link = bank.link(intent)
    used["lists and link"] = counted(bank, lambda: tell(bank))
    used["open the page"] = counted(bank, lambda: lifecycle.look(bank.services, link))
    used["confirm"] = counted(bank, lambda: lifecycle.confirm(bank.services, link, CODE))
    moved = list(bank.table.images)
    used["entries"] = counted(bank, lambda: project(bank, moved))
    used["list and receipts"] = counted(bank, lambda: tell(bank))
    used["replay of a confirm"] = counted(bank, lambda: lifecycle.confirm(bank.services, link, CODE))
    return used


def counted(bank: Bank, work: Callable[[], object]) -> Usage:
    """What the table is asked for while something runs."""
    used = bank.table.usage = Usage()
    work()
    bank.table.usage = Usage()
    return used


def tell(bank: Bank) -> None:
    """Carry out what the table's stream and the queues behind it would: lists, then each SMS."""
    while bank.table.images:
        images = list(bank.table.images)
        bank.table.images.clear()
        publish_changes(bank.services, [record(old, new) for old, new in images], park=_never)
    for number, (message, _) in enumerate(bank.topic.published):
        body = {"Message": json.dumps(message), "MessageId": f"{bank.services.clock.nonce()}-{number}"}
        send_sms(bank.services, told(body, received_count=1))
    bank.topic.published.clear()


def project(bank: Bank, images: Sequence[tuple[Item | None, Item]]) -> None:
    """Write the journal's entries of what has moved, as the stream's second reader does."""
    journal.project(bank.table, [record(old, new) for old, new in images], park=_never)


def record(old: Item | None, new: Item) -> dict[str, Any]:
    """A record of the table's stream."""
    keys = {name: new[name] for name in ("PK", "SK")}
    images = {"Keys": encode_item(keys), "NewImage": encode_item(new)}
    return {
        "eventName": "MODIFY" if old else "INSERT",
        "dynamodb": images | ({"OldImage": encode_item(old)} if old else {}),
    }


def _step(name: str, usage: Usage, budget: tuple[float, float, int]) -> list[Result]:
    writes, reads, trips = budget
    return [
        Result(name=f"{name}: write units", value=usage.write_units, unit="WCU", goal=writes),
        Result(name=f"{name}: read units", value=usage.read_units, unit="RCU", goal=reads),
        Result(name=f"{name}: round trips", value=usage.round_trips, unit="requests", goal=trips),
    ]


def _never(keys: Mapping[str, str]) -> None:
    raise RuntimeError(f"a change was parked: {keys}")
