"""A small X on this machine: it checks the OAuth 1.0a signature of each request by its own computation."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import quote, unquote

from tests.channels.http_server import Server, serving

KEYS = {
    "consumer_key": "consumer/key",
    "consumer_secret": "consumer&secret",
    "access_token": "370773112-token",
    "access_secret": "access secret",
}


def percent(text: str) -> str:
    """RFC 5849 section 3.6."""
    return quote(text, safe="-._~")


def signature(url: str, parameters: Mapping[str, str], keys: Mapping[str, str]) -> str:
    """The HMAC-SHA1 signature of a POST by RFC 5849 section 3.4; `parameters` are all but oauth_signature."""
    pairs = sorted((percent(key), percent(value)) for key, value in parameters.items())
    base = "&".join(["POST", percent(url), percent("&".join(f"{key}={value}" for key, value in pairs))])
    key = f"{percent(keys['consumer_secret'])}&{percent(keys['access_secret'])}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def oauth_parameters(header: str) -> dict[str, str]:
    """The parameters of an Authorization header."""
    return {key: unquote(value) for key, value in re.findall(r'(\w+)="([^"]*)"', header)}


def is_genuine(url: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> bool:  # noqa: ARG001  # not signed
    """Whether the request was signed with our keys."""
    given = oauth_parameters(headers.get("authorization", ""))
    claimed = given.pop("oauth_signature", "")
    return claimed == signature(url, given, KEYS)


def x_server() -> AbstractContextManager[Server]:
    """Serve as X on a free port of the loopback until the block ends."""
    return serving(is_genuine)
