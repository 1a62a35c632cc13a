"""What fits into one SMS: the GSM 7-bit alphabet (3GPP TS 23.038), and folding into it."""

import unicodedata

ONE_SEGMENT = 160
UCS2_SEGMENT = 67
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€")
_ALPHABET = BASIC | EXTENDED
_FOLDED = {
    "œ": "oe", "Œ": "OE", "ç": "c", "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-",
    "…": "...", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "þ": "th", "Þ": "Th", "ð": "d", "\u00a0": " ",
    "\u202f": " ", "\u2009": " ", "\u3000": " ", "•": "*",
}  # fmt: skip


def fits(text: str) -> bool:
    """Whether every character is in the alphabet; one that is not makes the whole text UCS-2, 70 characters."""
    return _ALPHABET.issuperset(text)


def length(text: str) -> int:
    """Septets of a text that fits: characters of the extension table count twice."""
    return len(text) + sum(map(text.count, EXTENDED))


def parts(text: str) -> int:
    """How many SMS a text is sent, and paid, as."""
    if fits(text):
        return 1 if length(text) <= ONE_SEGMENT else -(-length(text) // 153)
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= 70 else -(-units // UCS2_SEGMENT)


def fold(text: str) -> str:
    """Write a text in the alphabet, without what has no likeness in it (so possibly empty)."""
    if text.isprintable() and fits(text):
        return text
    return "".join(_fold(letter) for letter in text if letter.isprintable())


def _fold(letter: str) -> str:
    if letter in _ALPHABET:
        return letter
    if letter in _FOLDED:
        return _FOLDED[letter]
    plain = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in plain if part in BASIC)
