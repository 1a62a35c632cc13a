"""What travels through the inbox of a message on Messenger, Instagram or WhatsApp: one small shape for the three.

`kind` says which keys there are: `message` has id, user_id, text, button, in_reply_to, ref, sent_at and, where the
network tells milliseconds, sent_millis; `echo` has id, user_id and metadata; `linking` has user_id and
authorization_code; `unlinked` has user_id.
"""

import re

from chalicelib.channels.fields import Malformed, Raw, integer, optional_text, text
from chalicelib.channels.parts import Payload

_OPAQUE = re.compile(r"[!-~]{1,512}")
# Page- and Instagram-scoped ids and phone numbers are digits; WhatsApp's own ids say a country first.
_PERSON = re.compile(r"[0-9]{1,19}|[A-Z]{2}\.[A-Za-z0-9]{1,128}")


def opaque(raw: Raw, key: str) -> str:
    """The id or code of no known form at a key: up to 512 visible ASCII characters."""
    return _matching(_OPAQUE, text(raw, key))


def optional_opaque(raw: Raw, key: str) -> str | None:
    """The same, None when it is absent or null."""
    return None if raw.get(key) is None else opaque(raw, key)


def person(raw: Raw, key: str) -> str:
    """The id of a person at a key."""
    return _matching(_PERSON, text(raw, key))


def checked(payload: Raw) -> Payload:
    """The same payload, if every value in it has its type; raises Malformed otherwise."""
    found: Payload = {"kind": text(payload, "kind"), "user_id": person(payload, "user_id")}
    match found["kind"]:
        case "message":
            words = {name: optional_text(payload, name) for name in ("button", "in_reply_to", "ref")}
            sent = {"sent_at": integer(payload.get("sent_at")), "sent_millis": integer(payload.get("sent_millis", 0))}
            return found | words | sent | {"id": opaque(payload, "id"), "text": text(payload, "text")}
        case "echo":
            return found | {"id": opaque(payload, "id"), "metadata": text(payload, "metadata")}
        case "linking":
            return found | {"authorization_code": opaque(payload, "authorization_code")}
        case "unlinked":
            return found
    raise Malformed("kind")


def _matching(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise Malformed(pattern.pattern)
    return value
