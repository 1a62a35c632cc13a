"""What Messenger, Instagram and WhatsApp have in common: a body becomes events, and an event a private message."""

from collections.abc import Iterator, Sequence

from chalicelib.channels import Drop, Echo, Event, Linking, Mention, Named, Reading, Revocation
from chalicelib.channels.fields import Malformed, Raw, json_object
from chalicelib.channels.meta_payloads import checked
from chalicelib.channels.parts import Part, Payload, queueable
from chalicelib.config import Bot


class MetaNetwork:
    """A programme's page, account or number on a network of Meta; `bot.user_id` is its id, and every chat is private.

    A person is known to one page only: the same human has another id on the next one.
    """

    name: str = ""

    def __init__(self, bot: Bot, *, max_age_seconds: int) -> None:
        self.bot = bot
        self.max_age_seconds = max_age_seconds

    def split(self, body: bytes, *, received_at: int) -> Sequence[Event | Drop]:
        """One event for each message and each piece of news in a verified body; ValueError if it is no JSON object.

        Every element of every entry is an event or a drop; a reason is one that the network's `_parts` lists,
        malformed or too_large.
        """
        found = self._parts(json_object(body))
        return [queueable(part, network=self.name, received_at=received_at) for part in found]

    def mention(self, event: Event) -> Reading:
        """Read one event of `split`. Drops: malformed, too_old (a message; judged at receipt).

        `named` is empty, as these networks know no @names: who is meant must be read in the text.
        """
        try:
            payload = checked(event.payload)
        except Malformed:
            return Drop("malformed")
        if payload["kind"] == "message":
            age_seconds = event.received_at - payload["sent_at"]
            too_old = age_seconds > self.max_age_seconds
            return Drop("too_old") if too_old else self._mention(payload, received_at=event.received_at)
        return self._news(payload)

    def _parts(self, body: Raw) -> Iterator[Part]:
        raise NotImplementedError

    def _news(self, payload: Payload) -> Revocation | Linking | Echo:
        page, user_id = self.bot.user_id, payload["user_id"]
        match payload["kind"]:
            case "linking":
                code = payload["authorization_code"]
                return Linking(network=self.name, page=page, user_id=user_id, authorization_code=code)
            case "echo":
                told = {"message_id": payload["id"], "metadata": payload["metadata"]}
                return Echo(network=self.name, page=page, user_id=user_id, **told)
            case _:
                return Revocation(network=self.name, page=page, user_id=user_id)

    def _mention(self, payload: Payload, *, received_at: int) -> Mention:
        return Mention(
            network=self.name,
            page=self.bot.user_id,
            origin_id=payload["id"],
            message_id=payload["id"],
            author=Named(user_id=payload["user_id"], handle=""),
            text=payload["text"].strip(),
            named=(),
            private=True,
            sent_at=payload["sent_at"],
            received_at=received_at,
            sent_millis=payload["sent_millis"],
            in_reply_to=payload["in_reply_to"],
            button=payload["button"],
            ref=payload["ref"],
        )
