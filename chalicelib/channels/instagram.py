"""Instagram as a channel: what people write to the programme's account in private; comments and mentions never pay."""

from collections.abc import Iterator

from chalicelib.channels import meta_envelopes
from chalicelib.channels.fields import Raw
from chalicelib.channels.meta import MetaNetwork
from chalicelib.channels.parts import Part


class Instagram(MetaNetwork):
    """One professional account on Instagram; `bot.user_id` is its id, which is not the page's that it belongs to."""

    name = "instagram"

    def _parts(self, body: Raw) -> Iterator[Part]:
        return meta_envelopes.parts(body, kind="instagram", page=self.bot.user_id)
