"""One POST of JSON to a network's API over checked TLS: what came back, or why nothing did."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

CONNECT_SECONDS = 3.0
READ_SECONDS = 7.0
ANSWER_BYTES = 65_536
LONGEST_WAIT_SECONDS = 900
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}

Lost = Literal["unreachable", "timeout", "broken"]
"""Why there is no answer. Only `unreachable` says that nothing has arrived there."""


@dataclass(frozen=True)
class Answer:
    """A status with its headers and its JSON object, {} if it has none, is too long or breaks off."""

    status: int
    headers: Mapping[str, str]
    content: Mapping[str, Any]


class Door:
    """Posts to one base URL; raises ValueError for one that is not https, except on this machine."""

    def __init__(self, base_url: str, *, of: str) -> None:
        self._base_url = _safe(base_url, of)

    def url(self, path: str) -> str:
        """The whole URL of a path."""
        return self._base_url + path

    def post(self, path: str, content: Mapping[str, Any], headers: Mapping[str, str]) -> Answer | Lost:
        """Post once: no retry, no redirect, nothing unpacked."""
        from urllib3 import exceptions  # noqa: PLC0415  # heavy, and only needed here

        try:
            answer = self._send(self.url(path), json.dumps(content).encode(), headers)
        except exceptions.ReadTimeoutError:
            return "timeout"
        except (exceptions.ConnectTimeoutError, exceptions.NewConnectionError, exceptions.SSLError):
            return "unreachable"
        except exceptions.HTTPError:
            return "broken"
        try:
            told = answer.read(ANSWER_BYTES + 1, decode_content=False)
        except exceptions.HTTPError:
            told = b""  # the status line has said enough
        answer.close()
        return Answer(answer.status, answer.headers, _object(told))

    def _send(self, url: str, body: bytes, headers: Mapping[str, str]) -> "BaseHTTPResponse":
        ours = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "envoi"}
        return self.pool.request(
            "POST", url, body=body, headers={**ours, **headers}, retries=False, redirect=False, preload_content=False
        )

    @cached_property
    def pool(self) -> "PoolManager":
        """The connections, kept between posts."""
        from urllib3 import PoolManager, Timeout  # noqa: PLC0415  # heavy, and only needed here

        return PoolManager(timeout=Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), cert_reqs="CERT_REQUIRED")


def retry_after(headers: Mapping[str, str]) -> int | None:
    """The seconds of a Retry-After, between 1 and the longest wait; None where there are none."""
    after = headers.get("retry-after", "")
    return bounded(int(after)) if is_decimal(after) else None


def bounded(seconds: int) -> int:
    """A wait between 1 second and the longest one."""
    return min(max(seconds, 1), LONGEST_WAIT_SECONDS)


def is_decimal(value: str) -> bool:
    """Whether a header's value is a number of at most twelve plain digits."""
    return value.isascii() and value.isdigit() and len(value) <= 12


def _object(content: bytes) -> Mapping[str, Any]:
    if len(content) > ANSWER_BYTES:
        return {}
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _safe(base_url: str, of: str) -> str:
    url = urlsplit(base_url)
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
        raise ValueError(f"the base URL of {of} must be https")
    if not url.hostname or url.username or url.password or url.query or url.fragment:
        raise ValueError(f"the base URL of {of} must be a host, a port and a path at most")
    return base_url.rstrip("/")
