"""Our own table of money formats says what CLDR says, as Babel has it; Babel itself never ships."""

from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.money import exponent, format_amount

CURRENCIES = ("EUR", "JPY", "USD", "GBP")


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
@pytest.mark.parametrize("currency", CURRENCIES)
@given(amount_minor=st.integers(0, 10**13))
def test_an_amount_is_written_as_cldr_writes_it(language: str, currency: str, amount_minor: int) -> None:
    """Signs, separators, spaces and their order, to the very character, for every amount."""
    whole, part = divmod(amount_minor, 10 ** exponent(currency))
    number = f"{whole}.{part:0{exponent(currency)}}" if exponent(currency) else str(whole)
    assert format_amount(amount_minor, currency, language) == format_currency(
        Decimal(number), currency, locale=language
    )
