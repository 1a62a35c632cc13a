"""The registered networks: one line each. A function that serves one of them loads that one alone."""

from collections.abc import Callable, Mapping
from importlib import import_module

from chalicelib.channels import Network
from chalicelib.config import Programme

REGISTERED: Mapping[str, str] = {
    "twitter": "twitter.Twitter",
    "facebook": "facebook.Facebook",
    "instagram": "instagram.Instagram",
    "whatsapp": "whatsapp.WhatsApp",
}
"""Each network's module in this package, and its class."""
TITLES: Mapping[str, str] = {
    "twitter": "X",
    "facebook": "Messenger",
    "instagram": "Instagram",
    "whatsapp": "WhatsApp",
}
"""What people call each of them; the letters fit an SMS."""
ADDRESSES: Mapping[str, str] = {
    "twitter": "@{handle}",
    "facebook": "m.me/{handle}",
    "instagram": "ig.me/m/{handle}",
    "whatsapp": "wa.me/{handle}",
}
"""Where people write to the programme's bot in private."""


def address(name: str, programme: Programme) -> str:
    """Where people write to a programme's bot on a network."""
    return ADDRESSES[name].format(handle=programme.bots[name].handle)


def network(name: str, programme: Programme) -> Network:
    """A network as a programme uses it; raises KeyError for one that is not registered, or that it does not use."""
    module, _, maker = REGISTERED[name].partition(".")
    made: Callable[..., Network] = getattr(import_module(f"chalicelib.channels.{module}"), maker)
    return made(programme.bots[name], max_age_seconds=programme.durations.message_age_seconds)
