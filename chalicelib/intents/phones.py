"""Phone numbers in a private message: people are paid by them (PayPal did so by SMS in 2006). Pure.

In public nobody's number is asked for, and none is read.
"""

import re
from collections.abc import Mapping

from chalicelib.identity.person import PHONE

# A mobile number as people of a country write it, behind its trunk prefix 0 or its country code.
_MOBILES: Mapping[str, tuple[str, str]] = {
    "FR": ("33", r"[67](?:[\s.\-]?\d\d){4}"),
    "JP": ("81", r"[789]0[\s\-]?\d{4}[\s\-]?\d{4}"),
}
EXAMPLES: Mapping[str, str] = {"FR": "06 12 34 56 78", "JP": "090-1234-5678"}
"""How a number is written there, by country."""
_ABROAD = r"\+[1-9](?:[\s.\-]?\d){7,14}"
# A number with a currency is an amount, and one that goes on is something else.
_CURRENCY = r"\s?(?:€|eur|円|yen|¥|￥|\$|£)"
_NO_AMOUNT = rf"(?![.,]?\d)(?!{_CURRENCY})"
_NAMED = re.compile(r"@\+[0-9]+")
# What looks like a number, in whatever digits, and of which nobody could say where it ends.
_LIKE_ONE = re.compile(r"(?<!\w)[+＋0０](?:[\s.\-()]*\d){8,}")
_ONE_GROUP_MORE = re.compile(rf"[\s.\-]\d++(?:[.,]\d++)?+(?!{_CURRENCY})", re.IGNORECASE)
_PLAIN = (
    {ord("０") + digit: str(digit) for digit in range(10)} | str.maketrans("＋－−‐‑–（）", "+-----()") | {0x3000: " "}
)


def as_names(text: str, country: str) -> str:
    """The message with each phone number written as a name: `@+33612345678`, which the grammar reads as a payee."""
    plain = text.translate(_PLAIN)
    pieces, end = [], 0
    for match in _pattern(country).finditer(plain):
        if not match[0].lstrip("+").isdigit() and _ONE_GROUP_MORE.match(plain, match.end()):
            continue  # of digits in groups nobody can say where they end
        pieces += [text[end : match.start()], f"@{_e164(match, country)}"]
        end = match.end()
    return "".join([*pieces, text[end:]])


def e164(text: str, country: str) -> str:
    """The one number that a text is, in E.164 form; empty for anything else."""
    name = as_names(text.strip(), country)
    return name[1:] if _NAMED.fullmatch(name) and PHONE.fullmatch(name[1:]) else ""


def is_phone(handle: str) -> bool:
    """Whether a payee is called by number."""
    return handle.startswith("+")


def masked(number: str) -> str:
    """The number as it may be shown: its last two digits."""
    return f"••• {number[-2:]}"


def without_numbers(note: str) -> str:
    """A note in which numbers that nobody is paid by are masked too; also one that was cut through."""
    return _LIKE_ONE.sub(lambda match: masked(match[0]), _NAMED.sub(lambda match: masked(match[0]), note))


def _e164(match: re.Match[str], country: str) -> str:
    digits = re.sub(r"\D", "", match["national"] or match["abroad"])
    return f"+{_MOBILES[country][0]}{digits}" if match["national"] else f"+{digits}"


def _pattern(country: str) -> re.Pattern[str]:
    if country not in _MOBILES:
        return re.compile(rf"(?<![\w+@.,/])(?P<national>(?!))?(?P<abroad>{_ABROAD}){_NO_AMOUNT}", re.IGNORECASE)
    code, mobile = _MOBILES[country]
    prefix = rf"(?:(?:\+|00)\s?{code}[\s.\-]?(?:\(0\)\s?)?|0)"
    either = rf"(?:{prefix}(?P<national>{mobile})|(?P<abroad>{_ABROAD}))"
    return re.compile(rf"(?<![\w+@.,/]){either}{_NO_AMOUNT}", re.IGNORECASE)
