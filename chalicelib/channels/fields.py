"""Typed looks at what a network sent: each gives the type that it names, or raises Malformed.

`Malformed` never leaves a channel: there it becomes a Drop of that name.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

Raw = Mapping[str, Any]

_ID = re.compile(r"[0-9]{1,19}")
_HANDLE = re.compile(r"[A-Za-z0-9_]{0,15}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LARGEST_POSITION = 1_000_000


class Malformed(ValueError):
    """A value that the network's documentation does not allow at its place."""


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in UTF-8 bytes; raises ValueError for anything else.

    A key twice, NaN, Infinity and nesting beyond the parser's depth are refused too: two readers could differ on them.
    """
    try:
        value = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004  # one exception for all that is not such a body
    return value


def mapping(raw: Raw, key: str) -> Raw:
    """The object at a key, {} when it is absent or null."""
    value = raw.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Malformed(key)
    return value


def rows(raw: Raw, key: str) -> list[Raw]:
    """The list of objects at a key, [] when it is absent or null."""
    value = raw.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise Malformed(key)
    return value


def text(raw: Raw, key: str) -> str:
    """The string at a key; a lone surrogate is Malformed, as no table could store it."""
    value = raw.get(key)
    if not isinstance(value, str) or _SURROGATE.search(value):
        raise Malformed(key)
    return value


def optional_text(raw: Raw, key: str) -> str | None:
    """The string at a key, None when it is absent or null."""
    return None if raw.get(key) is None else text(raw, key)


def handle(raw: Raw, key: str) -> str:
    """The @name at a key, without @: at most 15 of A-Z, a-z, 0-9 and _; "" when it is absent or null."""
    return _matching(_HANDLE, optional_text(raw, key) or "")


def identifier(raw: Raw, key: str) -> str:
    """The id at a key: a string of 1 to 19 digits, for a number may have been rounded on its way."""
    return _matching(_ID, text(raw, key))


def optional_identifier(raw: Raw, key: str) -> str | None:
    """The id at a key, None when it is absent or null."""
    return None if raw.get(key) is None else identifier(raw, key)


def span(raw: Raw, key: str) -> tuple[int, int]:
    """The start and end at a key, as a list of two positions."""
    value = raw.get(key)
    if not isinstance(value, list) or len(value) != 2:
        raise Malformed(key)
    return position(value[0]), position(value[1])


def position(value: object) -> int:
    """A place in a text."""
    found = integer(value)
    if not 0 <= found <= _LARGEST_POSITION:
        raise Malformed("position")
    return found


def integer(value: object) -> int:
    """A whole number, and no boolean."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("integer")
    return value


def flag(raw: Raw, key: str) -> bool:
    """The boolean at a key, False when it is absent or null; "true" and "false" are taken as booleans too."""
    value = raw.get(key)
    if value is True or value == "true":
        return True
    if value is None or value is False or value == "false":
        return False
    raise Malformed(key)


def _matching(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise Malformed(pattern.pattern)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
