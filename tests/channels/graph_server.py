"""A small Graph API on this machine: it checks the token and the proof of the app's secret."""

import hashlib
import hmac
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from tests.channels.http_server import Server, serving

KEYS = {"access_token": "EAAJ-page-token", "app_secret": "c0ffee" * 5 + "00"}


def proof(keys: Mapping[str, str]) -> str:
    """The `appsecret_proof` of Meta's page on securing requests."""
    return hmac.new(keys["app_secret"].encode(), keys["access_token"].encode(), hashlib.sha256).hexdigest()


def is_genuine(url: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> bool:
    """Whether the token stands in its header, and nowhere else, with its proof beside it."""
    named = headers.get("authorization") == f"Bearer {KEYS['access_token']}"
    elsewhere = "?" in url or KEYS["access_token"] in str(body)
    return named and not elsewhere and body.get("appsecret_proof") == proof(KEYS)


def graph_server() -> AbstractContextManager[Server]:
    """Serve as Meta on a free port of the loopback until the block ends."""
    return serving(is_genuine)
