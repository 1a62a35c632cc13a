"""Delivering a notice: once for each published message, to the right phone, in words that fit one SMS."""

import json
import re
from dataclasses import dataclass, field

import pytest

from chalicelib import config
from chalicelib.channels import Named
from chalicelib.errors import Unavailable
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import Intent
from chalicelib.notices import change
from chalicelib.notices.delivery import Later, Told, send_sms, told
from chalicelib.notices.replying import send_reply
from chalicelib.refusals import Refusal
from chalicelib.services import Permanent, Posted, Retry, Sent
from chalicelib.table import intent_key
from tests.bank import BOT, CODE, Bank

ALICE, BOB = "+33612345101", "+33612345102"


@pytest.fixture
def bank() -> Bank:
    """A bank with Alice, Bob and a charity."""
    return Bank()


@dataclass
class FakePosts:
    """A network that remembers what the bot wrote; `answers` are given first."""

    replies: list[tuple[str, str, bool]] = field(default_factory=list)
    messages: list[tuple[str, str]] = field(default_factory=list)
    answers: list[Posted] = field(default_factory=list)

    def reply(self, text: str, *, to: str, again: bool = False) -> Posted:
        """Remember a reply."""
        self.replies.append((text, to, again))
        return self.answers.pop(0) if self.answers else Sent("1")

    def message(self, text: str, *, to: str) -> Posted:
        """Remember a private message."""
        self.messages.append((text, to))
        return self.answers.pop(0) if self.answers else Sent("1")


def notice(intent: Intent, kind: str, *, message: str = "m1", received_count: int = 1) -> Told:
    """A delivery about an intent."""
    number, road = (intent.link_number, change.LINKS) if kind == "link" else (0, change.RECEIPTS)
    content = change.Notice(kind=kind, road=road, subject=intent.id, link_number=number)
    return Told(notice=content, message_id=message, received_count=received_count)


def test_the_link_goes_to_the_payers_phone_and_opens_the_intent(bank: Bank) -> None:
    """The SMS names amount and payee; its link confirms."""
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    send_sms(bank.services, notice(intent, "link"))
    [(phone, text)] = bank.sms.sent
    assert phone == ALICE
    assert "10,00 EUR" in text
    assert "Bob" in text
    link = text.split("https://pay.example/p#")[1]
    assert len(link) <= 48
    assert lifecycle.confirm(bank.services, link, CODE).refusal is None


def test_a_link_never_outlives_its_intent(bank: Bank) -> None:
    """Sent a minute before the intent expires, it is good for a minute."""
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    bank.time.move(86_400 - 60)
    send_sms(bank.services, notice(intent, "link"))
    expires_at = int(bank.sms.sent[0][1].split("#")[1].split(".")[2], 36)
    assert expires_at == intent.expires_at


def test_the_receipts_go_to_each_side(bank: Bank) -> None:
    """Payer and payee each get theirs, with the other's verified name."""
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    lifecycle.confirm(bank.services, bank.link(intent), CODE)
    send_sms(bank.services, notice(intent, "receipt"))
    send_sms(bank.services, notice(intent, "received"))
    assert [phone for phone, _ in bank.sms.sent] == [ALICE, BOB]
    assert "à Bob" in bank.sms.sent[0][1]
    assert "Alice vous a payé" in bank.sms.sent[1][1]


def test_the_same_message_may_be_sent_again_and_a_duplicate_publish_may_not(bank: Bank) -> None:
    """A crash after the claim must not lose the SMS; a second published message must not send it twice."""
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    bank.sms.down = True
    with pytest.raises(Unavailable):
        send_sms(bank.services, notice(intent, "link"))
    bank.sms.down = False
    send_sms(bank.services, notice(intent, "link", received_count=2))
    send_sms(bank.services, notice(intent, "link", message="m2"))
    assert len(bank.sms.sent) == 1


def test_a_notice_whose_order_cannot_be_read_yet_comes_again(bank: Bank) -> None:
    """A read that is a moment behind must not lose the SMS."""
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    item = bank.table.items.pop(intent_key(intent.id))
    with pytest.raises(Unavailable):
        send_sms(bank.services, notice(intent, "link"))
    bank.table.items[intent_key(intent.id)] = item
    send_sms(bank.services, notice(intent, "link"))
    assert len(bank.sms.sent) == 1


