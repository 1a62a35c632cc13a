"""The envelope of WhatsApp's Cloud API: entries, changes, and the rows of each (Meta docs, whatsapp/cloud-api)."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from chalicelib.channels import Drop
from chalicelib.channels.fields import Malformed, Raw, mapping, optional_text, text
from chalicelib.channels.meta_envelopes import elements, entries, is_test
from chalicelib.channels.meta_payloads import opaque, person
from chalicelib.channels.parts import Part, Payload
from chalicelib.channels.whatsapp_messages import Known, known, read, whom

_ARRIVED = ("sent", "delivered", "read")


def parts(body: Raw, *, page: str) -> Iterator[Part]:
    """Each message, status and change of an id in a body, in order; `page` is our phone number id.

    Drops: other_object, unknown_shape, malformed, dashboard_test, other_page, event_ignored, network_errors, status,
    and those of `whatsapp_messages.read`.
    """
    for entry in entries(body, "whatsapp_business_account"):
        if isinstance(entry, Drop):
            yield entry
            continue
        changes = elements(entry, "changes")
        for change in changes:
            yield from (Drop("dashboard_test"),) if is_test(entry) else _change(change, page=page)
        if not changes:
            yield Drop("unknown_shape")


def _change(change: Any, *, page: str) -> Iterator[Part]:
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(value, dict):
        yield Drop("malformed")
        return
    found = [(key, one) for key in _FIELDS.get(str(change.get("field")), ()) for one in elements(value, key)]
    try:
        number, beside = text(mapping(value, "metadata"), "phone_number_id"), known(value)
    except Malformed:
        yield from (Drop("malformed") for _ in found)
    else:
        yield from (_part(key, element, beside) if number == page else Drop("other_page") for key, element in found)
    if not found:
        yield Drop("event_ignored")


def _part(key: str, element: object, beside: Known) -> Part:
    return partial(_READERS[key], element, beside) if isinstance(element, dict) else Drop("malformed")


def _status(status: Raw, beside: Known) -> Payload | Drop:
    """What WhatsApp has instead of an echo: a message of ours that went on its way, with the data sent along."""
    metadata = optional_text(status, "biz_opaque_callback_data")
    if not metadata or status.get("status") not in _ARRIVED:
        return Drop("status")
    to = whom(status, "recipient", beside)
    return {"kind": "echo", "id": opaque(status, "id"), "user_id": to, "metadata": metadata}


def _renamed(update: Raw, _: Known) -> Payload:
    """Whose id has changed is not known by the previous one any more."""
    return {"kind": "unlinked", "user_id": person(mapping(update, "user_id"), "previous")}


def _errors(_: Raw, __: Known) -> Drop:
    return Drop("network_errors")


_FIELDS = {"messages": ("messages", "statuses", "errors"), "user_id_update": ("user_id_update",)}
_READERS: dict[str, Callable[[Raw, Known], Payload | Drop]] = {
    "messages": read,
    "statuses": _status,
    "errors": _errors,
    "user_id_update": _renamed,
}
