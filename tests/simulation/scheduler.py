"""Virtual time and greenlets: which process goes on next is drawn from a seed, so a history can be told again."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace
from random import Random
from typing import Any

from greenlet import getcurrent, greenlet

# In Paris: a Tuesday, 11:10; just before midnight; just before midnight of 30 September.
MORNING = 1_790_068_200
EVENING = MORNING + 46_140
LAST_EVENING = EVENING + 8 * 86_400


class Crash(BaseException):
    """The process is gone, between two calls or with an answer under way; production code must not stop it."""


class Violation(BaseException):  # it is a finding
    """Something that never bends did bend; it ends the history through whatever code is on the way."""


@dataclass(frozen=True, slots=True, eq=False)
class Act:
    """What a process is doing for the outside: a request or a trigger, and what is known of it.

    `right` says that the code typed is the account's, `about` is the message that a trigger works on.
    """

    kind: str
    subject: str = ""
    right: bool = False
    link_number: int = 0
    about: Any = None


IDLE = Act("nothing")


@dataclass(slots=True, eq=False)
class Process:
    """One line of work: a person with their requests, or a function that a trigger has started.

    It has its `green` from the moment that it begins.
    """

    name: str
    green: Any = None
    skew: int = 0
    act: Act = IDLE


class Scheduler:
    """Runs what is due in the order of virtual time; every process is stopped at each of its calls."""

    def __init__(self, seed: int, *, at: float | None = None, skewed: bool = True) -> None:
        self.random = Random(seed)
        drawn = self.random.choices((MORNING, EVENING, LAST_EVENING), (13, 5, 2))[0]
        self.now: float = drawn if at is None else at
        self.begun_at = self.now
        self._skewed = skewed
        self.current: Process | None = None
        self.steps = 0
        self._due: list[tuple[float, int, Callable[[], object], Process | None]] = []
        self._count = 0
        self._until = 0.0
        self._hub = getcurrent()
        self._idle: list[greenlet] = []

    @property
    def act(self) -> Act:
        """What the running process is doing."""
        return self.current.act if self.current else IDLE

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something after so many seconds of virtual time."""
        self._count += 1
        heappush(self._due, (self.now + seconds, self._count, act, None))

    def spawn(self, name: str, work: Callable[[], object], *, after: float = 0.0) -> Process:
        """Start a process; its clock may be a second off, as those of two machines are."""
        draw = self.random.random()
        skew = 0 if draw < 0.7 or not self._skewed else 1 if draw < 0.85 else -1
        process = Process(name, skew=skew)
        self._count += 1
        heappush(self._due, (self.now + after, self._count, lambda: self._begin(process, work), process))
        return process

    def _begin(self, process: Process, work: Callable[[], object]) -> None:
        process.green = self._idle.pop() if self._idle else greenlet(self._serve, parent=self._hub)
        process.green.switch(work)

    def _serve(self, work: Callable[[], object]) -> None:
        """One greenlet's life: a new one for each process would take and give back memory from the system each time."""
        green = getcurrent()
        while True:
            work()
            self._idle.append(green)
            work = self._hub.switch()

    def resume(self, process: Process) -> None:
        """Let a process run up to its next call."""
        self.current = process
        process.green.switch()

    def pause(self, seconds: float) -> None:
        """Stop the running process for so many seconds; anybody else may run meanwhile."""
        process = self.current
        if process is None:
            return
        due, time = self._due, self.now + seconds
        if time <= self._until and (not due or time < due[0][0]):
            self.now = time  # nobody comes before
            self.steps += 1
            return
        self._count += 1
        again = (time, self._count, process.green.switch, process)
        if due and due[0][3] and due[0][3].green and due[0][0] <= self._until:
            self.now, _, act, self.current = heapreplace(due, again)
            self.steps += 1
            # The next process is switched to at once: one switch, not two by way of the hub. One that has not begun
            # begins from the hub, or processes that begin each other would use up the depth of calls.
            act()
            return
        heappush(due, again)
        self._hub.switch()

    def sleep(self) -> None:
        """Stop the running process until somebody resumes it."""
        self._hub.switch()

    def run(self, *, until: float = float("inf")) -> None:
        """Run until nothing is due any more, or until a time; a `Violation` of any process ends it."""
        due, self._until = self._due, until
        while due and due[0][0] <= until:
            self.now, _, act, self.current = heappop(due)
            self.steps += 1
            act()
        while self._idle:
            self._idle.pop().throw()  # one that waits for ever would keep the whole history in memory
        if until != float("inf"):
            self.now = max(self.now, until)
