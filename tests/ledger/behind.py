"""A table whose replicas are behind: what is not read consistently is as it was before anything was written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.conditions import Item
from chalicelib.table import Key
from tests.memory_table import MemoryTable


@dataclass
class BehindTable(MemoryTable):
    """Once `fall_behind` was called, reads see the items of that moment, but for consistent ones."""

    seen: dict[Key, dict[str, Any]] | None = field(default=None)

    def fall_behind(self) -> None:
        """From now on what is written is seen by consistent reads alone."""
        self.seen = {key: dict(item) for key, item in self.items.items()}

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        """Read one item."""
        if consistent or self.seen is None:
            return super().get(key, consistent=consistent)
        return self.seen.get(key)

    def get_many(self, keys: Iterable[Key]) -> Mapping[Key, Item]:
        """Read items, a moment old."""
        if self.seen is None:
            return super().get_many(keys)
        return {key: self.seen[key] for key in keys if key in self.seen}
