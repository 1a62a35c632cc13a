"""What an answer in a chat shows of an account and of a payment: amounts, shown names, days. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.config import Programme
from chalicelib.identity.person import shown_name
from chalicelib.intents import who
from chalicelib.intents.hint import words
from chalicelib.intents.intent import Intent
from chalicelib.intents.looking import Balance, Movement
from chalicelib.intents.who import Payee
from chalicelib.money import format_amount
from chalicelib.texts import say

_ENDS = ("paid", "declined", "cancelled", "expired")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was read for an answer when it was sent, in epoch second `now`; nothing of it is kept.

    `before` stands before the answer: what is held for its author. `payment` is what the order is about, `phone_end`
    the last two digits of the bound number, `unsent` that its SMS was held back so far. Whose identity was unlinked
    meanwhile gets none of the rest: `linked` is False.
    """

    now: int = 0
    before: str = ""
    payment: Intent | None = None
    phone_end: str = ""
    unsent: bool = False
    linked: bool = True
    balance: Balance | None = None
    movements: tuple[Movement, ...] = ()
    payees: tuple[Payee, ...] = ()


def shown(intent: Intent, programme: Programme, facts: Facts) -> str:
    """The balance, the last movements, or whom the customer has paid."""
    language = intent.language
    values = words(programme=programme, bot=programme.bots[intent.network], language=language, private=True)
    if not facts.linked or (intent.order == "balance" and facts.balance is None):
        return say(language, "hint.payer_unknown", **values)
    if facts.payment:
        return _how_to_pay(facts.payment, intent, values)
    if intent.order == "contacts":
        return _contacts(facts, language, values)
    if intent.order == "history":
        lines = "\n".join(_lines(facts, programme, language))
        return say(language, "chat.history", lines=lines) if lines else say(language, "chat.history_empty")
    assert facts.balance is not None  # noqa: S101  # as was just asked
    amount = format_amount(facts.balance.available_minor, facts.balance.currency, language)
    return say(language, "chat.balance", amount=amount, time=_at(facts.now, programme, "%Y-%m-%d %H:%M"))


def waits(payment: Intent, now: int) -> bool:
    """Whether a payment can still be confirmed."""
    return payment.status == "pending" and payment.expires_at > now


def ended(facts: Facts, language: str) -> str:
    """What became of a payment."""
    payment = facts.payment
    if payment is None:
        return say(language, "reason.nothing_to_cancel")
    if payment.status == "pending":
        key = "chat.still_waits" if waits(payment, facts.now) else "page.expired_body"
        return say(language, key, **named(payment, language))
    if payment.status not in _ENDS:
        return say(language, "page.not_paid_title")
    held = payment.held and payment.status == "paid"
    return say(language, "chat.held" if held else f"page.{payment.status}_body", **named(payment, language))


def cancelled(facts: Facts, language: str) -> str:
    """That a payment is cancelled, as asked: one that is held comes back by the sweep."""
    payment = facts.payment
    if payment and payment.held and payment.status == "paid":
        return say(language, "chat.cancelled_held", **named(payment, language))
    return ended(facts, language)


def too_many(payment: Intent, language: str) -> str:
    """That no more links are sent for a payment."""
    return say(language, "page.links_too_many_body", **named(payment, language))


def unsent(payment: Intent, language: str) -> str:
    """That the SMS of a payment that waits was held back so far, and what to do."""
    return say(language, "chat.link_withheld", **named(payment, language), word=say(language, "verb.confirm"))


def named(payment: Intent, language: str) -> dict[str, str]:
    """A payment's amount, and its payee as somebody may be shown; causes and shops in full."""
    full = payment.said.get("payee_name", "")
    name = shown_name(full) if payment.payee_kind == "person" else full
    amount = format_amount(payment.amount_minor, payment.currency, language)
    return {"amount": amount, "payee": (not payment.held and name) or payment.held_for}


def _lines(facts: Facts, programme: Programme, language: str) -> Iterator[str]:
    for one in facts.movements:
        sign = "+" if one.amount_minor > 0 else ""
        amount = f"{sign}{format_amount(one.amount_minor, one.currency, language)}"
        yield f"{_at(one.moved_at, programme, '%Y-%m-%d')}  {amount}  {one.name or programme.brand}"


def _contacts(facts: Facts, language: str, values: dict[str, str]) -> str:
    lines = [f"{one.name} ({one.hint})" if one.hint else one.name for one in facts.payees]
    others = say(language, "chat.contacts_others", example=values["example"])
    return say(language, "chat.contacts", lines="\n".join(lines), others=others) if lines else others


def _how_to_pay(payment: Intent, intent: Intent, values: dict[str, str]) -> str:
    """What to write to pay somebody again; how to name people at all, where nothing names them here."""
    text = who.named(payment)
    if not text:
        return say(intent.language, "chat.contacts_others", example=values["example"])
    # A plain name is a payee's only behind a word that leads to one.
    called = text if text.startswith("@") else say(intent.language, "chat.towards", name=text)
    example = values["example"].replace("@…", called)
    return say(intent.language, "chat.contact", payee=named(payment, intent.language)["payee"], example=example)


def _at(seconds: int, programme: Programme, form: str) -> str:
    return datetime.fromtimestamp(seconds, ZoneInfo(programme.zone)).strftime(form)
