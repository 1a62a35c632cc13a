"""Days as people write them: `28/09/2026`, `28 September 2026`, `2026年9月28日`. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_FORMS: Mapping[str, Callable[[date], str]] = {
    "fr": lambda day: f"{day:%d/%m/%Y}",
    "en": lambda day: f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
    "ja": lambda day: f"{day.year}年{day.month}月{day.day}日",
}


def format_day(seconds: int, *, zone: str, language: str) -> str:
    """The day of a time (epoch seconds) in a time zone, as short as it is plain: no order of digits is guessed at."""
    day = datetime.fromtimestamp(seconds, ZoneInfo(zone)).date()
    return _FORMS[language](day)
