"""Currencies: their decimals, the words and signs that name them, and amounts written for people.

Amounts are integers in minor units. The written forms follow CLDR's patterns for French, English and Japanese.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, kw_only=True)
class Currency:
    """One currency: ISO 4217 code and decimals, and how people write it (lower case, no accents).

    `weak` words also mean other things (`livres` are books): they name the currency only right after digits.
    """

    code: str
    exponent: int = 2
    signs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


class Kind(Enum):
    """How a word names a currency; only signs and codes may stand before the number."""

    SIGN = "sign"
    CODE = "code"
    WORD = "word"
    WEAK = "weak"


CURRENCIES = (
    Currency(code="EUR", signs=("€",), words=("euro", "euros", "ユーロ")),
    Currency(code="JPY", exponent=0, signs=("¥",), words=("yen", "yens", "円")),
    Currency(code="USD", signs=("$us", "us$", "$"), words=("dollar", "dollars", "ドル"), weak=("buck", "bucks")),
    Currency(code="CAD", signs=("$can", "$ca", "ca$")),
    Currency(code="AUD", signs=("au$",)),
    Currency(
        code="GBP", signs=("£",), words=("sterling", "ポンド"), weak=("livre", "livres", "pound", "pounds", "quid")
    ),
    Currency(code="CHF", words=("フラン",), weak=("franc", "francs")),
    Currency(code="CNY", words=("yuan", "yuans", "rmb"), weak=("元",)),
    Currency(code="KRW", exponent=0, signs=("₩",), words=("ウォン",), weak=("won", "wons")),
    Currency(code="INR", signs=("₹",), words=("roupie", "roupies", "rupee", "rupees")),
    Currency(code="RUB", signs=("₽",), words=("rouble", "roubles", "ruble", "rubles")),
    Currency(code="BRL", signs=("r$",), weak=("real", "reais", "reals")),
    Currency(code="MXN", weak=("peso", "pesos")),
    Currency(code="TRY", signs=("₺",)),
    Currency(code="PLN", words=("zloty", "zlotys")),
    Currency(code="SEK", weak=("couronne", "couronnes", "krona", "kronor")),
    Currency(code="NOK"),
    Currency(code="DKK"),
    Currency(code="CZK"),
    Currency(code="HUF"),
    Currency(code="MAD", words=("dirham", "dirhams")),
    Currency(code="DZD", words=("dinar", "dinars")),
    Currency(code="TND", exponent=3),
    Currency(code="XOF", exponent=0, words=("fcfa", "cfa")),
    Currency(code="XPF", exponent=0),
    Currency(code="THB", signs=("฿",), words=("baht", "bahts")),
    Currency(code="BTC", exponent=8, signs=("₿",), words=("bitcoin", "bitcoins")),
    Currency(code="ETH", exponent=18, words=("ethereum",)),
)
# Codes that are ordinary words or names in some language.
_WEAK_CODES = frozenset({"MAD", "TRY"})
_UNKNOWN_SIGNS = "¢₡₢₣₤₥₦₧₪₫₭₮₯₰₱₲₳₴₵₸₼₾"

_EXPONENTS: Mapping[str, int] = {currency.code: currency.exponent for currency in CURRENCIES}
_DEFAULT_EXPONENT = 2


def _names() -> dict[str, tuple[str, Kind]]:
    names: dict[str, tuple[str, Kind]] = dict.fromkeys(_UNKNOWN_SIGNS, ("XXX", Kind.SIGN))
    for currency in CURRENCIES:
        code = currency.code
        names[code.lower()] = (code, Kind.WEAK if code in _WEAK_CODES else Kind.CODE)
        names |= dict.fromkeys(currency.signs, (code, Kind.SIGN))
        names |= dict.fromkeys(currency.words, (code, Kind.WORD))
        names |= dict.fromkeys(currency.weak, (code, Kind.WEAK))
    return names


NAMES: Mapping[str, tuple[str, Kind]] = _names()
"""Everything that names a currency, folded to lower case without accents: its code and how it names it."""


def exponent(currency: str) -> int:
    """How many decimals a currency has; 2 for one that is not in the table."""
    return _EXPONENTS.get(currency, _DEFAULT_EXPONENT)


def minor(typed: str, currency: str) -> int | None:
    """Minor units of an amount that an operator typed: digits, at most one decimal mark, no grouping; else None."""
    decimals = exponent(currency)
    match = re.fullmatch(r"([0-9]{1,13})(?:[.,]([0-9]{1,18}))?", typed)
    if match is None or len(match[2] or "") > decimals:
        return None
    return int(match[1] + (match[2] or "").ljust(decimals, "0"))


@dataclass(frozen=True)
class _Pattern:
    group: str
    decimal: str
    form: str
    symbols: Mapping[str, str]


_PATTERNS: Mapping[str, _Pattern] = {
    "fr": _Pattern("\u202f", ",", "{sign}{number}\u00a0{symbol}", {"EUR": "€", "USD": "$US", "GBP": "£GB"}),
    "en": _Pattern(",", ".", "{sign}{symbol}{number}", {"EUR": "€", "JPY": "¥", "USD": "$", "GBP": "£"}),
    "ja": _Pattern(",", ".", "{sign}{symbol}{number}", {"EUR": "€", "JPY": "￥", "USD": "$", "GBP": "£"}),
}


def format_amount(amount_minor: int, currency: str, language: str) -> str:
    """An amount as CLDR writes it in `fr`, `en` or `ja`: `1 234,50 €`, `€1,234.50`, `￥1,234`.

    French groups with a narrow no-break space and sets the symbol off by a no-break space. Another language is
    written as English; a currency without a symbol by its code.
    """
    pattern = _PATTERNS.get(language, _PATTERNS["en"])
    symbol = pattern.symbols.get(currency, currency)
    if pattern.form.endswith("{number}") and symbol[-1].isalpha():
        symbol += "\u00a0"
    number = _number(abs(amount_minor), exponent(currency), pattern)
    return pattern.form.format(sign="-" if amount_minor < 0 else "", number=number, symbol=symbol)


def format_amount_sms(amount_minor: int, currency: str, language: str) -> str:
    """An amount in characters that cost one septet each in an SMS: `1 234,50 EUR`, `1,234.50 EUR`.

    Japanese text never is GSM-7, so yen are written `1,234円` there.
    """
    pattern = _PATTERNS.get(language, _PATTERNS["en"])
    number = _number(abs(amount_minor), exponent(currency), pattern).replace("\u202f", " ")
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{number}円" if (language, currency) == ("ja", "JPY") else f"{sign}{number} {currency}"


def _number(amount_minor: int, decimals: int, pattern: _Pattern) -> str:
    whole, fraction = divmod(amount_minor, 10**decimals)
    grouped = f"{whole:,}".replace(",", pattern.group)
    return f"{grouped}{pattern.decimal}{fraction:0{decimals}d}" if decimals else grouped
