"""WhatsApp's Cloud API as a channel: what people write to the programme's number."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chalicelib.channels import Drop, Event, whatsapp_envelopes
from chalicelib.channels.fields import Raw
from chalicelib.channels.meta import MetaNetwork
from chalicelib.channels.parts import Part


class WhatsApp(MetaNetwork):
    """One business number on WhatsApp; `bot.user_id` is its phone number id."""

    name = "whatsapp"

    def split(self, body: bytes, *, received_at: int) -> Sequence[Event | Drop]:
        """As on every network, but the id of a message is kept out of the logs: it holds the author's phone number."""
        found = super().split(body, received_at=received_at)
        return [one if isinstance(one, Drop) else replace(one, message_id="") for one in found]

    def _parts(self, body: Raw) -> Iterator[Part]:
        return whatsapp_envelopes.parts(body, page=self.bot.user_id)
