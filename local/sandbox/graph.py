"""Meta's Graph API, as far as Envoi calls it: private messages of the page, with the token and the app's proof."""

import hashlib
import hmac
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local import meta
from local.sandbox.api import Answer

KEPT = 500
# Outside the standard messaging window (Meta docs, Send API error codes).
_OUTSIDE = 2018278
# What Meta writes on the button of an account_link.
_LOG_IN = "Log In"
_MESSAGES = re.compile(r"/v\d+\.\d+/(\d+)/messages")
Tell = Callable[[bytes], None]
"""Delivers a webhook's body, signed as Meta signs it; it must return at once."""


@dataclass
class Graph:
    """The endpoint of one page; `keys` gives the stage's keys of Meta, `tell` carries the echo of each message.

    `reaches` says whether somebody has written within the last 24 hours.
    """

    page: str
    keys: Callable[[], Mapping[str, str]]
    tell: Tell
    faults: "deque[str]" = field(default_factory=deque)
    sent: "deque[dict[str, Any]]" = field(default_factory=lambda: deque(maxlen=KEPT))
    reaches: Callable[[str], bool] = lambda _: True

    def answer(self, path: str, authorization: str, content: Mapping[str, Any]) -> Answer:
        """Take a call: 400 with Meta's code unless it is genuine and whole; the next of `faults` is done to it.

        `lost` takes the message and answers 504; a number is answered as that error's code.
        """
        found = _MESSAGES.fullmatch(path)
        if not genuine(authorization, content, self.keys()):
            return _error(401, 190, "Invalid OAuth access token - Cannot parse access token")
        to, message = content.get("recipient", {}).get("id"), content.get("message", {})
        shown = message.get("text") or message.get("attachment")
        if not found or found[1] != self.page or not (to and shown) or content.get("messaging_type") != "RESPONSE":
            return _error(400, 100, "Invalid parameter")
        if not self.reaches(to):
            return _error(400, 10, "(#10) This message is sent outside of allowed window.", subcode=_OUTSIDE)
        fault = self.faults.popleft() if self.faults else ""
        if fault.isdigit():
            return _error(400, int(fault), "As was asked")
        return self._taken(to, message, lost=fault == "lost")

    def told(self) -> list[dict[str, Any]]:
        """Every message of the page, oldest first: id, to, at, text, buttons, metadata.

        A button has title and payload, that of a link template an empty payload and a url.
        """
        return list(self.sent)

    def _taken(self, to: str, message: Mapping[str, Any], *, lost: bool) -> Answer:
        mid = meta.new_mid()
        told = {"id": mid, "to": to, "at": time.time(), **_shown(message)}
        self.sent.append({**told, "metadata": message.get("metadata", "")})
        echoed = {"text": told["text"], "to": to, "mid": mid, "metadata": message.get("metadata", "")}
        self.tell(meta.body(meta.echo(page=self.page, **echoed), page=self.page))
        if lost:
            return Answer(504, {})
        return Answer(200, {"recipient_id": to, "message_id": mid})


def genuine(authorization: str, content: Mapping[str, Any], keys: Mapping[str, str]) -> bool:
    """Whether a call has the page's token, and the proof that its caller has the app's secret too."""
    token = keys.get("facebook_access_token", "")
    proof = hmac.digest(keys.get("app_secret", "").encode(), token.encode(), hashlib.sha256).hex()
    return bool(token) and authorization == f"Bearer {token}" and content.get("appsecret_proof") == proof


def _shown(message: Mapping[str, Any]) -> dict[str, Any]:
    """The text and the buttons that a person sees of a message."""
    template = message.get("attachment", {}).get("payload", {})
    buttons = [{"title": one["title"], "payload": one["payload"]} for one in message.get("quick_replies", [])]
    links = [{"title": _LOG_IN, "payload": "", "url": one["url"]} for one in template.get("buttons", [])]
    return {"text": message.get("text", template.get("text", "")), "buttons": [*links, *buttons]}


def _error(status: int, code: int, message: str, *, subcode: int = 0) -> Answer:
    error = {"message": message, "type": "OAuthException", "code": code}
    return Answer(status, {"error": error | ({"error_subcode": subcode} if subcode else {})})
