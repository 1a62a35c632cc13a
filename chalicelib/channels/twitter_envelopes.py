"""X's three envelopes, told apart and opened.

They are the X Activity API, the Account Activity API that it replaces, and the webhook of the filtered stream (X docs,
x-api/activity, x-api/account-activity, x-api/webhooks/stream).
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from chalicelib.channels import Drop, twitter_posts
from chalicelib.channels.fields import Malformed, Raw, flag, identifier, mapping, rows
from chalicelib.channels.parts import Part

_POSTS = {"post.create", "post.mention.create", "post.reply.create", "post.quote.create"}
_DROPPED = {"chat.received": "encrypted_chat", "dm.sent": "dm_sent", "post.repost.create": "repost"}
_ACCOUNT_ACTIVITY = {"for_user_id", "tweet_create_events", "user_event", "replay_job_status"}


def parts(body: Raw) -> Iterator[Part]:
    """Each event of a webhook, in order.

    Drops: unknown_shape, network_errors, event_ignored, encrypted_chat, dm_sent, repost, malformed.
    """
    data = body.get("data")
    if _ACCOUNT_ACTIVITY & body.keys():
        yield from _account_activity(body)
    elif isinstance(data, list):
        for one in data:
            yield from _activity(one) if isinstance(one, dict) else (Drop("malformed"),)
    elif isinstance(data, dict) and "event_type" in data:
        yield from _activity(data)
    elif isinstance(data, dict) and "matching_rules" in body:
        yield partial(_streamed, data, body)
    else:
        yield Drop("network_errors" if data is None and "errors" in body else "unknown_shape")


def _activity(data: Raw) -> Iterator[Part]:
    event_type = data.get("event_type")
    if not isinstance(event_type, str):
        yield Drop("malformed")
    elif event_type in _POSTS:
        yield partial(twitter_posts.of_activity, data)
    elif event_type == "oauth.revoke":
        yield partial(_revoked, data.get("payload"))
    elif event_type == "dm.received":
        yield from _messages(data.get("payload"))
    else:
        yield Drop(_DROPPED.get(event_type, "event_ignored"))


def _account_activity(body: Raw) -> Iterator[Part]:
    for key in body:
        if key == "tweet_create_events":
            yield from _tweets(body)
        elif key == "direct_message_events":
            yield from _messages(body)
        elif key == "user_event" and isinstance(body[key], dict) and "revoke" in body[key]:
            yield partial(_revoked_before, body[key]["revoke"])
        elif key.endswith(("_events", "_event", "_status")):
            yield Drop("event_ignored")


def _tweets(body: Raw) -> Iterator[Part]:
    try:
        tweets, blocked = rows(body, "tweet_create_events"), flag(body, "user_has_blocked")
    except Malformed:
        yield Drop("malformed")
        return
    for tweet in tweets:
        reposted = tweet.get("retweeted_status") is not None
        yield Drop("repost") if reposted else partial(twitter_posts.of_v1, tweet, author_blocked=blocked)


def _messages(holder: object) -> Iterator[Part]:
    try:
        raw = mapping({"holder": holder}, "holder")
        events, users = rows(raw, "direct_message_events"), mapping(raw, "users")
    except Malformed:
        yield Drop("malformed")
        return
    for event in events:
        known = event.get("type") == "message_create"
        yield partial(twitter_posts.of_message, event, users) if known else Drop("event_ignored")


def _revoked(payload: object) -> dict[str, Any]:
    return {"revoked_by": identifier(mapping({"payload": payload}, "payload"), "user_id")}


def _revoked_before(revoke: object) -> dict[str, Any]:
    """The Account Activity API's form of it."""
    return {"revoked_by": identifier(mapping(mapping({"revoke": revoke}, "revoke"), "source"), "user_id")}


def _streamed(post: Raw, body: Raw) -> dict[str, Any]:
    return twitter_posts.of_v2(post, mapping(body, "includes"))
