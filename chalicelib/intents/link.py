"""The link in the SMS: the proof of possession. It is computed, never stored.

`<intent id>.<link number>.<expires_at in base 36>.<MAC, 128 bit>`: 48 characters at most, so that the SMS fits one
segment. The MAC covers what the payer will see, so a changed intent makes its link worthless (RTS art. 5(1)(c)).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.intents.intent import Intent

_FORM = re.compile(r"([A-Za-z0-9_-]{16})\.([1-9])\.([0-9a-z]{6,7})\.([A-Za-z0-9_-]{22})", re.ASCII)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MAC_BYTES = 16
NOWHERE = "A" * 16


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a link says; nothing of it is believed before `genuine`."""

    intent: str
    number: int
    expires_at: int
    mac: str


def make(key: bytes, programme: str, intent: Intent, *, expires_at: int) -> str:
    """The link of an intent's present link number, good until `expires_at` (epoch seconds)."""
    mac = _mac(key, programme, intent, expires_at=expires_at)
    return f"{intent.id}.{intent.link_number}.{_base36(expires_at)}.{mac}"


def parse(text: str) -> Link | None:
    """Read the form of a link; None for anything else."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    intent, number, expires_at, mac = match.groups()
    return Link(intent=intent, number=int(number), expires_at=int(expires_at, 36), mac=mac)


def genuine(link: Link, programme: str, intent: Intent, *, keys: Sequence[bytes]) -> bool:
    """Whether we made this link for this intent as it is now, under any live key; in constant time for each key."""
    claimed = intent_with_number(intent, link.number)
    macs = [_mac(key, programme, claimed, expires_at=link.expires_at) for key in keys]
    matches = [hmac.compare_digest(mac.encode(), link.mac.encode()) for mac in macs]
    return True in matches


def intent_with_number(intent: Intent, number: int) -> Intent:
    """The same intent with another link number."""
    return Intent(**{**vars(intent), "link_number": number})


def _mac(key: bytes, programme: str, intent: Intent, *, expires_at: int) -> str:
    covered = (
        "envoi confirm link v1",
        programme,
        intent.id,
        str(intent.link_number),
        str(expires_at),
        str(intent.amount_minor),
        intent.currency,
        intent.payee,
    )
    digest = hmac.new(key, "\n".join(covered).encode(), hashlib.sha256).digest()[:_MAC_BYTES]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
