"""A small in-memory table behind the production port: atomic, with lost answers and busy items on demand."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.capacity import Usage
from chalicelib.conditions import Item, broken
from chalicelib.expressions import decode_item, encode_item
from chalicelib.refusals import first
from chalicelib.table import Ambiguous, Busy, Key, Put, Rejection, Update, Write


@dataclass
class MemoryTable:
    """Keeps items in a dictionary. The next writes consume `faults`: "busy", "lost" (done, answer lost), "down"."""

    items: dict[Key, dict[str, Any]] = field(default_factory=dict)
    images: list[tuple[Item | None, Item]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    tokens: dict[str, Sequence[Write]] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        """Read one item."""
        item = self._copy(key)
        self.usage.read([item] * (2 if consistent else 1))
        return item

    def get_many(self, keys: Iterable[Key]) -> Mapping[Key, Item]:
        """Read items, duplicates once."""
        found = {key: item for key in dict.fromkeys(keys) if (item := self._copy(key))}
        self.usage.read([found.get(key) for key in dict.fromkeys(keys)])
        return found

    def query(self, partition: str, *, start: str = "", limit: int, newest_first: bool = False) -> Sequence[Item]:
        """Read a partition in order of SK."""
        sorts = sorted((sort for pk, sort in self.items if pk == partition and sort >= start), reverse=newest_first)
        items = [self.items[partition, sort] for sort in sorts[:limit]]
        self.usage.query(items)
        return items

    def put(self, put: Put) -> Rejection | None:
        """Write an item under its conditions."""
        self.usage.write(put.item)
        return self._all([put])

    def update(self, update: Update) -> Item | Rejection:
        """Change an item under its conditions."""
        rejection = self._all([update])
        item = self.items.get(update.key)
        self.usage.write(item)
        return rejection or dict(item or {})

    def transact(self, writes: Sequence[Write], *, token: str) -> Rejection | None:
        """Do all or none; the same token does nothing a second time, and refuses another request."""
        self.usage.transact(writes)
        with self.lock:
            unreachable = self.faults and self.faults[0] in ("busy", "down")
            if token in self.tokens and not unreachable:
                assert self.tokens[token] == writes, "the same token came with another request"
                return None
            return self._all(writes, token=token)

    def _all(self, writes: Sequence[Write], *, token: str = "") -> Rejection | None:
        keys = [write.key for write in writes]
        assert len(keys) == len(set(keys)), "two actions on one item"
        with self.lock:
            fault = self.faults.pop(0) if self.faults else ""
            if fault == "busy":
                raise Busy("injected")
            if fault == "down":
                raise Ambiguous("injected, not sent")
            stored = [self._copy(key) for key in keys]
            names = [broken(write.clauses, item) for write, item in zip(writes, stored, strict=True)]
            refusal = first([name for name in names if name])
            if refusal:
                told = tuple(item if name else None for item, name in zip(stored, names, strict=True))
                return Rejection(refusal, told)
            for write, item in zip(writes, stored, strict=True):
                self._apply(write, item)
            if token:
                self.tokens[token] = writes
            if fault == "lost":
                raise Ambiguous("injected, answer lost")
            return None

    def _apply(self, write: Write, old: dict[str, Any] | None) -> None:
        match write:
            case Put():
                new = decode_item(encode_item(write.item))
            case Update():
                new = dict(old or {"PK": write.key[0], "SK": write.key[1]})
                new.update(decode_item(encode_item(write.assign)))
                for name, amount in write.add.items():
                    new[name] += amount
                for name in write.remove:
                    new.pop(name, None)
        self.items[write.key] = new
        self.images.append((old, dict(new)))

    def _copy(self, key: Key) -> dict[str, Any] | None:
        item = self.items.get(key)
        return dict(item) if item is not None else None
