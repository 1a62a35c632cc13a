"""The way of one call to the outside and back: time passes, others run, and a fault may befall it."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib import dynamodb
from chalicelib.errors import Unavailable
from chalicelib.table import Ambiguous
from tests.simulation.faults import Faults
from tests.simulation.scheduler import Crash, Scheduler

# Seconds: what a call to the table takes, what a slow one takes beside it, and how old a read may be.
SHORTEST, SPREAD = 0.002, 0.012
SLOW = 4.0

_ERRORS: Mapping[str, str] = {
    "conflict": "TransactionConflictException",
    "throttled": "ThrottlingException",
    "in_progress": "TransactionInProgressException",
    "server": "InternalServerError",
    "server_done": "InternalServerError",
}
_NEVER_DONE = frozenset({"not_sent", "conflict", "throttled", "server"})


class Wire:
    """Carries calls of the running process."""

    def __init__(self, scheduler: Scheduler, faults: Faults) -> None:
        self.scheduler = scheduler
        self.faults = faults
        self.heard: Callable[[str, str], None] | None = None
        self._draw = faults.draw
        self._chance = scheduler.random.random

    def go(self, operation: str, kinds: tuple[str, ...]) -> str:
        """Send a call; the fault that its answer will meet. Raises where it never arrives, or is refused at once."""
        fault = self._draw(operation, kinds)
        self.scheduler.pause(SHORTEST + SPREAD * self._chance())
        if self.heard:
            self.heard(operation, fault)
        if self.faults.table_down and not fault and operation in TABLE:
            fault = "not_sent"
            self.faults.counted["outage"] += 1
        if not fault:
            return ""
        if fault == "slow":
            self.scheduler.pause(SLOW * self._chance())
            return ""
        if fault == "crash_before":
            raise Crash
        if fault in _NEVER_DONE:
            raise refused(operation, fault)
        return fault

    def back(self, operation: str, fault: str) -> None:
        """Bring the answer of a call that took effect; raises where it is lost on the way."""
        if fault == "crash_after":
            raise Crash
        if fault and fault != "stale":
            raise refused(operation, fault)


def refused(operation: str, fault: str) -> Exception:
    """The error that production makes of a fault: for the table, by its own reading of the service's answers."""
    if operation not in TABLE:
        return Unavailable(f"{operation}: {fault}")
    if fault not in _ERRORS:
        return Ambiguous(f"{operation}: the connection failed")
    if operation == "transact" and fault in ("conflict", "throttled"):
        code = "TransactionConflict" if fault == "conflict" else "ThrottlingError"
        return meaning("TransactionCanceledException", CancellationReasons=[{"Code": "None"}, {"Code": code}])
    return meaning(_ERRORS[fault])


TABLE = frozenset({"get", "get_many", "query", "put", "update", "transact"})


def meaning(code: str, **more: Any) -> Exception:
    """What production's client makes of an error answer."""
    return dynamodb._meaning({"Error": {"Code": code}, **more})
