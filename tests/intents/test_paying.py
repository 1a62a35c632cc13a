"""The paying transaction when something turned between reading and writing: built again, or given up on."""

from dataclasses import replace

import pytest

from chalicelib.intents.intent import Intent
from chalicelib.intents.paying import Payment, pay
from chalicelib.ledger import store as ledger
from chalicelib.refusals import Refusal
from chalicelib.table import account_key
from tests.bank import CODE, Bank

TODAY = "2026-09-21"


def payment(bank: Bank, text: str = "@Smoneyfr #envoyer 10 € @bob") -> Payment:
    """Alice's payment as it is before the transaction: her code was right."""
    intent: Intent = bank.say(text)
    payer = ledger.account(bank.table, "alice")
    assert payer
    return Payment(intent=intent, payer=payer, link_number=1, candidates=bank.codes.candidates("alice", CODE))


def alice(bank: Bank) -> tuple[str, int, int]:
    """What her account says that she has spent."""
    item = bank.account("alice")
    return item["day"], item["spent_day"], item["spent_month"]


def test_a_day_that_another_payment_turned_is_built_for(bank: Bank) -> None:
    """The account was read before today's first payment: the second one adds to it."""
    waiting = payment(bank)
    bank.table.items[account_key("alice")].update(day=TODAY, spent_day=2_000, spent_month=3_000)
    assert pay(bank.services, waiting) is None
    assert alice(bank) == (TODAY, 3_000, 4_000)
    assert (bank.available("alice"), bank.available("bob")) == (99_000, 1_000)


def test_a_limit_that_another_payment_used_up_still_holds(bank: Bank) -> None:
    """Seen when it is built again: refused, and nothing moves."""
    waiting = payment(bank)
    bank.table.items[account_key("alice")].update(day=TODAY, spent_day=49_001, spent_month=49_001)
    assert pay(bank.services, waiting) is Refusal.OVER_DAY_LIMIT
    assert alice(bank) == (TODAY, 49_001, 49_001)
    assert bank.available("bob") == 0


def test_what_is_over_a_limit_for_certain_costs_no_transaction(bank: Bank) -> None:
    """It is refused from what is known."""
    waiting = payment(bank)
    large = replace(waiting, intent=replace(waiting.intent, amount_minor=25_001))
    done = len(bank.table.tokens), bank.table.usage.round_trips
    assert pay(bank.services, large) is Refusal.OVER_TRANSFER_LIMIT
    assert (len(bank.table.tokens), bank.table.usage.round_trips) == done


@pytest.mark.parametrize(("typed", "refusal"), [(CODE, None), ("111111", Refusal.STALE)])
def test_a_code_that_was_stored_anew_must_be_the_typed_one(bank: Bank, typed: str, refusal: Refusal | None) -> None:
    """Under another key it is the same code; another code is not what was typed, and nothing moves."""
    waiting = payment(bank)
    bank.codes.keys = ("newer", *bank.codes.keys)
    ledger.set_code(bank.table, "alice", mac=bank.codes.mac("alice", typed))
    waiting = replace(waiting, candidates=bank.codes.candidates("alice", CODE))
    assert pay(bank.services, waiting) is refusal
    assert bank.available("bob") == (0 if refusal else 1_000)


def test_an_account_that_turns_every_time_is_given_up_on(bank: Bank) -> None:
    """After three times; the payer is asked to type again."""
    waiting = payment(bank)
    transact, days = bank.table.transact, list[str]()

    def turning(writes, *, token):  # type: ignore[no-untyped-def]  # as the table's own
        days.append(f"2026-09-{len(days) + 10}")
        bank.table.items[account_key("alice")]["day"] = days[-1]
        return transact(writes, token=token)

    bank.table.transact = turning  # type: ignore[method-assign]  # other payments are always quicker
    assert pay(bank.services, waiting) is Refusal.STALE
    assert len(days) == 3
    assert bank.available("bob") == 0


def test_a_clock_that_lags_behind_the_payers_last_leg_needs_no_second_try(bank: Bank) -> None:
    """The instant of that leg was read with the account."""
    assert pay(bank.services, payment(bank)) is None
    waiting = payment(bank)
    bank.table.items[account_key("bob")].pop("moved_micros")
    bank.time.move(-60)
    trips = bank.table.usage.round_trips
    assert pay(bank.services, waiting) is None
    assert bank.table.usage.round_trips == trips + 1
