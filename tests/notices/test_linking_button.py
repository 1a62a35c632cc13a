"""The button that links an account: for whoever writes and is no customer yet, where the network has one."""

from dataclasses import replace

import pytest

from chalicelib.channels.meta_sending import FORMS, Outgoing
from chalicelib.intents.intent import Intent
from chalicelib.notices.chat_words import said
from chalicelib.refusals import Refusal
from chalicelib.texts import LANGUAGES
from tests.bank import PROGRAMME, Bank
from tests.chat import Chat, customer

PSID = "8861080225814062"


@pytest.mark.parametrize("text", ["bonjour", "envoyer 5 € à @bob", "associer", "solde", "répéter"])
def test_a_stranger_gets_the_button(text: str) -> None:
    """Whatever they write; it opens our page, and the answer says what it is for."""
    bank = Bank()
    chat = Chat(bank, psid=PSID)
    chat.write(text)
    (sent,) = chat.chats.sent
    assert sent.link_url == bank.services.stage.linking_url
    assert sent.link_url.endswith("/l")
    assert "Le bouton associe votre compte" in sent.text


@pytest.mark.parametrize("text", ["bonjour", "envoyer 5 €", "solde"])
def test_a_customer_gets_none(text: str) -> None:
    """They are linked."""
    chat = customer(Bank(), "alice", psid=PSID)
    chat.write(text)
    assert [one.link_url for one in chat.chats.sent] == [""]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("order", ["help", "send", "balance"])
def test_messenger_takes_what_stands_beside_it(order: str, language: str) -> None:
    """640 characters, the disclosure included (Meta docs, button template)."""
    refusal = None if order == "help" else Refusal.PAYER_UNKNOWN
    intent = Intent(
        id="kBKUDnM8vVNRj5Ol", order=order, status="refused" if refusal else "answered", refusal=refusal,
        network="facebook", page="1", author_id=PSID, message_id="m", language=language, private=True,
        created_at=1, received_at=1,
    )  # fmt: skip
    words = said(intent, programme=PROGRAMME, first=True)
    assert words.links
    assert FORMS["facebook"](
        Outgoing(to=PSID, text=words.text, buttons=words.buttons, link_url="https://pay.example/l")
    )
    for network in ("instagram", "whatsapp", "twitter"):
        programme = replace(PROGRAMME, bots=dict.fromkeys((*PROGRAMME.bots, network), PROGRAMME.bots["facebook"]))
        assert not said(replace(intent, network=network), programme=programme, first=True).links
