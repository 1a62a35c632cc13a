"""The table's stream: per item in order, otherwise shuffled, in batches, at least once."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zlib import crc32

from chalicelib.table import Key
from tests.simulation.faults import Faults
from tests.simulation.images import Image
from tests.simulation.scheduler import Scheduler
from tests.simulation.storage import Change

Records = Sequence[Mapping[str, Any]]
# Publishes a batch; False when the function failed or died: the same records come again.
Reader = Callable[[Records], bool]

SHARDS = 4
BATCH = 20
WINDOW_SECONDS, AGAIN_SECONDS = 0.3, 1.0


class Shard:
    """Some items' changes; one reader at a time."""

    def __init__(self, name: str, scheduler: Scheduler, faults: Faults, read: Reader) -> None:
        self._name = name
        self._scheduler = scheduler
        self._faults = faults
        self._read = read
        self._waiting: deque[Change] = deque()
        self._busy = False

    def add(self, change: Change) -> None:
        """A change has been made."""
        self._waiting.append(change)
        if not self._busy:
            self._busy = True
            wait = WINDOW_SECONDS * self._scheduler.random.random()
            self._scheduler.spawn(self._name, self._drain, after=wait)

    @property
    def depth(self) -> int:
        """How many changes were not read yet."""
        return len(self._waiting)

    def _drain(self) -> None:
        while self._waiting:
            size = min(BATCH, len(self._waiting))
            batch = self._shuffled([self._waiting.popleft() for _ in range(size)])
            records = [_record(change) for change in batch]
            self._deliver(records)
            if self._scheduler.random.random() < self._faults.rate:
                self._faults.counted["batch_again"] += 1
                self._deliver(records)
        self._busy = False

    def _deliver(self, records: Records) -> None:
        """Until it is done; a batch that failed comes again in halves."""
        if self._read(records):
            return
        self._scheduler.pause(AGAIN_SECONDS * (0.2 + self._scheduler.random.random()))
        middle = (len(records) + 1) // 2
        for half in (records[:middle], records[middle:]):
            if half:
                self._deliver(half)

    def _shuffled(self, batch: list[Change]) -> list[Change]:
        """Another order of the batch in which each item's changes keep theirs."""
        if len(batch) == 1:
            return batch
        by_key: dict[Key, deque[Change]] = {}
        for change in batch:
            by_key.setdefault(change[0], deque()).append(change)
        if len(by_key) == 1:
            return batch
        keys = [change[0] for change in batch]
        self._scheduler.random.shuffle(keys)
        return [by_key[key].popleft() for key in keys]


class Stream:
    """All shards of one reader; a partition stays on its own."""

    def __init__(self, name: str, scheduler: Scheduler, faults: Faults, read: Reader) -> None:
        self._shards = [Shard(name, scheduler, faults, read) for _ in range(SHARDS)]

    def add(self, change: Change) -> None:
        """Put a change where its partition's go."""
        self._shards[crc32(change[0][0].encode()) % SHARDS].add(change)

    @property
    def depth(self) -> int:
        """How many changes were not read yet."""
        return sum(shard.depth for shard in self._shards)


def _record(change: Change) -> Mapping[str, Any]:
    key, old, new = change
    images: dict[str, Any] = {"Keys": {"PK": {"S": key[0]}, "SK": {"S": key[1]}}, "NewImage": Image(new)}
    if old is None:
        return {"eventName": "INSERT", "dynamodb": images}
    return {"eventName": "MODIFY", "dynamodb": {**images, "OldImage": Image(old)}}
