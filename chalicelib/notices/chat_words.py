"""What is said in a private chat: plain sentences, neither @ nor #, and buttons where there is a question. Pure."""

from dataclasses import dataclass

from chalicelib.channels.meta_sending import TITLE_CHARACTERS, Button
from chalicelib.config import Programme
from chalicelib.intents import chat_pairing, choosing
from chalicelib.intents.intent import Intent
from chalicelib.intents.reached import CHOICES, labels
from chalicelib.notices import message
from chalicelib.refusals import Refusal
from chalicelib.texts import say

# WhatsApp shows three buttons (Cloud API, interactive messages); a name that has none is written instead.
_BUTTONS = {"whatsapp": 3}


@dataclass(frozen=True)
class Said:
    """A message's text, and the buttons beneath it."""

    text: str
    buttons: tuple[Button, ...] = ()


def said(intent: Intent, *, programme: Programme, first: bool) -> Said:
    """The answer to an order; the `first` to a person tells that a machine answers (as some countries' law asks)."""
    answer = _asked(intent) if intent.order == chat_pairing.ASKED else _choice(intent, programme)
    if not first:
        return answer
    return Said(f"{say(intent.language, 'chat.disclosure', brand=programme.brand)}\n\n{answer.text}", answer.buttons)


def _choice(intent: Intent, programme: Programme) -> Said:
    """Whom of several people the author means, asked with a button for each; any other answer has none."""
    shown = labels(intent.said)[: _BUTTONS.get(intent.network, CHOICES)]
    if intent.refusal is not Refusal.PAYEE_AMBIGUOUS or not shown:
        return Said(_answer(intent, programme))
    buttons = (
        Button(title(name, label), choosing.button(intent.id, number)) for number, (name, label) in enumerate(shown)
    )
    return Said(say(intent.language, "chat.payee_asked"), tuple(buttons))


def title(name: str, label: str) -> str:
    """A button's title: what tells two of one name apart is never cut, the name before it is."""
    room = TITLE_CHARACTERS - len(label) - bool(label)
    kept = name if len(name) <= room else f"{name[: room - 1].rstrip(' .')}."
    return f"{kept} {label}".strip() if room > 1 else label[:TITLE_CHARACTERS]


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
