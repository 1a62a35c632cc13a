"""How money moves: one transaction, at an instant after the last leg of each account that it touches."""

from collections.abc import Callable, Sequence

from chalicelib.refusals import Refusal
from chalicelib.retry import transact
from chalicelib.services import Clock
from chalicelib.table import Busy, Rejection, Table, Write

# An account whose last leg came by a faster clock refuses once and tells its instant; more tries are for crowds.
TRIES = 8

Build = Callable[[int], Sequence[Write]]


def move(table: Table, build: Build, *, clock: Clock, after: int = 0) -> Rejection | None:
    """Do a transfer's transaction; return None when it is done, or the rejection.

    `build` makes the writes for an instant in epoch microseconds, anew for every try; `after` is a leg that is known
    already. An instant that is not later than an account's last leg moves nothing: the transaction is built again for
    one that is. Raises Busy, or Ambiguous when the transaction may be done.
    """
    for _ in range(TRIES):

        def built(floor: int = after) -> Sequence[Write]:
            return build(max(clock.micros(), floor + 1))

        rejection = transact(table, built, clock=clock)
        if rejection is None or rejection.refusal is not Refusal.LEG_LATE:
            return rejection
        after = max(item.get("moved_micros", 0) for item in rejection.items if item)
    raise Busy("other transfers were a moment later each time")
