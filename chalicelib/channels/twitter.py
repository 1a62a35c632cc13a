"""X as a channel: the webhooks of its three envelopes become events, and events become mentions."""

from collections.abc import Sequence

from chalicelib.channels import Drop, Event, Mention, Named, Revocation, twitter_envelopes, twitter_posts, twitter_text
from chalicelib.channels.fields import Malformed, Raw, identifier, json_object
from chalicelib.channels.parts import queueable
from chalicelib.channels.twitter_times import snowflake_millis
from chalicelib.config import Bot


class Twitter:
    """One bot on X. Of what is sent to it only what is younger than `max_age_seconds` at receipt is read."""

    name: str = "twitter"

    def __init__(self, bot: Bot, *, max_age_seconds: int) -> None:
        self.bot = bot
        self.max_age_seconds = max_age_seconds

    def split(self, body: bytes, *, received_at: int) -> Sequence[Event | Drop]:
        """One event for each post or private message in a verified body; raises ValueError if it is no JSON object.

        Drops: unknown_shape, network_errors, event_ignored, encrypted_chat, dm_sent, repost, malformed, too_large.
        """
        found = twitter_envelopes.parts(json_object(body))
        return [queueable(part, network=self.name, received_at=received_at) for part in found]

    def mention(self, event: Event) -> Mention | Revocation | Drop:
        """Read one event of `split`.

        Drops, the first that applies: malformed, own_post, dm_sent, repost, author_blocked, too_old, not_addressed.
        """
        try:
            if "revoked_by" in event.payload:
                user_id = identifier(event.payload, "revoked_by")
                return Revocation(network=self.name, page=self.bot.user_id, user_id=user_id)
            payload = twitter_posts.checked(event.payload)
        except Malformed:
            return Drop("malformed")
        reason = self._unwanted(payload, received_at=event.received_at)
        return Drop(reason) if reason else self._mention(payload, received_at=event.received_at)

    def _unwanted(self, payload: Raw, *, received_at: int) -> str | None:
        if payload["author_id"] == self.bot.user_id:
            return "dm_sent" if payload["private"] else "own_post"
        if payload["repost"]:
            return "repost"
        if payload["author_blocked"]:
            return "author_blocked"
        if received_at - payload["sent_at"] > self.max_age_seconds:
            return "too_old"
        return None if self._addressed(payload) else "not_addressed"

    def _addressed(self, payload: Raw) -> bool:
        """Whether it is a message to the bot, a reply to a post of the bot, or names the bot in its own words.

        A post that merely starts with the bot's name has `in_reply_to_user` too, but replies to no post.
        """
        to_bot: bool = payload["in_reply_to_user"] == self.bot.user_id
        if payload["private"] or (to_bot and payload["in_reply_to"]):
            return to_bot
        return any(person.user_id == self.bot.user_id for person in twitter_text.named(payload))

    def _mention(self, payload: Raw, *, received_at: int) -> Mention:
        return Mention(
            network=self.name,
            page=self.bot.user_id,
            origin_id=payload["origin_id"],
            message_id=payload["id"],
            author=Named(user_id=payload["author_id"], handle=payload["author_handle"]),
            text=twitter_text.readable(payload),
            named=twitter_text.named(payload),
            private=payload["private"],
            sent_at=payload["sent_at"],
            received_at=received_at,
            sent_millis=snowflake_millis(payload["id"]),
            language=payload["language"] if payload["language"] != "und" else None,
            in_reply_to=payload["in_reply_to"],
        )
