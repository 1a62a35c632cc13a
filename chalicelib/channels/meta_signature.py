"""Proof that a webhook comes from Meta, and the challenge that Meta checks us by (Graph API docs, webhooks)."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

HEADER = "x-hub-signature-256"
_CHALLENGE = re.compile(r"[0-9A-Za-z_-]{1,128}")


def hub_challenge(query: Mapping[str, str], verify_tokens: Sequence[str]) -> str | None:
    """The challenge to give back as text/plain, or None for whoever does not know one of the verify tokens.

    The challenge is reflected, so none is given back that holds more than letters, digits, - and _.
    """
    claimed = query.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
    known = [hmac.compare_digest(token.encode(), claimed) for token in verify_tokens if token]
    challenge = query.get("hub.challenge", "")
    genuine = any(known) and query.get("hub.mode") == "subscribe"
    return challenge if genuine and _CHALLENGE.fullmatch(challenge) else None


def meta_valid(headers: Mapping[str, str], body: bytes, app_secrets: Sequence[str]) -> bool:
    """Whether Meta signed these raw body bytes with one of the live app secrets; False whenever something is missing.

    The body comes with its escapes, and they are signed: it must not be parsed and written again. The older header of
    SHA-1 proves nothing.
    """
    given = {name.lower(): value for name, value in headers.items()}
    # compare_digest refuses str outside ASCII, hence bytes; every key is tried, so that time tells nothing of which.
    claimed = given.get(HEADER, "").encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(_signature(body, secret), claimed) for secret in app_secrets if secret]
    return any(matches)


def _signature(body: bytes, secret: str) -> bytes:
    return b"sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex().encode()
