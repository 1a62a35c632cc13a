"""X's API, as far as Envoi writes to it: replies under posts (X docs, x-api/posts/manage-tweets) and messages.

Signed with OAuth 1.0a, since its tokens do not expire; a JSON body is no part of what is signed.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from chalicelib.services import Permanent, Posted, Retry, Sent
from chalicelib.telemetry.metrics import count

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

CONNECT_SECONDS = 3.0
READ_SECONDS = 7.0
ANSWER_BYTES = 65_536
LONGEST_WAIT_SECONDS = 900
LIMITED_WAIT_SECONDS = 60
DOWN_WAIT_SECONDS = 10
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
# Problem types that say that the app, not this post, is refused.
_APP_PROBLEMS = ("client-forbidden", "oauth1-permissions", "unsupported-authentication", "usage-capped")


class XClient:
    """Posts as the bot; `keys` are consumer_key, consumer_secret, access_token and access_secret.

    Raises ValueError for a base URL that is not https, except on this machine.
    """

    def __init__(
        self, keys: Mapping[str, str], *, base_url: str = "https://api.x.com", now: Callable[[], float] = time.time
    ) -> None:
        self._keys = keys
        self._base_url = _safe(base_url)
        self._now = now

    def reply(self, text: str, *, to: str, again: bool = False) -> Posted:
        """Post a text under the post `to`.

        X knows no idempotency key. With `again`, its refusal of a duplicate means that an earlier try had arrived.
        """
        return self._post("/2/tweets", {"text": text, "reply": {"in_reply_to_tweet_id": to}}, again=again)

    def message(self, text: str, *, to: str) -> Posted:
        """Write to the person `to` in private (X docs, x-api/direct-messages/manage); X allows 15 in 15 minutes."""
        return self._post(f"/2/dm_conversations/with/{quote(to, safe='')}/messages", {"text": text}, again=False)

    def _post(self, path: str, content: Mapping[str, Any], *, again: bool) -> Posted:
        posted = self._tried(path, content, again=again)
        if isinstance(posted, Retry) and posted.reason != "rate_limited":
            count("OutsideDown", outside="x")
        return posted

    def _tried(self, path: str, content: Mapping[str, Any], *, again: bool) -> Posted:
        from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415  # heavy, and only needed here

        try:
            answer = self._send(self._base_url + path, json.dumps(content).encode())
        except ReadTimeoutError:
            return Retry(DOWN_WAIT_SECONDS, "timeout")
        except HTTPError:
            return Retry(DOWN_WAIT_SECONDS, "unreachable")
        try:
            told = answer.read(ANSWER_BYTES + 1, decode_content=False)
        except HTTPError:
            told = b""  # the status line has said enough
        answer.close()
        return outcome(answer.status, _object(told), wait=self._wait(answer.headers), again=again)

    def _send(self, url: str, body: bytes) -> "BaseHTTPResponse":
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "envoi"}
        return self._pool.request(
            "POST",
            url,
            body=body,
            headers=headers | self._authorization(url),
            retries=False,
            redirect=False,
            preload_content=False,
        )

    @cached_property
    def _pool(self) -> "PoolManager":
        from urllib3 import PoolManager, Timeout  # noqa: PLC0415  # heavy, and only needed here

        return PoolManager(timeout=Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), cert_reqs="CERT_REQUIRED")

    def _authorization(self, url: str) -> dict[str, str]:
        from oauthlib.oauth1 import Client  # noqa: PLC0415  # heavy, and only needed here

        # At debug level oauthlib logs the token and the signature.
        logging.getLogger("oauthlib").setLevel(logging.WARNING)
        client = Client(
            self._keys["consumer_key"],
            client_secret=self._keys["consumer_secret"],
            resource_owner_key=self._keys["access_token"],
            resource_owner_secret=self._keys["access_secret"],
        )
        _, headers, _ = client.sign(url, http_method="POST")
        return {"Authorization": headers["Authorization"]}

    def _wait(self, headers: Mapping[str, str]) -> int | None:
        """The seconds that X asks to wait, between 1 and the longest wait; None when it does not say."""
        reset, after = headers.get("x-rate-limit-reset", ""), headers.get("retry-after", "")
        if _decimal(after):
            seconds = int(after)
        elif _decimal(reset):
            seconds = int(reset) - int(self._now())
        else:
            return None
        return min(max(seconds, 1), LONGEST_WAIT_SECONDS)


def outcome(status: int, answer: Mapping[str, Any], *, wait: int | None, again: bool) -> Posted:
    """What X's answer to a post means (X docs, x-api/fundamentals/response-codes-and-errors)."""
    if status == 429:
        return Retry(wait or LIMITED_WAIT_SECONDS, "rate_limited")
    if status >= 500 or status == 408:
        return Retry(wait or DOWN_WAIT_SECONDS, "unavailable")
    if status == 403:
        return _forbidden(answer, again=again)
    if 200 <= status < 300:
        return _posted(answer)
    if status == 404:
        return Permanent("not_found")
    # 400 is a bug of ours, 401 a revoked key, 3xx a wrong base URL: none of them heals by itself.
    return Permanent({400: "bad_request", 401: "unauthorized"}.get(status, f"status_{status}"), alarm=True)


def _posted(answer: Mapping[str, Any]) -> Posted:
    data = answer.get("data")
    post_id = data.get("id", data.get("dm_event_id")) if isinstance(data, dict) else None
    if post_id is None and answer.get("errors"):
        return Permanent("partial_errors", alarm=True)
    return Sent(post_id if isinstance(post_id, str) else None)


def _forbidden(answer: Mapping[str, Any], *, again: bool) -> Posted:
    errors = answer.get("errors")
    details = [answer, *(errors if isinstance(errors, list) else [])]
    told = [one for one in details if isinstance(one, dict)]
    words = " ".join(str(one.get(key, "")) for one in told for key in ("detail", "message")).lower()
    if "duplicate content" in words or any(one.get("code") == 187 for one in told):
        return Sent() if again else Permanent("duplicate")
    return Permanent("forbidden", alarm=str(answer.get("type", "")).endswith(_APP_PROBLEMS))


def _object(content: bytes) -> Mapping[str, Any]:
    if len(content) > ANSWER_BYTES:
        return {}
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _decimal(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 12


def _safe(base_url: str) -> str:
    url = urlsplit(base_url)
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
        raise ValueError("the base URL of X's API must be https")
    if not url.hostname or url.username or url.password or url.query or url.fragment:
        raise ValueError("the base URL of X's API must be a host, a port and a path at most")
    return base_url.rstrip("/")
