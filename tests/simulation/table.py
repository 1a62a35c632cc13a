"""DynamoDB behind the port, with what makes it hard: busy items, tokens, throttling, lost answers, reads that lag.

A transaction is prepared, then committed: between the two its items are locked, and whoever else writes one of them,
in a transaction or alone, is told of a conflict. Reads never are. Its items change one after the other, so a reader
may see one side of it before the other. A cancelled one holds what it had prepared a moment longer.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib import dynamodb
from chalicelib.conditions import Item
from chalicelib.table import Key, Put, Rejection, Update, Write
from tests.simulation.compiled import allows
from tests.simulation.faults import EVENTUAL, READ, TRANSACT, WRITE
from tests.simulation.images import after
from tests.simulation.scheduler import IDLE, Act, Violation
from tests.simulation.storage import Change, Storage
from tests.simulation.wire import Wire, meaning, refused

TOKEN_SECONDS = 600
STALE_SECONDS = 0.5
# From prepare to commit, and from the first item's commit to the last one's.
BUSY_SECONDS, APART_SECONDS = 0.012, 0.006


@dataclass
class Run:
    """A transaction that was accepted under a token; `done_at` is None while it runs."""

    writes: Sequence[Write]
    done_at: float | None = None


class SimTable:
    """The `Table` port over `Storage`."""

    def __init__(self, storage: Storage, wire: Wire) -> None:
        self.storage = storage
        self.watch: Callable[[Sequence[Change], Act], None] = lambda _changes, _act: None
        self.conflicts = 0
        self._wire = wire
        self._scheduler = wire.scheduler
        self._busy: set[Key] = set()
        self.runs: dict[str, Run] = {}

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        """Read one item."""
        since = self._read("get", consistent=consistent)
        return self.storage.items.get(key) if since is None else self.storage.seen(key, since=since)

    def get_many(self, keys: Iterable[Key]) -> Mapping[Key, Item]:
        """Read items, each perhaps of another moment."""
        since = self._read("get_many")
        wanted = dict.fromkeys(keys)
        if since is None:
            items = self.storage.items
            return {key: items[key] for key in wanted if key in items}
        return {key: item for key in wanted if (item := self.storage.seen(key, since=since))}

    def query(self, partition: str, *, start: str = "", limit: int, newest_first: bool = False) -> Sequence[Item]:
        """Read a partition in order of SK."""
        since = self._read("query")
        storage = self.storage
        sorts = storage.page(partition, start=start, limit=limit, newest_first=newest_first)
        if since is None:
            return [storage.items[partition, sort] for sort in sorts]
        return [item for sort in sorts if (item := storage.seen((partition, sort), since=since))]

    def put(self, put: Put) -> Rejection | None:
        """Write an item under its conditions."""
        found = self._single("put", put)
        return found if isinstance(found, Rejection) else None

    def update(self, update: Update) -> Item | Rejection:
        """Change an item under its conditions."""
        return self._single("update", update)

    def transact(self, writes: Sequence[Write], *, token: str) -> Rejection | None:
        """Do all or none; see the module."""
        fault = self._wire.go("transact", TRANSACT)
        rejection = None if self._repeated(writes, token) else self._prepared(writes, token=token, fault=fault)
        self._wire.back("transact", fault)
        return rejection

    def _read(self, operation: str, *, consistent: bool = False) -> float | None:
        """Let a read travel; how old it may be, or None if it is of now."""
        fault = self._wire.go(operation, READ if consistent else EVENTUAL)
        if fault and fault != "stale":
            raise refused(operation, fault)
        return self._scheduler.now - STALE_SECONDS * self._scheduler.random.random() if fault else None

    def _single(self, operation: str, write: Write) -> Item | Rejection:
        fault = self._wire.go(operation, WRITE)
        key = write.key
        if key in self._busy:
            raise self._conflict("TransactionConflictException")
        old = self.storage.items.get(key)
        if allows(write.clauses, old):
            new: Item | Rejection = after(write, old)
            assert not isinstance(new, Rejection)
            self.watch([(key, old, new)], self._scheduler.act)
            self.storage.write(key, old, new, at=self._scheduler.now)
        else:
            new = dynamodb._rejection([write], dynamodb._Refused([True], [old]))
        if fault:
            self._wire.back(operation, fault)
        return new

    def _repeated(self, writes: Sequence[Write], token: str) -> bool:
        """Whether this token has done its work already; raises while it is at it."""
        run = self.runs.get(token)
        if run is None or (run.done_at is not None and run.done_at + TOKEN_SECONDS < self._scheduler.now):
            return False
        if run.writes != writes:
            raise Violation("one token came with two requests")
        if run.done_at is None:
            raise meaning("TransactionInProgressException")
        return True

    def _prepared(self, writes: Sequence[Write], *, token: str, fault: str) -> Rejection | None:
        keys = [write.key for write in writes]
        if len(set(keys)) != len(keys):
            raise Violation(f"two actions on one item: {keys}")
        if not self._busy.isdisjoint(keys):
            raise self._conflict("TransactionCanceledException")
        olds = [self.storage.items.get(key) for key in keys]
        passed = [allows(write.clauses, old) for write, old in zip(writes, olds, strict=True)]
        if not all(passed):
            self._hold(keys)
            return dynamodb._rejection(writes, self._told(passed, olds))
        changes = [(key, old, after(write, old)) for key, write, old in zip(keys, writes, olds, strict=True)]
        self.runs[token] = run = Run(list(writes))
        self._commit(changes, run, slow=fault == "in_progress")
        if not fault:
            while run.done_at is None:
                self._scheduler.pause(APART_SECONDS)
        return None

    def _told(self, passed: Sequence[bool], olds: Sequence[Item | None]) -> dynamodb._Refused:
        """Which writes the service says have failed: one of them at least."""
        failed = [place for place, each in enumerate(passed) if not each]
        told = {self._scheduler.random.choice(failed)} if self._scheduler.random.random() < 0.3 else set(failed)
        flags = [place in told for place in range(len(passed))]
        return dynamodb._Refused(flags, [old if flag else None for flag, old in zip(flags, olds, strict=True)])

    def _commit(self, changes: Sequence[Change], run: Run, *, slow: bool) -> None:
        """Lock the items now and change them a moment later, whatever becomes of who asked."""
        scheduler, act = self._scheduler, self._scheduler.act
        if scheduler.current is None:
            self._decide(changes, run, act)
            return
        self._busy.update(key for key, _, _ in changes)
        wait = BUSY_SECONDS * (0.25 + scheduler.random.random()) + (3 * scheduler.random.random() if slow else 0)
        scheduler.later(wait, lambda: self._decide(changes, run, act))

    def _decide(self, changes: Sequence[Change], run: Run, act: Act) -> None:
        """Commit for whom it was sent, whatever they do by now."""
        self.watch(changes, act)
        order = list(changes)
        self._scheduler.random.shuffle(order)
        last = order.pop()
        for change in order:
            self._apply(change)

        def finish() -> None:
            self._apply(last)
            run.done_at = self._scheduler.now

        if act is IDLE:
            finish()
        else:
            self._scheduler.later(APART_SECONDS * self._scheduler.random.random(), finish)

    def _apply(self, change: Change) -> None:
        key, old, new = change
        self._busy.discard(key)
        self.storage.write(key, old, new, at=self._scheduler.now)

    def _hold(self, keys: Sequence[Key]) -> None:
        """A cancelled transaction lets go of what it had prepared a moment later."""
        if self._scheduler.current is None or self._scheduler.random.random() < 0.5:
            return
        held = [key for key in keys if key not in self._busy]
        self._busy.update(held)
        wait = BUSY_SECONDS * self._scheduler.random.random()
        self._scheduler.later(wait, lambda: self._busy.difference_update(held))

    def _conflict(self, code: str) -> Exception:
        self.conflicts += 1
        return meaning(code, CancellationReasons=[{"Code": "TransactionConflict"}])
