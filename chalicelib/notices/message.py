"""The words of a notice: an SMS that fits its segments, or a reply that names nobody. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.channels.networks import TITLES
from chalicelib.config import Programme
from chalicelib.identity.person import Person, shown_name
from chalicelib.intents.hint import words
from chalicelib.intents.intent import Intent
from chalicelib.money import format_amount_sms
from chalicelib.notices import gsm
from chalicelib.refusals import Refusal
from chalicelib.texts import say

# A name is cut no shorter than this to make an SMS fit; what is cut ends in a full stop.
SHORTEST_NAME = 6
PARTS = {"ja": 2}
_DONE = {"pair": "paired", "send": "paid", "give": "paid"}
_LIMITED = {
    Refusal.OVER_TRANSFER_LIMIT: "transfer_minor",
    Refusal.OVER_DAY_LIMIT: "day_minor",
    Refusal.OVER_MONTH_LIMIT: "month_minor",
}


@dataclass(frozen=True, kw_only=True)
class Names:
    """How the two sides of a payment are called, also when it is reversed: verified names, as the bank knows them."""

    payer: str
    payee: str


def payee_name(intent: Intent, payee: Person | None) -> str:
    """The payee's verified name; of whom the payer knows by number no more than they saw on the page."""
    if payee is None:
        return intent.said.get("payee_handle", "")
    return f"{shown_name(payee.name)} {intent.payee_hint}" if intent.payee_hint else payee.name


def sms(kind: str, intent: Intent, *, programme: Programme, language: str, names: Names, link: str = "") -> str:  # noqa: PLR0913  # one sentence needs all of them
    """The SMS of a notice about an intent: one segment in GSM-7, two in Japanese, whatever the names."""
    values = {
        "brand": programme.brand,
        "amount": format_amount_sms(intent.amount_minor, intent.currency, language) if intent.currency else "",
        "reference": intent.reference,
        "link": link,
        "minutes": str(programme.durations.link_seconds // 60),
        "reason": reason(intent, programme=programme, language=language),
        "payer": names.payer,
        "payee": names.payee,
        "payee_handle": intent.said.get("payee_handle", ""),
        "handle": f"@{handle}" if (handle := intent.said.get("author_handle")) else TITLES[intent.network],
    }
    return fit(language, f"sms.{kind}", values)


def blocked(programme: Programme, language: str) -> str:
    """The SMS that tells a payer that too many wrong codes were typed (RTS art. 4(3)(b))."""
    return fit(language, "sms.blocked", {"brand": programme.brand, "tries": str(programme.caps.code_tries)})


def gifts(programme: Programme, language: str, *, number: int, amount: str) -> str:
    """The SMS that tells a payee of all that it was ever given."""
    return fit(language, "sms.gifts", {"brand": programme.brand, "number": str(number), "amount": amount})


def invite(programme: Programme, language: str, *, link: str) -> str:
    """The SMS that lets a person join."""
    minutes = str(programme.durations.link_seconds // 60)
    return fit(language, "sms.invite", {"brand": programme.brand, "minutes": minutes, "link": link})


def unanswered(intent: Intent, *, programme: Programme, language: str) -> str:
    """The SMS that tells of an order in a chat, which could not be answered there, that nothing was paid."""
    facts = {"brand": programme.brand, "network": TITLES[intent.network], "reference": intent.reference}
    return fit(language, "sms.unanswered", facts)


def reply(intent: Intent, *, programme: Programme) -> str:
    """The answer to an order: what to type instead, and a reference; no name, no amount, no link."""
    done = _DONE.get(intent.order, "help")
    text = say(intent.language, f"hint.{intent.refusal or done}", **hint_words(intent, programme=programme))
    return f"{text} {say(intent.language, 'reply.reference', reference=intent.reference)}"


def hint_words(intent: Intent, *, programme: Programme) -> dict[str, str]:
    """The values of hints, as the answer to an order wants them."""
    bot = programme.bots[intent.network]
    return words(programme=programme, bot=bot, language=intent.language, private=intent.private)


def fit(language: str, key: str, values: Mapping[str, str]) -> str:
    """Say a text with its names folded and cut until it fits; the longest name is cut first."""
    plain = dict(values) if language == "ja" else {name: gsm.fold(value) for name, value in values.items()}
    text = say(language, key, **plain)
    while gsm.parts(text) > PARTS.get(language, 1):
        longest = max(("payer", "payee"), key=lambda name: len(plain.get(name, "")))
        if len(plain.get(longest, "")) <= SHORTEST_NAME:
            return text
        plain[longest] = plain[longest][:-2].rstrip(" .") + "."
        text = say(language, key, **plain)
    return text


def reason(intent: Intent, *, programme: Programme, language: str) -> str:
    """Why an order was refused, in a sentence; empty if it was not."""
    if intent.refusal is None:
        return ""
    kind = intent.payee_kind or "person"
    limit_minor = getattr(programme.limits[kind], _LIMITED.get(intent.refusal, "transfer_minor"))
    limit = format_amount_sms(limit_minor, programme.currency, language)
    return say(language, f"reason.{intent.refusal}", limit=limit, brand=programme.brand)
