"""Numbers written in digits, in French and English words, and in kanji."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from chalicelib import money
from chalicelib.refusals import Refusal

AMOUNT_MINOR_MAX = 10**13
_DIGITS_MAX = 24

_PLAIN = re.compile(r"\d+")
_DECIMAL = re.compile(r"(\d+)[.,](\d+)")
_GROUPED = re.compile(r"(\d{1,3}((?P<group>[ '.,])\d{3})((?P=group)\d{3})*)(?:(?!(?P=group))[.,](\d+))?")

_FRENCH = (
    "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "dix_sept dix_huit dix_neuf"
)
_FRENCH_TENS = {
    "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80,
    "octante": 80, "quatre vingt": 80, "quatre vingts": 80, "nonante": 90,
}  # fmt: skip
_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_ENGLISH_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_THOUSANDS = frozenset({"mille", "thousand"})
_BEYOND = frozenset({"million", "millions", "milliard", "milliards", "billion", "billions", "dozen", "dozens"})

KANJI = "〇零一二三四五六七八九十百千万億兆壱弐参拾萬"
_KANJI_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_KANJI_DIGITS |= {"零": 0, "壱": 1, "弐": 2, "参": 3}
_KANJI_SMALL = {"十": 10, "拾": 10, "百": 100, "千": 1000}
_KANJI_LARGE = {"万": 10**4, "萬": 10**4, "億": 10**8, "兆": 10**12}
_NO_SMALL, _NO_LARGE = 10**4, 10**16


def minor_units(number: str, currency: str) -> int | Refusal:
    """Read digits with their separators, whole or not at all, as minor units of a currency.

    A comma or point before three digits stands for thousands or decimals: where the currency has decimals that is
    `amount_ambiguous`, elsewhere it is thousands.
    """
    if len(number) > _DIGITS_MAX or re.fullmatch("0[0-9]+.*", number):
        return Refusal.AMOUNT_UNREADABLE
    decimals = money.exponent(currency)
    grouped = _GROUPED.fullmatch(number)
    if grouped and not number.startswith("0"):
        if decimals and grouped["group"] in ".," and not grouped[4] and not grouped[5]:
            return Refusal.AMOUNT_AMBIGUOUS
        return _scaled(re.sub(r"\D", "", grouped[1]), grouped[5] or "", decimals)
    if _PLAIN.fullmatch(number):
        return _scaled(number, "", decimals)
    if decimal := _DECIMAL.fullmatch(number):
        return _scaled(decimal[1], decimal[2], decimals)
    return Refusal.AMOUNT_UNREADABLE


def _scaled(whole: str, fraction: str, decimals: int) -> int | Refusal:
    if int(whole + fraction) == 0:
        return Refusal.AMOUNT_ZERO
    if len(fraction) > decimals:
        return Refusal.AMOUNT_DECIMALS
    amount_minor = int(whole + fraction.ljust(decimals, "0"))
    return amount_minor if amount_minor <= AMOUNT_MINOR_MAX else Refusal.AMOUNT_UNREADABLE


def is_number_word(word: str) -> bool:
    """Whether a folded word is part of numbers in French or English."""
    return word in _vocabulary()


def spoken(words: Sequence[str]) -> int | None:
    """The number that French or English words say (hyphens taken as spaces), None when they say none."""
    return _spoken(words, french()) if (value := _spoken(words, english())) is None else value


def spoken_english(words: Sequence[str]) -> int | None:
    """The number that English words say, None when they say none."""
    return _spoken(words, english())


def kanji(text: str) -> int | None:
    """The number in kanji, with digits among them or not: `三千五百`, `1万5千`, `一〇〇〇`; None when there is none."""
    if len(text) > _DIGITS_MAX:
        return None
    total, section, digits = 0, 0, ""
    small, large = _NO_SMALL, _NO_LARGE
    for character in text:
        if character.isdecimal() or character in _KANJI_DIGITS:
            digits += str(_KANJI_DIGITS.get(character, character))
        elif _KANJI_SMALL.get(character, small) < small and digits != "0":
            small = _KANJI_SMALL[character]
            section, digits = section + int(digits or "1") * small, ""
        elif _KANJI_LARGE.get(character, large) < large and section + int(digits or "0"):
            large = _KANJI_LARGE[character]
            total, section = total + (section + int(digits or "0")) * large, 0
            small, digits = _NO_SMALL, ""
        else:
            return None
    rest = int(digits or "0")
    return total + section + rest if rest < small or (large == _NO_LARGE and small == _NO_SMALL) else None


def _spoken(words: Sequence[str], table: Mapping[str, int]) -> int | None:
    at = next((place for place, word in enumerate(words) if word in _THOUSANDS), None)
    if at is None:
        return table.get(" ".join(words))
    left, right = " ".join(words[:at]), " ".join(words[at + 1 :]).removeprefix("and ")
    above = 1 if left in {"", "a"} else table.get(left, 0)
    below = table.get(right, 0) if right else 0
    return above * 1000 + below if above and (below or not right) else None


@cache
def french() -> Mapping[str, int]:
    """French spellings of 0 to 999, Belgian and Swiss ones too, folded and without hyphens."""
    table = _tens(_small(_FRENCH) | {"une": 1}, _FRENCH_TENS, joint="et")
    names: dict[int, tuple[str, ...]] = {1: ("cent",)}
    names |= {n: (f"{name} cent", f"{name} cents") for name, n in table.items() if 2 <= n <= 9}
    return _hundreds(table, names, joints=(" ",))


@cache
def english() -> Mapping[str, int]:
    """English spellings of 0 to 999, folded and without hyphens."""
    table = _tens(_small(_ENGLISH), _ENGLISH_TENS, joint="")
    names: dict[int, tuple[str, ...]] = {
        n: (f"{name} hundred",) for name, n in table.items() if 1 <= n <= 19 and n != 10
    }
    names[1] = ("one hundred", "a hundred", "hundred")
    return _hundreds(table, names, joints=(" ", " and "))


def _small(names: str) -> dict[str, int]:
    return {name.replace("_", " "): value for value, name in enumerate(names.split())}


def _tens(small: Mapping[str, int], tens: Mapping[str, int], *, joint: str) -> dict[str, int]:
    table = dict(small)
    for name, value in tens.items():
        table[name] = value
        top = 19 if name.startswith(("soixante", "quatre")) else 9
        for below, unit in small.items():
            if 1 <= unit <= top:
                table[f"{name} {below}"] = value + unit
            if joint and unit in {1, 11} and unit <= top:
                table[f"{name} {joint} {below}"] = value + unit
    return table


def _hundreds(
    table: Mapping[str, int], names: Mapping[int, Iterable[str]], *, joints: Sequence[str]
) -> Mapping[str, int]:
    whole = dict(table)
    for value, spellings in names.items():
        for spelling in spellings:
            whole[spelling] = value * 100
            for below, rest in table.items():
                whole |= {f"{spelling}{joint}{below}": value * 100 + rest for joint in joints if rest}
    return whole


@cache
def _vocabulary() -> frozenset[str]:
    words = {word for table in (french(), english()) for spelling in table for word in spelling.split()}
    return frozenset((words | _THOUSANDS | _BEYOND) - {"a", "et", "and"})
