"""Amounts as people read them, on pages and in SMS."""

import pytest

from chalicelib.money import CURRENCIES, NAMES, exponent, format_amount, format_amount_sms, minor

# Characters of the GSM-7 basic set that amounts use; each costs one septet.
GSM = set("0123456789 .,-ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@pytest.mark.parametrize(
    ("amount_minor", "currency", "language", "written"),
    [
        (1000, "EUR", "fr", "10,00\u00a0€"),
        (123_450, "EUR", "fr", "1\u202f234,50\u00a0€"),
        (123_456_789, "EUR", "fr", "1\u202f234\u202f567,89\u00a0€"),
        (1, "EUR", "fr", "0,01\u00a0€"),
        (-1050, "EUR", "fr", "-10,50\u00a0€"),
        (1234, "JPY", "fr", "1\u202f234\u00a0JPY"),
        (123_450, "EUR", "en", "€1,234.50"),
        (-1050, "EUR", "en", "-€10.50"),
        (1234, "JPY", "en", "¥1,234"),
        (100_000, "CHF", "en", "CHF\u00a01,000.00"),
        (123_450, "EUR", "ja", "€1,234.50"),
        (1234, "JPY", "ja", "￥1,234"),
        (0, "JPY", "ja", "￥0"),
        (123_450, "EUR", "de", "€1,234.50"),
    ],
)
def test_amounts_are_written_as_cldr_has_them(amount_minor: int, currency: str, language: str, written: str) -> None:
    """Grouping, decimal mark, place of the symbol and kind of space follow the language; unknown ones read English."""
    assert format_amount(amount_minor, currency, language) == written


@pytest.mark.parametrize(
    ("amount_minor", "currency", "language", "written"),
    [
        (1000, "EUR", "fr", "10,00 EUR"),
        (123_450, "EUR", "fr", "1 234,50 EUR"),
        (1000, "EUR", "en", "10.00 EUR"),
        (1000, "EUR", "ja", "10.00 EUR"),
        (1234, "JPY", "en", "1,234 JPY"),
        (1234, "JPY", "ja", "1,234円"),
        (-5, "EUR", "fr", "-0,05 EUR"),
        (0, "EUR", "fr", "0,00 EUR"),
        (1000, "EUR", "de", "10.00 EUR"),
    ],
)
def test_amounts_in_sms_are_plain(amount_minor: int, currency: str, language: str, written: str) -> None:
    """An SMS names the currency by its code and uses plain spaces; only yen in Japanese keep their character."""
    assert format_amount_sms(amount_minor, currency, language) == written


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("currency", [currency.code for currency in CURRENCIES])
def test_an_amount_never_makes_an_sms_longer_than_gsm(currency: str, language: str) -> None:
    """Whatever the currency, the SMS form stays within the GSM-7 basic set."""
    assert set(format_amount_sms(-123_456_789, currency, language)) <= GSM


def test_every_currency_has_its_own_code_and_names() -> None:
    """No two currencies share a code, and no word or sign names two of them."""
    names = [name for each in CURRENCIES for name in (each.code.lower(), *each.signs, *each.words, *each.weak)]
    assert len(names) == len(set(names))
    assert {code for code, _ in NAMES.values()} == {each.code for each in CURRENCIES} | {"XXX"}


def test_a_currency_knows_its_decimals() -> None:
    """ISO 4217: the euro has 2, the yen none; what is not in the table is taken to have 2."""
    assert [exponent(code) for code in ("EUR", "JPY", "TND", "ZAR")] == [2, 0, 3, 2]


@pytest.mark.parametrize(
    ("typed", "currency", "amount_minor"),
    [
        ("10", "EUR", 1000),
        ("10.5", "EUR", 1050),
        ("10,05", "EUR", 1005),
        ("0", "EUR", 0),
        ("1000", "JPY", 1000),
        ("1,000", "EUR", None),
        ("1.0", "JPY", None),
        ("-1", "EUR", None),
        ("1e3", "EUR", None),
        ("１０", "EUR", None),
        ("", "EUR", None),
        ("9" * 5000, "EUR", None),
    ],
)
def test_an_operator_types_amounts_plainly(typed: str, currency: str, amount_minor: int | None) -> None:
    """The console takes digits and one decimal mark; anything that could mean something else is no amount."""
    assert minor(typed, currency) == amount_minor
