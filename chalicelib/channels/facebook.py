"""Messenger as a channel: what people write to the programme's page in private; nothing public ever pays."""

from collections.abc import Iterator

from chalicelib.channels import meta_envelopes
from chalicelib.channels.fields import Raw
from chalicelib.channels.meta import MetaNetwork
from chalicelib.channels.parts import Part


class Facebook(MetaNetwork):
    """One page on Messenger; `bot.user_id` is the page's id."""

    name = "facebook"

    def _parts(self, body: Raw) -> Iterator[Part]:
        return meta_envelopes.parts(body, kind="page", page=self.bot.user_id)
