"""A link in an SMS: the proof of possession. It is computed, never stored. Pure.

`<id>.<link number>.<expires_at in base 36>.<MAC, 128 bit>`: 48 characters, so that the SMS fits one segment. The MAC
covers the purpose and whatever the person will see, so a change of it makes the link worthless (RTS art. 5(1)(c)).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

_FORM = re.compile(r"([A-Za-z0-9_-]{16})\.([1-9])\.([0-9a-z]{6,7})\.([A-Za-z0-9_-]{22})", re.ASCII)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MAC_BYTES = 16
NOWHERE = "A" * 16


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a link says; nothing of it is believed before `genuine`. `expires_at` is in epoch seconds."""

    id: str
    number: int
    expires_at: int
    mac: str = ""


def identifier(*parts: str) -> str:
    """The id, 16 characters for 96 bits, that the same parts always give.

    It never begins with a dash: people type it in command lines and paste it into spreadsheets.
    """
    digest = hashlib.sha256("|".join(parts).encode()).digest()
    text = base64.urlsafe_b64encode(digest[:12]).decode()
    return f"A{text[1:]}" if text.startswith("-") else text


def seal(link: Link, covered: Sequence[str], *, key: bytes) -> str:
    """The text of a link that vouches for `covered`: its purpose first, then what must not change."""
    return f"{link.id}.{link.number}.{_base36(link.expires_at)}.{_mac(link, covered, key=key)}"


def parse(text: str) -> Link | None:
    """Read the form of a link; None for anything else."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    id_, number, expires_at, mac = match.groups()
    return Link(id=id_, number=int(number), expires_at=int(expires_at, 36), mac=mac)


def genuine(link: Link, covered: Sequence[str], *, keys: Sequence[bytes]) -> bool:
    """Whether we made this link, under any live key; every key is tried, each in constant time."""
    macs = [_mac(link, covered, key=key) for key in keys]
    matches = [hmac.compare_digest(mac.encode(), link.mac.encode()) for mac in macs]
    return True in matches


def _mac(link: Link, covered: Sequence[str], *, key: bytes) -> str:
    purpose, *facts = covered
    text = "\n".join([purpose, link.id, str(link.number), str(link.expires_at), *facts])
    digest = hmac.digest(key, text.encode(), hashlib.sha256)[:_MAC_BYTES]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
