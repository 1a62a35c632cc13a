"""The buttons under what is said in a private chat, as many as its network shows; else their words are typed. Pure."""

from collections.abc import Sequence

from chalicelib.channels.meta_sending import BUTTONS, ROWS, TITLE_CHARACTERS, Button
from chalicelib.config import Programme
from chalicelib.intents import taps
from chalicelib.intents.intent import Intent
from chalicelib.intents.who import Payee
from chalicelib.texts import say

PEOPLE = 3
_MENU = ("balance", "history", "repeat", "contacts", "help")
"""In the order of their use: a network that shows three gets the first three."""


def waiting(order: str, language: str) -> tuple[Button, ...]:
    """Under a payment that waits: its SMS again, or an end of it."""
    return tuple(_button(name, language, target=order) for name in ("confirm", "cancel"))


def people(payees: Sequence[Payee], network: str) -> tuple[Button, ...]:
    """Under a list of people: how to pay each of the first few who can be named; two of one name are one button.

    All of them, where the network shows a list.
    """
    first = {_title(one.name): one.payment for one in reversed(payees) if one.payment and one.text}
    shown = [*reversed(first.items())][: ROWS.get(network, PEOPLE)]
    return tuple(Button(title, taps.payload("contacts", id_)) for title, id_ in shown)


def menu(intent: Intent, programme: Programme) -> tuple[Button, ...]:
    """What else may be asked for, where the programme offers it; only help to whoever is no customer.

    What was just asked for and told is left out.
    """
    offered = vars(programme.private)
    names = [name for name in _MENU if offered.get(name, True)] if intent.payer else ["help"]
    told = intent.order if intent.status == "answered" else ""
    return tuple(_button(name, intent.language) for name in names if name != told)


def list_label(answers: int, *, network: str, language: str) -> str:
    """What opens the list of so many answers to a question; empty where the network shows them as buttons."""
    return say(language, "button.choose") if network in ROWS and answers > BUTTONS[network] else ""


def fitting(buttons: tuple[Button, ...], network: str, *, listed: bool = False) -> tuple[Button, ...]:
    """As many as the network shows, or has room for in a list, the first ones; none where it has no buttons."""
    return buttons[: ROWS[network] if listed else BUTTONS.get(network, 0)]


def typed(buttons: tuple[Button, ...], language: str) -> str:
    """The words to type instead of tapping."""
    orders = [tap.order for one in buttons if (tap := taps.read(one.payload)) and not _of_somebody(tap)]
    return ", ".join(say(language, f"verb.{order}") for order in orders)


def _of_somebody(tap: taps.Tap) -> bool:
    return tap.order == "contacts" and bool(tap.target)


def _title(name: str) -> str:
    return name if len(name) <= TITLE_CHARACTERS else f"{name[: TITLE_CHARACTERS - 1]}…"


def _button(order: str, language: str, *, target: str = "") -> Button:
    return Button(say(language, f"button.{order}"), taps.payload(order, target))
