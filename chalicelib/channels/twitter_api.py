"""X's API, as far as Envoi writes to it: replies under posts (X docs, x-api/posts/manage-tweets) and messages.

Signed with OAuth 1.0a, since its tokens do not expire; a JSON body is no part of what is signed.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from chalicelib.channels.outside import Answer, Door, bounded, is_decimal, retry_after
from chalicelib.services import Permanent, Posted, Retry, Sent
from chalicelib.telemetry.metrics import count

LIMITED_WAIT_SECONDS = 60
DOWN_WAIT_SECONDS = 10
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
        self._door = Door(base_url, of="X's API")
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
        answer = self._door.post(path, content, self._authorization(self._door.url(path)))
        if isinstance(answer, Answer):
            return outcome(answer.status, answer.content, wait=self._wait(answer.headers), again=again)
        return Retry(DOWN_WAIT_SECONDS, "timeout" if answer == "timeout" else "unreachable")

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
        if (seconds := retry_after(headers)) is not None:
            return seconds
        reset = headers.get("x-rate-limit-reset", "")
        return bounded(int(reset) - int(self._now())) if is_decimal(reset) else None


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
