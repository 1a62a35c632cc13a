"""A reversal: money of a payment goes back to its payer, all or a part; one operator asks, another agrees. Pure.

| status      | means                                                                  |
|-------------|------------------------------------------------------------------------|
| `requested` | one operator asks for it; another one decides                          |
| `paid`      | the money went back; the item is the transfer, linked to its original  |
| `declined`  | somebody at the console said no                                        |

It is a transfer of its own between the two main accounts, with payer and payee changed over. The original payment
keeps its item, which says how much of it went back: `reversed_minor`, of all paid reversals together.
"""

from dataclasses import dataclass, field
from typing import Any

from chalicelib.conditions import Item
from chalicelib.ledger.account import OWN
from chalicelib.ledger.transfer import Transfer
from chalicelib.link import identifier
from chalicelib.refusals import Refusal
from chalicelib.table import intent_key

ORDER = "reversal"
REQUESTED, PAID, DECLINED = "requested", "paid", "declined"
# What can be given back: payments between customers, not what the bank or the ledger books, nor what was held for
# somebody who was not linked: that goes back by its claim, or has left it for good.
REVERSIBLE = frozenset({"send", "give"})


@dataclass(frozen=True, kw_only=True)
class Reversal:
    """A reversal as it is stored; amounts in minor units, times in epoch seconds.

    `payer` gives the money back: the payee's main account of the `original`, whose id that is. `requested_by` and
    `decided_by` are operators' identities, `said` holds the reason, which may be erased without touching the books.
    """

    id: str
    original: str
    status: str
    payer: str
    payee: str
    amount_minor: int
    currency: str
    created_at: int
    requested_by: str
    payer_person: str = ""
    payee_person: str = ""
    decided_by: str = ""
    paid_at: int = 0
    ended_at: int = 0
    moved_micros: int = 0
    correlation_id: str = ""
    said: dict[str, str] = field(default_factory=dict)

    def transfer(self, *, moved_micros: int) -> Transfer:
        """The transfer that this reversal becomes when it is agreed to."""
        return Transfer(
            id=self.id,
            payer=self.payer,
            payee=self.payee,
            amount_minor=self.amount_minor,
            currency=self.currency,
            moved_micros=moved_micros,
        )


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What an operator asks for: how much of a payment goes back, why, and who asks."""

    amount_minor: int
    reason: str
    by: str


def reversal_id(original: str, number: int) -> str:
    """The id of a payment's first, second, … reversal: whoever knows the payment finds them all by key."""
    return identifier(ORDER, original, str(number))


def is_reversal(item: Item) -> bool:
    """Whether an item is a reversal."""
    return bool(item.get("order") == ORDER)


def reversed_minor(original: Item) -> int:
    """How much of a payment went back so far."""
    amount_minor: int = original.get("reversed_minor", 0)
    return amount_minor


def refused(original: Item | None, *, amount_minor: int) -> Refusal | None:
    """Why so much of a payment cannot go back as it is now: NOT_REVERSIBLE, AMOUNT_ZERO or REVERSED_TOO_MUCH."""
    if original is None or original.get("order") not in REVERSIBLE or original["status"] != PAID:
        return Refusal.NOT_REVERSIBLE
    if original["payee"] in OWN:
        return Refusal.NOT_REVERSIBLE
    if amount_minor <= 0:
        return Refusal.AMOUNT_ZERO
    left_minor = original["amount_minor"] - reversed_minor(original)
    return Refusal.REVERSED_TOO_MUCH if amount_minor > left_minor else None


def of(original: Item, wish: Wish, *, number: int, now: int) -> Reversal:
    """The request to give money of a paid payment back, as its `number`-th one."""
    name = original["PK"].removeprefix("T#")
    return Reversal(
        id=reversal_id(name, number),
        original=name,
        status=REQUESTED,
        payer=original["payee"],
        payee=original["payer"],
        payer_person=original.get("payee_person", ""),
        payee_person=original.get("payer_person", ""),
        amount_minor=wish.amount_minor,
        currency=original["currency"],
        created_at=now,
        requested_by=wish.by,
        correlation_id=original.get("correlation_id", ""),
        said={"reason": wish.reason} if wish.reason else {},
    )


def to_item(reversal: Reversal) -> dict[str, Any]:
    """The item of a reversal; what is empty is left out."""
    key, sort = intent_key(reversal.id)
    fields = {name: value for name, value in vars(reversal).items() if name != "id" and value}
    return {"PK": key, "SK": sort, "order": ORDER, **fields}


def from_item(item: Item) -> Reversal:
    """Read a reversal from its item; raises TypeError if it lacks what every one has."""
    known = {name: item[name] for name in Reversal.__dataclass_fields__ if name in item}
    return Reversal(id=item["PK"].removeprefix("T#"), **known)
