"""Proof that a webhook comes from X, and the answer that X checks us by (X docs, x-api/webhooks/quickstart)."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

LEGACY_HEADER = "x-twitter-webhooks-signature"
OAUTH2_HEADER = "x-twitter-webhooks-signature-oauth2"
_CRC_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{16,128}")


def x_response_token(crc_token: str, secret: str) -> str | None:
    """The `response_token` for a Challenge-Response Check, or None for a token outside X's alphabet.

    X signs webhook bodies with the same key in the same form, so an answer to any text would sign a forged body;
    no JSON object fits the alphabet.
    """
    if not secret or not _CRC_TOKEN.fullmatch(crc_token):
        return None
    return _signature(crc_token.encode(), secret).decode()


def x_valid(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], *, oauth2_secrets: Sequence[str] = ()
) -> bool:
    """Whether X signed these raw body bytes with one of the live secrets; False whenever something is missing.

    The OAuth2 header, when there is one, is the only one looked at, with `oauth2_secrets` if any are given.
    """
    given = {name.lower(): value for name, value in headers.items()}
    keys = secrets
    signed = given.get(LEGACY_HEADER, "")
    if OAUTH2_HEADER in given:
        keys = oauth2_secrets or secrets
        signed = given[OAUTH2_HEADER]
    # compare_digest refuses str outside ASCII, hence bytes; every key is tried, so that time tells nothing of which.
    claimed = signed.encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(_signature(body, key), claimed) for key in keys if key]
    return any(matches)


def _signature(message: bytes, secret: str) -> bytes:
    return b"sha256=" + base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256))
