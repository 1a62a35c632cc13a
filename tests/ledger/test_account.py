"""An account as it is stored and read, and whom it has paid before."""

import pytest

from chalicelib.ledger.account import KNOWN_PAYEES, Account, from_item, knows, new_item, remember

STORED = {
    "PK": "A#alice",
    "SK": "0",
    "person": "p-alice",
    "kind": "person",
    "status": "frozen",
    "currency": "EUR",
    "available": 1_234,
    "seq": 7,
    "attempts": 2,
    "guess": "nonce",
    "code": "key.mac",
    "day": "2026-09-21",
    "spent_day": 500,
    "spent_month": 900,
    "known_payees": "0a1b2c3d",
    "moved_micros": 1_790_000_000_000_000,
    "shards": 16,
}
READ = Account(
    id="alice",
    person="p-alice",
    kind="person",
    status="frozen",
    currency="EUR",
    available_minor=1_234,
    seq=7,
    attempts=2,
    code_mac="key.mac",
    day="2026-09-21",
    spent_day_minor=500,
    spent_month_minor=900,
    known_payees="0a1b2c3d",
    moved_micros=1_790_000_000_000_000,
    shards=16,
)


def test_an_account_is_read_as_it_is_stored() -> None:
    """Every field comes from its own attribute."""
    assert from_item(STORED) == READ


def test_an_account_that_never_moved_reads_as_new() -> None:
    """It has paid nobody, has no sub-balances, and its last leg was before any instant."""
    account = from_item(new_item("alice", person="p-alice", kind="person", currency="EUR"))
    assert (account.known_payees, account.moved_micros, account.shards) == ("", 0, 0)


def test_a_new_account_is_open_empty_and_without_a_code() -> None:
    """What is stored when an account is opened, attribute by attribute."""
    assert new_item("alice", person="p-alice", kind="charity", currency="JPY") == {
        "PK": "A#alice",
        "SK": "0",
        "person": "p-alice",
        "kind": "charity",
        "status": "open",
        "currency": "JPY",
        "available": 0,
        "seq": 0,
        "attempts": 0,
        "guess": "",
        "code": "",
        "day": "",
        "spent_day": 0,
        "spent_month": 0,
    }


@pytest.mark.parametrize("payee", ["bob", "croixbleue"])
def test_a_payee_is_known_once_paid(payee: str) -> None:
    """Nobody is known at first; a payment makes its payee known, and no one else."""
    paid = paying(payee)
    assert knows(paid, payee)
    assert not knows(paid, "carol")
    assert not knows(paying(), payee)


def test_the_last_sixteen_payees_are_known() -> None:
    """The seventeenth displaces the one that was paid the longest ago; one paid again counts as paid now."""
    names = [f"payee{number}" for number in range(KNOWN_PAYEES)]
    full = paying(*names)
    assert all(knows(full, name) for name in names)
    displaced = paying(*names, "another")
    assert [name for name in names if not knows(displaced, name)] == ["payee0"]
    renewed = paying(*names, "payee0", "another")
    assert [name for name in names if not knows(renewed, name)] == ["payee1"]
    assert len(renewed.known_payees) == KNOWN_PAYEES * 9 - 1


def paying(*payees: str) -> Account:
    """Alice's account after payments to these, one after another."""
    item = new_item("alice", person="p-alice", kind="person", currency="EUR")
    for payee in payees:
        item = {**item, **remember(from_item(item), payee).assign}
    return from_item(item)
