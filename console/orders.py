"""The orders that a clue names: by key where one leads there, else by a search of the table."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.conditions import Item
    from chalicelib.services import Services
    from console.clues import Clue


def look(services: "Services", clue: "Clue") -> "list[Item]":
    """Every order that a clue names; what the ledger books by itself is none."""
    from chalicelib.ledger.transfer import BOOKINGS
    from console import clues, everything

    keys = [key for key in clues.keys(clue, services.programme.bots) if key[0].startswith("T#")]
    found = [services.table.get(key, consistent=True) for key in keys]
    items = [item for item in found if item and item["order"] not in BOOKINGS]
    if items or not (clue.reference or clue.token or clue.digits):
        return items
    searched = everything.search(("T#",), lambda item: clues.matches(clue, item))
    return [item for item in searched if item["order"] not in BOOKINGS]
