"""One message of WhatsApp (Meta docs, whatsapp/cloud-api/webhooks), and whom the network means by it.

A person is their business-scoped user id where the network gives one, for their number comes and goes once they have a
username; else their number.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.channels import Drop
from chalicelib.channels.fields import Malformed, Raw, identifier, mapping, optional_text, rows, text
from chalicelib.channels.meta_payloads import opaque, optional_opaque, person
from chalicelib.channels.parts import Payload

_SECONDS = re.compile(r"[0-9]{9,11}")
_DROPPED = {
    "reaction": "reaction",
    "unsupported": "unsupported",
    **dict.fromkeys(("audio", "contacts", "document", "image", "location", "order", "sticker", "video"), "attachment"),
}


@dataclass(frozen=True)
class Known:
    """What a change says beside its rows: our own number, and the user id of each contact by number.

    The only contact of a change stands under None too; two of one number are nobody.
    """

    own_number: object
    user_ids: Mapping[str | None, object]


def known(value: Raw) -> Known:
    """Read it from a change's value; raises Malformed."""
    contacts = rows(value, "contacts")
    user_ids: dict[str | None, object] = {}
    for contact in contacts:
        number = optional_text(contact, "wa_id")
        user_ids[number] = None if number in user_ids else contact.get("user_id")
    user_ids[None] = contacts[0].get("user_id") if len(contacts) == 1 else None
    return Known(mapping(value, "metadata").get("display_phone_number"), user_ids)


def read(message: Raw, beside: Known) -> Payload | Drop:
    """The payload of a message in a change's value; raises Malformed.

    Drops: own_message, group (its members would see the answer), forwarded (it is somebody else's), reaction,
    unsupported, attachment (a caption is none of an order's words), event_ignored.
    """
    kind, context = text(message, "type"), mapping(message, "context")
    if kind == "system":
        return _system(message)
    if reason := _unwanted(message, context, beside):
        return Drop(reason)
    said = _SAID[kind](mapping(message, kind)) if kind in _SAID else None
    if said is None:
        return Drop(_DROPPED.get(kind, "event_ignored"))
    words, button = said
    # A tap always answers the message that the button stands in; only words are a reply by choice.
    replied_to = optional_opaque(context, "id") if button is None else None
    found = {"id": opaque(message, "id"), "text": words, "button": button, "in_reply_to": replied_to}
    return found | {"kind": "message", "user_id": whom(message, "from", beside), "sent_at": _seconds(message)}


def whom(holder: Raw, side: str, beside: Known) -> str:
    """The person at `from` or `recipient`: the user id that stands there, else that of the number's contact."""
    if holder.get(f"{side}_user_id") is not None:
        return person(holder, f"{side}_user_id")
    number_key = side if side == "from" else f"{side}_id"
    user_id = beside.user_ids.get(optional_text(holder, number_key))
    return identifier(holder, number_key) if user_id is None else person({"user_id": user_id}, "user_id")


def _unwanted(message: Raw, context: Raw, beside: Known) -> str | None:
    if message.get("from") is not None and message["from"] == beside.own_number:
        return "own_message"
    if message.get("group_id") is not None:
        return "group"
    return "forwarded" if context.get("forwarded") or context.get("frequently_forwarded") else None


def _interactive(value: Raw) -> tuple[str, str] | None:
    kind = value.get("type")
    if kind not in ("button_reply", "list_reply"):
        return None
    reply = mapping(value, kind)
    return text(reply, "title"), text(reply, "id")


_SAID: dict[str, Callable[[Raw], tuple[str, str | None] | None]] = {
    "text": lambda value: (text(value, "body"), None),
    "button": lambda value: (text(value, "text"), text(value, "payload")),
    "interactive": _interactive,
}


def _system(message: Raw) -> Payload | Drop:
    """Whose number has changed is not known by the old one any more."""
    if mapping(message, "system").get("type") not in ("user_changed_number", "customer_changed_number"):
        return Drop("event_ignored")
    return {"kind": "unlinked", "user_id": identifier(message, "from")}


def _seconds(message: Raw) -> int:
    written = text(message, "timestamp")
    if not _SECONDS.fullmatch(written):
        raise Malformed("timestamp")
    return int(written)
