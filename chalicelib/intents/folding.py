"""Text made plain for reading: case, accents, width and invisible characters gone, places remembered."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# What stands for a whole stretch of the text, or for a character that looks like a digit and is not read as one.
ODD, AT, URL, MAIL = "\ue000", "\ue001", "\ue002", "\ue003"

_STRETCH = re.compile(
    r"""
    (?P<url> https?://[!-~]++ | (?<![\w.@-])www\.[!-~]++
      | (?<![\w.@-])(?:[a-z0-9-]++\.)+(?:(?:com|net|org|fr|io|eu|ly|gl|jp|uk|xyz)(?![a-z0-9-])(?:/[!-~]*+)?
                                        |[a-z]{2,24}+/[!-~]++))
    | (?P<mail> (?<![a-z0-9._%+-])[a-z0-9._%+-]++@(?:[a-z0-9-]++\.)++[a-z0-9]++)
    | (?P<at> [@＠](?:\+[0-9]{8,15}(?![0-9]) | [a-z0-9_]++))
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_KINDS = {"url": URL, "mail": MAIL, "at": AT}
_DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－⁻₋", "-")
_SAME = _DASHES | dict.fromkeys("’‘ʼ′´`", "'") | {"⁄": "/", "∕": "/", "～": "〜", "\u2028": "\n", "\u2029": "\n"}
_VOICED = "\u3099\u309a"
_EMOJI_STYLE = "\ufe0f"


@dataclass(frozen=True)
class Folded:
    """Plain text, and for each of its characters the place in the original that it came from."""

    text: str
    origin: list[int]
    handles: list[str]


def fold(text: str) -> Folded:
    """Fold a text: NFKD, lower case, no accents, no invisible characters, one kind of dash and apostrophe.

    @names, addresses of pages and of mail become one placeholder each; `handles` holds the @names in order.
    Digits of other scripts, superscripts, fractions and struck-out digits become `ODD`: seen, never read.
    """
    plain: list[str] = []
    origin: list[int] = []
    handles: list[str] = []
    place = 0
    for match in _STRETCH.finditer(text):
        _fold_characters(text, (place, match.start()), (plain, origin))
        if match.lastgroup == "at":
            handles.append(match[0][1:])
        plain.append(_KINDS[match.lastgroup or ""])
        origin.append(match.start())
        place = match.end()
    _fold_characters(text, (place, len(text)), (plain, origin))
    return Folded("".join(plain), origin, handles)


def fold_word(word: str) -> str:
    """A word of a table, folded as messages are."""
    return fold(word).text


def at_names(text: str) -> Iterator[tuple[str, int, int]]:
    """Every @name in a text outside of page and mail addresses, without its @, and the stretch that it takes."""
    for match in _STRETCH.finditer(text):
        if match.lastgroup == "at":
            yield match[0][1:], match.start(), match.end()


def _fold_characters(text: str, span: tuple[int, int], out: tuple[list[str], list[int]]) -> None:
    plain, origin = out
    for place in range(*span):
        for character in _fold_character(text[place]):
            if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me"}:
                if plain and place > span[0]:
                    plain[-1] = _marked(plain[-1], character)
                continue
            plain.append(character)
            origin.append(place)


def _marked(character: str, mark: str) -> str:
    if mark in _VOICED:
        composed = unicodedata.normalize("NFC", character + mark)
        return composed if len(composed) == 1 else character
    return ODD if character in "0123456789#" and mark != _EMOJI_STYLE else character


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    category = unicodedata.category(character)
    if category in {"Cf", "Co", "Cs"} or (category == "Cc" and not character.isspace()):
        return ""
    plain = unicodedata.normalize("NFKD", character)
    is_digit = "0" <= character <= "9" or "０" <= character <= "９"
    if not is_digit and (category in {"Nd", "No"} or any(part.isdecimal() for part in plain)):
        return ODD
    return "".join(_SAME.get(part, part) for part in plain.casefold())