def test_too_many_orders_are_told_once_a_day(bank: Bank) -> None:
    """Each refusal would cost an SMS: the second of a day says nothing."""
    for number in range(3):
        intent = bank.say("@Smoneyfr #envoyer 1 € @bob")
        refused = {**bank.table.items[intent_key(intent.id)], "status": "refused", "refusal": "orders_too_many"}
        [content] = change.notices(None, refused, tries=5)
        bank.table.items[intent_key(intent.id)] = refused
        send_sms(bank.services, Told(notice=content, message_id=f"m{number}"))
    assert len(bank.sms.sent) == 1


def test_the_owner_of_a_name_that_was_taken_over_is_warned(bank: Bank) -> None:
    """Payer and known owner are told; the new owner of the @name is not."""
    bank.add("newbob", user_id="104", kind="person")
    sold = (Named(user_id=BOT.user_id, handle=BOT.handle), Named(user_id="104", handle="bob"))
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob", named=sold)
    for number, content in enumerate(change.notices(None, bank.table.items[intent_key(intent.id)], tries=5)):
        send_sms(bank.services, Told(notice=content, message_id=f"m{number}"))
    assert [phone for phone, _ in bank.sms.sent] == [ALICE, BOB]


def test_a_burst_of_orders_sends_so_many_links_and_no_more(bank: Bank) -> None:
    """Whoever took over a payer's @name cannot run up a bill of SMS before the list of orders has caught up."""
    cap = bank.services.programme.caps.orders_a_day
    orders = [bank.say("@Smoneyfr #envoyer 1 € @bob") for _ in range(cap + 5)]
    for order in orders:
        bank.list(order)
    for place, order in enumerate(orders):
        send_sms(bank.services, notice(order, "link", message=f"m{place}"))
    assert len(bank.sms.sent) == cap
    bank.time.move(86_401)
    bank.list(tomorrow := bank.say("@Smoneyfr #envoyer 1 € @bob"))
    send_sms(bank.services, notice(tomorrow, "link", message="tomorrow"))
    assert len(bank.sms.sent) == cap + 1


def test_a_replaced_link_is_not_sent(bank: Bank) -> None:
    """A message that comes late, for a link number that is dead, says nothing."""
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    lifecycle.renew(bank.services, bank.link(intent))
    send_sms(bank.services, notice(intent, "link"))
    assert bank.sms.sent == []


def test_a_block_is_told_to_the_bound_number(bank: Bank) -> None:
    """The account's holder hears of it, whoever typed."""
    bank.table.items["A#alice", "0"]["attempts"] = 5
    blocked = Told(notice=change.Notice(kind="blocked", road="", subject="alice"), message_id="m1")
    send_sms(bank.services, blocked)
    assert [phone for phone, _ in bank.sms.sent] == [ALICE]


def test_a_second_block_is_told_again(bank: Bank) -> None:
    """After an operator unblocked, five more wrong codes are another notice; a republished one is not."""
    bank.table.items["A#alice", "0"]["attempts"] = 5
    for guess in ("g1", "g2", "g2"):
        content = change.Notice(kind="blocked", road="", subject="alice", once=f"alice#{guess}")
        send_sms(bank.services, Told(notice=content, message_id=f"m-{len(bank.sms.sent)}-{guess}"))
    assert len(bank.sms.sent) == 2


def test_a_block_that_a_right_code_undid_is_not_told(bank: Bank) -> None:
    """Five clicks at once with the right code spend five attempts for a moment: nobody is told of wrong codes."""
    blocked = Told(notice=change.Notice(kind="blocked", road="", subject="alice"), message_id="m1")
    send_sms(bank.services, blocked)
    assert bank.sms.sent == []


def test_an_unread_order_is_answered_under_its_post(bank: Bank) -> None:
    """What to type instead and a reference; no link, no amount, nobody's name."""
    posts = FakePosts()
    intent = bank.say("@Smoneyfr #envoyer mille dollars à ma soeur @bob")
    send_reply(bank.services, posts, notice(intent, "refused"))
    [(text, to, again)] = posts.replies
    assert to == intent.message_id
    assert not again
    assert text.endswith(f"Réf. {intent.reference}")
    assert "http" not in text
    assert re.findall(r"@\w+", text) == ["@Smoneyfr"]


