"""The shapes of X's posts and messages, each turned into one small payload that is the same for all.

Its keys: private, id, origin_id, author_id, author_handle, text, display_text_range, mentions, repost, author_blocked,
in_reply_to, in_reply_to_user, sent_at, language. The range and the mentions' `start` and `end` count code points of
the escaped text.
"""

from typing import Any

from chalicelib.channels.fields import (
    Malformed,
    Raw,
    flag,
    handle,
    identifier,
    integer,
    mapping,
    optional_identifier,
    optional_text,
    position,
    rows,
    span,
    text,
)
from chalicelib.channels.twitter_times import sent_at


def of_activity(data: Raw) -> dict[str, Any]:
    """A post event of the X Activity API (X docs, x-api/activity/event-payloads)."""
    event_type = text(data, "event_type")
    post = of_v2(mapping(data, "payload"), mapping(data, "includes"))
    if event_type == "post.reply.create" and post["in_reply_to_user"] is None:
        post["in_reply_to_user"] = optional_identifier(mapping(data, "filter"), "user_id")
    return post


def of_v2(post: Raw, includes: Raw) -> dict[str, Any]:
    """A v2 post; its author's @name is joined from `includes.users`, "" if it is not there.

    Of a post longer than 280 characters the whole text stands in `note_tweet`.
    """
    long = mapping(post, "note_tweet")
    author_id = identifier(post, "author_id")
    references = {text(row, "type"): identifier(row, "id") for row in rows(post, "referenced_tweets")}
    return {
        "private": False,
        "id": identifier(post, "id"),
        "origin_id": _first_version(post) or identifier(post, "id"),
        "author_id": author_id,
        "author_handle": _joined(includes, author_id),
        "text": text(long or post, "text"),
        "display_text_range": _range(post),
        "mentions": mentions(mapping(long or post, "entities")),
        "repost": "retweeted" in references,
        "author_blocked": False,
        "in_reply_to": optional_identifier(post, "in_reply_to_tweet_id") or references.get("replied_to"),
        "in_reply_to_user": optional_identifier(post, "in_reply_to_user_id"),
        "sent_at": sent_at(post, id_key="id"),
        "language": optional_text(post, "lang"),
    }


def of_v1(tweet: Raw, *, author_blocked: bool) -> dict[str, Any]:
    """A v1.1 Tweet of the Account Activity API, by its `*_str` ids: the numbers come rounded.

    A truncated one is read from `extended_tweet`, and is Malformed without it, for its tail may hold the amount.
    """
    body, key = (mapping(tweet, "extended_tweet"), "full_text") if flag(tweet, "truncated") else (tweet, "text")
    author = mapping(tweet, "user")
    tweet_id = identifier(tweet, "id_str")
    return {
        "private": False,
        "id": tweet_id,
        "origin_id": optional_identifier(mapping(tweet, "edit_history"), "initial_tweet_id") or tweet_id,
        "author_id": identifier(author, "id_str"),
        "author_handle": handle(author, "screen_name"),
        "text": text(body, key),
        "display_text_range": _range(body),
        "mentions": mentions(mapping(body, "entities")),
        "repost": False,
        "author_blocked": author_blocked,
        "in_reply_to": optional_identifier(tweet, "in_reply_to_status_id_str"),
        "in_reply_to_user": optional_identifier(tweet, "in_reply_to_user_id_str"),
        "sent_at": sent_at(tweet, id_key="id_str"),
        "language": optional_text(tweet, "lang"),
    }


def of_message(event: Raw, users: Raw) -> dict[str, Any]:
    """One `message_create` of `direct_message_events`, the same in both APIs; `in_reply_to_user` is whom it went to."""
    message = mapping(event, "message_create")
    data = mapping(message, "message_data")
    message_id, sender_id = identifier(event, "id"), identifier(message, "sender_id")
    sender = _unwrapped(mapping(users, sender_id))
    return {
        "private": True,
        "id": message_id,
        "origin_id": message_id,
        "author_id": sender_id,
        "author_handle": handle(sender, "username") or handle(sender, "screen_name"),
        "text": text(data, "text"),
        "display_text_range": None,
        "mentions": mentions(mapping(data, "entities")),
        "repost": False,
        "author_blocked": False,
        "in_reply_to": None,
        "in_reply_to_user": optional_identifier(mapping(message, "target"), "recipient_id"),
        "sent_at": sent_at(event, id_key="id"),
        "language": None,
    }


def mentions(entities: Raw) -> list[dict[str, Any]]:
    """Whom a text names, from v2's `mentions` or v1.1's `user_mentions`; each has start, end, username and id."""
    found = []
    for row in rows(entities, "mentions"):
        start, end = position(row.get("start")), position(row.get("end"))
        found.append({"start": start, "end": end, "username": _name(row, "username"), "id": identifier(row, "id")})
    for row in rows(entities, "user_mentions"):
        start, end = span(row, "indices")
        name = _name(row, "screen_name")
        found.append({"start": start, "end": end, "username": name, "id": identifier(row, "id_str")})
    return found


def checked(payload: Raw) -> dict[str, Any]:
    """The same payload, if every value in it has its type; raises Malformed otherwise."""
    return {
        "private": flag(payload, "private"),
        "id": identifier(payload, "id"),
        "origin_id": identifier(payload, "origin_id"),
        "author_id": identifier(payload, "author_id"),
        "author_handle": handle(payload, "author_handle"),
        "text": text(payload, "text"),
        "display_text_range": _range(payload),
        "mentions": mentions({"mentions": payload.get("mentions")}),
        "repost": flag(payload, "repost"),
        "author_blocked": flag(payload, "author_blocked"),
        "in_reply_to": optional_identifier(payload, "in_reply_to"),
        "in_reply_to_user": optional_identifier(payload, "in_reply_to_user"),
        "sent_at": integer(payload.get("sent_at")),
        "language": optional_text(payload, "language"),
    }


def _name(row: Raw, key: str) -> str:
    name = handle(row, key)
    if not name:
        raise Malformed(key)
    return name


def _range(body: Raw) -> list[int] | None:
    if body.get("display_text_range") is None:
        return None
    start, end = span(body, "display_text_range")
    if start > end:
        raise Malformed("display_text_range")
    return [start, end]


def _joined(includes: Raw, user_id: str) -> str:
    for user in map(_unwrapped, rows(includes, "users")):
        if user.get("id") == user_id:
            return handle(user, "username")
    return ""


def _unwrapped(user: Raw) -> Raw:
    return mapping(user, "data") or user


def _first_version(post: Raw) -> str | None:
    ids = post.get("edit_history_tweet_ids")
    if ids is None or ids == []:
        return None
    if not isinstance(ids, list):
        raise Malformed("edit_history_tweet_ids")
    return identifier({"id": ids[0]}, "id")
