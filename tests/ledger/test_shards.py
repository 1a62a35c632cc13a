"""Sub-balances: a payee whom many pay at once, frozen, closed, raised and gathered without a lost cent."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.intents import lifecycle
from chalicelib.ledger import gathering, rounds, sharding
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import Account
from chalicelib.ledger.books import balance
from chalicelib.refusals import Refusal
from chalicelib.table import Rejection, account_key
from tests.bank import CODE, Bank

CHARITY = "croixbleue"


def sharded(number: int = 16) -> Bank:
    """The bank, in which the charity has sub-balances."""
    bank = Bank()
    assert sharding.raise_to(bank.table, charity(bank), number, clock=bank.services.clock) is None
    return bank


def charity(bank: Bank) -> Account:
    """The charity's account as it is."""
    account = ledger.account(bank.table, CHARITY)
    assert account
    return account


def gives(bank: Bank, euros: int = 10) -> lifecycle.Outcome:
    """Alice gives to the charity and confirms."""
    intent = bank.say(f"@Smoneyfr #donner {euros} € @croixbleue")
    return lifecycle.confirm(bank.services, bank.link(intent), CODE)


def on_parts(bank: Bank) -> list[int]:
    """What each sub-balance holds."""
    return [item["available"] for item in sharding.balances(bank.table, CHARITY, charity(bank).shards)]


def test_a_gift_lands_on_one_sub_balance() -> None:
    """The account's own item is not touched, so gifts do not wait for each other; the transfer names where it went."""
    bank = sharded()
    before = bank.account(CHARITY)
    paid = gives(bank)
    assert paid.refusal is None
    assert paid.intent
    assert bank.account(CHARITY) == before
    assert sorted(on_parts(bank)) == [0] * 15 + [1_000]
    item = bank.table.items["T#" + paid.intent.id, "0"]
    assert (item["payee"], item["credited"]) == (CHARITY, "croixbleue#8")
    assert balance(bank.table.items.values()).balanced


def test_the_payers_leg_names_the_account_not_its_part() -> None:
    """A statement says whom somebody paid."""
    bank = sharded()
    gives(bank)
    assert bank.account("alice")["last"]["counterparty"] == CHARITY


@pytest.mark.parametrize("number", [1, 90, 91, 256])
def test_raising_makes_exactly_so_many(number: int) -> None:
    """In as many transactions as that takes, with the number of the account in each."""
    bank = sharded(number)
    assert charity(bank).shards == len(on_parts(bank)) == number
    assert account_key(f"{CHARITY}#{number}") not in bank.table.items


def test_raising_again_keeps_what_is_there() -> None:
    """Gifts made before stay where they are, and later ones may land on the new ones."""
    bank = sharded(2)
    gives(bank)
    assert sharding.raise_to(bank.table, charity(bank), 32, clock=bank.services.clock) is None
    gives(bank)
    assert sum(on_parts(bank)) == 2_000
    assert balance(bank.table.items.values()).balanced


def test_two_hands_that_raise_at_once_do_not_undo_each_other() -> None:
    """The second one is refused, and nothing that holds money is written over."""
    bank = sharded(2)
    stale = charity(bank)
    assert sharding.raise_to(bank.table, stale, 4, clock=bank.services.clock) is None
    gives(bank)
    rejection = sharding.raise_to(bank.table, stale, 8, clock=bank.services.clock)
    assert rejection
    assert rejection.refusal is Refusal.STALE
    assert sum(on_parts(bank)) == 1_000


def test_an_intent_from_before_a_raise_still_pays() -> None:
    """It goes to one of the parts that it knew, which are there for ever."""
    bank = Bank()
    intent = bank.say("@Smoneyfr #donner 10 € @croixbleue")
    sharding.raise_to(bank.table, charity(bank), 16, clock=bank.services.clock)
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    assert bank.available(CHARITY) == 1_000


def test_after_a_conflict_the_new_parts_are_used() -> None:
    """A number raised while the payment waited is seen when it is needed: on the next try."""
    bank = Bank()
    intent = bank.say("@Smoneyfr #donner 10 € @croixbleue")
    sharding.raise_to(bank.table, charity(bank), 16, clock=bank.services.clock)
    link = bank.link(intent)
    bank.table.faults = ["", "busy"]
    assert lifecycle.confirm(bank.services, link, CODE).refusal is None
    assert (bank.available(CHARITY), sum(on_parts(bank))) == (0, 1_000)


