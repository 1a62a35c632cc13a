"""`#annuler` of who has paid for somebody who is not linked: it takes back what is held, and nothing else."""

from copy import deepcopy
from typing import Any

from chalicelib.intents import lifecycle
from chalicelib.refusals import Refusal
from chalicelib.table import intent_key
from tests.bank import CODE, Bank, mention
from tests.claims.holding import claim_of, confirmed, held, holding_bank, join, ordered, sound, swept

CANCEL = "@Smoneyfr #annuler"


def cancel(bank: Bank, **changes: Any) -> Any:
    """Alice, or somebody else, cancels; the stream has told."""
    order = bank.say(CANCEL, **changes)
    bank.stream()
    return order


def post_of(bank: Bank, claim: str) -> str:
    """The post that ordered a payment."""
    return str(bank.table.items[intent_key(claim)]["message_id"])


def test_a_cancel_takes_back_the_newest_that_is_held() -> None:
    """Where nothing waits; the order says what it hit, and the sweep gives it back."""
    bank = holding_bank()
    older, newer = held(bank), held(bank)
    order = cancel(bank)
    assert (order.status, order.target) == ("answered", newer.id)
    asked = claim_of(bank, newer.id)
    assert (asked.status, asked.wish, asked.asked_by) == ("open", "cancelled", "alice")
    swept(bank)
    assert [claim_of(bank, one.id).status for one in (older, newer)] == ["open", "cancelled"]
    assert sound(bank)


def test_the_next_cancel_hits_the_next_one() -> None:
    """What was asked for already is passed over, also before it is carried out; then there is nothing."""
    bank = holding_bank()
    older, newer = held(bank), held(bank)
    assert [cancel(bank).target for _ in range(2)] == [newer.id, older.id]
    nothing = cancel(bank)
    assert (nothing.refusal, nothing.target) == (Refusal.NOTHING_TO_CANCEL, "")


def test_what_waits_comes_first() -> None:
    """A payment that was not confirmed is cancelled before one that is held."""
    bank = holding_bank()
    claim, waiting = held(bank), ordered(bank, "@Smoneyfr #envoyer 10 € @bob")
    assert cancel(bank).target == waiting.id
    assert bank.table.items[intent_key(waiting.id)]["status"] == "cancelled"
    assert claim_of(bank, claim.id).wish == ""
    assert cancel(bank).target == claim.id


def test_a_reply_takes_back_what_it_replies_to() -> None:
    """Also long after its day is over, and also the older one."""
    bank = holding_bank()
    older, newer = held(bank), held(bank)
    bank.time.move(3 * 86_400)
    assert cancel(bank).refusal is Refusal.NOTHING_TO_CANCEL
    assert cancel(bank, in_reply_to=post_of(bank, older.id)).target == older.id
    swept(bank)
    assert [claim_of(bank, one.id).status for one in (older, newer)] == ["cancelled", "open"]


def test_nobody_elses_is_taken_back() -> None:
    """A reply of another customer changes nothing."""
    bank = holding_bank()
    claim = held(bank)
    assert cancel(bank, author="bob", in_reply_to=post_of(bank, claim.id)).refusal is Refusal.NOTHING_TO_CANCEL
    assert claim_of(bank, claim.id).wish == ""


def test_what_was_claimed_is_not_taken_back() -> None:
    """By no reply, and not as the newest; a usual payment is none either."""
    bank = holding_bank()
    claim = held(bank)
    join(bank)
    swept(bank)
    confirmed(bank, ordered(bank, "@Smoneyfr #envoyer 10 € @bob"))
    before = {key: item for key, item in deepcopy(bank.table.items).items() if key[0][0] in "AC"}
    for changes in ({}, {"in_reply_to": post_of(bank, claim.id)}):
        assert cancel(bank, **changes).refusal is Refusal.NOTHING_TO_CANCEL
    assert {key: item for key, item in bank.table.items.items() if key[0][0] in "AC"} == before


def test_a_cancel_that_comes_again_hits_nothing_more() -> None:
    """The same message, after another payment was held: its target stands in its own item."""
    bank = holding_bank()
    first = held(bank)
    same = mention(CANCEL)
    ids = {"origin_id": same.origin_id, "message_id": same.message_id}
    assert cancel(bank, **ids).target == first.id
    second = held(bank)
    assert cancel(bank, **ids).target == first.id
    assert claim_of(bank, second.id).wish == ""


def test_a_payment_that_is_confirmed_meanwhile_is_taken_back_as_well() -> None:
    """The list says that it waits; it is held by now, and that is what the payer wants back."""
    bank = holding_bank()
    intent = ordered(bank)
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    assert cancel(bank).target == intent.id
    assert claim_of(bank, intent.id).wish == "cancelled"


def test_a_cancel_that_was_sent_before_the_payment_misses_it() -> None:
    """It cannot have meant it."""
    bank = holding_bank()
    held(bank)
    assert cancel(bank, received_at=bank.services.clock.now() - 10).refusal is Refusal.NOTHING_TO_CANCEL
