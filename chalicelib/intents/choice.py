"""Which of the numbers in a message is its amount."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from chalicelib import money
from chalicelib.intents import amount
from chalicelib.intents.amount import Amount
from chalicelib.intents.numeral import kind_at
from chalicelib.intents.tokens import Token
from chalicelib.refusals import Refusal

_EITHER = frozenset({"ou", "or", "か", "x", "×", "*", "+"})
_BOTH = _EITHER | {"et", "and", "a", "to", "/", "~", "〜"}
_BOUNDLESS = frozenset({"inf", "infini", "infinie", "infinity", "nan", "∞"})
_SHORT = 3


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The amount of a message in minor units and the tokens that say it, or why there is none."""

    amount_minor: int | None = None
    used: frozenset[int] = frozenset()
    refusal: Refusal | None = None


def choose(tokens: Sequence[Token], found: Sequence[Amount], *, verbs: AbstractSet[int], currency: str) -> Choice:
    """The one amount with a currency, else the one bare number; refuses when there are several or none.

    Number words without a currency are an amount only when nothing but names and the verb stands around them.
    """
    with_currency = [each for each in found if each.named]
    bare = [each for each in found if not each.named and not each.loose]
    if with_currency:
        return _one(tokens, with_currency, currency=currency, several=len(with_currency) > 1 or _shared(tokens, found))
    if not bare:
        bare = [each for each in found if each.loose and _stands_alone(tokens, each, verbs=verbs)]
    if not bare:
        boundless = any(token.text in _BOUNDLESS for token in tokens if token.kind in {"word", "mark"})
        return Choice(refusal=Refusal.AMOUNT_UNREADABLE if boundless else Refusal.AMOUNT_MISSING)
    return _one(tokens, bare, currency=currency, several=len(bare) > 1)


def _one(tokens: Sequence[Token], amounts: Sequence[Amount], *, currency: str, several: bool) -> Choice:
    if several:
        return Choice(refusal=Refusal.AMOUNT_SEVERAL)
    chosen = amounts[0]
    used = frozenset(range(chosen.start, chosen.stop))
    minor, refusal = amount.minor_units(chosen, currency)
    if chosen.currency is None and not chosen.subunit:
        apart = _apart(tokens, used)
        refusal = Refusal.CURRENCY_OTHER if refusal is None and set(apart.values()) - {currency} else refusal
        used |= {place for place, code in apart.items() if code == currency}
    return Choice(amount_minor=None if refusal else minor, used=used, refusal=refusal)


def _apart(tokens: Sequence[Token], used: AbstractSet[int]) -> dict[int, str]:
    """Currencies that stand apart from the bare number of a message (`10 @ami euros`)."""
    apart: dict[int, str] = {}
    for place, token in enumerate(tokens):
        if token.kind == "currency" and place not in used:
            code, kind = money.NAMES[token.text]
            apart |= {} if kind is money.Kind.WEAK or token.text in {"円", "元"} else {place: code}
    return apart


def _shared(tokens: Sequence[Token], found: Sequence[Amount]) -> bool:
    """Whether a bare number is tied to the amount with the currency: `10 ou 20 €`, `2 x 10 €`, `1 50 €`."""
    clean = [each for each in found if each.shape is None and not each.loose and not each.weak]
    for left, right in pairwise(clean):
        if left.named == right.named or right.start - left.stop > 4:
            continue
        gap = [token.text for token in tokens[left.stop : right.start] if token.kind != "space"]
        spaced = len(gap) < right.start - left.stop
        glued = not spaced and bool(gap) and all(token.kind == "mark" for token in tokens[left.stop : right.start])
        words = _EITHER if left.named else _BOTH
        split = right.named and not gap and (len(left.number) <= _SHORT or left.stop > left.start + 1)
        if glued or split or (len(gap) == 1 and gap[0] in words):
            return True
    return False


def _stands_alone(tokens: Sequence[Token], each: Amount, *, verbs: AbstractSet[int]) -> bool:
    if each.shape or each.number in {"0", "1"}:
        return False
    before = each.start - 1 - (kind_at(tokens, each.start - 1) == "space")
    after = each.stop + (kind_at(tokens, each.stop) == "space")
    return all(place in verbs or kind_at(tokens, place) in {"", "at", "verb"} for place in (before, after))
