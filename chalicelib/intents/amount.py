"""Amounts in a message: every number read whole, with its currency, its sign and its cents, or marked unreadable."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib import money
from chalicelib.intents import cents, numeral, numerals
from chalicelib.intents.numeral import Numeral, kind_at, past_space, text_at
from chalicelib.intents.tokens import Token
from chalicelib.refusals import Refusal, first

_BEFORE_JUNK = frozenset("+~≈〜°×^<>%‰")
_PARTICLES = frozenset("をにへでとがはのもか、。")
_PREFIX_KINDS = frozenset({money.Kind.SIGN, money.Kind.CODE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number in a message, over the tokens `[start, stop)`.

    `currency` is the code that it names, None for none. `loose` numbers (spoken without a currency, part of
    `covid-19`) never are an amount by themselves. `shape` is what is wrong with it whatever its currency.
    """

    start: int
    stop: int
    number: str
    cents: str = ""
    currency: str | None = None
    weak: bool = False
    negative: bool = False
    subunit: bool = False
    loose: bool = False
    shape: Refusal | None = None

    @property
    def named(self) -> bool:
        """Whether a currency stands with the number and cannot mean anything else."""
        return (self.currency is not None or self.subunit) and not self.weak


def minor_units(amount: Amount, currency: str) -> tuple[int, Refusal | None]:
    """The minor units that an amount means in a programme's currency; with a refusal they are 0."""
    named = amount.currency or currency
    refusals = [amount.shape] if amount.shape else []
    unit = "JPY" if amount.subunit or amount.cents else named
    units = numerals.minor_units(amount.number, unit)
    if isinstance(units, int) and (amount.subunit or amount.cents):
        decimals = money.exponent(named)
        units = units if amount.subunit else units * 100 + int(amount.cents)
        units = units if decimals == 2 and units <= numerals.AMOUNT_MINOR_MAX else Refusal.AMOUNT_UNREADABLE
    if units is Refusal.AMOUNT_ZERO and amount.cents.strip("0"):
        units = int(amount.cents)
    refusals += [units] if isinstance(units, Refusal) else []
    refusals += [Refusal.AMOUNT_NEGATIVE] if amount.negative else []
    refusals += [Refusal.CURRENCY_OTHER] if named != currency else []
    refusal = first(refusals)
    return (units, None) if isinstance(units, int) and refusal is None else (0, refusal)


def find(tokens: Sequence[Token]) -> list[Amount]:
    """Every number of a message that may be an amount, in order; those in @names, hashtags and addresses are none."""
    found: list[Amount] = []
    place = 0
    while place < len(tokens):
        number = numeral.at(tokens, place)
        if number is None:
            place += 1
            continue
        found.append(_amount(tokens, number, floor=found[-1].stop if found else 0))
        place = found[-1].stop
    return found


def _amount(tokens: Sequence[Token], number: Numeral, *, floor: int) -> Amount:
    before = _before(tokens, number.start, floor=floor)
    after = _after(tokens, number)
    shapes = [shape for shape in (number.shape, before.shape, after.shape) if shape]
    if before.currency and after.currency and before.currency != after.currency:
        shapes.append(Refusal.AMOUNT_UNREADABLE)
    currency = after.currency or before.currency
    named = currency is not None or after.subunit
    if not named and not number.loose and kind_at(tokens, number.stop) == "cjk":
        shapes += [] if text_at(tokens, number.stop) in _PARTICLES else [Refusal.AMOUNT_UNREADABLE]
    loose = not named and (number.loose or before.hyphened)
    return Amount(
        start=before.start,
        stop=after.stop,
        number=number.text,
        cents=after.cents,
        currency=currency,
        weak=after.weak and before.currency is None,
        negative=before.negative,
        subunit=after.subunit,
        loose=loose,
        shape=first(shapes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    start: int
    currency: str | None = None
    negative: bool = False
    hyphened: bool = False
    shape: Refusal | None = None


def _before(tokens: Sequence[Token], start: int, *, floor: int) -> _Before:
    place, negative, hyphened = start, False, False
    if text_at(tokens, place - 1) in {"-", "ー"} and place - 1 >= floor:
        negative, hyphened = _dash(tokens, place - 1)
        place -= negative
    currency = None
    at = place - 1 - (kind_at(tokens, place - 1) == "space")
    if at >= floor and not hyphened and kind_at(tokens, at) == "currency":
        code, kind = money.NAMES[tokens[at].text]
        if kind in _PREFIX_KINDS:
            currency, place = code, at
    if currency and text_at(tokens, place - 1) in {"-", "ー"} and place - 1 >= floor and _dash(tokens, place - 1)[0]:
        negative, place = True, place - 1
    minus = _minus_word(tokens, place, floor=floor)
    previous = text_at(tokens, place - 1)
    pointed = previous in {".", ","} and kind_at(tokens, place - 2) in {"", "space", "verb"}
    junk = previous in _BEFORE_JUNK or pointed
    return _Before(
        start=minus,
        currency=currency,
        negative=negative or minus < place,
        hyphened=hyphened,
        shape=Refusal.AMOUNT_UNREADABLE if junk and place - 1 >= floor else None,
    )


def _dash(tokens: Sequence[Token], place: int) -> tuple[bool, bool]:
    """What a dash glued before a number is: a minus, part of a word (`covid-19`), or neither."""
    before = kind_at(tokens, place - 1)
    if tokens[place].text == "ー":
        return before != "cjk", False
    return before in {"", "space", "verb", "bare", "currency", "mark"}, before in {"word", "hashtag"}


def _minus_word(tokens: Sequence[Token], place: int, *, floor: int) -> int:
    """Where `moins`, `minus` or マイナス before the number begins; the place itself when none is there."""
    at = place - 1 - (kind_at(tokens, place - 1) == "space")
    if at >= floor and text_at(tokens, at) in {"moins", "minus"}:
        return at
    katakana = max(at - 3, floor)
    return katakana if "".join(token.text for token in tokens[katakana : at + 1]) == "マイナス" else place


@dataclass(frozen=True, slots=True, kw_only=True)
class _After:
    stop: int
    currency: str | None = None
    weak: bool = False
    subunit: bool = False
    cents: str = ""
    shape: Refusal | None = None


def _after(tokens: Sequence[Token], number: Numeral) -> _After:
    stop = number.stop
    at = past_space(tokens, stop)
    if number.subunit:
        return _After(stop=stop, subunit=True)
    if cents.named(tokens, at):
        return _After(stop=at + 1, subunit=True)
    if kind_at(tokens, at) != "currency":
        return _After(stop=stop)
    code, kind = money.NAMES[tokens[at].text]
    weak = kind is money.Kind.WEAK
    if weak and number.loose:
        return _After(stop=stop)
    if at > stop and kind in _PREFIX_KINDS and kind_at(tokens, at + 1) == "number":
        return _After(stop=at + 2, currency=code, shape=Refusal.AMOUNT_AMBIGUOUS)
    part = cents.after(tokens, at + 1)
    if (money.exponent(code) == 0 or not numeral.is_whole(number.text)) and part.stop > at + 1:
        part = cents.none(tokens, at + 1)
    return _After(stop=part.stop, currency=code, weak=weak, cents=part.cents, shape=part.shape)
