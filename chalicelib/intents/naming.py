"""Whom a message names beside those whom its network tells: @names on file in a chat, and numbers in private.

Where the network knows no @names, they are those on file for it, by the ids that they were seen with.
"""

from dataclasses import replace

from chalicelib.channels import Mention, Named
from chalicelib.identity.store import look_up
from chalicelib.intents.mentions import named_in
from chalicelib.intents.phones import as_names, is_phone
from chalicelib.services import Services


def named(services: Services, mention: Mention) -> Mention:
    """The message with the people whom its text names; an @name that is not on file has no id, and is nobody here.

    Where the network tells who is named, its word counts alone for @names: a text says who bore a name once. Phone
    numbers name people in private messages only. Raises Unavailable.
    """
    text = as_names(mention.text, services.programme.country) if mention.private else mention.text
    found = named_in(text)
    numbers = tuple(one for one in found if is_phone(one.handle)) if mention.private else ()
    if mention.named or mention.author.handle:
        return replace(mention, text=text, named=(*mention.named, *numbers))
    names = [one.handle for one in found if not is_phone(one.handle)]
    known = look_up(services.table, (mention.network, mention.page), user_ids=(), names=names).names if names else {}
    people = (Named(user_id=known.get(name, ""), handle=name) for name in names)
    return replace(mention, text=text, named=(*people, *numbers))
