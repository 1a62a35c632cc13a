"""An order whose SMS is held back: what the chat says of it is true, whichever road is first."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.intents import lifecycle
from chalicelib.intents.inbox import take
from chalicelib.intents.intent import Intent, from_item
from chalicelib.notices import change
from chalicelib.notices.delivery import Told
from chalicelib.notices.replying import send_reply
from chalicelib.refusals import Refusal
from chalicelib.table import intent_key
from chalicelib.texts import LANGUAGES, say
from local import meta
from tests.bank import PROGRAMME, Bank
from tests.chat import PAGE, PSID, Chat, current, customer
from tests.notices.test_delivery import FakePosts

HOUR = 3_600
CAP = 2
SAYS_NOTHING_WAS_SENT = "aucun SMS n'est parti jusqu'ici"
SAYS_HOW = "ouvrez le lien"
PLACES = range(4)
# Each order is listed before it is told of by both roads; orders overtake each other.
ORDERS_OF_WORK = st.permutations([(step, place) for place in PLACES for step in ("list", "sms", "chat")]).filter(
    lambda work: all(
        work.index(("list", place)) < min(work.index(("sms", place)), work.index(("chat", place))) for place in PLACES
    )
)


def talking() -> Chat:
    """Alice's conversation, who is greeted already; two orders of a day get their SMS."""
    bank = Bank()
    caps = replace(PROGRAMME.caps, orders_a_day=CAP)
    bank.services = replace(bank.services, programme=replace(PROGRAMME, caps=caps))
    chat = customer(bank, "alice", psid=PSID)
    chat.write("bonjour")
    chat.chats.sent.clear()
    return chat


@pytest.fixture
def alice() -> Chat:
    """Alice's conversation."""
    return talking()


def burst(chat: Chat, number: int) -> list[Intent]:
    """So many orders, a second after another, before the first is listed."""
    found = []
    for _ in range(number):
        before = {*chat.bank.table.items}
        (event,) = chat.events(meta.written("envoyer 5 € au 06 12 34 51 02", page=PAGE, by=PSID))
        take(chat.bank.services, event)
        (key,) = (key for key in chat.bank.table.items if key not in before and key[0].startswith("T#"))
        found.append(from_item(chat.bank.table.items[key]))
        chat.bank.time.move(1)
    assert {one.status for one in found} == {"pending"}
    return found


def sent(chat: Chat, intent: Intent) -> bool:
    """Whether an SMS with a link of an order went out."""
    return any(f"#{intent.id}." in text for _, text in chat.bank.sms.sent)


def test_of_a_burst_each_hears_the_truth(alice: Chat) -> None:
    """The first ones how to pay, and the others that no SMS was sent, and what to do; with the same buttons."""
    orders = burst(alice, CAP + 2)
    alice.follow()
    told = dict(zip([one.id for one in orders], alice.chats.sent, strict=True))
    for one in orders:
        words = SAYS_HOW if sent(alice, one) else SAYS_NOTHING_WAS_SENT
        assert words in told[one.id].text
        assert [button.payload for button in told[one.id].buttons] == [f"again:{one.id}", f"cancel:{one.id}"]
    assert sum(sent(alice, one) for one in orders) == CAP
    assert sum("« confirmer »" in text for text in alice.texts) == 2


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(work=ORDERS_OF_WORK)
def test_whichever_road_is_first_nothing_untrue_is_said(work: list[tuple[str, int]]) -> None:
    """Of an order whose SMS went out it is never said that none did; and nothing else is said of the SMS."""
    alice = talking()
    orders = burst(alice, len(PLACES))
    alice.bank.table.images.clear()
    for step, place in work:
        one, item = orders[place], alice.bank.table.items[intent_key(orders[place].id)]
        if step == "list":
            alice.bank.list(one)
            continue
        road = change.REPLIES if step == "chat" else change.LINKS
        (notice,) = (each for each in change.notices(None, item, tries=5) if each.road == road)
        alice.deliver(notice, item)
        if step == "chat":
            assert (SAYS_NOTHING_WAS_SENT in alice.texts[-1]) != (SAYS_HOW in alice.texts[-1])
            assert not (SAYS_NOTHING_WAS_SENT in alice.texts[-1] and sent(alice, one))


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_to_pay_is_no_claim_that_an_sms_was_sent(language: str) -> None:
    """The answer goes out beside the SMS and knows nothing of it, so it says how to pay, and what if none comes."""
    facts = {"amount": "5 €", "payee": "Bob", "digits": "02"}
    texts = [say(language, f"chat.{key}", **facts) for key in ("waiting", "again")]
    claims = ("on its way", "are sending", "was sent", "part vers", "renvoyons", "envoyé", "お送りします", "送りました")
    assert not [text for text in texts if any(claim in text for claim in claims)]


