"""The legs of a transfer: what each asks of its account, condition by condition, and what it leaves there."""

from typing import Any

import pytest

from chalicelib.conditions import broken
from chalicelib.ledger.transfer import Transfer, credit, debit
from chalicelib.refusals import Refusal

ALICE = {"PK": "A#alice", "SK": "0", "status": "open", "currency": "EUR", "available": 1_000, "moved_micros": 41}
SEND = Transfer(id="t1", payer="alice", payee="bob", amount_minor=1_000, currency="EUR", moved_micros=42)
GIVE = Transfer(id="t2", payer="alice", payee="cause#7", amount_minor=300, currency="EUR", moved_micros=42)


@pytest.mark.parametrize(
    ("change", "payer_refusal", "payee_refusal"),
    [
        ({}, None, None),
        ({"moved_micros": 42}, Refusal.LEG_LATE, Refusal.LEG_LATE),
        ({"available": 999}, Refusal.FUNDS_MISSING, None),
        ({"currency": "JPY"}, Refusal.CURRENCY_MISMATCH, Refusal.CURRENCY_MISMATCH),
        ({"status": "frozen"}, Refusal.PAYER_FROZEN, Refusal.PAYEE_FROZEN),
        ({"status": "closed"}, Refusal.PAYER_CLOSED, Refusal.PAYEE_CLOSED),
    ],
)
def test_a_leg_asks_of_its_account_what_it_needs(
    change: dict[str, Any], payer_refusal: Refusal | None, payee_refusal: Refusal | None
) -> None:
    """An open account of the currency, an instant after its last leg, and of who pays the money."""
    assert broken(debit(SEND).clauses, {**ALICE, **change}) is payer_refusal
    assert broken(credit(SEND).clauses, {**ALICE, **change}) is payee_refusal


def test_an_account_that_never_moved_takes_a_first_leg() -> None:
    """It has no instant yet."""
    new = {name: value for name, value in ALICE.items() if name != "moved_micros"}
    assert broken(credit(SEND).clauses, new) is None


def test_even_a_frozen_account_moves_where_an_operator_takes_back() -> None:
    """But no closed one."""
    for leg, closed in ((debit, Refusal.PAYER_CLOSED), (credit, Refusal.PAYEE_CLOSED)):
        clauses = leg(SEND, even_frozen=True).clauses
        assert broken(clauses, {**ALICE, "status": "frozen"}) is None
        assert broken(clauses, {**ALICE, "status": "closed"}) is closed


def test_a_leg_leaves_its_amount_its_number_and_whom_it_was_with() -> None:
    """The counterparty is always a main account; a sub-balance also counts what it ever received."""
    paid, got, gift = debit(GIVE), credit(SEND), credit(GIVE)
    assert paid.assign == {
        "last": {"transfer": "t2", "amount_minor": -300, "counterparty": "cause"}, "moved_micros": 42,
    }  # fmt: skip
    assert got.assign == {
        "last": {"transfer": "t1", "amount_minor": 1_000, "counterparty": "alice"}, "moved_micros": 42,
    }  # fmt: skip
    assert paid.add == {"available": -300, "seq": 1}
    assert got.add == {"available": 1_000, "seq": 1}
    assert gift.add == {"available": 300, "seq": 1, "gifts": 1, "received": 300}
