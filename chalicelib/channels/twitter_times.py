"""When a post or message was sent."""

import re
from datetime import UTC, datetime

from chalicelib.channels.fields import Malformed, Raw, identifier, text

_MILLISECONDS = re.compile(r"[0-9]{12,14}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z", re.ASCII)
_LEGACY = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{2}):(\d{2}):(\d{2}) \+0000 (\d{4})", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657


def sent_at(raw: Raw, *, id_key: str) -> int:
    """Epoch seconds: what the event says, else the time that is part of a snowflake id."""
    for key in ("timestamp_ms", "created_timestamp"):
        if raw.get(key) is not None:
            milliseconds = text(raw, key)
            if not _MILLISECONDS.fullmatch(milliseconds):
                raise Malformed(key)
            return int(milliseconds) // 1000
    if raw.get("created_at") is not None:
        return _parsed(text(raw, "created_at"))
    return snowflake_millis(identifier(raw, id_key)) // 1000


def snowflake_millis(snowflake: str) -> int:
    """The epoch milliseconds that are part of the id of a post or message."""
    return (int(snowflake) >> 22) + _SNOWFLAKE_EPOCH_MS


def _parsed(written: str) -> int:
    """Epoch seconds of v2's ISO time or of v1.1's, whose month names are English whatever the locale."""
    try:
        if _ISO.fullmatch(written):
            return int(datetime.fromisoformat(written).timestamp())
        if legacy := _LEGACY.fullmatch(written):
            month, day, hour, minute, second, year = legacy.groups()
            date = (int(year), _MONTHS.index(month) + 1, int(day))
            return int(datetime(*date, int(hour), int(minute), int(second), tzinfo=UTC).timestamp())
    except ValueError as error:
        raise Malformed("created_at") from error
    raise Malformed("created_at")
