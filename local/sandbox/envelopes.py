"""The bodies that X sends: the X Activity API's and those of the Account Activity API that it replaces. Pure.

Shapes: X docs, x-api/activity/event-payloads and x-api/account-activity/introduction; tests/events/x has real ones.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.channels import Named
from local.sandbox.entities import Entity
from local.sandbox.network import Message, Post

ACTIVITY, ACCOUNT_ACTIVITY = "activity", "account_activity"
LANGUAGE = "fr"
SHORT_CHARACTERS = 140
_TAGS = {"post.mention.create": "mentions", "post.reply.create": "replies", "post.quote.create": "quotes"}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One webhook: what kind of event it tells of, the id of the post or message, its body, and whose it is.

    A `forged` one is signed by somebody else.
    """

    event: str
    about: str
    body: bytes
    network: str = "twitter"
    forged: bool = False


def of_post(post: Post, *, bot: Named, envelope: str = ACTIVITY) -> Sequence[Parcel]:
    """The webhooks that a post causes, one for each subscription that it fires; often none."""
    if envelope == ACCOUNT_ACTIVITY:
        body = {"for_user_id": bot.user_id, "user_has_blocked": False, "tweet_create_events": [v1(post)]}
        wanted = concerns(post, bot) or post.author == bot
        return [_parcel("tweet_create_events", post.id, body)] if wanted else []
    return [_parcel(event, post.id, activity(post, bot=bot, event=event)) for event in subscribed(post, bot)]


def of_message(message: Message, *, envelope: str = ACTIVITY) -> Parcel:
    """The webhook of a private message to the bot."""
    bot = message.recipient
    if envelope == ACCOUNT_ACTIVITY:
        users = {person.user_id: _v1_user(person) for person in (message.author, bot)}
        body = {"for_user_id": bot.user_id, "direct_message_events": [_direct(message)], "apps": {}, "users": users}
        return _parcel("direct_message_events", message.id, body)
    wrapped = {person.user_id: {"data": _user(person)} for person in (message.author, bot)}
    payload = {"direct_message_events": [_direct(message)], "users": wrapped}
    data = {"event_uuid": message.id, "filter": {"user_id": bot.user_id}, "event_type": "dm.received", "tag": "dms"}
    return _parcel("dm.received", message.id, {"data": data | {"payload": payload}})


def subscribed(post: Post, bot: Named) -> Sequence[str]:
    """Which events of the X Activity API a post causes: none for the bot's own.

    Of reposts and quotes X tells only if the post below is the bot's; reposts of orders are told here as well, as the
    older API tells of them.
    """
    if post.author == bot:
        return []
    if post.reposts:
        return ["post.repost.create"] if concerns(post, bot) else []
    fired = {
        "post.reply.create": bool(post.reply_to) and post.target_author == bot,
        "post.quote.create": bool(post.quotes) and post.target_author == bot,
        "post.mention.create": post.names(bot.user_id),
    }
    return [event for event, fires in fired.items() if fires]


def concerns(post: Post, bot: Named) -> bool:
    """Whether a post names the bot, be it in a reply prefix, or stands under or above one of its posts."""
    return post.target_author == bot or any(one.user_id == bot.user_id for one in post.mentions)


def activity(post: Post, *, bot: Named, event: str = "post.mention.create") -> dict[str, Any]:
    """The body of one event of the X Activity API."""
    data = {
        "event_uuid": post.id,
        "filter": {"user_id": bot.user_id},
        "event_type": event,
        "tag": _TAGS.get(event, "posts"),
        "payload": v2(post),
        "includes": {"users": [_user(post.author), _user(bot)]},
    }
    return {"data": data}


def encoded(body: Mapping[str, Any]) -> bytes:
    """A body as bytes; what is signed."""
    return json.dumps(body, ensure_ascii=False).encode()


