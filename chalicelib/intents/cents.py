"""The cents that follow a currency, as French people write and say them: `10€50`, `8 euros 50`, `un euro vingt`."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.intents import numeral
from chalicelib.intents.numeral import kind_at, past_space, text_at
from chalicelib.intents.tokens import Token
from chalicelib.refusals import Refusal

_SUBUNITS = frozenset({"cent", "cents", "centime", "centimes", "cts", "ct"})
# After `8 euros 50` these go on with the sentence; any other word may be what there are 50 of.
_GO_ON = (
    "a au aux de du des en pour pr par sur chez avec et stp svp merci to for from by on at as with please thanks and"
)
_SENTENCE = frozenset(_GO_ON.split())
_HALVES = frozenset({"demi", "demie", "half"})
_TIMES = frozenset({"x", "×", "*"})
_CJK_ENDS = frozenset("をにへで、。")


@dataclass(frozen=True, slots=True)
class Cents:
    """Two digits of cents ("" for none), the place after them, and what is wrong with them."""

    cents: str
    stop: int
    shape: Refusal | None = None


def named(tokens: Sequence[Token], at: int) -> bool:
    """Whether cents are named there; `c` is one of their names, but not at the start of `c'est`."""
    text = text_at(tokens, at)
    return text in _SUBUNITS or (text == "c" and text_at(tokens, at + 1) != "'")


def none(tokens: Sequence[Token], place: int) -> Cents:
    """No cents, in a currency or after a number that cannot have them: digits glued to it are unreadable."""
    glued = kind_at(tokens, place) == "number"
    return Cents("", place + glued, Refusal.AMOUNT_UNREADABLE if glued else None)


def after(tokens: Sequence[Token], place: int) -> Cents:
    """The cents from the place behind a currency on.

    Two digits glued to it are cents. Two digits or words after a space are cents unless a currency follows them
    (another amount), and `amount_ambiguous` when a noun does (`10 € 12 pizzas`).
    """
    at = past_space(tokens, place)
    if _multiplied(tokens, at) or _half(tokens, at):
        return Cents("", at + 1, Refusal.AMOUNT_UNREADABLE)
    if text_at(tokens, place) == "-" and kind_at(tokens, place + 1) == "number":
        return Cents("", place + 2, Refusal.AMOUNT_UNREADABLE)
    joined = text_at(tokens, at) in {"et", "and"} and at > place
    at = past_space(tokens, at + 1) if joined else at
    number = numeral.at(tokens, at) if at < len(tokens) else None
    if number is None:
        return Cents("", place)
    if at == place:
        return _glued(tokens, number)
    return _apart(tokens, number, place=place, joined=joined)


def _glued(tokens: Sequence[Token], number: numeral.Numeral) -> Cents:
    stop = number.stop + named(tokens, number.stop)
    closed = kind_at(tokens, stop) != "currency"
    if len(number.text) == 2 and number.shape is None and number.stop == number.start + 1 and closed:
        return Cents(number.text, stop)
    return Cents("", number.stop, Refusal.AMOUNT_UNREADABLE)


def _apart(tokens: Sequence[Token], number: numeral.Numeral, *, place: int, joined: bool) -> Cents:
    apart = past_space(tokens, number.stop)
    said = number.subunit or named(tokens, apart)
    text = number.text.zfill(2) if said else number.text
    if number.shape or len(text) != 2 or not text.isdecimal() or (joined and not said):
        return Cents("", place)
    if said:
        return Cents(text, number.stop if number.subunit else apart + 1)
    if kind_at(tokens, apart) in {"currency", "number"}:
        return Cents("", place)
    counts = _counts(tokens, apart)
    return Cents("" if counts else text, number.stop, Refusal.AMOUNT_AMBIGUOUS if counts else None)


def _counts(tokens: Sequence[Token], at: int) -> bool:
    """Whether what follows two digits may be what there are so many of: a noun, also as an emoji."""
    kind, text = kind_at(tokens, at), text_at(tokens, at)
    if kind == "mark":
        return unicodedata.category(text) == "So"
    if text == "c":  # of c'est, or `named` would have taken it
        return False
    return kind in {"word", "cjk"} and text not in _SENTENCE | _CJK_ENDS


def _multiplied(tokens: Sequence[Token], at: int) -> bool:
    text = text_at(tokens, at)
    if text in _TIMES | {"+"}:
        return kind_at(tokens, past_space(tokens, at + 1)) == "number"
    return kind_at(tokens, at) == "word" and text[0] == "x" and text[1:].isdecimal()


def _half(tokens: Sequence[Token], at: int) -> bool:
    """Whether `et demi` or `and a half` follows."""
    if text_at(tokens, at) not in {"et", "and"}:
        return False
    return text_at(tokens, at + 2) in _HALVES or (text_at(tokens, at + 2) == "a" and text_at(tokens, at + 4) == "half")
