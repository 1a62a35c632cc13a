"""One webhook of X on its own: the body of a new post that names the bot, and the headers that prove it."""

import itertools
import time
from collections.abc import Sequence

from chalicelib.channels import Named
from local.sandbox import envelopes, network
from local.sandbox.network import Draft
from local.sandbox.webhook import sign

__all__ = ["mention", "sign"]

_counter = itertools.count()


def mention(text: str, *, author: Named, named: Sequence[Named], sent_at: float | None = None) -> bytes:
    """The body of a `post.mention.create` webhook for a new post.

    `named` are the accounts that exist, the bot first: an @name of nobody is no mention. `sent_at` is now if left out.
    """
    at = time.time() if sent_at is None else sent_at
    post = network.alone(Draft(author=author, text=text), new_id=network.snowflake(at, next(_counter)), now=at)
    return envelopes.encoded(envelopes.activity(network.marked(post, named), bot=named[0]))