def test_a_link_that_is_held_back_is_not_used_up(alice: Chat) -> None:
    """Whoever asks too early hears the same once more, and still has every link of the payment."""
    *_, last = burst(alice, CAP + 1)
    alice.follow()
    for _ in range(3):
        made = alice.write("…", tapped=f"again:{last.id}")
        assert made and (made.refusal, made.target) == (Refusal.LINK_WITHHELD, last.id)
        assert SAYS_NOTHING_WAS_SENT in alice.texts[-1]
        assert alice.chats.sent[-1].buttons[0].payload == f"again:{last.id}"
    assert current(alice.bank, last).link_number == 1 and not sent(alice, last)


@pytest.mark.parametrize("how", ["word", "button"])
def test_hours_later_it_is_sent(alice: Chat, how: str) -> None:
    """Once the orders before it are a day old, as the chat said."""
    burst(alice, CAP)
    alice.bank.time.move(20 * HOUR)
    (last,) = burst(alice, 1)
    alice.follow()
    assert SAYS_NOTHING_WAS_SENT in alice.texts[-1] and not sent(alice, last)
    alice.bank.time.move(5 * HOUR)
    made = alice.write("confirmer") if how == "word" else alice.write("…", tapped=f"again:{last.id}")
    assert made and (made.status, made.target) == ("answered", last.id)
    assert SAYS_HOW in alice.texts[-1] and sent(alice, last)
    assert lifecycle.look(alice.bank.services, alice.bank.link(current(alice.bank, last))).refusal is None


def test_what_waits_no_more_is_not_asked_for(alice: Chat) -> None:
    """Of an order that was cancelled meanwhile its end is told, whether its SMS was held back or not."""
    *_, last = burst(alice, CAP + 1)
    alice.follow()
    alice.write("…", tapped=f"cancel:{last.id}")
    assert "a été annulé" in alice.texts[-1]
    alice.write("…", tapped=f"again:{last.id}")
    assert "a été annulé" in alice.texts[-1]


def test_the_desk_is_refused_too(alice: Chat) -> None:
    """A link that would not be sent is not made by an operator either."""
    first, *_, last = burst(alice, CAP + 1)
    alice.follow()
    assert lifecycle.resend(alice.bank.services, last.id).refusal is Refusal.LINK_WITHHELD
    assert lifecycle.resend(alice.bank.services, first.id).refusal is None


def test_on_x_it_is_told_in_private() -> None:
    """With the words to type, as there are no buttons."""
    bank = talking().bank
    for _ in range(CAP):
        bank.list(bank.say("@Smoneyfr #envoyer 10 € @bob"))
    order = replace(bank.say("envoyer 5 € @bob", private=True), status="pending")
    assert order.refusal is Refusal.ORDERS_TOO_MANY
    waits = replace(order, refusal=None, expires_at=order.received_at + HOUR)
    item = bank.table.items[intent_key(order.id)]
    item |= {"status": "pending", "expires_at": waits.expires_at}
    item.pop("refusal")
    bank.list(waits)
    posts = FakePosts()
    notice = change.Notice(kind=change.WAITING, road=change.REPLIES, subject=order.id)
    send_reply(bank.services, posts, Told(notice=notice, message_id="m1"))
    ((text, _),) = posts.messages
    assert SAYS_NOTHING_WAS_SENT in text and "Vous pouvez écrire : confirmer, annuler." in text
