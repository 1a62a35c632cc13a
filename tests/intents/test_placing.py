"""Placing an order: one message, one item, whatever comes again; each refusal by its own name."""

from copy import deepcopy
from typing import Any

import pytest

from chalicelib.channels import Drop, Named
from chalicelib.errors import Unavailable
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import Intent, from_item, intent_id, to_item
from chalicelib.intents.placing import place
from chalicelib.notices import change
from chalicelib.refusals import Refusal
from chalicelib.table import Put, intent_key, name_key
from tests.bank import BOT, CODE, IDS, Bank, mention


def stream(bank: Bank) -> None:
    """Let the stream's consumer fill the lists, as publish_changes does."""
    images, bank.table.images = bank.table.images, []
    for old, new in images:
        for write in change.listed(old, new):
            if isinstance(write, Put):
                bank.table.put(write)
            else:
                bank.table.update(write)


def test_an_order_to_pay_waits(bank: Bank) -> None:
    """Amount, payee, note and times stand in the item; nothing moves."""
    intent = bank.say("@Smoneyfr #envoyer 10 euros @bob pour la pizza")
    assert (intent.status, intent.amount_minor, intent.currency) == ("pending", 1_000, "EUR")
    assert (intent.payer, intent.payee, intent.payee_kind) == ("alice", "bob", "person")
    assert intent.said == {
        "note": "pour la pizza",
        "payee_handle": "bob",
        "payee_name": "Bob",
        "author_handle": "alice",
    }
    assert intent.expires_at == intent.received_at + 86_400
    assert bank.available("alice") == 100_000


def test_an_item_reads_back_as_its_intent(bank: Bank) -> None:
    """What is stored is what was placed."""
    intent = bank.say("@Smoneyfr #envoyer 10 euros @bob")
    assert from_item(bank.table.items[intent_key(intent.id)]) == intent
    assert from_item(to_item(intent)) == intent


def test_the_same_message_again_changes_nothing(bank: Bank) -> None:
    """A redelivery, another envelope and an edited text all find the first item."""
    post = mention("@Smoneyfr #envoyer 10 € @bob")
    first = place(bank.services, post)
    stored = deepcopy(bank.table.items)
    again = place(bank.services, post)
    edited = mention("@Smoneyfr #envoyer 200 € @bob", origin_id=post.origin_id)
    assert again == first
    assert place(bank.services, edited) == first
    assert bank.table.items == stored


def test_a_repeat_after_payment_does_not_pay_again(bank: Bank) -> None:
    """The webhook may come again days later; the intent stays paid."""
    post = mention("@Smoneyfr #envoyer 10 € @bob")
    intent = place(bank.services, post)
    assert isinstance(intent, Intent)
    lifecycle.confirm(bank.services, bank.link(intent), CODE)
    assert place(bank.services, post).status == "paid"  # type: ignore[union-attr]
    assert bank.available("bob") == 1_000


def test_prose_is_no_order(bank: Bank) -> None:
    """A post without a verb makes no item."""
    before = deepcopy(bank.table.items)
    assert bank.say("@Smoneyfr merci pour les 10 € @bob") == Drop("no_order")
    assert bank.table.items == before


REFUSED: list[tuple[str, Refusal, dict[str, Any]]] = [
    ("@Smoneyfr #envoyer @bob", Refusal.AMOUNT_MISSING, {}),
    ("@Smoneyfr #envoyer 10 €", Refusal.PAYEE_MISSING, {}),
    ("@Smoneyfr #envoyer 10 € @alice", Refusal.PAYEE_SELF, {}),
    ("@Smoneyfr #envoyer 10 $ @bob", Refusal.CURRENCY_OTHER, {}),
    ("@Smoneyfr #demander 10 € @bob", Refusal.NOT_OFFERED, {}),
    ("@Smoneyfr #associer 482913", Refusal.PAIRING_REFUSED, {}),
    ("@Smoneyfr #envoyer 10 € @bob", Refusal.PAYER_UNKNOWN, {"author": "zoe"}),
    ("@Smoneyfr #annuler", Refusal.PAYER_UNKNOWN, {"author": "zoe"}),
    ("@Smoneyfr #envoyer 10 € @nobody", Refusal.PAYEE_UNKNOWN, {}),
    ("@Smoneyfr #donner 10 € @bob", Refusal.PAYEE_NOT_CAUSE, {}),
    ("@Smoneyfr #envoyer 250,01 € @bob", Refusal.OVER_TRANSFER_LIMIT, {}),
    ("@Smoneyfr #donner 500,01 € @croixbleue", Refusal.OVER_TRANSFER_LIMIT, {}),
]


@pytest.mark.parametrize(("text", "refusal", "changes"), REFUSED)
def test_a_refused_order_is_an_item_with_its_reason(
    bank: Bank, text: str, refusal: Refusal, changes: dict[str, Any]
) -> None:
    """Each refusal by its own name; nothing waits and no balance changes."""
    balances = bank.available("alice"), bank.available("bob")
    intent = bank.say(text, **changes)
    assert (intent.status, intent.refusal) == ("refused", refusal)
    assert bank.table.items[intent_key(intent.id)]["refusal"] == refusal.value
    assert (bank.available("alice"), bank.available("bob")) == balances


