"""What nobody should write in a chat: security codes, card numbers, bank account numbers. Pure.

Whoever may read the chat would have them, and so would its network. What looks like one is neither read nor kept.
"""

import re
import unicodedata

from chalicelib.identity.iban import LENGTHS, checked

_CODE = re.compile(r"(?<![0-9.,])(?:[0-9]{6}|[0-9]{3}[ -][0-9]{3})(?![.,]?[0-9])")
_NAMED_CODE = re.compile(
    r"(?:(?<![a-z])(?:code|pin|otp|cvv|cvc|password|passcode)(?![a-z])|mot de passe|暗証番号|パスワード|コード)"
    r"[^0-9]{0,20}(?<![0-9])[0-9]{3,8}(?![0-9])"
)
# As cards show their number: in one piece, in fours, or as 4-6-5 and 4-6-4. Each form is looked for from every group
# on, as other numbers may stand before and behind it.
_CARDS = [
    re.compile(rf"(?<![0-9+])(?=({form})(?![0-9]))")
    for form in (
        r"[0-9]{13,19}",
        r"[0-9]{4}(?:[ \-.][0-9]{4}){2}[ \-.][0-9]{1,4}",
        r"[0-9]{4}(?:[ \-.][0-9]{4}){3}[ \-.][0-9]{1,3}",
        r"[0-9]{4}[ \-.][0-9]{6}[ \-.][0-9]{4,5}",
    )
]
_IBAN = re.compile(r"(?<![a-z0-9])(?=([a-z]{2}[0-9]{2}(?:[ \-]?[a-z0-9]){11,30}))")
_SPENDING = frozenset({"send", "give", "request"})


def holds_secret(text: str, *, order: str | None, note: str | None = None) -> bool:
    """Whether a private message holds something like a security code, a card number (Luhn) or an IBAN (mod 97).

    Six digits are a code, but not where they pair (`pair`), and in an order to pay only where they are all of its
    `note`: elsewhere they are an amount, or the number of a bill. A code that is called one is one in any order.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    if any(_is_card(match[1]) for card in _CARDS for match in card.finditer(plain)) or _holds_iban(plain):
        return True
    if order == "pair":
        return False
    if order in _SPENDING:
        whole = unicodedata.normalize("NFKC", note or "").strip(" .,;:!")
        return bool(_CODE.fullmatch(whole) or _NAMED_CODE.search(whole.casefold()))
    return bool(_CODE.search(plain) or _NAMED_CODE.search(plain))


def _is_card(typed: str) -> bool:
    """Luhn's sum (ISO/IEC 7812)."""
    digits = [int(digit) for digit in typed if digit.isdecimal()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _holds_iban(plain: str) -> bool:
    """Whether an IBAN begins somewhere, whatever is written behind it."""
    found = (re.sub(r"[ \-]", "", match[1]).upper() for match in _IBAN.finditer(plain))
    return any(checked(letters[: LENGTHS.get(letters[:2], 0)]) for letters in found)
