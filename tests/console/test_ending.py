"""What support does to an intent or an account on behalf of its owner."""

import pytest

from chalicelib.intents import lifecycle
from chalicelib.ledger import store as ledger
from chalicelib.refusals import Refusal
from chalicelib.table import Rejection, account_key
from tests.bank import CODE, PROGRAMME, Bank


@pytest.fixture
def bank() -> Bank:
    """A bank with Alice, Bob and a charity."""
    return Bank()


def test_an_intent_is_ended_once_before_its_time_or_after(bank: Bank) -> None:
    """Nothing is debited, and the link is dead."""
    for seconds in (0, PROGRAMME.durations.intent_seconds):
        intent = bank.say("@Smoneyfr #envoyer 10 euros @bob")
        link = bank.link(intent)
        bank.time.move(seconds)
        ended = lifecycle.expire(bank.services, intent.id)
        assert ended.intent and (ended.intent.status, ended.refusal) == ("expired", None)
        assert lifecycle.confirm(bank.services, link, CODE).refusal is Refusal.NOT_PENDING
        assert lifecycle.expire(bank.services, intent.id).refusal is Refusal.NOT_PENDING
    assert bank.available("alice") == 100_000


def test_an_intent_that_is_paid_stays_paid(bank: Bank) -> None:
    """Support can end nothing that the payer has confirmed."""
    intent = bank.say("@Smoneyfr #envoyer 10 euros @bob")
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    refused = lifecycle.expire(bank.services, intent.id)
    assert refused.intent and (refused.intent.status, refused.refusal) == ("paid", Refusal.NOT_PENDING)


def test_a_link_is_sent_again_within_the_programmes_cap(bank: Bank) -> None:
    """Each new one kills the one before; the cap is the payer's own, whoever asks."""
    intent = bank.say("@Smoneyfr #envoyer 10 euros @bob")
    old = bank.link(intent)
    for number in range(2, PROGRAMME.caps.link_renewals + 2):
        sent = lifecycle.resend(bank.services, intent.id)
        assert sent.intent and (sent.intent.link_number, sent.refusal) == (number, None)
    assert lifecycle.resend(bank.services, intent.id).refusal is Refusal.LINKS_TOO_MANY
    assert lifecycle.confirm(bank.services, old, CODE).refusal is Refusal.LINK_REPLACED


def test_a_link_of_what_is_over_is_not_sent(bank: Bank) -> None:
    """Neither of an intent whose time is over nor of one that is settled, nor of none."""
    late, ended = (bank.say("@Smoneyfr #envoyer 10 euros @bob") for _ in range(2))
    lifecycle.expire(bank.services, ended.id)
    assert lifecycle.resend(bank.services, ended.id).refusal is Refusal.NOT_PENDING
    bank.time.move(PROGRAMME.durations.intent_seconds)
    assert lifecycle.resend(bank.services, late.id).refusal is Refusal.EXPIRED
    assert lifecycle.resend(bank.services, "nothing").intent is None


def test_only_an_empty_account_is_closed_and_for_good(bank: Bank) -> None:
    """Money in it refuses; closed, it neither receives nor opens again."""
    intent = bank.say("@Smoneyfr #envoyer 10 euros @bob")
    full = ledger.close(bank.table, "alice", clock=bank.services.clock)
    assert isinstance(full, Rejection) and full.refusal is Refusal.FUNDS_MISSING
    assert not isinstance(ledger.close(bank.table, "bob", clock=bank.services.clock), Rejection)
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is Refusal.PAYEE_CLOSED
    for status in ("open", "frozen"):
        again = ledger.set_status(bank.table, "bob", status=status, clock=bank.services.clock)
        assert isinstance(again, Rejection) and again.refusal is Refusal.PAYEE_CLOSED
    assert bank.account("bob")["status"] == "closed"
    nobody = ledger.close(bank.table, "nobody", clock=bank.services.clock)
    assert isinstance(nobody, Rejection) and nobody.refusal is Refusal.PAYEE_UNKNOWN
    assert account_key("nobody") not in bank.table.items
