"""Which orders a message gives: verbs with their # anywhere, bare verbs in private messages where no prose stands."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from chalicelib.intents.folding import fold_word
from chalicelib.intents.tokens import Token

_POLITE = "bonjour bonsoir salut coucou hello hi hey please stp svp merci ok oui yes s il te vous plait"
_SMALL = "de d a to the la le les mon ma my"
_OPENERS = frozenset(f"{_POLITE} {_SMALL}".split())
_TOWARDS = frozenset({"a", "to"})
_NEGATIONS = frozenset({"ne", "pas", "jamais", "not", "never", "cannot"})
_PARTICLES = frozenset("をにへでとがはのもさん様")


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb at one token, and the order that it gives."""

    place: int
    order: str


def with_hash(tokens: Sequence[Token]) -> list[Verb]:
    """The verbs that carry their #: the only ones that count in public."""
    return [Verb(place, token.text) for place, token in enumerate(tokens) if token.kind == "verb"]


def bare(
    tokens: Sequence[Token], orders: Mapping[str, str], *, amounts: AbstractSet[int], complete: AbstractSet[str]
) -> list[Verb]:
    """The verbs without # that count in a private message.

    Those before the first word of prose do; failing them, those inside prose whose orders are `complete`: nothing
    else that they need is missing from the message. Behind a "not" none does: who says what not to do orders nothing.
    """
    opening: list[Verb] = []
    inside: list[Verb] = []
    prose = False
    for place, token in enumerate(tokens):
        if place in amounts:
            continue
        negated = _negates(tokens, place)
        if negated and not opening:
            return []
        order = "" if negated else _order(token, orders)
        if order:
            (inside if prose else opening).append(Verb(place, order))
        else:
            prose = prose or _is_prose(token, _TOWARDS if opening else _OPENERS)
    return opening or [verb for verb in inside if verb.order in complete]


def language(typed: str, languages: Mapping[str, str]) -> str | None:
    """The language of a verb as typed, when only one of the programme's has it."""
    word = fold_word(typed).removeprefix("#")
    return next((spoken for verb, spoken in languages.items() if fold_word(verb) == word), None)


def _order(token: Token, orders: Mapping[str, str]) -> str:
    if token.kind == "bare":
        return token.text
    return orders.get(token.text, "") if token.kind == "word" else ""


def _negates(tokens: Sequence[Token], place: int) -> bool:
    """Whether a word says "not": alone (`ne`, `never`), before an apostrophe (`n'`) or with one behind it (`don't`)."""
    word, *behind = [token.text for token in tokens[place : place + 3]]
    return word in _NEGATIONS or (word == "n" and behind[:1] == ["'"]) or behind == ["'", "t"]


def _is_prose(token: Token, allowed: AbstractSet[str]) -> bool:
    if token.kind == "cjk":
        return token.text not in _PARTICLES
    return token.kind in {"word", "hashtag", "url", "mail"} and token.text not in allowed
