"""Ordering and confirming a payment to somebody who is not linked: it is held, and costs what a payment costs."""

from dataclasses import replace
from typing import Any

import pytest

from bench.capacity import counted
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import from_item
from chalicelib.ledger import reversing
from chalicelib.ledger.reversal import Wish
from chalicelib.refusals import Refusal
from chalicelib.table import account_key, claim_key, intent_key
from tests.bank import CODE, HOLDING, NOON, Bank
from tests.claims.holding import CAROL, FEE, HELD, claim_of, confirmed, held, holding_bank, ordered, sound, suspended


def test_an_order_to_somebody_who_is_not_linked_waits_as_any_other() -> None:
    """Its payee is suspense, for the identity that the network named; the fee is the programme's."""
    intent = ordered(holding_bank())
    assert (intent.status, intent.payee, intent.payee_kind, intent.payee_user) == (
        "pending",
        "suspense",
        "person",
        CAROL,
    )
    assert (intent.amount_minor, intent.fee_minor, intent.payee_person) == (1_000, FEE, "")


def test_where_it_is_not_offered_it_is_refused() -> None:
    """As before."""
    intent = Bank().say("@Smoneyfr #envoyer 10 € @carol")
    assert (intent.status, intent.refusal, intent.payee) == ("refused", Refusal.PAYEE_UNKNOWN, "")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("@Smoneyfr #donner 10 € @carol", Refusal.PAYEE_UNKNOWN),
        ("@Smoneyfr #envoyer 251 € @carol", Refusal.OVER_TRANSFER_LIMIT),
    ],
)
def test_what_is_not_held(text: str, refusal: Refusal) -> None:
    """No gift is held, and the limit for people holds."""
    assert holding_bank().say(text).refusal is refusal


def test_whoever_took_over_a_known_name_gets_nothing_held() -> None:
    """A known @name with another id stays a refusal."""
    bank = holding_bank()
    bank.table.items["Q#twitter#carol", "0"] = {"PK": "Q#twitter#carol", "SK": "0", "user_id": "555"}
    assert bank.say("@Smoneyfr #envoyer 10 € @carol").refusal is Refusal.PAYEE_RENAMED


def test_a_payee_without_an_id_is_refused() -> None:
    """Nobody is found by name alone."""
    bank = holding_bank()
    named = tuple(replace(one, user_id="") if one.handle == "carol" else one for one in _mention().named)
    assert bank.say("@Smoneyfr #envoyer 10 € @carol", named=named).refusal is Refusal.PAYEE_UNKNOWN


def _mention() -> Any:
    from tests.bank import mention  # noqa: PLC0415  # its ids count up

    return mention("@Smoneyfr #envoyer 10 € @carol")


@pytest.mark.parametrize(("funds", "waits"), [(1_000 + FEE, True), (1_000 + FEE - 1, False)])
def test_the_payer_needs_the_fee_too(funds: int, waits: bool) -> None:  # noqa: FBT001  # a case, no switch
    """When it is ordered, and when it is confirmed."""
    bank = holding_bank()
    before = ordered(bank)
    bank.table.items[account_key("alice")]["available"] = funds
    intent = ordered(bank)
    assert (intent.refusal is None) is waits
    assert intent.refusal in (None, Refusal.FUNDS_MISSING)
    assert (confirmed(bank, before).refusal is None) is waits


def test_a_confirm_holds_amount_and_fee() -> None:
    """One leg of the payer, the claim, and nobody's account credited; the limits count the amount alone."""
    bank = holding_bank()
    intent = ordered(bank)
    outcome = confirmed(bank, intent)
    assert outcome.refusal is None and outcome.intent and outcome.intent.status == "paid"
    claim = claim_of(bank, intent.id)
    assert (claim.status, claim.payer, claim.payer_person, claim.user_id) == ("open", "alice", "alice", CAROL)
    assert (claim.amount_minor, claim.fee_minor, claim.currency) == (1_000, FEE, "EUR")
    assert (claim.opened_at, claim.expires_at) == (NOON, NOON + HELD)
    alice = bank.account("alice")
    assert (alice["available"], alice["seq"], alice["spent_day"]) == (100_000 - 1_000 - FEE, 2, 1_000)
    assert alice["last"] == {"transfer": intent.id, "amount_minor": -1_000 - FEE, "counterparty": "suspense"}
    assert ("A#suspense", "0") not in bank.table.items
    assert suspended(bank) == 1_000 + FEE
    assert sound(bank)


