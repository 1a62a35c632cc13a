"""Answering in a chat: once, whatever gets lost, as a machine that says so, and by SMS where it must be told."""

import re

import pytest

from chalicelib.channels.graph_errors import UNKNOWN
from chalicelib.channels.meta_sending import TITLE_CHARACTERS, Outgoing, messenger
from chalicelib.errors import Unavailable
from chalicelib.identity import store as people
from chalicelib.identity.person import Handle
from chalicelib.intents import echoes
from chalicelib.intents.hint import words
from chalicelib.intents.intent import ASKED, DECLINED, Intent
from chalicelib.notices import change, gsm, message, once
from chalicelib.notices import chat as chat_module
from chalicelib.notices.chat import TRIES, send_chat
from chalicelib.notices.chat_words import said
from chalicelib.notices.delivery import Later, Told
from chalicelib.refusals import Refusal
from chalicelib.services import Permanent, Posted, Retry
from chalicelib.table import Key, intent_key
from chalicelib.texts import sentences
from tests.bank import PROGRAMME, Bank
from tests.chat import PAGE, PSID, Chat

PHONE = "+33612345101"


@pytest.fixture
def chat() -> Chat:
    """Alice's conversation with the page, linked with her account."""
    bank = Bank()
    alice = Handle(network="facebook", page=PAGE, user_id=PSID, label="", person="alice", account="alice", name="Alice")
    assert people.link(bank.table, alice, clock=bank.services.clock) is None
    return Chat(bank)


def asked(chat: Chat, text: str = "envoyer beaucoup") -> Told:
    """An order that cannot be read, with its answer still to be sent."""
    chat.chats.answers.append(Retry(1, "put aside"))
    with pytest.raises(Later):
        chat.write(text)
    chat.chats.sent.clear()
    (intent,) = [key for key in chat.bank.table.items if key[0].startswith("T#")][-1:]
    notice = change.Notice(kind="refused", road=change.REPLIES, subject=intent[0][2:])
    return Told(notice=notice, message_id="sns-1", network="facebook")


def again(told: Told, *, count: int) -> Told:
    """The same message, received once more."""
    return Told(**{**vars(told), "received_count": count})


def claim(told: Told) -> Key:
    """Where its notice is claimed."""
    return once.key_of(told.notice)


@pytest.fixture
def told(chat: Chat) -> Told:
    """The first answer that Alice is to get."""
    told = asked(chat)
    del chat.bank.table.items[claim(told)]
    return told


def send(chat: Chat, told: Told, *answers: Posted) -> None:
    """Deliver with these answers of Meta's to come."""
    chat.chats.answers.extend(answers)
    send_chat(chat.bank.services, chat.chats, told)


def test_an_answer_carries_the_key_of_its_claim(chat: Chat, told: Told) -> None:
    """By it the echo is known."""
    send(chat, told)
    (sent,) = chat.chats.sent
    assert (sent.to, sent.metadata) == (PSID, echoes.metadata(claim(told)))


def test_a_lost_answer_whose_echo_came_is_not_sent_again(chat: Chat, told: Told) -> None:
    """Meta took it and its answer got lost: the second try reads the mark."""
    with pytest.raises(Later) as later:
        send(chat, told, Retry(30, UNKNOWN))
    assert later.value.after_seconds == 30
    chat.bank.table.items[claim(told)]["arrived_at"] = 1
    send(chat, again(told, count=2))
    assert len(chat.chats.sent) == 1
    assert chat.bank.table.items[claim(told)]["arrived_at"] == 1


def test_a_lost_message_is_sent_again(chat: Chat, told: Told) -> None:
    """No echo, so it has not arrived; the same words go out, the disclosure among them."""
    with pytest.raises(Later):
        send(chat, told, Retry(30, UNKNOWN))
    send(chat, again(told, count=2))
    first, second = chat.texts
    assert first == second


def test_a_second_publication_says_nothing(chat: Chat, told: Told) -> None:
    """Only the message that has the claim sends."""
    send(chat, told)
    send(chat, Told(**{**vars(told), "message_id": "sns-2"}))
    assert len(chat.chats.sent) == 1


def test_a_machine_says_that_it_is_one_once(chat: Chat) -> None:
    """Before its first words to a person, and not before the next."""
    chat.write("bonjour")
    chat.write("aide")
    first, second = chat.texts
    assert "service automatique de S-Money" in first
    assert "automatique" not in second
    Chat(chat.bank, psid="42", chats=chat.chats).write("aide")
    assert "automatique" in chat.texts[-1]


def test_tries_are_counted_out(chat: Chat, told: Told) -> None:
    """Some of Meta's "try again" mean a person who has blocked the page: then the phone is told."""
    for number in range(1, TRIES):
        with pytest.raises(Later):
            send(chat, again(told, count=number), Retry(10, "unavailable"))
    send(chat, again(told, count=TRIES), Retry(10, "unavailable"))
    assert len(chat.chats.sent) == TRIES
    chat.follow()
    assert [phone for phone, _ in chat.bank.sms.sent] == [PHONE]


def test_a_limit_of_the_rate_is_waited_for(chat: Chat, told: Told) -> None:
    """It is no fault of the person's."""
    with pytest.raises(Later):
        send(chat, again(told, count=TRIES + 1), Retry(60, "rate_limited"))


def test_what_may_have_arrived_is_not_told_by_sms_too(chat: Chat, told: Told) -> None:
    """After the last try without an answer nobody knows; two tellings would be worse than one."""
    send(chat, again(told, count=TRIES), Retry(30, UNKNOWN))
    chat.follow()
    assert chat.bank.sms.sent == []


