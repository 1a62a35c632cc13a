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
