"""Accounts in the table: what an operator's commands change, and that they make nothing out of nothing."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from chalicelib.ledger import sharding
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import Account, new_item
from chalicelib.refusals import Refusal
from chalicelib.table import Rejection, account_key, intent_key
from tests.bank import NOON, Bank
from tests.ledger.behind import BehindTable

CHARITY = "croixbleue"
Command = Callable[[Bank, str], Any]


def fund(bank: Bank, account: str, name: str = "f1") -> Any:
    """Ten euros come in from outside."""
    funding = ledger.funding(name, payee=account, amount_minor=1_000, currency="EUR")
    return ledger.fund(bank.table, funding, clock=bank.services.clock)


COMMANDS: dict[str, Command] = {
    "set a code": lambda bank, account: ledger.set_code(bank.table, account, mac="key.mac"),
    "freeze": lambda bank, account: ledger.set_status(
        bank.table, account, status="frozen", clock=bank.services.clock
    ),
    "close": lambda bank, account: ledger.close(bank.table, account, clock=bank.services.clock),
    "unblock": lambda bank, account: ledger.unblock(bank.table, account),
    "fund": fund,
}  # fmt: skip


def charity(bank: Bank) -> Account:
    """The charity's account as it is."""
    account = ledger.account(bank.table, CHARITY)
    assert account
    return account


def shard(bank: Bank, number: int) -> None:
    """Give the charity sub-balances."""
    assert sharding.raise_to(bank.table, charity(bank), number, clock=bank.services.clock) is None


def statuses(bank: Bank, number: int) -> list[str]:
    """The status of the charity and of each of its sub-balances."""
    parts = [bank.table.items[key]["status"] for key in sharding.keys(CHARITY, number)]
    return [bank.account(CHARITY)["status"], *parts]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_for_nobody_makes_nobody(command: str) -> None:
    """An account that is not there stays so, and the refusal says that it is unknown."""
    bank = Bank()
    before = deepcopy(bank.table.items)
    rejection = COMMANDS[command](bank, "nobody")
    assert isinstance(rejection, Rejection)
    assert rejection.refusal is Refusal.PAYEE_UNKNOWN
    assert bank.table.items == before


def test_an_account_that_is_not_there_reads_as_none() -> None:
    """Also among others, which are found."""
    bank = Bank()
    assert ledger.account(bank.table, "nobody") is None
    assert set(ledger.accounts(bank.table, ["alice", "nobody", "bob"])) == {"alice", "bob"}


def test_an_account_is_opened_once() -> None:
    """A second opening would wipe out its balance."""
    bank = Bank()
    rejection = ledger.open_account(bank.table, new_item("alice", person="alice", kind="person", currency="EUR"))
    assert rejection and rejection.refusal is Refusal.ALREADY_SEEN
    assert bank.available("alice") == 100_000


def test_a_new_code_and_unblocking_count_wrong_ones_anew() -> None:
    """Five tries more, by either."""
    bank = Bank()
    for command in ("set a code", "unblock"):
        bank.table.items[account_key("alice")]["attempts"] = 5
        COMMANDS[command](bank, "alice")
        assert bank.account("alice")["attempts"] == 0
    assert bank.account("alice")["code"] == "key.mac"


def test_money_from_outside_comes_in_once_and_is_a_transfer() -> None:
    """Its item has the instant of its leg; the same id again is refused."""
    bank = Bank()
    assert ledger.funding("f1", payee="bob", amount_minor=1_000, currency="EUR").moved_micros == 0
    assert fund(bank, "bob") is None
    assert bank.table.items[intent_key("f1")] == {
        "PK": "T#f1",
        "SK": "0",
        "order": "fund",
        "status": "paid",
        "payer": "bank",
        "payee": "bob",
        "amount_minor": 1_000,
        "currency": "EUR",
        "created_at": NOON,
        "paid_at": NOON,
        "moved_micros": bank.account("bob")["moved_micros"],
    }
    assert bank.account("bob")["moved_micros"] >= NOON * 1_000_000
    again = fund(bank, "bob")
    assert again and again.refusal is Refusal.ALREADY_SEEN
    assert bank.available("bob") == 1_000


