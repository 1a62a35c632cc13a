"""How a write is tried until its outcome is known: at most 8 tries in 5 seconds, with full jitter."""

from collections.abc import Callable, Sequence

from chalicelib.conditions import Item
from chalicelib.services import Clock
from chalicelib.table import Ambiguous, Busy, Rejection, Table, Update, Write

TRIES = 8
SECONDS = 5.0
FIRST_WAIT_SECONDS = 0.025
LONGEST_WAIT_SECONDS = 1.0


def transact(table: Table, build: Callable[[], Sequence[Write]], *, clock: Clock) -> Rejection | None:
    """Do a transaction; return None when it is done, or the rejection.

    After an ambiguous answer the very same request is sent again, under the same token, so that it cannot be
    done twice within the token's ten minutes. When an item was busy nothing was written, and `build` makes a new
    request, with its own time and token. When the tries are used up it raises Busy, or Ambiguous if it may be done.
    """
    patience = _Patience(clock)
    writes, token = build(), clock.nonce()
    while True:
        try:
            return table.transact(writes, token=token)
        except (Busy, Ambiguous) as error:
            patience.wait(error)
            if isinstance(error, Busy):
                writes, token = build(), clock.nonce()


def change(table: Table, update: Update, *, clock: Clock) -> Item | Rejection:
    """Do an update that is safe to send twice, because its own condition refuses the second one."""
    patience = _Patience(clock)
    while True:
        try:
            return table.update(update)
        except (Busy, Ambiguous) as error:
            patience.wait(error)


class _Patience:
    """Counts the tries of one write and waits between them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._give_up_at = clock.monotonic() + SECONDS
        self._tries = 0
        self._unsure: Ambiguous | None = None

    def wait(self, error: Busy | Ambiguous) -> None:
        """Wait before the next try, or raise when there is none: Ambiguous if any try may have been done."""
        self._tries += 1
        self._unsure = error if isinstance(error, Ambiguous) else self._unsure
        wait = self._clock.chance() * min(FIRST_WAIT_SECONDS * 2**self._tries, LONGEST_WAIT_SECONDS)
        if self._tries >= TRIES or self._clock.monotonic() + wait > self._give_up_at:
            raise self._unsure or error
        self._clock.sleep(wait)
