"""One number among the tokens of a message: how far it goes, and whether it can be read whole."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.intents import numerals
from chalicelib.intents.tokens import Token
from chalicelib.refusals import Refusal

_JOINTS = frozenset(":/-+*^~×=〜_'")
_AFTER_JUNK = frozenset("%‰°∞")
_CENTS = frozenset({"cent", "cents"})
_UNIT_WORDS = "un une deux trois quatre cinq six sept huit neuf one two three four five seven eight nine"
_UNITS = frozenset(_UNIT_WORDS.split())
_WEAK_WORDS = frozenset({"un", "une", "one", "neuf", "cent", "cents"})
_SPACED = re.compile(r"[0-9]{3}(?:[.,][0-9]+)?")
_LEADING = re.compile(r"[0-9]{1,3}")
_WORDS_MAX = 16
_KANJI_SEVERAL = frozenset("数何幾")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeral:
    """A number over the tokens `[start, stop)`: `text` is digits with separators, empty when it cannot be read.

    `loose` ones are said in words or kanji alone: an amount only with a currency.
    """

    start: int
    stop: int
    text: str
    loose: bool = False
    subunit: bool = False
    shape: Refusal | None = None


def kind_at(tokens: Sequence[Token], place: int) -> str:
    """The kind of a token, "" outside of the message."""
    return tokens[place].kind if 0 <= place < len(tokens) else ""


def text_at(tokens: Sequence[Token], place: int) -> str:
    """The text of a token that is no @name, "" for those and outside of the message."""
    return tokens[place].text if 0 <= place < len(tokens) and tokens[place].kind != "at" else ""


def past_space(tokens: Sequence[Token], place: int) -> int:
    """The place itself, or the next one when a space stands there."""
    return place + (kind_at(tokens, place) == "space")


def is_whole(text: str) -> bool:
    """Whether a number has no separators that may be decimals: only then can cents follow it."""
    return not re.search("[.,]", text)


def at(tokens: Sequence[Token], place: int) -> Numeral | None:
    """The number that starts at a place, with everything that is glued to it; None when none starts there.

    Digits and words that stand side by side (`20 cinq`, `10 mille`) are one number, and unreadable.
    """
    number = _piece(tokens, place)
    if number is None:
        return None
    start, mixed = number.start, False
    while (follower := _follower(tokens, number)) is not None:
        number, mixed = follower, True
    if not mixed:
        return number
    return Numeral(start=start, stop=number.stop, text="", shape=Refusal.AMOUNT_UNREADABLE)


def _piece(tokens: Sequence[Token], place: int) -> Numeral | None:
    token = tokens[place]
    if token.kind in {"number", "kanji"}:
        return _written(tokens, place)
    if token.kind == "word" and token.text[-1].isdecimal() and kind_at(tokens, place + 1) == "currency":
        return Numeral(start=place, stop=place + 1, text="", shape=Refusal.AMOUNT_UNREADABLE)
    hundred = token.text == "a" and _word_at(tokens, place + 2) in {"hundred", "thousand"}
    return _spoken(tokens, place) if _is_number_word(token) or hundred else None


def _follower(tokens: Sequence[Token], number: Numeral) -> Numeral | None:
    """The number of the other sort that belongs to this one."""
    gap = number.stop
    if kind_at(tokens, gap) != "space" and text_at(tokens, gap) != "-":
        return None
    if number.loose:
        last = tokens[gap - 1].text
        joins = kind_at(tokens, gap + 1) == "number" and tokens[gap - 1].kind == "word" and last not in _UNITS
        return _written(tokens, gap + 1) if joins and not number.subunit else None
    if gap + 1 >= len(tokens) or not _is_number_word(tokens[gap + 1]):
        return None
    follower = _spoken(tokens, gap + 1)
    alone = follower.stop == gap + 2
    word = tokens[gap + 1].text
    currency = kind_at(tokens, past_space(tokens, follower.stop)) == "currency"
    return None if alone and word in _WEAK_WORDS and not currency else follower


def _written(tokens: Sequence[Token], place: int) -> Numeral:
    stop = place
    while kind_at(tokens, stop) in {"number", "kanji"}:
        stop += 1
    text = "".join(token.text for token in tokens[place:stop])
    digits = stop == place + 1 and tokens[place].kind == "number"
    loose = all(token.kind == "kanji" for token in tokens[place:stop])
    if digits:
        text, stop = _spaced_thousands(tokens, place)
    else:
        text = _digits(numerals.kanji(text))
        text = "" if text_at(tokens, place - 1) in _KANJI_SEVERAL else text
    end = _junk(tokens, stop)
    unreadable = end > stop or not text
    return Numeral(
        start=place,
        stop=end,
        text="" if unreadable else text,
        loose=loose,
        shape=Refusal.AMOUNT_UNREADABLE if unreadable else None,
    )


def _spaced_thousands(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    text, stop = tokens[place].text, place + 1
    if not _LEADING.fullmatch(text):
        return text, stop
    parts = [text]
    while text_at(tokens, stop) == " " and kind_at(tokens, stop + 1) == "number":
        part = tokens[stop + 1].text
        if not _SPACED.fullmatch(part):
            break
        parts.append(part)
        stop += 2
        if len(part) > 3:
            break
    return " ".join(parts), stop


def _junk(tokens: Sequence[Token], stop: int) -> int:
    """Where the letters, signs and further numbers end that are glued to a number: `10k`, `18h30`, `5/2`, `10%`."""
    start = stop
    while stop < len(tokens):
        token = tokens[stop]
        joins = token.text in _JOINTS and kind_at(tokens, stop + 1) in {"number", "kanji"}
        cents = stop == start and token.text in _CENTS | {"c", "ct", "cts", "centime", "centimes"}
        if token.kind == "mark" and joins:
            stop += 2
        elif cents or not (token.kind in {"word", "number", "kanji"} or token.text in _AFTER_JUNK):
            break
        else:
            stop += 1
    return stop


def _spoken(tokens: Sequence[Token], place: int) -> Numeral:
    words = [tokens[place].text]
    stop = place + 1
    while (step := _next_word(tokens, stop)) is not None:
        words += [token.text for token in tokens[stop:step] if token.kind == "word"]
        stop = step
    value = numerals.spoken(words) if len(words) <= _WORDS_MAX else None
    subunit = False
    if value is None and words[-1] in _CENTS and len(words) <= _WORDS_MAX:
        value = numerals.spoken_english(words[:-1])
        subunit = value is not None
    shape = Refusal.AMOUNT_UNREADABLE if value is None else None
    return Numeral(start=place, stop=stop, text=_digits(value), loose=True, subunit=subunit, shape=shape)


def _next_word(tokens: Sequence[Token], stop: int) -> int | None:
    """Where the number goes on after a space or hyphen, over an `et` or `and` if need be; None when it ends."""
    if kind_at(tokens, stop) != "space" and text_at(tokens, stop) != "-":
        return None
    joint = _word_at(tokens, stop + 1) in {"et", "and"} and (
        kind_at(tokens, stop + 2) == "space" or text_at(tokens, stop + 2) == "-"
    )
    word = stop + 3 if joint else stop + 1
    return word + 1 if word < len(tokens) and _is_number_word(tokens[word]) else None


def _is_number_word(token: Token) -> bool:
    return token.kind == "word" and numerals.is_number_word(token.text)


def _word_at(tokens: Sequence[Token], place: int) -> str:
    return tokens[place].text if kind_at(tokens, place) == "word" else ""


def _digits(value: int | None) -> str:
    return "" if value is None else str(value)