def test_people_get_250_and_charities_500(bank: Bank) -> None:
    """The payee's kind decides the limit, for #envoyer and #donner alike."""
    assert bank.say("@Smoneyfr #envoyer 250 € @bob").status == "pending"
    assert bank.say("@Smoneyfr #envoyer 500 € @croixbleue").status == "pending"
    assert bank.say("@Smoneyfr #donner 500 € @croixbleue").status == "pending"


def test_more_than_there_is_is_refused_at_once(bank: Bank) -> None:
    """The order says so before anybody types a code; the transaction would refuse it too."""
    bank.table.items["A#alice", "0"]["available"] = 999
    assert bank.say("@Smoneyfr #envoyer 10 € @bob").refusal is Refusal.FUNDS_MISSING


def test_a_name_seen_under_another_id_is_refused(bank: Bank) -> None:
    """@bob was sold: the post names another id, which is a customer too, and is not paid."""
    bank.add("newbob", user_id="104", kind="person")
    sold = (Named(user_id=BOT.user_id, handle=BOT.handle), Named(user_id="104", handle="bob"))
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob", named=sold)
    assert intent.refusal is Refusal.PAYEE_RENAMED


def test_a_new_name_of_a_known_id_is_paid(bank: Bank) -> None:
    """A person is a numeric id: who renamed themselves is found by it."""
    renamed = (Named(user_id=BOT.user_id, handle=BOT.handle), Named(user_id=IDS["bob"], handle="bobby"))
    intent = bank.say("@Smoneyfr #envoyer 10 € @bobby", named=renamed)
    assert (intent.status, intent.payee) == ("pending", "bob")
    assert name_key("twitter", "bobby") not in bank.table.items


def test_ten_orders_wait_and_the_next_is_refused(bank: Bank) -> None:
    """Each waiting order costs an SMS; cancelling one makes room."""
    for _ in range(10):
        assert bank.say("@Smoneyfr #envoyer 1 € @bob").status == "pending"
        stream(bank)
    assert bank.say("@Smoneyfr #envoyer 1 € @bob").refusal is Refusal.WAITING_TOO_MANY
    assert bank.say("@Smoneyfr #annuler").target
    stream(bank)
    assert bank.say("@Smoneyfr #envoyer 1 € @bob").status == "pending"


def test_twenty_orders_a_day_are_enough(bank: Bank) -> None:
    """Refused orders count too; a day later the payer may order again."""
    for _ in range(20):
        bank.say("@Smoneyfr #envoyer 1 € @nobody")
        stream(bank)
    assert bank.say("@Smoneyfr #envoyer 1 € @bob").refusal is Refusal.ORDERS_TOO_MANY
    bank.time.move(86_401)
    assert bank.say("@Smoneyfr #envoyer 1 € @bob").status == "pending"


def test_cancel_ends_the_last_payment_that_waits(bank: Bank) -> None:
    """The newest pending one, and only that."""
    older = bank.say("@Smoneyfr #envoyer 1 € @bob")
    bank.time.move(5)
    newer = bank.say("@Smoneyfr #envoyer 2 € @bob")
    stream(bank)
    order = bank.say("@Smoneyfr #annuler")
    assert (order.status, order.target) == ("answered", newer.id)
    assert bank.table.items[intent_key(newer.id)]["status"] == "cancelled"
    assert bank.table.items[intent_key(older.id)]["status"] == "pending"


def test_cancel_by_reply_ends_the_payment_replied_to(bank: Bank) -> None:
    """A reply to the order's own post names its target."""
    post = mention("@Smoneyfr #envoyer 1 € @bob")
    place(bank.services, post)
    bank.time.move(5)
    bank.say("@Smoneyfr #envoyer 2 € @bob")
    stream(bank)
    order = bank.say("@Smoneyfr #annuler", in_reply_to=post.message_id)
    assert order.target == intent_id("twitter", BOT.user_id, post.origin_id)


def test_a_reply_to_something_else_cancels_nothing(bank: Bank) -> None:
    """Rather nothing than another payment than the one that was meant."""
    intent = bank.say("@Smoneyfr #envoyer 1 € @bob")
    stream(bank)
    assert bank.say("@Smoneyfr #annuler", in_reply_to="424242").refusal is Refusal.NOTHING_TO_CANCEL
    assert bank.table.items[intent_key(intent.id)]["status"] == "pending"


def test_a_reply_cancels_also_before_the_list_knows_the_order(bank: Bank) -> None:
    """The stream may be behind; the order itself is there."""
    post = mention("@Smoneyfr #envoyer 1 € @bob")
    intent = place(bank.services, post)
    assert bank.say("@Smoneyfr #annuler", in_reply_to=post.message_id).target == intent.id  # type: ignore[union-attr]


