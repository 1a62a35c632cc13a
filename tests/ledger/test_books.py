"""The books find what does not agree; they cannot be pleased by anything but agreement."""

from copy import deepcopy
from typing import Any

import pytest

from chalicelib.intents import lifecycle
from chalicelib.ledger.books import balance
from tests.bank import CODE, Bank


@pytest.fixture
def items() -> dict[Any, dict[str, Any]]:
    """A bank's table after one payment of 10 €."""
    bank = Bank()
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    return deepcopy(bank.table.items)


def test_a_bank_that_only_paid_is_balanced(items: dict[Any, dict[str, Any]]) -> None:
    """One funding and one transfer; all balances and the bank's side sum to zero."""
    books = balance(items.values())
    assert books.balanced
    assert (books.transfers, books.sum_minor) == (2, {"EUR": 0})


@pytest.mark.parametrize(
    ("key", "change"),
    [
        (("A#bob", "0"), {"available": 1_001}),
        (("A#bob", "0"), {"seq": 2}),
        (("A#alice", "0"), {"available": 100_000}),
        (("T#fund-alice", "0"), {"amount_minor": 99_999}),
        (("T#fund-alice", "0"), {"status": "pending"}),
    ],
)
def test_a_changed_number_is_found(items: dict[Any, dict[str, Any]], key: Any, change: dict[str, Any]) -> None:
    """A cent more, a leg too few, a transfer altered or gone."""
    items[key].update(change)
    assert not balance(items.values()).balanced


def test_money_that_went_to_nobody_is_found(items: dict[Any, dict[str, Any]]) -> None:
    """A transfer whose payee has no account."""
    del items["A#bob", "0"]
    books = balance(items.values())
    assert not books.balanced
    assert "bob: has transfers and no account" in books.faults


def test_money_from_nowhere_is_found(items: dict[Any, dict[str, Any]]) -> None:
    """An account that holds money without a transfer, so that holders and bank no longer sum to zero."""
    items["A#bob", "0"].update(available=2_000)
    assert balance(items.values()).sum_minor == {"EUR": 1_000}