@pytest.mark.parametrize("reason", ["outside_window", "unavailable_person"])
def test_what_a_customer_ordered_is_answered_by_sms_instead(chat: Chat, told: Told, reason: str) -> None:
    """They may think that it was paid; once, however often the message or the change comes."""
    send(chat, told, Permanent(reason))
    send(chat, again(told, count=2), Permanent(reason))
    made = chat.follow()
    for one in made:
        chat.deliver(one.notice, {})
    ((phone, text),) = chat.bank.sms.sent
    assert phone == PHONE
    assert text.startswith("S-Money: Messenger n'a pas accepté notre réponse")
    assert "Rien n'a été payé" in text


def test_a_stranger_gets_no_sms(chat: Chat) -> None:
    """There is no number, and help is best effort."""
    stranger = Chat(chat.bank, psid="42")
    stranger.chats.answers.append(Permanent("outside_window"))
    stranger.write("envoyer 10 €")
    chat.chats.answers.append(Permanent("outside_window"))
    chat.write("aide")
    assert chat.bank.sms.sent == []
    assert not [key for key, item in chat.bank.table.items.items() if "owed" in item]


def test_a_debt_is_published_when_it_is_noted(chat: Chat, told: Told) -> None:
    """Not again when the claim changes for another reason."""
    chat.bank.table.images.clear()
    send(chat, told, Permanent("unavailable_person"))
    noted = [new for _, new in chat.bank.table.images if "owed" in new]
    assert [change.notices(None, new, tries=5)[0].kind for new in noted] == ["unanswered"]
    assert change.notices(noted[0], {**noted[0], "arrived_at": 1}, tries=5) == ()


@pytest.mark.parametrize("alarm", [True, False])
def test_only_what_strikes_every_message_rings(
    chat: Chat, told: Told, monkeypatch: pytest.MonkeyPatch, *, alarm: bool
) -> None:
    """A revoked token is an operator's to mend; who has blocked the page is nobody's."""
    counted: list[str] = []
    monkeypatch.setattr(chat_module, "count", lambda name, **_: counted.append(name))
    send(chat, told, Permanent("unauthorized", alarm=alarm))
    assert ("RepliesAlarming" in counted) == alarm


def test_an_hour_later_nothing_is_said(chat: Chat, told: Told) -> None:
    """Nobody understands an answer to yesterday's message."""
    chat.bank.time.move(3_601)
    send(chat, told)
    assert chat.chats.sent == []


def test_a_chat_gets_so_many_answers_a_day(chat: Chat) -> None:
    """Whoever plays with the page ends with silence, and begins anew the next day."""
    cap = PROGRAMME.caps.private_replies_a_day
    for _ in range(cap + 2):
        chat.write("aide")
    assert len(chat.texts) == cap
    chat.bank.time.move(86_400)
    chat.write("aide")
    assert len(chat.texts) == cap + 1


def test_an_order_that_cannot_be_read_yet_comes_again(chat: Chat, told: Told) -> None:
    """A read that is a moment behind must not lose the answer."""
    del chat.bank.table.items[intent_key(told.notice.subject)]
    with pytest.raises(Unavailable):
        send(chat, told)


def order(language: str, refusal: Refusal | None, *, kind: str = "help") -> Intent:
    """An order in a chat."""
    return Intent(
        id="A" * 16, order=kind, status="refused" if refusal else "answered", network="facebook", page=PAGE,
        author_id=PSID, message_id="m_1", language=language, private=True, created_at=1, received_at=1,
        refusal=refusal, target="B" * 16, said={"account_name": "Maximiliane M."},
    )  # fmt: skip


HINTS = [
    Refusal(key.split(".")[1])
    for key in sentences("fr")
    if key.startswith("hint.") and key.split(".")[1] in set(Refusal)
]


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
@pytest.mark.parametrize("refusal", [None, *HINTS])
def test_a_chat_is_spoken_to_without_signs(language: str, refusal: Refusal | None) -> None:
    """No @name of ours and no #: in a chat nobody is addressed, and a verb is a word."""
    text = said(order(language, refusal), programme=PROGRAMME, first=True).text
    assert "#" not in text
    assert re.findall(r"@\w+", re.sub("@(nom|name|名)", "", text)) == []
    assert "http" not in text
    example = words(programme=PROGRAMME, bot=PROGRAMME.bots["facebook"], language=language, private=True)["example"]
    assert re.fullmatch(r"(envoyer|send|送金) \S+( €)? @…", example.replace("\u00a0", " ")), example


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
@pytest.mark.parametrize("kind", [ASKED, DECLINED, "pair", "help"])
def test_messenger_takes_what_is_said(language: str, kind: str) -> None:
    """Texts and titles are as short as Messenger wants them, with the longest names."""
    found = said(order(language, None, kind=kind), programme=PROGRAMME, first=True)
    assert messenger(Outgoing(to=PSID, text=found.text, metadata="m", buttons=found.buttons))
    assert all(len(button.title) <= TITLE_CHARACTERS for button in found.buttons)
    assert len(found.buttons) == (2 if kind == ASKED else 0)


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
@pytest.mark.parametrize("network", ["facebook", "instagram", "whatsapp"])
def test_the_sms_instead_fits(language: str, network: str) -> None:
    """One segment, two in Japanese."""
    intent = Intent(**{**vars(order(language, Refusal.AMOUNT_MISSING)), "network": network})
    text = message.unanswered(intent, programme=PROGRAMME, language=language)
    assert gsm.parts(text) <= (2 if language == "ja" else 1)
    assert language == "ja" or gsm.fits(text)
    assert text.endswith(intent.reference)
