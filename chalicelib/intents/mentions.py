"""Who is named in a text whose network gives no entities: X's own rules for @names (twitter-text)."""

import re

from chalicelib.channels import Named
from chalicelib.intents.folding import at_names

_HANDLE_CHARACTERS_MAX = 15
_GLUED_BEFORE = re.compile(r"[A-Za-z0-9_!#$%&*@＠À-ÖØ-öø-ɏ]")
_GLUED_AFTER = re.compile(r"[@＠À-ÖØ-öø-ɏ\u0300-\u036f]|://|/[A-Za-z]")


def named_in(text: str) -> tuple[Named, ...]:
    """The people whom a text names, in order, without ids.

    A name glued behind a letter, digit or one of `_!#$%&*`, followed by an accented letter, `@` or a list's name, or
    longer than 15 characters is no mention; nor is a mail address. A phone number is one, as `phones.as_names` writes
    it.
    """
    return tuple(
        Named(user_id="", handle=handle)
        for handle, start, end in at_names(text)
        if (len(handle) <= _HANDLE_CHARACTERS_MAX or handle.startswith("+"))
        and not (start and _GLUED_BEFORE.match(text, start - 1))
        and not _GLUED_AFTER.match(text, end)
    )
