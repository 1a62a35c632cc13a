"""Security codes that are guessed first: about a tenth of the million, refused when somebody chooses one.

A smaller list is useless against a guesser with five tries, a larger one annoys (Markert et al., IEEE S&P 2020). Pure.
"""

from datetime import date
from itertools import pairwise

KEYPAD_LINES = ("147", "258", "369", "123", "456", "789", "159", "357", "741", "852", "963", "321", "654", "987")
_OLDEST, _YOUNGEST = 1930, 2029


def guessable(digits: str, *, phone: str = "") -> bool:
    """Whether a 6-digit code is a date, a run, a repetition, a line of keys, or the end of one's own phone number."""
    return (
        (bool(phone) and phone.endswith(digits))
        or len(set(digits)) <= 2
        or _repeats(digits)
        or _runs(digits)
        or _keys(digits)
        or _date(digits)
    )


def _repeats(digits: str) -> bool:
    """121212, 123123, 112233, 123321 and codes in which one digit stands four times."""
    pairs = {digits[:2], digits[2:4], digits[4:]}
    doubled = all(digits[place] == digits[place + 1] for place in (0, 2, 4))
    often = max(digits.count(digit) for digit in digits) >= 4
    return len(pairs) == 1 or digits[:3] == digits[3:] or digits == digits[::-1] or doubled or often


def _runs(digits: str) -> bool:
    """123456, 654321, 135790, also around the end (890123), and four neighbours in a row anywhere."""
    steps = [(int(after) - int(before)) % 10 for before, after in pairwise(digits)]
    if len(set(steps)) == 1:
        return True
    return any(len(set(steps[place : place + 3])) == 1 and steps[place] in (1, 9) for place in range(3))


def _keys(digits: str) -> bool:
    """Two lines of a telephone's keypad."""
    return digits[:3] in KEYPAD_LINES and digits[3:] in KEYPAD_LINES


def _date(digits: str) -> bool:
    """A day of the last hundred years as people write it: DDMMYY, MMDDYY, YYMMDD, and MMYYYY."""
    first, second, third = (int(digits[place : place + 2]) for place in (0, 2, 4))
    orders = ((first, second, third), (second, first, third), (third, second, first))
    if any(_is_day(day, month, year) for day, month, year in orders):
        return True
    return 1 <= first <= 12 and _OLDEST <= int(digits[2:]) <= _YOUNGEST


def _is_day(day: int, month: int, year: int) -> bool:
    try:
        date(2000 + year if year < 30 else 1900 + year, month, day)
    except ValueError:
        return False
    return True
