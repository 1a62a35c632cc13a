"""Giving money back: one operator asks, another agrees, and it moves in one transaction of four items."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from chalicelib.conditions import Item
from chalicelib.ledger import approval as approvals
from chalicelib.ledger import reversal as reversals
from chalicelib.ledger.approval import Approval
from chalicelib.ledger.moving import TRIES, move
from chalicelib.ledger.reversal import Reversal, Wish
from chalicelib.ledger.transfer import credit, debit
from chalicelib.refusals import Refusal
from chalicelib.retry import change, transact
from chalicelib.services import Clock
from chalicelib.table import Busy, Put, Rejection, Table, Write, absent, account_key, intent_key, update


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The reversal as it is now, None if there is none; `refusal` says why nothing was done."""

    reversal: Reversal | None
    refusal: Refusal | None = None


def read(table: Table, reversal: str) -> Reversal | None:
    """Read a reversal as it is now; None for anything else under that id."""
    item = table.get(intent_key(reversal), consistent=True)
    return reversals.from_item(item) if item and reversals.is_reversal(item) else None


def of_payment(table: Table, original: str) -> Sequence[Reversal]:
    """All reversals that were ever requested of a payment, oldest first; one read each and one more."""
    found: list[Reversal] = []
    while one := read(table, reversals.reversal_id(original, len(found) + 1)):
        found.append(one)
    return found


def request(table: Table, original: str, wish: Wish, *, clock: Clock) -> Outcome:
    """Ask to give money of a paid payment back; nothing moves before another operator agrees.

    Refused with NOT_REVERSIBLE, AMOUNT_ZERO or REVERSED_TOO_MUCH. Raises Unavailable: it may have been stored, and
    `of_payment` tells.
    """
    payment = table.get(intent_key(original), consistent=True)
    refusal = reversals.refused(payment, amount_minor=wish.amount_minor)
    if refusal or payment is None:
        return Outcome(reversal=None, refusal=refusal)
    number = len(of_payment(table, original)) + 1
    while True:
        asked = reversals.of(payment, wish, number=number, now=clock.now())
        put = Put(item=reversals.to_item(asked), clauses=(absent(Refusal.ALREADY_SEEN),))
        rejection = transact(table, partial(list, [put]), clock=clock)
        if rejection is None or rejection.items == (put.item,):  # stored by a try whose answer was lost
            return Outcome(reversal=asked)
        number += 1  # somebody else asked for another one at the same time


def approve(table: Table, reversal: str, *, by: str, clock: Clock) -> Outcome:
    """Agree to a reversal: the money moves at once, from a frozen account too. Doing it again moves nothing more.

    Refused with SAME_OPERATOR for who has asked, NOT_PENDING when it was decided, REVERSED_TOO_MUCH, PAYER_CLOSED,
    PAYEE_CLOSED, or FUNDS_MISSING when the payee's main account has not so much. Raises Unavailable when the table is
    out of reach: it may have moved.
    """
    asked = read(table, reversal)
    if asked is None:
        return Outcome(reversal=None)
    for _ in range(TRIES):
        payment = table.get(intent_key(asked.original), consistent=True)
        refusal = reversals.refused(payment, amount_minor=asked.amount_minor)
        if payment is None or refusal:
            return _decided(table, asked.id, (reversals.PAID, by), refusal=refusal)

        def build(instant: int, payment: Item = payment) -> Sequence[Write]:
            return _writes(asked, payment, Approval(by=by, at=clock.now(), moved_micros=instant))

        rejection = move(table, build, clock=clock)
        if rejection is None or rejection.refusal is not Refusal.STALE:
            return _decided(table, asked.id, (reversals.PAID, by), refusal=rejection.refusal if rejection else None)
    raise Busy("other reversals of the same payment were quicker each time")


def decline(table: Table, reversal: str, *, by: str, clock: Clock) -> Outcome:
    """Say no to a reversal, also as who has asked for it; refused with NOT_PENDING when it was decided."""
    if read(table, reversal) is None:
        return Outcome(reversal=None)
    declined = change(table, update(intent_key(reversal), approvals.decline(by=by, now=clock.now())), clock=clock)
    refusal = declined.refusal if isinstance(declined, Rejection) else None
    return _decided(table, reversal, (reversals.DECLINED, by), refusal=refusal)


def _writes(asked: Reversal, payment: Item, approval: Approval) -> Sequence[Write]:
    transfer = asked.transfer(moved_micros=approval.moved_micros)
    return [
        update(intent_key(asked.id), approvals.agree(asked, approval)),
        update(intent_key(asked.original), approvals.count(payment, asked, approval)),
        update(account_key(asked.payer), debit(transfer, even_frozen=True)),
        update(account_key(asked.payee), credit(transfer, even_frozen=True)),
    ]


def _decided(table: Table, reversal: str, wanted: tuple[str, str], *, refusal: Refusal | None) -> Outcome:
    """What became of it; what the same operator had done already (status and who decided) was no refusal."""
    now = read(table, reversal)
    if refusal is None or now is None or (now.status, now.decided_by) == wanted:
        return Outcome(reversal=now)
    return Outcome(reversal=now, refusal=refusal if now.status == reversals.REQUESTED else Refusal.NOT_PENDING)
