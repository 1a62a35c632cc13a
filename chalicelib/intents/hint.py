"""What to type instead: the sentence that answers a message which could not be carried out."""

import re

from chalicelib import money
from chalicelib.config import Bot, Programme
from chalicelib.refusals import Refusal
from chalicelib.texts import say


def hint(refusal: Refusal | None, *, programme: Programme, bot: Bot, language: str) -> str:
    """Say what a reading refusal means and what to type, or, without one, how to order at all.

    One or two sentences that hold nothing of the message itself: fit for a public reply with a reference behind it.
    """
    return say(language, f"hint.{refusal or 'help'}", **words(programme=programme, bot=bot, language=language))


def words(*, programme: Programme, bot: Bot, language: str, private: bool = False) -> dict[str, str]:
    """The values that hints may name: `bot` with its @, `verb` with its #, `example` of a whole order.

    In a `private` chat nobody is addressed and no # is typed: `bot` is the brand, and an order begins with its verb.
    """
    preferred = say(language, "verb.send")
    known = programme.verbs["send"]
    verb = preferred if preferred in known else known[0]
    amount = _round(programme.currency, language)
    if private:
        return {"bot": programme.brand, "verb": verb, "example": f"{verb} {amount} @…"}
    verb = f"#{verb}"
    bot_name = f"@{bot.handle}"
    return {"bot": bot_name, "verb": verb, "example": f"{bot_name} {verb} {amount} @…"}


def _round(currency: str, language: str) -> str:
    """An amount that people would type: `10 €`, `€10`, `1000円`."""
    if (currency, language) == ("JPY", "ja"):
        return "1000円"
    decimals = money.exponent(currency)
    amount = money.format_amount(10 * 10**decimals if decimals else 1000, currency, language)
    return re.sub(r"[.,]00(?!\d)", "", amount)