def v2(post: Post) -> dict[str, Any]:
    """A post in the form of the API v2."""
    referenced = {"replied_to": post.reply_to, "quoted": post.quotes, "retweeted": post.reposts}
    payload = {
        "id": post.id,
        "text": post.escaped,
        "author_id": post.author.user_id,
        "conversation_id": post.conversation,
        "created_at": _iso(post.sent_at),
        "display_text_range": list(post.shown),
        "edit_history_tweet_ids": list(post.versions),
        "edit_controls": {
            "edits_remaining": post.edits_left,
            "is_edit_eligible": not (post.reply_to or post.reposts),
            "editable_until": _iso(post.editable_until),
        },
        "entities": {
            "mentions": [_place(one) | {"username": one.word, "id": one.user_id} for one in post.mentions],
            "hashtags": [_place(one) | {"tag": one.word} for one in post.hashtags],
        },
        "referenced_tweets": [{"type": name, "id": target} for name, target in referenced.items() if target],
        "in_reply_to_tweet_id": post.reply_to,
        "in_reply_to_user_id": _answered(post),
        "reply_settings": "everyone",
        "possibly_sensitive": False,
        "lang": LANGUAGE,
    }
    return {name: value for name, value in payload.items() if value not in ("", [])}


def v1(post: Post) -> dict[str, Any]:
    """A post in the form of the API v1.1; of a long one the whole text stands in `extended_tweet`."""
    long = len(post.escaped) > SHORT_CHARACTERS
    whole = {"display_text_range": list(post.shown), "entities": _v1_entities(post, until=len(post.escaped))}
    cut = SHORT_CHARACTERS - 1
    brief = {"text": post.escaped[:cut] + "…", "entities": _v1_entities(post, until=cut)}
    shown = (
        {**brief, "extended_tweet": {"full_text": post.escaped, **whole}} if long else {"text": post.escaped, **whole}
    )
    return {
        "created_at": _legacy(post.sent_at),
        "id": int(post.id),
        "id_str": post.id,
        "truncated": long,
        **shown,
        "in_reply_to_status_id_str": post.reply_to or None,
        "in_reply_to_user_id_str": _answered(post) or None,
        "user": _v1_user(post.author),
        "is_quote_status": bool(post.quotes),
        **({"quoted_status_id_str": post.quotes} if post.quotes else {}),
        **({"retweeted_status": {"id_str": post.reposts}} if post.reposts else {}),
        "edit_history": {"initial_tweet_id": post.versions[0], "edit_tweet_ids": list(post.versions)},
        "lang": LANGUAGE,
        "timestamp_ms": str(int(post.sent_at * 1000)),
    }


def _answered(post: Post) -> str:
    """Whom a post answers: who wrote the post above or, without one, whose name it starts with."""
    if post.reply_to and post.target_author:
        return post.target_author.user_id
    return next((one.user_id for one in post.mentions if one.start == 0), "")


def _v1_entities(post: Post | Message, *, until: int) -> dict[str, Any]:
    mentions = [
        {"screen_name": one.word, "name": one.word, "id": int(one.user_id), "id_str": one.user_id, **_indices(one)}
        for one in post.mentions
        if one.end <= until
    ]
    hashtags = [{"text": one.word, **_indices(one)} for one in post.hashtags if one.end <= until]
    return {"hashtags": hashtags, "urls": [], "user_mentions": mentions, "symbols": []}


def _direct(message: Message) -> dict[str, Any]:
    entities = _v1_entities(message, until=len(message.escaped))
    return {
        "type": "message_create",
        "id": message.id,
        "created_timestamp": str(int(message.sent_at * 1000)),
        "message_create": {
            "target": {"recipient_id": message.recipient.user_id},
            "sender_id": message.author.user_id,
            "message_data": {"text": message.escaped, "entities": entities},
        },
    }


def _place(one: Entity) -> dict[str, Any]:
    return {"start": one.start, "end": one.end}


def _indices(one: Entity) -> dict[str, Any]:
    return {"indices": [one.start, one.end]}


def _user(person: Named) -> dict[str, Any]:
    return {"id": person.user_id, "username": person.handle, "name": person.handle, "protected": False}


def _v1_user(person: Named) -> dict[str, Any]:
    name = person.handle
    return {"id": int(person.user_id), "id_str": person.user_id, "name": name, "screen_name": name, "protected": False}


def _parcel(event: str, about: str, body: Mapping[str, Any]) -> Parcel:
    return Parcel(event=event, about=about, body=encoded(body))


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _legacy(at: float) -> str:
    """v1.1's form of a time, in English whatever the locale."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{_DAYS[moment.weekday()]} {_MONTHS[moment.month - 1]} {moment:%d %H:%M:%S +0000 %Y}"
