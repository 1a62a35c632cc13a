"""Golden bodies of Meta's networks, and bodies made in their shape."""

import json
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parent.parent / "events" / "meta"
PAGE, PSID = "1423587017700273", "4237571439620831"
ACCOUNT, IGSID = "17841400000000000", "200000000000001"
NUMBER_ID, NUMBER, BSUID = "1122334455667", "972987654321", "US.13491208655302741918"
SENT = 1_800_000_000


def load(name: str) -> Any:
    """A golden body or element, parsed."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def names(prefix: str) -> list[str]:
    """The golden files of a network."""
    return sorted(path.stem for path in EVENTS.glob(f"{prefix}*.json"))


def page_body(*elements: Any, kind: str = "page", page: str = PAGE, **entry: Any) -> dict[str, Any]:
    """One entry of Messenger or Instagram with these elements."""
    return {"object": kind, "entry": [{"id": page, "time": SENT * 1000, "messaging": list(elements), **entry}]}


def element(*, at: int = SENT, to: str = PAGE, by: str = PSID, **content: Any) -> dict[str, Any]:
    """One element of `messaging`."""
    return {"sender": {"id": by}, "recipient": {"id": to}, "timestamp": at * 1000, **content}


def said(text: str, **more: Any) -> dict[str, Any]:
    """A message of Messenger with this text."""
    return element(message={"mid": "m_KXGKDUpO6xbVdAmZFBVpzU1AhKVJdAIU", "text": text, **more})


def change(field: str = "messages", *, to: str = NUMBER_ID, **value: Any) -> dict[str, Any]:
    """A body of WhatsApp with one change."""
    number = {"display_phone_number": "972123456789", "phone_number_id": to}
    whole = {"messaging_product": "whatsapp", "metadata": number, **value}
    changes = [{"field": field, "value": whole}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1234567890987654321", "changes": changes}]}


def written(body: str, *, at: int = SENT, **more: Any) -> dict[str, Any]:
    """A message of WhatsApp with this text."""
    head = {"from": NUMBER, "id": "wamid.HBgMOTcyOTg3NjU0MzIxAA==", "timestamp": str(at)}
    return {**head, "type": "text", "text": {"body": body}, **more}


def contact(**more: Any) -> dict[str, Any]:
    """Who wrote on WhatsApp."""
    return {"profile": {"name": "Test"}, "wa_id": NUMBER, "user_id": BSUID, **more}


def bodies(network: str) -> list[Any]:
    """Every golden body of a network, in its envelope."""
    if network == "whatsapp":
        return [load(name) for name in names("whatsapp")]
    if network == "instagram":
        return [{"object": "instagram", **load(name)} for name in names("instagram")]
    elements = [page_body(load(name)) for name in names("messenger_event")]
    whole = [load(name) for name in (*names("messenger_webhook"), *names("page_mention"), *names("webhook"))]
    return (
        elements
        + whole
        + [{"object": "page", "entry": [{"id": PAGE, "changes": [load(name)]}]} for name in names("page_feed")]
    )
