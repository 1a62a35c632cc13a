"""Gathering: what came in on an account's sub-balances moves to the account, from where its holder can spend it.

Each move is a transfer of its own with two legs, so the books, the entries and the audit know no exception. Gifts go on
coming meanwhile: a transaction takes what one sub-balance holds at that moment, and touches no other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.conditions import Item
from chalicelib.ledger import sharding
from chalicelib.ledger.account import Account
from chalicelib.ledger.moving import move
from chalicelib.ledger.transfer import Transfer, credit, debit
from chalicelib.link import identifier
from chalicelib.refusals import Refusal
from chalicelib.services import Clock
from chalicelib.table import Busy, Put, Table, Write, absent, account_key, intent_key, update

ORDER = "gather"
# A second try, for an instant that was too early or a payment that was just there; no third.
HURRIED_TRIES = 2


def gather(table: Table, account: Account, *, clock: Clock) -> int:
    """Move what an account's sub-balances hold to the account, one transaction each; the sum, in minor units.

    What cannot be moved now (it was just moved by another hand, or the account is not open) stays where it is. Raises
    Unavailable when the table is out of reach: what was moved is moved, and doing it again moves the rest.
    """
    return sum(steps(table, account, clock=clock))


def steps(table: Table, account: Account, *, clock: Clock, hurry: bool = False) -> Iterator[int]:
    """The same step by step: what each sub-balance gave, 0 where it was left; empty ones are skipped.

    In a `hurry` one that other payments hold is left too, after a moment.
    """
    for item in sharding.balances(table, account.id, account.shards):
        if item["available"] > 0:
            moved = _moved(table, _transfer(account, item), clock=clock, hurry=hurry)
            yield item["available"] if moved else 0


def _transfer(account: Account, item: Item) -> Transfer:
    """All that a sub-balance was seen to hold; named by its last leg, so that the same money is not moved twice."""
    balance = str(item["PK"]).removeprefix("A#")
    return Transfer(
        id=identifier(ORDER, balance, str(item["seq"])),
        payer=balance,
        payee=account.id,
        amount_minor=item["available"],
        currency=account.currency,
        moved_micros=max(item.get("moved_micros", 0), account.moved_micros),
    )


class _Left(Busy):
    """It is left for another time."""


def _moved(table: Table, transfer: Transfer, *, clock: Clock, hurry: bool) -> bool:
    tries = iter(range(HURRIED_TRIES))

    def build(instant: int) -> Sequence[Write]:
        if hurry and next(tries, None) is None:
            raise _Left
        moved = replace(transfer, moved_micros=instant)
        return [
            Put(item=_item(moved, now=clock.now()), clauses=(absent(Refusal.ALREADY_SEEN),)),
            update(account_key(moved.payer), debit(moved)),
            update(account_key(moved.payee), credit(moved)),
        ]

    try:
        return move(table, build, clock=clock, after=transfer.moved_micros) is None
    except _Left:
        return False


def _item(transfer: Transfer, *, now: int) -> dict[str, Any]:
    key, sort = intent_key(transfer.id)
    return {
        "PK": key,
        "SK": sort,
        "order": ORDER,
        "status": "paid",
        "payer": transfer.payee,
        "debited": transfer.payer,
        "payee": transfer.payee,
        "amount_minor": transfer.amount_minor,
        "currency": transfer.currency,
        "created_at": now,
        "paid_at": now,
        "moved_micros": transfer.moved_micros,
    }