@pytest.mark.parametrize(("status", "refusal"), [("frozen", Refusal.PAYEE_FROZEN), ("closed", Refusal.PAYEE_CLOSED)])
def test_a_stopped_account_takes_nothing_on_any_part(status: str, refusal: Refusal) -> None:
    """Freezing and closing reach every sub-balance, and no new one can be made."""
    bank = sharded()
    intent = bank.say("@Smoneyfr #donner 10 € @croixbleue")
    changed = (
        ledger.close(bank.table, CHARITY, clock=bank.services.clock)
        if status == "closed"
        else ledger.set_status(bank.table, CHARITY, status=status, clock=bank.services.clock)
    )
    assert not isinstance(changed, Rejection)
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is refusal
    assert sum(on_parts(bank)) == 0
    rejection = sharding.raise_to(bank.table, charity(bank), 32, clock=bank.services.clock)
    assert rejection
    assert rejection.refusal is refusal


@pytest.mark.parametrize("doing", ["freeze", "close"])
def test_an_account_that_others_pay_at_that_moment_is_stopped_on_every_part(doing: str) -> None:
    """A part that a transaction holds is tried again: a storm of gifts keeps no frozen account open."""
    bank = sharded()
    bank.table.faults = ["busy", *(["", "busy", "lost"] * 5)]
    clock = bank.services.clock
    if doing == "freeze":
        changed = ledger.set_status(bank.table, CHARITY, status="frozen", clock=clock)
    else:
        changed = ledger.close(bank.table, CHARITY, clock=clock)
    assert not isinstance(changed, Rejection)
    assert not bank.table.faults
    assert {item["status"] for item in sharding.balances(bank.table, CHARITY, 16)} == {bank.account(CHARITY)["status"]}


def test_a_part_that_does_not_exist_takes_nothing() -> None:
    """A number that is too high by any mistake moves no money."""
    bank = sharded(2)
    intent = bank.say("@Smoneyfr #donner 10 € @croixbleue")
    bank.table.items["T#" + intent.id, "0"]["payee_shards"] = 16
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is Refusal.PAYEE_CLOSED
    assert bank.available("alice") == 100_000


def test_an_account_whose_part_holds_money_is_not_closed() -> None:
    """And takes gifts as before."""
    bank = sharded()
    gives(bank)
    rejection = ledger.close(bank.table, CHARITY, clock=bank.services.clock)
    assert isinstance(rejection, Rejection)
    assert rejection.refusal is Refusal.FUNDS_MISSING
    assert gives(bank).refusal is None


def test_gathering_moves_all_and_twice_moves_nothing() -> None:
    """Each part by a transfer of its own; afterwards the holder can spend it."""
    bank = sharded()
    gives(bank)
    gives(bank, 20)
    clock = bank.services.clock
    assert gathering.gather(bank.table, charity(bank), clock=clock) == 3_000
    assert (bank.available(CHARITY), sum(on_parts(bank))) == (3_000, 0)
    assert gathering.gather(bank.table, charity(bank), clock=clock) == 0
    books = balance(bank.table.items.values())
    assert books.balanced, books.faults


def test_a_gathering_whose_answer_was_lost_moves_once() -> None:
    """The same request comes again under its token."""
    bank = sharded()
    gives(bank)
    bank.table.faults = ["lost"]
    gathering.gather(bank.table, charity(bank), clock=bank.services.clock)
    assert (bank.available(CHARITY), sum(on_parts(bank))) == (1_000, 0)


def test_parts_count_what_they_ever_received() -> None:
    """For the payee's digest; gathering takes nothing from the count."""
    bank = sharded()
    gives(bank)
    gathering.gather(bank.table, charity(bank), clock=bank.services.clock)
    gives(bank)
    parts = sharding.balances(bank.table, CHARITY, 16)
    assert (sum(item["gifts"] for item in parts), sum(item["received"] for item in parts)) == (2, 2_000)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["give", "gather", "round", "raise", "freeze", "unfreeze", "close"]), max_size=14))
def test_no_order_of_doings_loses_a_cent(doings: list[str]) -> None:
    """Whatever an operator does between gifts, all balances and the bank's side sum to zero."""
    bank = sharded(2)
    for doing in doings:
        match doing:
            case "give":
                gives(bank, 5)
            case "gather":
                gathering.gather(bank.table, charity(bank), clock=bank.services.clock)
            case "round":
                rounds.go_round(bank.services)
            case "raise":
                sharding.raise_to(bank.table, charity(bank), charity(bank).shards + 3, clock=bank.services.clock)
            case "close":
                ledger.close(bank.table, CHARITY, clock=bank.services.clock)
            case _:
                ledger.set_status(
                    bank.table, CHARITY, status="frozen" if doing == "freeze" else "open", clock=bank.services.clock
                )
    books = balance(bank.table.items.values())
    assert books.balanced, books.faults
    states = {item["status"] for item in sharding.balances(bank.table, CHARITY, charity(bank).shards)}
    assert states == {bank.account(CHARITY)["status"]}
