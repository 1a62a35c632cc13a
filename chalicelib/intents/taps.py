"""What our buttons carry: the wish, and the order that it is about where there is one. Pure.

It comes back through the author's hands and proves nothing: whoever carries a wish out looks whose order it is.
"""

import re
from dataclasses import dataclass

BARE = ("balance", "history", "repeat", "contacts", "help")
"""The orders that a button asks for by themselves."""
_NAMES = {"confirm": "again", "cancel": "cancel", "contacts": "pay"}
_ORDERS = {name: order for order, name in _NAMES.items()}
_ABOUT = re.compile(r"(again|cancel|pay):([A-Za-z0-9_-]{16})", re.ASCII)
_PAYEE = re.compile(r"payee:([A-Za-z0-9_-]{16}):([0-9])", re.ASCII)
_PAIR = re.compile(r"pair_(yes|no):([A-Za-z0-9_-]{16})", re.ASCII)


@dataclass(frozen=True)
class Tap:
    """A tap on a button of ours: an order's name, and the id of the order that it is about, if there is one.

    `contacts` about a payment asks how to pay its payee again.
    """

    order: str
    target: str = ""


def payload(order: str, target: str = "") -> str:
    """What the button of an order carries: `balance`, `again:<id>`; raises KeyError for one that has no button."""
    if target:
        return f"{_NAMES[order]}:{target}"
    if order not in BARE:
        raise KeyError(order)
    return order


def read(button: str | None) -> Tap | None:
    """The wish that a button carries; None for whatever we did not write."""
    if button in BARE:
        return Tap(button)
    match = _ABOUT.fullmatch(button or "")
    return Tap(_ORDERS[match[1]], match[2]) if match else None


@dataclass(frozen=True)
class Choice:
    """A tap on one of the names that an order asked about."""

    asked: str
    number: int


def name_button(asked: str, number: int) -> str:
    """What the button of the `number`-th name that an order asks about carries."""
    return f"payee:{asked}:{number}"


def choice_in(button: str | None) -> Choice | None:
    """The choice that a button carries; None for any other button."""
    match = _PAYEE.fullmatch(button or "")
    return Choice(match[1], int(match[2])) if match else None


@dataclass(frozen=True)
class Answer:
    """A tap on Yes or No under the question whether a chat is to be linked; `invitation` is the one it is about."""

    invitation: str
    yes: bool


def answer_buttons(invitation: str) -> tuple[str, str]:
    """What the buttons Yes and No carry."""
    return f"pair_yes:{invitation}", f"pair_no:{invitation}"


def answer_in(button: str | None) -> Answer | None:
    """The answer that a button carries; None for any other button."""
    match = _PAIR.fullmatch(button or "")
    return Answer(match[2], yes=match[1] == "yes") if match else None
