"""What production code does over and over, and may do faster in a history: each has the same answer as before."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from chalicelib.conditions import Item
from chalicelib.identity import code
from chalicelib.intents import intent, placing, store
from chalicelib.ledger import account, journal
from chalicelib.limits import policy
from chalicelib.notices import change, gsm, publishing
from chalicelib.telemetry import metrics
from tests.simulation.images import SAMPLED, already_decoded
from tests.simulation.posts import already_read
from tests.simulation.scheduler import Violation

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


def _shorter(short: Callable[[Any], Any]) -> Shortcut:
    """Another way to the same answer; one in `SAMPLED` goes both ways and is compared."""

    def taken(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        count = 0

        def shortcut(argument: Any) -> Any:
            nonlocal count
            count += 1
            found = short(argument)
            if not count % SAMPLED and found != function(argument):
                raise Violation(f"{function.__name__} has another answer for {argument!r} than {found!r}")
            return found

        return shortcut

    return taken


_LETTERS = gsm.BASIC | gsm.EXTENDED

# Functions of their arguments alone are remembered.
_TAKEN: tuple[tuple[Any, str, Shortcut], ...] = (
    (placing, "_read", already_read),
    (publishing, "decode_item", already_decoded),
    (journal, "decode_item", already_decoded),
    (store, "from_item", _by_item),
    (change, "from_item", _by_item),
    (change, "asdict", _shorter(lambda notice: dict(vars(notice)))),
    (gsm, "fits", _shorter(_LETTERS.issuperset)),
    (gsm, "length", _shorter(lambda text: len(text) + sum(map(text.count, gsm.EXTENDED)))),
    (metrics, "_value", _remembered),
    (gsm, "fold", _remembered),
    (intent, "reference", _remembered),
    (policy, "day_of", _remembered),
    (account, "_mark", _remembered),
    (code, "digest", _remembered),
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