def test_replies_are_three_an_author_and_day(bank: Bank) -> None:
    """Mention spam spends the bank's money at X: the fourth is dropped, tomorrow's is not."""
    posts = FakePosts()
    for number in range(5):
        intent = bank.say("@Smoneyfr #envoyer @bob")
        send_reply(bank.services, posts, notice(intent, "refused", message=f"m{number}"))
    assert len(posts.replies) == 3
    bank.time.move(86_400)
    intent = bank.say("@Smoneyfr #envoyer @bob")
    send_reply(bank.services, posts, notice(intent, "refused", message="m9"))
    assert len(posts.replies) == 4


def test_a_reply_that_is_published_twice_is_sent_once(bank: Bank) -> None:
    """A batch of the stream that comes again, or a replay, neither answers twice nor uses up the author's answers."""
    posts = FakePosts()
    first, second = (bank.say("@Smoneyfr #envoyer @bob") for _ in range(2))
    for message in ("m1", "m2", "m3", "m4"):
        send_reply(bank.services, posts, reply_of(first, message))
    send_reply(bank.services, posts, reply_of(second, "m5"))
    assert [to for _, to, _ in posts.replies] == [first.message_id, second.message_id]


def reply_of(intent: Intent, message: str) -> Told:
    """A delivery of an intent's reply."""
    return Told(notice=change.Notice(kind="refused", road=change.REPLIES, subject=intent.id), message_id=message)


def test_a_rate_limit_waits_and_then_says_that_it_comes_again(bank: Bank) -> None:
    """The message goes back for as long as X asks, and keeps its slot."""
    posts = FakePosts(answers=[Retry(90, "rate_limited")])
    intent = bank.say("@Smoneyfr #envoyer @bob")
    with pytest.raises(Later) as later:
        send_reply(bank.services, posts, notice(intent, "refused"))
    assert later.value.after_seconds == 90
    send_reply(bank.services, posts, notice(intent, "refused", received_count=2))
    assert [again for _, _, again in posts.replies] == [False, True]


def test_a_refusal_of_the_network_is_final(bank: Bank) -> None:
    """Best effort: a blocked bot is not tried for ever."""
    posts = FakePosts(answers=[Permanent("forbidden")])
    intent = bank.say("@Smoneyfr #envoyer @bob")
    send_reply(bank.services, posts, notice(intent, "refused"))
    assert len(posts.replies) == 1


def test_a_reply_that_is_an_hour_late_is_dropped(bank: Bank) -> None:
    """Nobody understands an answer to yesterday's post."""
    posts = FakePosts()
    intent = bank.say("@Smoneyfr #envoyer @bob")
    bank.time.move(3_601)
    send_reply(bank.services, posts, notice(intent, "refused"))
    assert posts.replies == []


def test_paid_under_a_post_names_no_sum_and_nobody(bank: Bank) -> None:
    """Two words and a reference."""
    posts = FakePosts()
    bank.table.items["L#twitter#1471859046#101", "0"]["paid_reply"] = True
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    lifecycle.confirm(bank.services, bank.link(intent), CODE)
    send_reply(bank.services, posts, notice(intent, "paid"))
    assert [text for text, _, _ in posts.replies] == [f"C'est payé. Réf. {intent.reference}"]


def test_a_private_order_is_answered_privately(bank: Bank) -> None:
    """What was asked in a message is not answered under a post."""
    posts = FakePosts()
    intent = bank.say("envoyer @bob", private=True)
    assert intent.refusal is Refusal.AMOUNT_MISSING
    send_reply(bank.services, posts, notice(intent, "refused"))
    assert posts.replies == []
    assert [to for _, to in posts.messages] == ["101"]


def test_what_sns_put_into_the_queue_is_read(bank: Bank) -> None:
    """The topic's message id is the claim's; the notice stands in its Message."""
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    [(_, new)] = bank.table.images
    [content] = change.notices(None, new, tries=5)
    body = {"MessageId": "m7", "Message": json.dumps(change.message(content, new))}
    assert told(body, received_count=3) == Told(notice=content, message_id="m7", received_count=3, network="twitter")
    assert content.subject == intent.id


def test_the_stage_of_these_tests_has_no_secret() -> None:
    """A stage is names only; its settings may be logged."""
    assert not [value for value in vars(config.stage({})).values() if "key=" in str(value)]
