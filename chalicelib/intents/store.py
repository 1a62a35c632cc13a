"""Orders and intents in the table, and the lists that a payer's caps are counted from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.channels import Mention
from chalicelib.conditions import Item
from chalicelib.intents.intent import Intent, from_item, to_item
from chalicelib.ledger.transfer import BOOKINGS
from chalicelib.refusals import Refusal
from chalicelib.table import Part, Put, Rejection, Table, absent, intent_key

DAY_SECONDS = 86_400
LISTED = 50
_HELD = "held"
# No message's id is that short: it is filled up to 20 characters.
_MILLIS = re.compile("[0-9]{14}")
# No account's id holds a #.
_ASKED = "#asked"
ASKS = frozenset({"help", "balance", "history", "contacts", "confirm", "repeat"})
"""Orders that ask for no payment: a conversation uses up none of the orders of a day."""


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """One line of a payer's list: an order of the last day, whether it still waits, and whether it was paid to hold.

    `pays` tells that it was an order to pay, whatever became of it later. `sent_millis` is 0 where the network told no
    milliseconds, and on lines that were written without them.
    """

    intent: str
    received_at: int
    waits: bool
    sent_millis: int = 0
    held: bool = False
    pays: bool = False


def read(table: Table, intent: str, *, consistent: bool = False) -> Intent | None:
    """Read an order; a funding by the bank is none."""
    item = table.get(intent_key(intent), consistent=consistent)
    return from_item(item) if item and item["order"] not in BOOKINGS else None


def read_many(table: Table, intents: Sequence[str]) -> Sequence[Intent]:
    """Read up to 100 orders, in the order of their ids, a moment old at most; what is missing or none is left out."""
    keys = [intent_key(intent) for intent in intents]
    items = table.get_many(keys) if keys else {}
    return [from_item(items[key]) for key in keys if key in items and items[key]["order"] not in BOOKINGS]


def put(intent: Intent) -> Put:
    """The one conditional put that stores an order; a repeat is refused with ALREADY_SEEN."""
    return Put(item=to_item(intent), clauses=(absent(Refusal.ALREADY_SEEN),))


def ordered_lately(table: Table, account: str, *, now: int) -> Sequence[Ordered]:
    """A payer's orders of the last 24 hours, newest first; a moment behind, as the stream fills the list."""
    items = table.query(f"W#{account}", start=f"{now - DAY_SECONDS:012}", limit=LISTED, newest_first=True)
    return [_ordered(item) for item in items]


def there_at(lately: Sequence[Ordered], mention: Mention) -> Sequence[Ordered]:
    """Those of a payer's orders, newest first, that were there when a message came.

    Of those that came in its second, the ones that were not sent later, as far as the networks tell.
    """
    return [one for one in lately if _came_by(one, mention)]


def asked_lately(table: Table, account: str, *, now: int) -> Sequence[Ordered]:
    """What a customer asked in private in the last 24 hours, newest first; it counts towards no cap of payments."""
    items = table.query(f"W#{account}{_ASKED}", start=f"{now - DAY_SECONDS:012}", limit=LISTED, newest_first=True)
    return [_ordered(item) for item in items]


def is_among_first(table: Table, intent: Intent, *, cap: int, now: int) -> bool:
    """Whether an order is one of its payer's first `cap` orders of the 24 hours up to `now`.

    A line that cannot be seen yet is not held against it.
    """
    start = f"{min(intent.received_at, now - DAY_SECONDS):012}"
    lines = table.query(f"W#{intent.payer}", start=start, limit=cap)
    return len(lines) < cap or any(_ordered(line).intent == intent.id for line in lines)


def list_order(intent: Intent) -> Put:
    """The line of a payer's list for an order that was just stored; what asks for no payment has a list of its own."""
    item = {
        "PK": f"W#{intent.payer}{_ASKED if intent.order in ASKS else ''}",
        "SK": _position(intent),
        "status": intent.status,
        "ttl": intent.received_at + 2 * DAY_SECONDS,
    }
    return Put(item=item, clauses=(absent(Refusal.ALREADY_SEEN),))


def unlist(intent: Intent) -> tuple[tuple[str, str], Part]:
    """The key and the change of a line whose intent waits no more."""
    return (f"W#{intent.payer}", _position(intent)), Part(
        assign={"status": _listed_as(intent), "ttl": intent.received_at + 2 * DAY_SECONDS}
    )


def keep(table: Table, intent: Intent) -> Intent:
    """Store an order and return it, or the one that the same message made before."""
    rejection = table.put(put(intent))
    return (rejection and seen_before(rejection)) or intent


def seen_before(rejection: Rejection) -> Intent | None:
    """The order that was stored earlier, when a put was refused because of it."""
    return from_item(rejection.items[0]) if rejection.items[0] else None


def _listed_as(intent: Intent) -> str:
    """The status, but for a payment that is held: a cancel of the newest looks for those."""
    return _HELD if intent.held and intent.status == "paid" else intent.status


def _came_by(one: Ordered, mention: Mention) -> bool:
    if one.received_at != mention.received_at or not (one.sent_millis and mention.sent_millis):
        return one.received_at <= mention.received_at
    return one.sent_millis <= mention.sent_millis


def _position(intent: Intent) -> str:
    """When it came, then where its network's clock puts it: two may come in one second, in any order.

    Without milliseconds the id of the message stands alone, as it does on lines of before.
    """
    sent = f"{intent.sent_millis:014}#" if intent.sent_millis else ""
    return f"{intent.received_at:012}#{sent}{intent.message_id:>020}#{intent.id}"


def _ordered(item: Item) -> Ordered:
    received_at, *told, intent = item["SK"].split("#")
    status = item["status"]
    return Ordered(
        intent=intent,
        received_at=int(received_at),
        sent_millis=int(told[0]) if _MILLIS.fullmatch(told[0]) else 0,
        waits=status == "pending",
        held=status == _HELD,
        pays=status not in ("answered", "refused"),
    )
