"""Whom a chat names, where the network knows no @names: those on file for it, by the ids that they were seen with."""

from dataclasses import replace

from chalicelib.channels import Mention, Named
from chalicelib.identity.store import look_up
from chalicelib.intents.mentions import named_in
from chalicelib.services import Services


def named(services: Services, mention: Mention) -> Mention:
    """The message with the people whom its text names; an @name that is not on file has no id, and is nobody.

    Where the network tells who is named, its word counts alone: a text says who bore a name once. Raises Unavailable.
    """
    found = () if mention.named or mention.author.handle else named_in(mention.text)
    if not found:
        return mention
    names = [one.handle for one in found]
    known = look_up(services.table, (mention.network, mention.page), user_ids=(), names=names).names
    return replace(mention, named=tuple(Named(user_id=known.get(name, ""), handle=name) for name in names))
