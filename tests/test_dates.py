"""A day is written as CLDR writes it, as Babel has it; Babel itself never ships."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.dates import format_day


@pytest.mark.parametrize(
    ("language", "locale", "length"), [("fr", "fr", "short"), ("en", "en_GB", "long"), ("ja", "ja", "long")]
)
@given(seconds=st.integers(0, 4_102_444_799))
def test_a_day_is_written_as_cldr_writes_it(language: str, locale: str, length: str, seconds: int) -> None:
    """To the very character, for every day until 2100."""
    day = datetime.fromtimestamp(seconds, ZoneInfo("Asia/Tokyo")).date()
    assert format_day(seconds, zone="Asia/Tokyo", language=language) == format_date(day, length, locale=locale)


def test_the_zone_decides_the_day() -> None:
    """A claim that ends at 23:30 in Paris ends a day later in Tokyo."""
    seconds = int(datetime(2026, 9, 28, 23, 30, tzinfo=ZoneInfo("Europe/Paris")).timestamp())
    assert format_day(seconds, zone="Europe/Paris", language="fr") == "28/09/2026"
    assert format_day(seconds, zone="Asia/Tokyo", language="ja") == "2026年9月29日"
