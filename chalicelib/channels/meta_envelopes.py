"""The envelope of Messenger and Instagram: entries, each with its batch of up to 1,000 (Meta docs, webhooks)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from chalicelib.channels import Drop, meta_messages
from chalicelib.channels.fields import Raw
from chalicelib.channels.parts import Part

# Where an entry's elements stand; those of `standby` belong to another app, `changes` are of the public page.
_DROPPED = {"standby": "standby", "changes": "page_change"}


def parts(body: Raw, *, kind: str, page: str) -> Iterator[Part]:
    """Each element of a body, in order, whose `object` is of this kind.

    Drops: other_object, unknown_shape, malformed, dashboard_test, standby, page_change, other_page, and those of
    `meta_messages.read`.
    """
    for entry in entries(body, kind):
        if isinstance(entry, Drop):
            yield entry
            continue
        # Changes of an Instagram login stand in the entry itself.
        found = [(key, one) for key in ("messaging", *_DROPPED) for one in elements(entry, key)]
        found += [("changes", entry)] if "field" in entry else []
        for key, element in found:
            yield _part(element, key, entry=entry, page=page)
        if not found:
            yield Drop("unknown_shape")


def entries(body: Raw, kind: str) -> Iterator[Raw | Drop]:
    """The entries of a body, or why there are none; an entry that is no object is malformed."""
    if body.get("object") != kind:
        yield Drop("other_object")
        return
    found = elements(body, "entry")
    yield from (one if isinstance(one, dict) else Drop("malformed") for one in found or [{}])


def elements(holder: Raw, key: str) -> list[Any]:
    """The list at a key, [] when it is absent or null; what is no list is one element, and malformed."""
    value = holder.get(key)
    if value is None:
        return []
    return value if isinstance(value, list) else [value] if not isinstance(value, dict) else [None]


def is_test(entry: Raw) -> bool:
    """Whether an entry comes from the test button of Meta's dashboard."""
    return entry.get("id") == "0"


def _part(element: object, key: str, *, entry: Raw, page: str) -> Part:
    if is_test(entry):
        return Drop("dashboard_test")
    if key in _DROPPED:
        return Drop(_DROPPED[key])
    if entry.get("id") != page:
        return Drop("other_page")
    if not isinstance(element, dict):
        return Drop("malformed")
    return partial(meta_messages.read, element, page=page, entry_time=entry.get("time"))
