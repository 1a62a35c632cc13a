"""The security code: six digits that its owner alone knows (knowledge, RTS art. 4)."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Sequence

from chalicelib.conditions import Clause
from chalicelib.refusals import Refusal
from chalicelib.table import Part

SCRYPT_COST = 2**15
SCRYPT_MEMORY_BYTES = 64 * 1024 * 1024


def typed(text: str) -> str | None:
    """The six digits that somebody typed, whatever their width and spacing; None if it is no such code."""
    digits = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text))
    return digits if re.fullmatch(r"[0-9]{6}", digits) else None


def digest(account: str, digits: str) -> bytes:
    """Hash a code slowly (scrypt, n = 2^15), so that a leaked table without its key gives nothing away cheaply.

    The salt is made from the account, because the hash is computed before the account is read: only then does a
    failure of the key service burn no attempt.
    """
    salt = hashlib.sha256(f"envoi security code v1|{account}".encode()).digest()
    return hashlib.scrypt(digits.encode(), salt=salt, n=SCRYPT_COST, r=8, p=1, maxmem=SCRYPT_MEMORY_BYTES, dklen=32)


def matches(stored: str, candidates: Sequence[str]) -> bool:
    """Compare what is stored with each MAC of a typed code in constant time; an account without a code matches none."""
    same = [hmac.compare_digest(stored.encode(), candidate.encode()) for candidate in candidates]
    return bool(stored) and True in same


def judgeable(stored: str, candidates: Sequence[str]) -> bool:
    """Whether a typed code can be compared with what is stored: only under the key that this was made with."""
    key, _, mac = stored.partition(".")
    return not mac or key in {candidate.partition(".")[0] for candidate in candidates}


def attempt(nonce: str, *, tries: int) -> Part:
    """Spend an attempt before the code is compared, so that parallel guesses cannot outrun it (RTS art. 4(3)(b)).

    `guess` remembers the request: the same request sent twice counts once.
    """
    return Part(
        clauses=(
            Clause(attribute="attempts", operator="<", value=tries, means=Refusal.CODE_REFUSED),
            Clause(attribute="guess", operator="<>", value=nonce, means=Refusal.ALREADY_SEEN),
        ),
        assign={"guess": nonce},
        add={"attempts": 1},
    )


def forgive() -> Part:
    """Count anew: the code was right."""
    return Part(assign={"attempts": 0})


def accept(stored: str, candidates: Sequence[str]) -> Part:
    """Count anew, and where the code is stored under the key before, store it under the current one.

    A code that somebody else has set meanwhile is not overwritten: STALE.
    """
    if stored == candidates[0]:
        return forgive()
    unchanged = Clause(attribute="code", operator="=", value=stored, means=Refusal.STALE)
    return Part(clauses=(unchanged,), assign={"attempts": 0, "code": candidates[0]})


def forgive_alone(nonce: str, *, spent: int) -> Part:
    """Take back the attempts up to a right one whose payment was refused: it costs nothing.

    `spent` is the count just after the right one; guesses that came later stay counted.
    """
    return Part(
        clauses=(
            Clause(attribute="attempts", operator=">=", value=spent, means=Refusal.STALE),
            Clause(attribute="guess", operator="<>", value=nonce, means=Refusal.ALREADY_SEEN),
        ),
        assign={"guess": nonce},
        add={"attempts": -spent},
    )


def forgive_rest(*, spent: int) -> Part:
    """Count anew where fewer than `spent` are left, because right codes typed at the same moment took back the others.

    Without it a double click whose payment is refused would leave attempts behind.
    """
    fewer = Clause(attribute="attempts", operator="<", value=spent, means=Refusal.STALE)
    return Part(clauses=(fewer,), assign={"attempts": 0})
