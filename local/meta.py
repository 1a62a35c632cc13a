"""Meta's side of Messenger: the elements of a webhook, a body as Meta writes it, and the header that proves it."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

Element = dict[str, Any]
# What Meta writes as escapes although JSON would not ask for it (Messenger docs, webhooks).
_ESCAPED = {"/": "\\/", "<": "\\u003C", "%": "\\u0025", "@": "\\u0040"}


def body(*elements: Element, page: str) -> bytes:
    """One body with one entry of the page that holds these elements, escaped as Meta escapes."""
    content = {"object": "page", "entry": [{"id": page, "time": _now_ms(), "messaging": list(elements)}]}
    written = json.dumps(content, separators=(",", ":"))
    for letter, escaped in _ESCAPED.items():
        written = written.replace(letter, escaped)
    return written.encode()


def sign(message: bytes, app_secret: str) -> dict[str, str]:
    """The headers that Meta sends with a body."""
    signature = hmac.digest(app_secret.encode(), message, hashlib.sha256).hex()
    return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}


def challenge(keys: Mapping[str, str]) -> tuple[str, str]:
    """The query by which Meta verifies a webhook, and the number that a genuine answer is."""
    number = str(secrets.randbelow(10**10))
    told = {"hub.mode": "subscribe", "hub.challenge": number, "hub.verify_token": keys["verify_token"]}
    return urlencode(told), number


def written(text: str, *, page: str, by: str, tapped: str = "") -> Element:
    """A message to the page; `tapped` is the payload of the quick reply whose title the text then is."""
    message: Element = {"mid": new_mid(), "text": text}
    if tapped:
        message["quick_reply"] = {"payload": tapped}
    return {**_between(by, page), "message": message}


def opened(ref: str, *, page: str, by: str, first: bool = False) -> Element:
    """Somebody follows an m.me link: into a conversation that exists, or by Get Started into their first one."""
    referral = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
    if not first:
        return {**_between(by, page), "referral": referral}
    start = {"title": "Get Started", "payload": "GET_STARTED", "mid": new_mid(), "referral": referral}
    return {**_between(by, page), "postback": start}


def unlinked(*, page: str, by: str) -> Element:
    """Somebody takes the link of their account back."""
    return {**_between(by, page), "account_linking": {"status": "unlinked"}}


def echo(*, text: str, page: str, to: str, mid: str, metadata: str) -> Element:  # noqa: PLR0913  # what an echo tells
    """A message of the page's own, told back."""
    message: Element = {"is_echo": True, "app_id": 1517776481860111, "mid": mid, "text": text}
    return {**_between(page, to), "message": message | ({"metadata": metadata} if metadata else {})}


def new_mid() -> str:
    """A message's id."""
    return f"m_{secrets.token_urlsafe(48)}"


def _between(sender: str, recipient: str) -> Element:
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": _now_ms()}


def _now_ms() -> int:
    return int(time.time() * 1000)
