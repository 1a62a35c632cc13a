"""A bank account that somebody names, of Japan's banks (Zengin) or by IBAN: its form, not whose it is. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.identity import iban
from chalicelib.refusals import Refusal

# Of a transfer's payee as the Zengin system takes it: half-width, in capitals, with its own marks alone.
HOLDER_CHARACTERS = 30
_KANA = frozenset("ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_ZENGIN = _KANA | _LETTERS | frozenset("ﾞﾟ0123456789 ()-./｢｣")
_HALF = {
    ord(unicodedata.normalize("NFKC", half)): half for half in (*_KANA, "｢", "｣")
} | {0x3099: "ﾞ", 0x309A: "ﾟ", ord("ヲ"): "ｵ", ord("ヮ"): "ﾜ", ord("ヵ"): "ｶ", ord("ヶ"): "ｹ"}  # fmt: skip
_SMALL = dict(zip(map(ord, "ァィゥェォッャュョ"), "ｱｲｳｴｵﾂﾔﾕﾖ", strict=True))
_DASHES = dict.fromkeys(map(ord, "ー\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_AS_WRITTEN = {**_HALF, **_SMALL, **_DASHES, ord("・"): "."}
# Names in SEPA payments have 70 characters at most.
NAME_CHARACTERS = 70
_MARKS = "••••"


@dataclass(frozen=True, kw_only=True)
class BankAccount:
    """An account outside: bank, branch, kind and number, or `iban`; and its holder as payments write them."""

    bank: str = ""
    branch: str = ""
    kind: str = ""
    number: str = ""
    iban: str = ""
    holder: str = ""

    def fields(self) -> dict[str, str]:
        """What is stored of it: all that a payment to it needs."""
        return {name: value for name, value in vars(self).items() if value}

    @property
    def masked(self) -> str:
        """How it may be shown to whoever has named it: its bank, and the last digits."""
        if self.iban:
            return f"{self.iban[:4]} {_MARKS} {self.iban[-3:]}"
        return f"{self.bank}-{self.branch} {_MARKS}{self.number[-3:]}"


def zengin(form: Mapping[str, str]) -> BankAccount | Refusal:
    """Read `bank` (4 digits), `branch` (3), `kind` (ordinary or current), `number` (7) and `holder` in kana."""
    account = BankAccount(
        bank=_digits(form.get("bank", "")),
        branch=_digits(form.get("branch", "")),
        kind=form.get("kind", ""),
        number=_digits(form.get("number", "")),
        holder=kana(form.get("holder", "")),
    )
    sizes = [len(one) for one in (account.bank, account.branch, account.number)]
    if sizes != [4, 3, 7] or account.kind not in ("ordinary", "current"):
        return Refusal.ACCOUNT_MALFORMED
    return account if account.holder else Refusal.HOLDER_MALFORMED


def by_iban(form: Mapping[str, str]) -> BankAccount | Refusal:
    """Read `iban` and `holder`, in letters of any kind."""
    number = iban.checked(form.get("iban", "")[: 2 * max(iban.LENGTHS.values())])
    if number is None:
        return Refusal.ACCOUNT_MALFORMED
    holder = " ".join(unicodedata.normalize("NFC", form.get("holder", "")).split())
    named = 0 < len(holder) <= NAME_CHARACTERS and all(one.isalpha() or one in " '’.-" for one in holder)
    return BankAccount(iban=number, holder=holder) if named else Refusal.HOLDER_MALFORMED


READERS: Mapping[str, Callable[[Mapping[str, str]], BankAccount | Refusal]] = {"zengin": zengin, "iban": by_iban}
"""How each of a programme's forms of account is read."""


def kana(name: str) -> str:
    """A holder's name as the Zengin system writes it; empty for one that it cannot write.

    Hiragana, full-width letters, small kana and long vowels become what stands for them there.
    """
    wide = unicodedata.normalize("NFKC", name[: 4 * HOLDER_CHARACTERS])
    katakana = "".join(chr(ord(one) + 0x60) if "ぁ" <= one <= "ゖ" else one for one in wide)
    half = unicodedata.normalize("NFD", katakana).translate(_AS_WRITTEN).upper()
    plain = re.sub(r"\s+", " ", half).strip()
    fits = len(plain) <= HOLDER_CHARACTERS and set(plain) <= _ZENGIN and not (_KANA | _LETTERS).isdisjoint(plain)
    return plain if fits else ""


def _digits(text: str) -> str:
    """The digits of a number of any width, without spaces and hyphens; empty for anything else."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text[:40]))
    return plain if re.fullmatch(r"[0-9]{1,10}", plain) else ""
