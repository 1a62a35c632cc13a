"""What production code does over and over, and may do faster in a history: each has the same answer as before."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from chalicelib import link, table
from chalicelib.conditions import Clause, Item
from chalicelib.identity import code, person
from chalicelib.identity import store as people
from chalicelib.intents import decision, intent, lifecycle, placing, store
from chalicelib.ledger import account, journal
from chalicelib.limits import policy
from chalicelib.notices import change, delivery, message, publishing
from chalicelib.telemetry.log import LOG
from tests.simulation.doors import already_loaded
from tests.simulation.images import already_decoded
from tests.simulation.nouns import plain, quick_replace
from tests.simulation.posts import already_read

Shortcut = Callable[[Any], Any]
REMEMBERED = 4_096
_remembered: Shortcut = lru_cache(maxsize=REMEMBERED)


def _by_item(from_item: Callable[[Item], Any]) -> Callable[[Item], Any]:
    """Read each version of an item once: items are never changed, only replaced, and so is what is read from them."""
    known: dict[int, tuple[Item, Any]] = {}

    def shortcut(item: Item) -> Any:
        found = known.get(id(item))
        if found and found[0] is item:
            return found[1]
        made = from_item(item)
        if len(known) >= REMEMBERED:
            known.clear()
        known[id(item)] = item, made
        return made

    return shortcut


def _nothing(*_: object, **__: object) -> None:
    """No log line."""


def _plainly(noun: type) -> Shortcut:
    return lambda _: plain(noun)


# Made most often: together some seventy for each confirm.
_NOUNS = (
    *(Clause, table.Part, table.Put, table.Update, table.Rejection, intent.Intent, store.Ordered, policy.Spent),
    *(change.Notice, delivery.Told, message.Names, person.Person, person.Handle, account.Account, link.Link),
    *(lifecycle.Outcome, people.Directory),
)

# Functions of their arguments alone are remembered.
_TAKEN: tuple[tuple[Any, str, Shortcut], ...] = (
    (placing, "read_mention", already_read),
    (publishing, "decode_item", already_decoded),
    (journal, "decode_item", already_decoded),
    (store, "from_item", _by_item),
    (change, "from_item", _by_item),
    (delivery, "loads", already_loaded),
    (people, "person_from_item", _by_item),
    (LOG, "info", lambda _: _nothing),
    (intent, "reference", _remembered),
    (policy, "day_of", _remembered),
    (account, "_mark", _remembered),
    (code, "digest", _remembered),
    (link, "_mac", _remembered),
    (decision, "replace", lambda _: quick_replace),
    (lifecycle, "replace", lambda _: quick_replace),
    *((noun, "__init__", _plainly(noun)) for noun in _NOUNS),
)


@contextmanager
def shortcuts() -> Iterator[None]:
    """Take them within the block."""
    before = [getattr(holder, name) for holder, name, _ in _TAKEN]
    for (holder, name, shortcut), function in zip(_TAKEN, before, strict=True):
        setattr(holder, name, shortcut(function))
    try:
        yield
    finally:
        for (holder, name, _), function in zip(_TAKEN, before, strict=True):
            setattr(holder, name, function)
