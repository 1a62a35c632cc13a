"""A message cut into tokens: the smallest pieces that the grammar of orders speaks of."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from chalicelib import money
from chalicelib.intents import numerals
from chalicelib.intents.folding import AT, MAIL, ODD, URL, fold, fold_word

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_KATAKANA = "ァ-ヺー"
_LETTER = rf"[^\W\d{_CJK}]"

# What may follow a Japanese verb inside one hashtag; anything else makes it another word (送金しない: do not send).
_ENDINGS = "を?(?:お願い|おねがい)(?:します)?|してください|して下さい|します|して|する|を|は|で|に|よ|ね"
_VERB_ENDS = rf"(?:{_ENDINGS})?+(?!\w)|(?:{_ENDINGS})?+(?=[0-9]|[{numerals.KANJI}]+(?:円|ユーロ))"
_BEFORE_BARE = r"(?:(?<![\w])|(?<=[0-9をにへはでと円])|(?<=ユーロ))"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a message: its kind, its folded text, and the stretch of the original that it takes.

    Kinds: `at` (text is the @name as typed), `url`, `mail`, `verb` and `bare` (text is the order; `bare` lacks its
    #), `hashtag`, `currency`, `number`, `kanji` (a number in kanji), `cjk` (one character), `word`, `space`, `mark`.
    """

    kind: str
    text: str
    start: int
    end: int


def tokenise(text: str, verbs: Mapping[str, tuple[str, ...]]) -> list[Token]:
    """Cut a message into tokens; together they take all of it, in order. Linear in its length."""
    orders, pattern = _grammar(tuple((order, tuple(words)) for order, words in verbs.items()))
    folded = fold(text)
    handles = iter(folded.handles)
    ends = [*folded.origin, len(text)]
    tokens = []
    for match in pattern.finditer(folded.text):
        kind, value = match.lastgroup or "", match[0]
        if kind == "at":
            value = next(handles)
        elif kind in {"verb", "bare"}:
            value = _order(value.removeprefix("#"), orders)
        tokens.append(Token(kind, value, ends[match.start()], ends[match.end()]))
    return tokens


def verb_orders(verbs: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
    """Each folded verb and the order that it names."""
    return _grammar(tuple((order, tuple(words)) for order, words in verbs.items()))[0]


def _order(body: str, orders: Mapping[str, str]) -> str:
    if body in orders:
        return orders[body]
    return orders[max((verb for verb in orders if body.startswith(verb)), key=len)]


@lru_cache(maxsize=16)
def _grammar(verbs: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Mapping[str, str], re.Pattern[str]]:
    orders = {fold_word(word): order for order, words in verbs for word in words}
    japanese = [verb for verb in orders if re.search(f"[{_CJK}]", verb)]
    latin = [verb for verb in orders if verb not in japanese]
    return orders, re.compile(_pattern(_either(latin), _either(japanese)), re.DOTALL | re.VERBOSE)


def _pattern(latin: str, japanese: str) -> str:
    signs = _either(name for name in money.NAMES if not name[-1].isalnum())
    words = _either(name for name in money.NAMES if name[-1].isascii() and name[-1].isalpha())
    katakana = _either(name for name in money.NAMES if re.match(f"[{_KATAKANA}]", name))
    kanji = _either(name for name in money.NAMES if re.match("[一-鿿]", name))
    digit = f"[0-9{ODD}]"
    return rf"""
      (?P<at>{AT}) | (?P<url>{URL}) | (?P<mail>{MAIL})
    | (?P<verb>(?<![a-z&])\#(?:(?:{latin})(?!\w)|(?:{japanese})(?:{_VERB_ENDS})))
    | (?P<hashtag>(?<![a-z&])\#\w++)
    | (?P<bare>{_BEFORE_BARE}(?:{japanese})(?:{_VERB_ENDS}))
    | (?P<cashtag>(?<![0-9])(?<![0-9][ ])\$(?!(?:us|ca|can)(?!\w))[a-z]\w*+)
    | (?P<currency>(?:{words})(?!{_LETTER})|{signs}|(?:{katakana})(?![{_KATAKANA}])|{kanji})
    | (?P<number>{digit}++(?:[.,']{digit}++)*+)
    | (?P<kanji>[{numerals.KANJI}]++)
    | (?P<cjk>[{_CJK}])
    | (?P<word>{_LETTER}[^\W{_CJK}]*+)
    | (?P<space>\s++)
    | (?P<mark>.)
    """


def _either(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; it matches nothing when there are none."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"
