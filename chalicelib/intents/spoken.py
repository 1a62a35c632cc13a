"""Who is called by a plain name in a private message: a contact of its author, behind the word that leads to a payee.

Nobody is paid by half a name: one that goes on, a second person, or another lead before it means that we do not know.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from chalicelib import money
from chalicelib.intents.contacts import Contact
from chalicelib.intents.folding import fold, fold_word
from chalicelib.intents.note import TOWARDS

# Behind the last two stands also what the money is for, so that they lead to a payee only where nothing else does.
_WEAK = frozenset({"pour", "for"})
_LEADS = [
    re.compile(rf"(?<![\w@#'-])(?:{'|'.join(sorted(words))})\s++(?=[^\W\d_])") for words in (TOWARDS - _WEAK, _WEAK)
]
_HONORIFIC = r"\s*+(?:(?:さん|様|さま|くん|君|ちゃん|殿)\s*+)?(?:に対して|宛てに|宛に|宛て|宛|に|へ)(?![ぁ-ん])"
_CJK = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_JOINTS = re.compile(r"[\s・-]+")
# What may end the words before a Japanese name, which no space keeps apart.
_BEFORE = tuple("をはにでが円")
_GOES_ON = re.compile(r"(?:\s*[&+/,]\s*|\s+)(?P<too>(?:et|and|ou|or)\s+)?(?P<word>[^\W\d_]\w*)", re.IGNORECASE)
_MAY_FOLLOW = frozenset({"pour", "for", "merci", "thanks", "thank", "svp", "stp", "please", *money.NAMES})
_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_TO_HIRAGANA = {katakana: hiragana for hiragana, katakana in _TO_KATAKANA.items()}


@dataclass(frozen=True)
class Spoken:
    """A message with the payee's name written as `@MARK`, which is longer than any @name of X, and whom it may mean."""

    text: str
    meant: Sequence[Contact] = ()


MARK = "_" * 20
"""The @name that stands for a name in a message."""


def leads(text: str) -> bool:
    """Whether anything in a message leads to a payee; if not, no name in it is looked for. Pure."""
    plain = fold(text).text
    return any(pattern.search(plain) for pattern in (*_LEADS, re.compile(_HONORIFIC)))


def spoken(text: str, contacts: Sequence[Contact], *, verbs: AbstractSet[str]) -> Spoken:
    """Find whom a message calls by first name, last name, both, or their @name without its @; the longest that fits.

    Also by first name and initial with the dot behind it, as the chat itself shows them. Case, accents, width and kind
    of kana do not matter. `verbs` are those of the programme, folded. Pure.
    """
    whose, patterns = _forms(contacts)
    folded = fold(text)
    match = _found(folded.text, "|".join(patterns), verbs) if patterns else None
    if match is None:
        return Spoken(text)
    ends = [*folded.origin, len(text)]
    start, end = ends[match.start("name")], ends[match.end("name")]
    if _goes_on(text[end:], verbs):
        return Spoken(text)
    meant = [contacts[place] for place in whose[_plain(match["name"])]]
    return Spoken(f"{text[:start]}@{MARK}{text[end:]}", meant)


def _found(plain: str, names: str, verbs: AbstractSet[str]) -> re.Match[str] | None:
    """Where the payee's name stands; None where there is none that we know, or one too many."""
    japanese = [
        match for match in re.finditer(f"(?P<name>{names})(?={_HONORIFIC})", plain) if _begins(plain, match, verbs)
    ]
    if japanese:
        return japanese[0] if len(japanese) == 1 else None
    lead = next((found for leads in _LEADS if (found := leads.search(plain))), None)
    return re.compile(rf"(?P<name>{names})(?![\w'-])").match(plain, lead.end()) if lead else None


def _begins(plain: str, match: re.Match[str], verbs: AbstractSet[str]) -> bool:
    """Whether a name begins there: it is not the end of a longer one."""
    before = plain[: match.start()].rstrip()
    if not before or not before[-1].isalpha() or before.endswith(_BEFORE):
        return True
    return any(before.endswith(verb) for verb in verbs)


def _goes_on(rest: str, verbs: AbstractSet[str]) -> bool:
    """Whether what follows is more of the name, or one more person: a word with a capital, or a lead behind "and"."""
    match = _GOES_ON.match(rest)
    if match is None:
        return False
    word = fold_word(match["word"])
    if match["too"] and word in TOWARDS:
        return True
    return match["word"][0].isupper() and word not in _MAY_FOLLOW and word not in verbs


def _forms(contacts: Sequence[Contact]) -> tuple[Mapping[str, Sequence[int]], Sequence[str]]:
    """Whose each name is, written without its joints, and the patterns of all names, the longest first."""
    whose: dict[str, list[int]] = {}
    patterns: dict[str, int] = {}
    for place, contact in enumerate(contacts):
        for words in _names(contact):
            plain = _plain("".join(words))
            if len(plain) > 1 or _CJK.match(plain):
                whose.setdefault(plain, []).append(place)
                patterns[_pattern(words)] = len(plain)
    return {plain: sorted({*places}) for plain, places in whose.items()}, sorted(
        patterns, key=lambda pattern: -patterns[pattern]
    )


def _names(contact: Contact) -> Iterator[Sequence[str]]:
    words = fold_word(contact.person.name).split()
    yield from (words, words[:1], words[:-1], words[1:], words[-1:])
    yield from ([*words[1:], *words[:1]], [*words[-1:], *words[:-1]])
    yield [contact.handle.casefold()]
    if len(words) > 1:
        yield [words[0], f"{words[-1][0]}."]


def _plain(name: str) -> str:
    return _JOINTS.sub("", name).translate(_TO_KATAKANA)


def _pattern(words: Sequence[str]) -> str:
    """A pattern for a name as people write it: joined by a space, a hyphen or a dot, in Japanese also by nothing."""
    written = "".join(map(_letter, words[0])) if words else ""
    for before, word in pairwise(words):
        joint = "*" if _CJK.match(before[-1]) and _CJK.match(word) else "+"
        written += rf"[\s・-]{joint}{''.join(map(_letter, word))}"
    return written


def _letter(letter: str) -> str:
    if letter == "-":
        return r"[\s-]"
    both = {letter, letter.translate(_TO_KATAKANA), letter.translate(_TO_HIRAGANA)}
    return f"[{''.join(sorted(both))}]" if len(both) > 1 else re.escape(letter)
