"""X's side of a webhook: builds the body that X would send and signs it as X does (X docs, x-api/activity)."""

import base64
import hashlib
import hmac
import html
import itertools
import json
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.channels import Named

# Ids of posts hold their time: milliseconds since this one, shifted by 22 bits.
EPOCH_MS = 1_288_834_974_657
EDITABLE_SECONDS = 3_600
_NAME = re.compile(r"[@＠]([A-Za-z0-9_]{1,15})")
_counter = itertools.count()


def mention(text: str, *, author: Named, named: Sequence[Named], sent_at: float | None = None) -> bytes:
    """The body of a `post.mention.create` webhook for a new post.

    `named` are the accounts that exist, the bot first: an @name of nobody is no mention. `sent_at` is now if left out.
    """
    at = time.time() if sent_at is None else sent_at
    bot = named[0]
    post = _post(text, author=author, named=named, sent_at=at)
    data = {
        "event_uuid": post["id"],
        "filter": {"user_id": bot.user_id},
        "event_type": "post.mention.create",
        "tag": "mentions",
        "payload": post,
        "includes": {"users": [_user(author), _user(bot)]},
    }
    return json.dumps({"data": data}, ensure_ascii=False).encode()


def sign(body: bytes, secret: str) -> dict[str, str]:
    """The headers that X sends with a body: its type, and its HMAC-SHA256 under the app's consumer secret."""
    signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    return {"Content-Type": "application/json", "x-twitter-webhooks-signature": f"sha256={signature}"}


def _post(text: str, *, author: Named, named: Sequence[Named], sent_at: float) -> dict[str, Any]:
    post_id = str((int(sent_at * 1000) - EPOCH_MS << 22) + next(_counter) % 4096)
    escaped = html.escape(text, quote=False)  # positions count in the escaped text
    ids = {person.handle.lower(): person.user_id for person in named}
    return {
        "id": post_id,
        "text": escaped,
        "author_id": author.user_id,
        "conversation_id": post_id,
        "created_at": _iso(sent_at),
        "display_text_range": [0, len(escaped)],
        "edit_history_tweet_ids": [post_id],
        "edit_controls": {
            "edits_remaining": 5,
            "is_edit_eligible": True,
            "editable_until": _iso(sent_at + EDITABLE_SECONDS),
        },
        "entities": {
            "mentions": [
                {"start": found.start(), "end": found.end(), "username": found[1], "id": ids[found[1].lower()]}
                for found in _NAME.finditer(escaped)
                if found[1].lower() in ids
            ]
        },
        "reply_settings": "everyone",
        "possibly_sensitive": False,
        "lang": "fr",
    }


def _user(person: Named) -> dict[str, Any]:
    return {"id": person.user_id, "username": person.handle, "name": person.handle, "protected": False}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
