"""What a history's processes saw and wrote of accounts, call by call, for the check of serializability."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from chalicelib.conditions import Item
from chalicelib.ledger.account import OWN
from chalicelib.ledger.transfer import moved_minor
from chalicelib.table import Key, Rejection, Update, Write, account_key
from tests.simulation.bank import CUSTOMERS
from tests.simulation.history import run
from tests.simulation.scheduler import Act, Violation
from tests.simulation.serializability import NEVER, Operation, Version, check
from tests.simulation.storage import Change
from tests.simulation.world import World

# Somebody who looks at account after account, beside the payments.
READERS, LOOKS = 2, 150


class Recorder:
    """Stands between the services and the world's table; `history()` tells what was recorded.

    A transaction lasts from its token's first call until one of them is answered. What an update returns, and what a
    refusal tells, was seen in one moment of the call.
    """

    def __init__(self, world: World) -> None:
        self._scheduler = world.scheduler
        self._table = world.table
        self._looks: list[Operation] = []
        self._transfers: dict[str, Operation] = {}
        self._open: dict[str, tuple[str, float]] = {}
        self._answered: dict[str, float] = {}
        self._watch = world.table.watch
        self._get, self._update, self._transact = world.table.get, world.table.update, world.table.transact
        table = world.table
        table.watch = self._committed
        table.get, table.update, table.transact = self.get, self.update, self.transact  # type: ignore[method-assign]  # it stands beside them

    def history(self) -> list[Operation]:
        """All operations, those without an answer too."""
        return self._looks + [self._ended(token, made) for token, made in self._transfers.items()]

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        """Read an item; a consistent read of an account is recorded."""
        began = self._scheduler.now
        item = self._get(key, consistent=consistent)
        if consistent:
            self._look(began, [item])
        return item

    def update(self, update: Update) -> Item | Rejection:
        """Change an item; what was seen of an account is recorded."""
        began = self._scheduler.now
        changed = self._update(update)
        self._look(began, changed.items if isinstance(changed, Rejection) else [changed])
        return changed

    def transact(self, writes: Sequence[Write], *, token: str) -> Rejection | None:
        """Do a transaction; its first call and its first answer are recorded."""
        began = self._scheduler.now
        self._open.setdefault(token, (self._name(), began))
        rejection = self._transact(writes, token=token)
        if rejection is None:
            self._answered.setdefault(token, self._scheduler.now)
        else:
            for item in rejection.items:
                self._look(began, [item])
        return rejection

    def _committed(self, changes: Sequence[Change], act: Act) -> None:
        moved = [(old, new) for _, old, new in changes if old and new.get("seq", 0) > old.get("seq", 0)]
        if moved:
            token = self._token([key for key, _, _ in changes])
            process, called_at = self._open[token]
            writes = tuple(_version(new) for _, new in moved)
            brings_minor = sum(_brought(old, new) for key, old, new in changes if key[0][0] == "T")
            self._transfers[token] = Operation(
                process=process, called_at=called_at, writes=writes, brings_minor=brings_minor
            )
        self._watch(changes, act)

    def _token(self, keys: list[Key]) -> str:
        """Which of the transactions that were accepted is committed now: the one of these items that is still on."""
        runs = self._table.runs
        return next(
            token
            for token in reversed(self._open)
            if token in runs and runs[token].done_at is None and [each.key for each in runs[token].writes] == keys
        )

    def _ended(self, token: str, made: Operation) -> Operation:
        return replace(made, returned_at=self._answered.get(token, NEVER))

    def _look(self, began: float, items: Sequence[Item | None]) -> None:
        reads = tuple(_version(item) for item in items if item and "available" in item)
        if reads:
            self._looks.append(
                Operation(process=self._name(), called_at=began, returned_at=self._scheduler.now, reads=reads)
            )

    def _name(self) -> str:
        process = self._scheduler.current
        return process.name if process else "bank"


def recorded(seed: int) -> list[Operation]:
    """What the processes of a history saw and wrote, with readers beside the payments; raises its Violation, if any."""
    recorders: list[Recorder] = []

    def begin(world: World) -> None:
        recorders.append(Recorder(world))
        for number in range(READERS):
            world.scheduler.spawn(f"reader{number}", lambda: _read(world))

    result = run(seed, begun=begin)
    if result.violation:
        raise Violation(result.violation)
    return recorders[0].history()


def table(operations: int, *, tell: Callable[[str], object]) -> bool:
    """Record histories until there are so many operations, check each, and tell the figures; whether all were sound."""
    count, seconds, findings, seed = 0, 0.0, 0, 0
    while count < operations:
        history = recorded(seed)
        began = time.perf_counter()
        for finding in check(history, between_reads=False):
            tell(f"seed {seed}: {finding.kind}: {finding.words}")
            findings += 1
        seconds += time.perf_counter() - began
        count, seed = count + len(history), seed + 1
    tell(f"{count:,} operations of {seed} histories checked in {seconds:.1f} s: {findings} findings")
    return not findings


def _read(world: World) -> None:
    for _ in range(LOOKS):
        key = account_key(world.random.choice(CUSTOMERS).name)
        world.run(Act("read"), lambda key=key: world.table.get(key, consistent=True))  # type: ignore[misc]  # mypy infers no lambda with defaults
        world.scheduler.pause(world.random.random())


def _brought(old: Item | None, new: Item) -> int:
    """What an order's change brings in from the programme's own accounts, or takes out to them."""
    if new["status"] != "paid" or (old and old["status"] == "paid"):
        return 0
    return moved_minor(new) * (int(new["payer"] in OWN) - int(new["payee"] in OWN))


def _version(item: Item) -> Version:
    return Version(item["PK"].removeprefix("A#"), item["seq"], item["available"])
