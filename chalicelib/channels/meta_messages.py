"""One element of `messaging` (Meta docs, messenger-platform/reference/webhook-events; Instagram's are the same)."""

import hashlib
import json
import re

from chalicelib import ref
from chalicelib.channels import OPENED, Drop
from chalicelib.channels.fields import Malformed, Raw, flag, identifier, mapping, optional_text, text
from chalicelib.channels.meta_payloads import opaque, optional_opaque
from chalicelib.channels.parts import Payload

_MILLISECONDS = re.compile(r"[0-9]{12,14}")
_TAKEN = ("message", "postback", "account_linking", "optin", "referral")
_DROPPED = {
    "delivery": "delivery",
    "read": "read",
    "reaction": "reaction",
    "policy_enforcement": "policy_enforcement",
    "policy-enforcement": "policy_enforcement",
    "pass_thread_control": "thread_control",
    "take_thread_control": "thread_control",
    "request_thread_control": "thread_control",
    "app_roles": "thread_control",
}


def read(element: Raw, *, page: str, entry_time: object) -> Payload | Drop:
    """The payload of an element, which is of the one known key that it has; raises Malformed.

    Drops: delivery, read, reaction, policy_enforcement, thread_control, event_ignored, other_page, own_message, echo
    (of what another app wrote), unsent, unsupported, attachment (without a text).
    """
    key = next((one for one in _TAKEN if one in element), None)
    if key is None:
        return Drop(next((_DROPPED[one] for one in element if one in _DROPPED), "event_ignored"))
    value = mapping(element, key)
    sender, recipient = (identifier(mapping(element, side), "id") for side in ("sender", "recipient"))
    if key == "message" and flag(value, "is_echo"):
        return _echo(value, to=recipient) if sender == page else Drop("other_page")
    if sender == page:
        return Drop("own_message")
    if recipient != page:
        return Drop("other_page")
    if key == "account_linking":
        return _linking(value, sender)
    sent_ms = _milliseconds(element.get("timestamp", entry_time))
    said = _message(value) if key == "message" else _tapped(value, key, (sender, sent_ms))
    sent = {"sent_at": sent_ms // 1000, "sent_millis": sent_ms}
    return said if isinstance(said, Drop) else said | sent | {"kind": "message", "user_id": sender}


def _message(message: Raw) -> Payload | Drop:
    for key, reason in (("is_deleted", "unsent"), ("is_unsupported", "unsupported")):
        if flag(message, key):
            return Drop(reason)
    written = optional_text(message, "text") or ""
    button = optional_text(mapping(message, "quick_reply"), "payload")
    if not written and button is None:
        return Drop("attachment" if message.get("attachments") else "event_ignored")
    replied_to = optional_opaque(mapping(message, "reply_to"), "mid") if button is None else None
    return {"id": opaque(message, "mid"), "text": written, "button": button, "in_reply_to": replied_to}


def _tapped(value: Raw, key: str, when: tuple[str, int]) -> Payload | Drop:
    """A button that was tapped, or a chat that was opened; older ones have no id, so who, when and what are theirs."""
    if key == "optin" and "type" in value:
        return Drop("event_ignored")  # a subscription to notifications, of which we send none
    button = text(value, "payload") if key == "postback" else OPENED
    known = json.dumps([*when, value], sort_keys=True).encode()
    made = f"{key}.{hashlib.sha256(known).hexdigest()[:40]}"
    title = optional_text(value, "title") if key == "postback" else None
    said = {"text": title or "", "button": button, "in_reply_to": None}
    return {"id": optional_opaque(value, "mid") or made, **said, **_ref(value, key)}


def _ref(value: Raw, key: str) -> Payload:
    """The ref by which a chat was opened: told at once, or by the Get Started of somebody's first chat.

    Only one of our own form is taken along; any other is anybody's to write.
    """
    opened = value if key == "referral" else mapping(value, "referral") if key == "postback" else {}
    brought = ref.parse(optional_text(opened, "ref") or "")
    return {"ref": str(brought)} if brought else {}


def _linking(value: Raw, person: str) -> Payload | Drop:
    match value.get("status"):
        case "linked":
            return {"kind": "linking", "user_id": person, "authorization_code": opaque(value, "authorization_code")}
        case "unlinked":
            return {"kind": "unlinked", "user_id": person}
    return Drop("event_ignored")


def _echo(message: Raw, *, to: str) -> Payload | Drop:
    metadata = optional_text(message, "metadata")
    if not metadata:
        return Drop("echo")
    return {"kind": "echo", "id": opaque(message, "mid"), "user_id": to, "metadata": metadata}


def _milliseconds(value: object) -> int:
    """Epoch milliseconds, written as a number or as its digits."""
    written = str(value) if isinstance(value, int) else value
    if not isinstance(written, str) or not _MILLISECONDS.fullmatch(written):
        raise Malformed("timestamp")
    return int(written)