def test_a_held_confirm_costs_what_a_confirm_may() -> None:
    """Seven write units: the attempt, payer, intent, claim."""
    bank = holding_bank()
    link = bank.link(ordered(bank))
    used = counted(bank, lambda: lifecycle.confirm(bank.services, link, CODE))
    assert (used.write_units, used.round_trips) == (7, 3)
    assert used.read_units <= 0.5


def test_a_second_click_holds_nothing_more() -> None:
    """It shows the same page."""
    bank = holding_bank()
    intent = ordered(bank)
    link = bank.link(intent)
    first, second = (lifecycle.confirm(bank.services, link, CODE) for _ in range(2))
    assert (first.refusal, second.refusal) == (None, Refusal.NOT_PENDING)
    assert suspended(bank) == 1_000 + FEE


@pytest.mark.parametrize(
    "change",
    [{"fee_minor": 0}, {"fee_minor": 164}, {"payee_user": "997"}, {"page": "1"}, {"payee": "bob"}, {"amount_minor": 1}],
)
def test_a_link_vouches_for_fee_and_identity(change: dict[str, Any]) -> None:
    """Whatever the payer is shown is covered: another fee or another identity, and the link opens nothing."""
    bank = holding_bank()
    intent = ordered(bank)
    assert lifecycle.look(bank.services, bank.link(replace(intent, **change))).intent is None
    assert lifecycle.look(bank.services, bank.link(intent)).refusal is None


@pytest.mark.parametrize("change", [{"fee_minor": 164}, {"payee_user": "997"}, {"amount_minor": 999}, {"payee": "bob"}])
def test_what_changes_under_a_confirm_refuses_it(change: dict[str, Any]) -> None:
    """Amount, fee and payee are conditions of the transaction."""
    bank = holding_bank()
    intent, transact = ordered(bank), bank.table.transact
    link = bank.link(intent)

    def late(*args: Any, **keywords: Any) -> Any:
        bank.table.items[intent_key(intent.id)].update(change)
        return transact(*args, **keywords)

    bank.table.transact = late  # type: ignore[method-assign]  # somebody's hand
    assert lifecycle.confirm(bank.services, link, CODE).refusal is Refusal.INTENT_CHANGED
    assert bank.available("alice") == 100_000


def test_a_fee_that_appears_under_a_usual_confirm_refuses_it() -> None:
    """The books would count it, and nobody would have confirmed it."""
    bank = Bank()
    intent, transact = bank.say("@Smoneyfr #envoyer 10 € @bob"), bank.table.transact

    def late(*args: Any, **keywords: Any) -> Any:
        bank.table.items[intent_key(intent.id)]["fee_minor"] = 1
        return transact(*args, **keywords)

    bank.table.transact = late  # type: ignore[method-assign]  # somebody's hand
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is Refusal.INTENT_CHANGED


def test_held_money_is_no_payment_to_reverse() -> None:
    """While it is held, and after it went back."""
    bank = holding_bank()
    claim = held(bank)
    wish = Wish(amount_minor=1, reason="", by="arn:x")
    for _ in range(2):
        asked = reversing.request(bank.table, claim.id, wish, clock=bank.services.clock)
        assert asked.refusal is Refusal.NOT_REVERSIBLE
        bank.table.items[claim_key(claim.id)]["status"] = "returned"


def test_the_second_payment_to_the_same_identity_is_not_the_first() -> None:
    """The page warns of a first payment to somebody, whoever else is paid into suspense."""
    bank = holding_bank()
    before, other = ordered(bank), ordered(bank, "@Smoneyfr #envoyer 5 € @dora", named=_dora())
    assert lifecycle.look(bank.services, bank.link(before)).first
    confirmed(bank, before)
    again = ordered(bank)
    assert not lifecycle.look(bank.services, bank.link(again)).first
    assert lifecycle.look(bank.services, bank.link(other)).first


def _dora() -> Any:
    return tuple(
        replace(one, user_id="777", handle="dora") if one.handle == "carol" else one for one in _mention().named
    )


def test_an_item_of_a_held_payment_reads_back() -> None:
    """What is stored is what is meant."""
    bank = holding_bank()
    intent = ordered(bank)
    assert from_item(bank.table.items[intent_key(intent.id)]) == intent
    assert intent.held and HOLDING.claims.fee_minor == intent.fee_minor