def test_an_account_without_sub_balances_is_closed_when_it_is_empty() -> None:
    """For good: it can be neither opened nor frozen afterwards."""
    bank = Bank()
    full, empty = COMMANDS["close"](bank, "alice"), COMMANDS["close"](bank, "bob")
    assert isinstance(full, Rejection) and full.refusal is Refusal.FUNDS_MISSING
    assert not isinstance(empty, Rejection) and empty["status"] == "closed"
    frozen = COMMANDS["freeze"](bank, "bob")
    assert isinstance(frozen, Rejection) and frozen.refusal is Refusal.PAYEE_CLOSED


def test_an_operators_command_sees_what_was_written_just_now() -> None:
    """Sub-balances of a moment ago are frozen and closed with their account, whatever a replica says."""
    table = BehindTable()
    bank = Bank(table=table)
    table.fall_behind()
    shard(bank, 2)
    assert charity(bank).shards == 2
    COMMANDS["freeze"](bank, CHARITY)
    assert statuses(bank, 2) == ["frozen"] * 3
    COMMANDS["close"](bank, CHARITY)
    assert statuses(bank, 2) == ["closed"] * 3


def test_an_account_that_gets_sub_balances_while_it_is_closed_stays_as_it_was() -> None:
    """Somebody raises their number between counting and closing: it is refused, and all are open as before."""
    bank = Bank()
    shard(bank, 2)
    get, raced = bank.table.get, list[int]()

    def late(key: Any, *, consistent: bool = False) -> Any:
        item = get(key, consistent=consistent)
        if not raced:
            raced.append(1)
            shard(bank, 4)
        return item

    bank.table.get = late  # type: ignore[method-assign]  # somebody comes between reading and writing
    rejection = COMMANDS["close"](bank, CHARITY)
    assert isinstance(rejection, Rejection) and rejection.refusal is Refusal.STALE
    assert statuses(bank, 4) == ["open"] * 5


@pytest.mark.parametrize("command", ["freeze", "close"])
def test_a_sub_balance_that_is_not_there_is_not_made(command: str) -> None:
    """A number that is too high by any mistake: what is missing stays missing, and such an account is not closed."""
    bank = Bank()
    shard(bank, 2)
    bank.table.items[account_key(CHARITY)]["shards"] = 3
    outcome = COMMANDS[command](bank, CHARITY)
    assert account_key(f"{CHARITY}#2") not in bank.table.items
    if command == "close":
        assert isinstance(outcome, Rejection) and outcome.refusal is Refusal.PAYEE_UNKNOWN
        assert statuses(bank, 2) == ["open"] * 3


def test_of_two_operators_the_last_words_holds_for_every_sub_balance() -> None:
    """One freezes, the other opens again while the first is at the sub-balances: all are open in the end."""
    table = BehindTable()
    bank = Bank(table=table)
    shard(bank, 2)
    update, raced = table.update, list[int]()

    def meanwhile(write: Any) -> Any:
        if write.key == account_key(f"{CHARITY}#1") and not raced:
            raced.append(1)
            table.fall_behind()
            table.items[account_key(CHARITY)]["status"] = "open"
        return update(write)

    table.update = meanwhile  # type: ignore[method-assign,assignment]  # another operator is at work
    COMMANDS["freeze"](bank, CHARITY)
    assert raced
    assert statuses(bank, 2) == ["open"] * 3


def test_counting_sub_balances_is_a_cheap_read() -> None:
    """Half a unit unless it must be of just now; who has none, or is not there, has zero."""
    bank = Bank()
    bank.table.usage.read_units = 0
    assert (sharding.count(bank.table, "alice"), sharding.count(bank.table, "nobody")) == (0, 0)
    assert bank.table.usage.read_units == 1.0
    assert sharding.count(bank.table, "alice", consistent=True) == 0
    assert bank.table.usage.read_units == 2.0


def test_sub_balances_are_read_a_hundred_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """No request is larger than what the table takes, and each is read once."""
    bank = Bank()
    shard(bank, 201)
    get_many, asked = bank.table.get_many, list[int]()

    def noted(keys: Any) -> Any:
        asked.append(len(keys))
        return get_many(keys)

    monkeypatch.setattr(bank.table, "get_many", noted)
    assert len(sharding.balances(bank.table, CHARITY, 201)) == 201
    assert asked == [100, 100, 1]


def test_so_many_sub_balances_are_never_needed() -> None:
    """Above the most there is it is a mistyped number: the operator hears how many there may be."""
    bank = Bank()
    with pytest.raises(ValueError, match="at most 256 sub-balances"):
        sharding.raise_to(bank.table, charity(bank), 257, clock=bank.services.clock)
    assert charity(bank).shards == 0