def test_a_cancel_that_is_read_late_spares_what_was_ordered_after_it(bank: Bank) -> None:
    """The queue may deliver it minutes later; the order of meanwhile stays."""
    late = mention("@Smoneyfr #annuler")
    bank.time.move(180)
    intent = bank.say("@Smoneyfr #envoyer 1 € @bob")
    stream(bank)
    assert place(bank.services, late).refusal is Refusal.NOTHING_TO_CANCEL  # type: ignore[union-attr]
    assert bank.table.items[intent_key(intent.id)]["status"] == "pending"


def test_an_order_that_comes_out_of_the_dead_letters_too_late_is_refused(bank: Bank) -> None:
    """A day later nobody expects it any more: it is told so, and never pending."""
    post = mention("@Smoneyfr #envoyer 1 € @bob")
    bank.time.move(86_400)
    assert place(bank.services, post).refusal is Refusal.EXPIRED  # type: ignore[union-attr]


def test_two_handles_of_one_customer_do_not_pay_each_other(bank: Bank) -> None:
    """It has a refusal of its own that goes by SMS: nobody learns in public whose handles they are."""
    bank.table.items["L#twitter#1471859046#102", "0"]["account"] = "alice"
    intent = bank.say("@Smoneyfr #envoyer 1 € @bob")
    assert intent.refusal is Refusal.PAYEE_OWN
    [notice] = change.notices(None, bank.table.items[intent_key(intent.id)], tries=5)
    assert notice.road == "sms-receipts"


def test_a_repeated_cancel_does_not_hit_the_next_payment(bank: Bank) -> None:
    """The target stands in the order's item, so the same message again changes nothing."""
    bank.say("@Smoneyfr #envoyer 1 € @bob")
    bank.time.move(5)
    bank.say("@Smoneyfr #envoyer 2 € @bob")
    stream(bank)
    post = mention("@Smoneyfr #annuler")
    first = place(bank.services, post)
    stream(bank)
    settled = deepcopy(bank.table.items)
    assert place(bank.services, post) == first
    assert bank.table.items == settled


def test_cancel_after_payment_is_refused(bank: Bank) -> None:
    """What is paid stays paid, even when the payer's list still says that it waits."""
    intent = bank.say("@Smoneyfr #envoyer 1 € @bob")
    stream(bank)
    lifecycle.confirm(bank.services, bank.link(intent), CODE)
    assert bank.say("@Smoneyfr #annuler").refusal is Refusal.NOTHING_TO_CANCEL
    assert bank.table.items[intent_key(intent.id)]["status"] == "paid"


@pytest.mark.parametrize("text", ["#annuler #envoyer 5 € @croixbleue", "#associer 482913 #envoyer 5 € @croixbleue"])
def test_who_asks_for_two_things_gets_neither(bank: Bank, text: str) -> None:
    """Also when the first one is a cancel or a pairing: nothing is cancelled, and no try is spent."""
    intent = bank.say("@Smoneyfr #envoyer 1 € @bob")
    stream(bank)
    order = bank.say(f"@Smoneyfr {text}")
    assert (order.refusal, order.target) == (Refusal.VERB_SEVERAL, "")
    assert bank.table.items[intent_key(intent.id)]["status"] == "pending"


def test_nobody_cancels_another_persons_payment(bank: Bank) -> None:
    """Bob replies `#annuler` under Alice's order: it stays pending."""
    post = mention("@Smoneyfr #envoyer 1 € @bob")
    intent = place(bank.services, post)
    stream(bank)
    order = bank.say("@Smoneyfr #annuler", author="bob", in_reply_to=post.message_id)
    assert order.refusal is Refusal.NOTHING_TO_CANCEL
    assert bank.table.items[intent_key(intent.id)]["status"] == "pending"  # type: ignore[union-attr]


def test_a_lost_answer_of_the_put_finds_its_own_item(bank: Bank) -> None:
    """The put was done and its answer lost: the message comes again and returns what was stored."""
    bank.table.faults = ["lost"]
    post = mention("@Smoneyfr #envoyer 10 € @bob")
    with pytest.raises(Unavailable):
        place(bank.services, post)
    intent = place(bank.services, post)
    assert isinstance(intent, Intent)
    assert intent.status == "pending"
    assert len([key for key in bank.table.items if key[0].startswith("T#") and "fund" not in key[0]]) == 1


def test_placing_an_order_keeps_its_budget(bank: Bank) -> None:
    """1 WCU, at most 3 RCU and 4 round trips, and the item stays below a kilobyte."""
    bank.table.usage.__init__()  # type: ignore[misc]
    bank.say("@Smoneyfr #envoyer 10 euros @bob " + "n" * 90)
    usage = bank.table.usage
    assert usage.write_units == 1
    assert usage.read_units <= 3
    assert usage.round_trips <= 4


def test_an_id_never_begins_with_a_dash() -> None:
    """One in 64 would be taken for an option by every command line, or for a formula by a spreadsheet."""
    ids = [intent_id("twitter", BOT.user_id, str(post)) for post in range(2_000)]
    assert not [one for one in ids if one.startswith("-")]
    assert len(set(ids)) == len(ids) and {len(one) for one in ids} == {16}
