"""The body of a message that we send, as each network of Meta wants it (Meta docs, Send API; Cloud API, messages).

Lengths are the networks' own; whoever passes one has a bug, as the networks would cut off or refuse what they show.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TITLE_CHARACTERS = 20
LINKING = "facebook"
"""The one network that shows a button which opens our page and links an account."""
BUTTONS: Mapping[str, int] = {"facebook": 13, "instagram": 13, "whatsapp": 3}
"""How many buttons each network shows under a message; the others show none."""
ROWS: Mapping[str, int] = {"whatsapp": 10}
"""How many answers a network shows in a list, which opens by one button, where they are more than its buttons."""


@dataclass(frozen=True)
class Button:
    """What a person may tap instead of typing; `payload` comes back as the mention's `button`, and they can see it."""

    title: str
    payload: str


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A message to a person: `metadata` comes back in its echo, `link_url` is our page that links their identity.

    `list_label` is on the button that opens the list of `buttons`, where they are one; a network without lists shows
    them as ever.
    """

    to: str
    text: str
    metadata: str = ""
    buttons: tuple[Button, ...] = ()
    list_label: str = ""
    link_url: str = ""


Form = Callable[[Outgoing], dict[str, Any]]


def messenger(message: Outgoing) -> dict[str, Any]:
    """For Messenger: at most 1,999 characters, 640 beside the link button, and 13 buttons that go when one is tapped.

    The type is RESPONSE: it is allowed within 24 hours of the person's last message.
    """
    _check(message, characters=640 if message.link_url else 1_999, buttons=BUTTONS["facebook"])
    said: dict[str, Any] = _linking(message) if message.link_url else {"text": message.text}
    if message.metadata:
        said["metadata"] = message.metadata
    if message.buttons:
        said["quick_replies"] = [
            {"content_type": "text", "title": button.title, "payload": button.payload} for button in message.buttons
        ]
    return {"recipient": {"id": message.to}, "messaging_type": "RESPONSE", "message": said}


def instagram(message: Outgoing) -> dict[str, Any]:
    """For Instagram: as on Messenger, but at most 1,000 bytes and without a button that links."""
    if len(message.text.encode()) > 1_000 or message.link_url:
        raise ValueError("Instagram takes 1,000 bytes and links nobody")
    return messenger(message)


def whatsapp(message: Outgoing) -> dict[str, Any]:
    """For WhatsApp: at most 4,096 characters, or 1,024 over 3 buttons or a list of 10 rows, whose ids have 200.

    People with an id of WhatsApp's go by it (Meta docs, messages/interactive-list-messages).
    """
    shown = ROWS["whatsapp"] if message.list_label else BUTTONS["whatsapp"]
    _check(message, characters=1_024 if message.buttons else 4_096, buttons=shown)
    if message.list_label:
        _check_list(message)
    if message.link_url:
        raise ValueError("WhatsApp links nobody")
    whom = "to" if message.to.isdigit() else "recipient"
    body = {"messaging_product": "whatsapp", "recipient_type": "individual", whom: message.to, **_shown(message)}
    return {**body, "biz_opaque_callback_data": message.metadata} if message.metadata else body


FORMS: Mapping[str, Form] = {"facebook": messenger, "instagram": instagram, "whatsapp": whatsapp}


def _linking(message: Outgoing) -> dict[str, Any]:
    link = {"type": "account_link", "url": message.link_url}
    template = {"template_type": "button", "text": message.text, "buttons": [link]}
    return {"attachment": {"type": "template", "payload": template}}


def _shown(message: Outgoing) -> dict[str, Any]:
    if not message.buttons:
        return {"type": "text", "text": {"body": message.text, "preview_url": False}}
    if message.list_label:
        return {"type": "interactive", "interactive": _listed(message)}
    replies = [{"type": "reply", "reply": {"id": one.payload, "title": one.title}} for one in message.buttons]
    shown = {"type": "button", "body": {"text": message.text}, "action": {"buttons": replies}}
    return {"type": "interactive", "interactive": shown}


def _listed(message: Outgoing) -> dict[str, Any]:
    """One section, which needs no title then."""
    rows = [{"id": one.payload, "title": one.title} for one in message.buttons]
    action = {"button": message.list_label, "sections": [{"rows": rows}]}
    return {"type": "list", "body": {"text": message.text}, "action": action}


def _check_list(message: Outgoing) -> None:
    fits = message.buttons and len(message.list_label) <= TITLE_CHARACTERS
    if not (fits and all(len(one.payload) <= 200 for one in message.buttons)):
        raise ValueError("a list without rows, or a label or an id that the network would refuse")


def _check(message: Outgoing, *, characters: int, buttons: int) -> None:
    fits = 0 < len(message.text) <= characters and len(message.buttons) <= buttons and len(message.metadata) <= 512
    shown = all(0 < len(one.title) <= TITLE_CHARACTERS and 0 < len(one.payload) <= 256 for one in message.buttons)
    if not (fits and shown):
        raise ValueError("a text, a button or metadata that the network would cut off or refuse")
