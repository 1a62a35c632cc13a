"""What is said in a private chat: plain sentences, neither @ nor #, and buttons where there is a question. Pure."""

from dataclasses import dataclass

from chalicelib.channels.meta_sending import Button
from chalicelib.config import Programme
from chalicelib.intents import chat_pairing
from chalicelib.intents.intent import Intent
from chalicelib.notices import message
from chalicelib.texts import say


@dataclass(frozen=True)
class Said:
    """A message's text, and the buttons beneath it."""

    text: str
    buttons: tuple[Button, ...] = ()


def said(intent: Intent, *, programme: Programme, first: bool, before: str = "") -> Said:
    """The answer to an order; the `first` to a person tells that a machine answers (as some countries' law asks).

    What stands `before` the answer comes after that.
    """
    answer = _asked(intent) if intent.order == chat_pairing.ASKED else Said(_answer(intent, programme))
    hello = f"{say(intent.language, 'chat.disclosure', brand=programme.brand)}\n\n" if first else ""
    return Said(f"{hello}{before}{answer.text}", answer.buttons)


def _answer(intent: Intent, programme: Programme) -> str:
    if intent.order == chat_pairing.DECLINED and not intent.refusal:
        return say(intent.language, "chat.pairing_declined")
    if intent.order == "pair" and intent.refusal:
        return say(intent.language, "chat.pairing_refused")
    return message.reply(intent, programme=programme)


def _asked(intent: Intent) -> Said:
    yes, no = chat_pairing.buttons(intent.target)
    titles = (say(intent.language, f"chat.{name}") for name in ("yes", "no"))
    text = say(intent.language, "chat.pairing_asked", name=intent.said.get("account_name", ""))
    return Said(text, tuple(Button(title, payload) for title, payload in zip(titles, (yes, no), strict=True)))
