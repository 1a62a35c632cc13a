"""What is said in a private chat: plain sentences, neither a # nor a @name of ours, with buttons beneath. Pure.

Never a link, a code, a whole phone number or an IBAN: whoever holds the phone may read it, and so may the network.
"""

from dataclasses import dataclass, replace

from chalicelib.channels.meta_sending import BUTTONS, LINKING, Button
from chalicelib.config import Programme
from chalicelib.intents import taps
from chalicelib.intents.intent import ASKED, DECLINED, PAYMENTS, Intent
from chalicelib.money import format_amount
from chalicelib.notices import chat_buttons, chat_choice, chat_shown, message
from chalicelib.notices.chat_shown import Facts
from chalicelib.refusals import Refusal
from chalicelib.texts import say, sentences

_NOTHING = Facts()
# What could be read in part: another example helps.
_MISTAKES = {refusal for refusal in Refusal if refusal.precedence <= Refusal.PAYEE_BOT.precedence} - {Refusal.SENSITIVE}


@dataclass(frozen=True)
class Said:
    """A message's text, the buttons beneath it, and whether the network's button that links an account stands there.

    `list_label` opens the list that the buttons are, where a question has more answers than the network has buttons.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    links: bool = False
    list_label: str = ""


def said(intent: Intent, *, programme: Programme, first: bool, facts: Facts = _NOTHING) -> Said:
    """The answer to an order; the `first` to a person tells that a machine answers (as some countries' law asks).

    Where the network shows no buttons, the words to type stand in their place.
    """
    answer = _question(intent) or _answer(intent, programme, facts)
    shown = chat_buttons.fitting(answer.buttons, intent.network, listed=bool(answer.list_label))
    text = f"{facts.before}{answer.text}"
    if answer.buttons and not shown:
        words = chat_buttons.typed(answer.buttons, intent.language)
        text = f"{text} {say(intent.language, 'chat.typed', words=words)}"
    links = _links(intent)
    if links:
        text = f"{text} {say(intent.language, 'chat.link', brand=programme.brand)}"
    if first:
        text = f"{say(intent.language, 'chat.disclosure', brand=programme.brand)}\n\n{text}"
    return Said(text, shown, links=links, list_label=answer.list_label)


def _links(intent: Intent) -> bool:
    """Whether whoever wrote is nobody's account yet, on a network with a button that links one."""
    asked = intent.order in ("help", "pair") or intent.refusal is Refusal.PAYER_UNKNOWN
    return intent.network == LINKING and not intent.payer and asked


def _question(intent: Intent) -> Said | None:
    """What is asked back, with the buttons to answer it: whether to link this chat, or who of several is meant."""
    if intent.order == ASKED:
        return _asked(intent)
    choices = chat_choice.buttons(intent) if intent.refusal is Refusal.PAYEE_AMBIGUOUS else ()
    return (
        Said(say(intent.language, "chat.payee_asked"), choices, list_label=_label(intent, choices)) if choices else None
    )


def _answer(intent: Intent, programme: Programme, facts: Facts) -> Said:
    menu = chat_buttons.menu(intent, programme)
    if intent.order in (DECLINED, "pair"):
        return Said(_paired(intent, programme), menu if intent.payer and not intent.refusal else ())
    if intent.refusal:
        return _refused(intent, programme, facts)
    if intent.order in (*PAYMENTS, "confirm"):
        return _waiting(intent, facts, otherwise=menu)
    if intent.order == "cancel":
        return Said(_referred(intent, chat_shown.cancelled(facts, intent.language)), menu)
    if intent.order in ("balance", "history", "contacts"):
        people = chat_buttons.people(facts.payees, intent.network)
        text = chat_shown.shown(intent, programme, facts)
        return Said(_referred(intent, text), (*people, *menu), list_label=_label(intent, people))
    text = say(intent.language, "chat.help", example=_example(intent, programme), other=_other(intent, programme))
    return Said(_referred(intent, text), menu)


def _label(intent: Intent, answers: tuple[Button, ...]) -> str:
    return chat_buttons.list_label(len(answers), network=intent.network, language=intent.language)


def _paired(intent: Intent, programme: Programme) -> str:
    """What became of a pairing; on X one pairs by a code, in a chat by a link."""
    if intent.order == DECLINED and not intent.refusal:
        return say(intent.language, "chat.pairing_declined")
    if intent.refusal and intent.network in BUTTONS:
        return say(intent.language, "chat.pairing_refused")
    return message.reply(intent, programme=programme)


def _waiting(intent: Intent, facts: Facts, *, otherwise: tuple[Button, ...]) -> Said:
    """How to pay by the SMS, or that it was held back; what has become of the payment, where it waits no more.

    That the SMS was sent is never said, as it goes out on a road of its own: the words are true whatever becomes of it.
    """
    payment = facts.payment
    if payment is None or not chat_shown.waits(payment, facts.now):
        return Said(_referred(intent, chat_shown.ended(facts, intent.language)), otherwise)
    key = "chat.again" if intent.order == "confirm" else "chat.waiting"
    values = {**chat_shown.named(payment, intent.language), "digits": facts.phone_end}
    text = chat_shown.unsent(payment, intent.language) if facts.unsent else say(intent.language, key, **values)
    return Said(_referred(intent, text), chat_buttons.waiting(payment.id, intent.language))


def _refused(intent: Intent, programme: Programme, facts: Facts) -> Said:
    """Why not, with an example more of what to type where it was a mistake, and what is left to ask for."""
    refusal, language, menu = intent.refusal, intent.language, chat_buttons.menu(intent, programme)
    if refusal is Refusal.LINK_WITHHELD and facts.payment and chat_shown.waits(facts.payment, facts.now):
        text = chat_shown.unsent(facts.payment, language)
        return Said(_referred(intent, text), chat_buttons.waiting(facts.payment.id, language))
    if intent.order in ("confirm", "cancel") and facts.payment:
        too_many = refusal is Refusal.LINKS_TOO_MANY and chat_shown.waits(facts.payment, facts.now)
        text = chat_shown.too_many(facts.payment, language) if too_many else chat_shown.ended(facts, language)
        return Said(_referred(intent, text), menu)
    if f"hint.{refusal}" not in sentences(language):
        known = f"reason.{refusal}" in sentences(language)
        why = intent if known else replace(intent, refusal=Refusal.STALE)
        reason = message.reason(why, programme=programme, language=language).replace("#", "")
        nothing = say(language, "chat.nothing_paid", reason=reason) if intent.order in PAYMENTS else reason
        return Said(_referred(intent, nothing), menu)
    text = say(language, f"hint.{refusal}", **message.hint_words(intent, programme=programme))
    other = say(language, "chat.or", example=_other(intent, programme)) if refusal in _MISTAKES else ""
    return Said(_referred(intent, f"{text} {other}".strip()), menu)


def _referred(intent: Intent, text: str) -> str:
    """The text with the order's reference behind it; below it, where it has lines."""
    between = "\n" if "\n" in text else " "
    return f"{text}{between}{say(intent.language, 'reply.reference', reference=intent.reference)}"


def _example(intent: Intent, programme: Programme) -> str:
    return message.hint_words(intent, programme=programme)["example"]


def _other(intent: Intent, programme: Programme) -> str:
    """Another order that could be typed: with cents, where the currency has some, and with a note."""
    verb = message.hint_words(intent, programme=programme)["verb"]
    amount = format_amount(2_550, programme.currency, intent.language)
    return say(intent.language, "chat.other", verb=verb, amount=amount)


def _asked(intent: Intent) -> Said:
    yes, no = taps.answer_buttons(intent.target)
    titles = (say(intent.language, f"chat.{name}") for name in ("yes", "no"))
    text = say(intent.language, "chat.pairing_asked", name=intent.said.get("account_name", ""))
    return Said(text, tuple(Button(title, payload) for title, payload in zip(titles, (yes, no), strict=True)))
