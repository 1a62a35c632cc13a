"""What requests cost, counted by DynamoDB's rules (emulators misreport it): capacity units and round trips."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.conditions import Item
from chalicelib.table import Put, Write

WRITE_BYTES = 1024
READ_BYTES = 4096


@dataclass
class Usage:
    """A running count: write units, read units (eventually consistent: a half each), round trips."""

    write_units: float = 0
    read_units: float = 0
    round_trips: int = 0

    def trip(self) -> None:
        """Count one request sent."""
        self.round_trips += 1

    def read(self, items: Sequence[Item | None], *, trips: int = 1) -> None:
        """Count items read one by one; a missing one costs as much as a small one."""
        self.read_units += sum(math.ceil(max(size(item or {}), 1) / READ_BYTES) / 2 for item in items)
        self.round_trips += trips

    def query(self, items: Sequence[Item]) -> None:
        """Count a query: the sizes are added up, then rounded."""
        self.read_units += math.ceil(max(sum(size(item) for item in items), 1) / READ_BYTES) / 2
        self.round_trips += 1

    def write(self, item: Item | None) -> None:
        """Count a put or an update by the item's size afterwards, or before when it was refused."""
        self.write_units += math.ceil(max(size(item or {}), 1) / WRITE_BYTES)
        self.round_trips += 1

    def transact(self, writes: Sequence[Write]) -> None:
        """Count a transaction: two units a kilobyte of each item (accounts and intents are kept below one)."""
        sizes = [size(write.item) if isinstance(write, Put) else 1 for write in writes]
        self.write_units += sum(2 * math.ceil(max(each, 1) / WRITE_BYTES) for each in sizes)
        self.round_trips += 1


def size(value: Any) -> int:
    """Bytes that DynamoDB counts: names and values in UTF-8, numbers by digits, 3 bytes a map or list."""
    match value:
        case Mapping():
            return sum(len(name.encode()) + _nested(part) for name, part in value.items())
        case _:
            return _nested(value)


def _nested(value: Any) -> int:
    match value:
        case bool() | None:
            return 1
        case int():
            return 1 + math.ceil(len(str(abs(value))) / 2)
        case str():
            return len(value.encode())
        case Mapping():
            return 3 + len(value) + size(value)
        case _:
            return 3 + sum(1 + _nested(part) for part in value)
