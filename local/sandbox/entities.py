"""What X finds in a text: @names and #words, at code-point positions of the escaped text (X docs, twitter-text)."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# No mention right behind these characters, nor with a letter, an @ or :// right behind it.
_MENTION = re.compile(r"(?<![A-Za-z0-9_!#$%&*@＠])[@＠]([A-Za-z0-9_]{1,15})(?![A-Za-z0-9_@＠\u00c0-\u024f]|://)")
_HASHTAG = re.compile(r"(?<![\w&])[#＃](\w*[^\W\d_]\w*)")


@dataclass(frozen=True)
class Entity:
    """An @name or #word without its sign; `start` and `end` count code points of the escaped text, the sign included.

    `user_id` is whose @name it is; "" for a #word.
    """

    start: int
    end: int
    word: str
    user_id: str = ""


def escaped(text: str) -> str:
    """A text as X delivers it: `&`, `<` and `>` as HTML entities."""
    return html.escape(text, quote=False)


def mentions(text: str, ids: Mapping[str, str]) -> tuple[Entity, ...]:
    """Whom a text names; `ids` are the accounts that exist by their lower-case @names: a name of nobody is none."""
    found = _found(_MENTION, text)
    return tuple(
        Entity(one.start, one.end, one.word, ids[one.word.lower()]) for one in found if one.word.lower() in ids
    )


def hashtags(text: str) -> tuple[Entity, ...]:
    """The #words of a text."""
    return tuple(_found(_HASHTAG, text))


def _found(pattern: re.Pattern[str], text: str) -> Iterator[Entity]:
    for match in pattern.finditer(text):
        start = len(escaped(text[: match.start()]))
        yield Entity(start, start + len(match[0]), match[1])
