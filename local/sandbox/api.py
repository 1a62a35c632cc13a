"""X's API, as far as Envoi calls it: posts and private messages of the bot, signed with OAuth 1.0a."""

import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oauthlib.oauth1 import Client

from local.sandbox.network import Network, Refused

LIMITED_SECONDS = 5
KEPT = 30
_POST = "/2/tweets"
_DIRECT = re.compile(r"/2/dm_conversations/with/([0-9]{1,19})/messages")
_OAUTH = re.compile(r'oauth_(timestamp|nonce)="([^"]+)"')


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of ours: the whole address, its Authorization header, and its JSON."""

    url: str
    path: str
    authorization: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What X answers."""

    status: int
    content: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Api:
    """The endpoints; `keys` gives the keys that genuine calls are signed with, `limited` whether to answer 429."""

    network: Network
    keys: Callable[[], Mapping[str, str]]
    limited: Callable[[], bool]
    log: "deque[dict[str, Any]]" = field(default_factory=lambda: deque(maxlen=KEPT))

    def answer(self, call: Call) -> Answer:
        """Take a call: 401 unless it is genuine, 404 for other endpoints, 429 while limited, 403 for a duplicate."""
        answer = self._answer(call, now=time.time())
        self.log.append({"at": time.time(), "path": call.path, "status": answer.status})
        return answer

    def said(self) -> list[dict[str, Any]]:
        """Everything that the bot has said, oldest first; `to` is whom a private message went to."""
        bot = self.network.bot
        posts = [
            {"id": post.id, "text": post.words, "to": None, "in_reply_to": post.reply_to or None}
            for post in self.network.posts
            if post.author == bot
        ]
        messages = [
            {"id": one.id, "text": one.text, "to": one.recipient.user_id, "in_reply_to": None}
            for one in self.network.messages
            if one.author == bot
        ]
        return sorted([*posts, *messages], key=lambda one: int(str(one["id"])))

    def _answer(self, call: Call, *, now: float) -> Answer:
        direct = _DIRECT.fullmatch(call.path)
        if not genuine(call, self.keys()):
            return _problem(401, "Unauthorized")
        if call.path != _POST and direct is None:
            return _problem(404, "Not Found")
        if self.limited():
            reset = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0"}
            reset["x-rate-limit-reset"] = str(int(now) + LIMITED_SECONDS)
            return Answer(429, {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429}, reset)
        text = call.content.get("text")
        if not isinstance(text, str) or not text:
            return _problem(400, "Invalid Request")
        return self._message(text, direct[1], now=now) if direct else self._post(text, call, now=now)

    def _post(self, text: str, call: Call, *, now: float) -> Answer:
        if any(one["text"] == text and one["to"] is None for one in self.said()):
            return _problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        reply = call.content.get("reply")
        target = str(reply.get("in_reply_to_tweet_id", "")) if isinstance(reply, dict) else ""
        post = self.network.answer(text, to=target, now=now)
        return Answer(201, {"data": {"id": post.id, "text": text, "edit_history_tweet_ids": [post.id]}})

    def _message(self, text: str, to: str, *, now: float) -> Answer:
        message = self.network.tell(self.network.bot, self.network.by_id(to), text=text, now=now)
        if isinstance(message, Refused):
            return _problem(400, "Invalid Request")
        return Answer(
            201, {"data": {"dm_conversation_id": f"{self.network.bot.user_id}-{to}", "dm_event_id": message.id}}
        )


def genuine(call: Call, keys: Mapping[str, str]) -> bool:
    """Whether a call is signed with the keys: it is signed again with its own nonce and time, and compared."""
    if not keys:
        return False
    fields = dict(_OAUTH.findall(call.authorization))
    client = Client(
        keys["consumer_key"],
        client_secret=keys["consumer_secret"],
        resource_owner_key=keys["access_token"],
        resource_owner_secret=keys["access_secret"],
        nonce=fields.get("nonce", ""),
        timestamp=fields.get("timestamp", ""),
    )
    _, headers, _ = client.sign(call.url, http_method="POST")
    return set(call.authorization.split(", ")) == set(headers["Authorization"].split(", "))


def _problem(status: int, title: str, detail: str = "") -> Answer:
    return Answer(status, {"title": title, "detail": detail or title, "status": status})
