"""Where the simulated table keeps its items: the newest version, the one before for late reads, and sort orders."""

from bisect import bisect_left, insort
from collections.abc import Callable

from chalicelib.conditions import Item
from chalicelib.table import Key

Change = tuple[Key, Item | None, Item]


class Storage:
    """Items in dictionaries; each change is told to whoever listens, in the order of the item's changes."""

    def __init__(self, items: dict[Key, Item]) -> None:
        self.items = dict(items)
        self.told: Callable[[Change], None] = lambda _: None
        self._before: dict[Key, tuple[float, Item | None]] = {}
        self._sorts: dict[str, list[str]] = {}
        for partition, sort in items:
            insort(self._sorts.setdefault(partition, []), sort)

    def write(self, key: Key, old: Item | None, new: Item, *, at: float) -> None:
        """Set an item to its new version."""
        self.items[key] = new
        self._before[key] = (at, old)
        if old is None:
            insort(self._sorts.setdefault(key[0], []), key[1])
        self.told((key, old, new))

    def forget(self, key: Key) -> None:
        """Drop an item, as its TTL does; nobody is told."""
        del self.items[key]
        self._sorts[key[0]].remove(key[1])

    def seen(self, key: Key, *, since: float) -> Item | None:
        """An item as a replica knows it that has heard of nothing after `since`, but for one version at the most."""
        changed = self._before.get(key)
        return changed[1] if changed and changed[0] > since else self.items.get(key)

    def page(self, partition: str, *, start: str, limit: int, newest_first: bool) -> list[str]:
        """The sort keys of a query."""
        sorts = self._sorts.get(partition, [])
        first = bisect_left(sorts, start)
        return sorts[: first - 1 if first else None : -1][:limit] if newest_first else sorts[first : first + limit]
