"""What can befall a call: the kinds, their mix in one history, and the outages. Drawn from the history's seed.

| fault          | the call took effect | what the caller sees                                              |
|----------------|----------------------|-------------------------------------------------------------------|
| `not_sent`     | no                   | the connection failed                                             |
| `lost`         | yes                  | the connection failed                                             |
| `conflict`     | no                   | another transaction holds the item                                |
| `throttled`    | no                   | too many requests                                                 |
| `in_progress`  | later                | the same transaction is still under way                           |
| `server`       | no                   | an internal error of the service                                  |
| `server_done`  | yes                  | the same                                                          |
| `slow`         | yes                  | its answer, seconds later                                         |
| `crash_before` | no                   | nothing: the process is gone                                      |
| `crash_after`  | yes                  | nothing: the process is gone                                      |
| `stale`        | –                    | an eventually consistent read is a moment old                     |
"""

from collections import Counter
from collections.abc import Callable
from random import Random

WRITE = ("not_sent", "lost", "conflict", "throttled", "server", "server_done", "slow", "crash_before", "crash_after")
TRANSACT = (*WRITE, "in_progress")
READ = ("not_sent", "throttled", "server", "slow", "crash_before")
EVENTUAL = (*READ, "stale", "stale", "stale")
DOOR = ("not_sent", "lost", "throttled", "server", "server_done", "slow", "crash_before", "crash_after")

# What befalls a call, said by its operation and the kinds that it can meet; an empty string for nothing.
Plan = Callable[[str, tuple[str, ...]], str]
RATES = (0.0, 0.002, 0.01, 0.03, 0.08)


class Faults:
    """Draws a fault for each call: a rate and a mix of kinds for each history, so that histories differ in weather.

    A `plan` leaves nothing to chance.
    """

    def __init__(self, random: Random, *, rate: float | None = None) -> None:
        self._random = random
        self.rate = random.choice(RATES) if rate is None else rate
        self.off: frozenset[str] = frozenset(kind for kind in sorted({*TRANSACT, *DOOR}) if random.random() < 0.3)
        self.plan: Plan | None = None
        self.counted: Counter[str] = Counter()
        self.table_down = False
        self.keys_down = False

    def draw(self, operation: str, kinds: tuple[str, ...]) -> str:
        """The fault of a call, or an empty string."""
        if self.plan:
            fault = self.plan(operation, kinds)
        elif self._random.random() < self.rate:
            fault = self._random.choice(kinds)
            if fault in self.off:
                return ""
        else:
            return ""
        if fault:
            self.counted[fault] += 1
        return fault

    def calm(self) -> None:
        """No more faults: what is left must come to its end."""
        self.rate, self.table_down, self.keys_down, self.plan = 0.0, False, False, None
