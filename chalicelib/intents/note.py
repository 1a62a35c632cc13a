"""The note of a payment: what is left of a message when the order has been read."""

import re
import unicodedata
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from chalicelib.intents.numeral import kind_at, past_space, text_at
from chalicelib.intents.tokens import Token

TOWARDS = frozenset({"a", "au", "to", "pour", "for", "vers", "chez"})
_HONORIFICS = re.compile("(?:さん|様|さま|くん|君|ちゃん|殿)?(?:に対して|宛てに|宛に|宛て|宛|に|へ)?(?![ぁ-ん])")
_AFTER_AMOUNT = re.compile("(?:だけ|を|で)?(?![ぁ-ん])")
_EDGES = " \t,;:./|-–—―·・、。，．"
_ENDS = " \t,;:|-–—―·・、，"
# Characters that nobody sees but that turn, split or join what stands around them.
_INVISIBLE = frozenset("\u00ad\u061c\u180e\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u115f\u1160\u3164")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f")
_JOINER = "\u200d"


def note(text: str, tokens: Sequence[Token], *, used: AbstractSet[int], characters: int) -> str | None:
    """What is left of a message: its tokens but the used ones, on one line, at most so many characters.

    Page addresses stay out, with the small words that led to a payee or closed an amount. It is cut between
    grapheme clusters. None when nothing is left but punctuation.
    """
    gone = used | _led(tokens, used) | {place for place, token in enumerate(tokens) if token.kind == "url"}
    kept = (" " if place in gone else text[token.start : token.end] for place, token in enumerate(tokens))
    line = " ".join("".join(map(_seen, "".join(kept))).split())
    line = line.lstrip(_EDGES).rstrip(_ENDS)
    line = _cut(line, characters).rstrip()
    return line if any(unicodedata.category(character)[0] in "LNS" for character in line) else None


def _led(tokens: Sequence[Token], used: AbstractSet[int]) -> set[int]:
    """The places of prepositions before a payee, and of Japanese particles behind a payee or an amount."""
    gone: set[int] = set()
    for place in used:
        kind = kind_at(tokens, place)
        if kind == "at":
            before = place - 1 - (kind_at(tokens, place - 1) == "space")
            gone |= {before} if before not in used and text_at(tokens, before) in TOWARDS else set()
            gone |= _particles(tokens, place + 1, _HONORIFICS)
        elif place + 1 not in used and kind in {"number", "kanji", "currency"}:
            gone |= _particles(tokens, place + 1, _AFTER_AMOUNT)
    return gone


def _particles(tokens: Sequence[Token], place: int, pattern: re.Pattern[str]) -> set[int]:
    place = past_space(tokens, place)
    following = "".join(token.text if token.kind == "cjk" else " " for token in tokens[place : place + 8])
    match = pattern.match(following)
    stop = place + (match.end() if match else 0)
    return set(range(place, stop))


def _seen(character: str) -> str:
    if character.isspace():
        return " "
    hidden = character in _INVISIBLE or character in _BIDI
    return "" if hidden or unicodedata.category(character) in {"Cc", "Cs", "Co"} else character


def _cut(line: str, characters: int) -> str:
    """At most so many characters, never through a letter and its marks, an emoji sequence or a flag."""
    if len(line) <= characters:
        return line
    end = characters
    while end and _joined(line, end):
        end -= 1
    return line[:end]


def _joined(line: str, place: int) -> bool:
    before, after = line[place - 1], line[place]
    if _JOINER in (before, after) or unicodedata.category(after)[0] == "M" or _is_modifier(after):
        return True
    if not (_is_flag_letter(before) and _is_flag_letter(after)):
        return False
    run = place
    while run and _is_flag_letter(line[run - 1]):
        run -= 1
    return (place - run) % 2 == 1


def _is_modifier(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f"


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
