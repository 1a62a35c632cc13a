"""Amounts as Japanese people write them, and why `1,000` has one reading where there are no decimals."""

import pytest

from chalicelib.config import programme
from chalicelib.intents.mentions import named_in
from chalicelib.intents.order import Reading, read
from chalicelib.refusals import Refusal

RAKUTEN = programme("rakuten")


def read_privately(text: str) -> Reading:
    """A message to the bank's page."""
    bot = RAKUTEN.bots["facebook"]
    return read(text, named=named_in(text), programme=RAKUTEN, bot=bot, author_id="7", private=True)


@pytest.mark.parametrize(
    ("text", "yen"),
    [
        ("@taro に1000円送る", 1_000),
        ("@taro １，０００円 送金", 1_000),
        ("@taro 千円 送金", 1_000),
        ("1万円を @taro に送る", 10_000),
        ("送る 1万5千円 @taro", 15_000),
        ("¥1,000 @taro 送金", 1_000),
        ("@taro ￥３００，０００ 送金", 300_000),
        ("send 1,000 @taro", 1_000),
        ("send 5000 yen to @taro", 5_000),
    ],
)
def test_an_amount_in_yen_is_read(text: str, yen: int) -> None:
    """With or without a separator, in any digits, with the word before or behind."""
    reading = read_privately(text)
    assert (reading.refusal, reading.amount_minor, reading.currency) == (None, yen, "JPY")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("@taro 10.50 送金", Refusal.AMOUNT_DECIMALS),
        ("@taro 10 euros 送金", Refusal.CURRENCY_OTHER),
        ("@taro 1k 送金", Refusal.AMOUNT_UNREADABLE),
        ("@taro 送金", Refusal.AMOUNT_MISSING),
    ],
)
def test_what_is_no_amount_in_yen_is_refused(text: str, refusal: Refusal) -> None:
    """Yen have no decimals, and the programme no other currency."""
    assert read_privately(text).refusal is refusal


def test_a_note_is_cut_at_fifty_characters() -> None:
    """As the bank's own service did in 2014."""
    note = read_privately("@taro 1000円 送金 " + "昼" * 60).note
    assert note is not None
    assert len(note) == 50
