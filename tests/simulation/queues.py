"""SQS and SNS: messages come again until they are done, land in dead letters after some tries, and may come twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulation.faults import Faults
from tests.simulation.scheduler import Scheduler

RECEIVES = 5
VISIBILITY_SECONDS = 30.0
HANDOVER_SECONDS = 0.1


@dataclass(slots=True)
class Message:
    """One message of a queue: `id` is that of its publishing, the same in every copy."""

    id: str
    body: Any
    received: int = 0


# Works on a message; False when the function failed or died: it comes again.
Consumer = Callable[[Message], bool]


class Queue:
    """One queue with its consumer: a process for each receive."""

    def __init__(self, name: str, scheduler: Scheduler, faults: Faults) -> None:
        self.name = name
        self.consumer: Consumer = lambda _: True
        self.dead: list[Message] = []
        self.depth = 0
        self._scheduler = scheduler
        self._faults = faults

    def send(self, message: Message) -> None:
        """Take a message; now and then it is delivered twice."""
        self.depth += 1
        self._receive(message, after=HANDOVER_SECONDS * self._scheduler.random.random())
        if self._scheduler.random.random() < self._faults.rate / 2:
            self._faults.counted["delivered_twice"] += 1
            self.depth += 1
            self._receive(Message(message.id, message.body), after=2 * self._scheduler.random.random())

    def redrive(self) -> None:
        """What an operator does with dead letters once the cause is gone."""
        dead, self.dead = self.dead, []
        for message in dead:
            self.send(Message(message.id, message.body))

    def _receive(self, message: Message, *, after: float) -> None:
        self._scheduler.spawn(self.name, lambda: self._work(message), after=after)

    def _work(self, message: Message) -> None:
        message.received += 1
        if self.consumer(message):
            self.depth -= 1
        elif message.received >= RECEIVES:
            self.depth -= 1
            self.dead.append(message)
        else:
            self._receive(message, after=VISIBILITY_SECONDS * (0.1 + self._scheduler.random.random()))


class Topic:
    """SNS: one message to the queue whose filter it passes."""

    def __init__(self, queues: Mapping[str, Queue]) -> None:
        self._queues = queues
        self._count = 0

    def fan_out(self, body: Any, *, road: str) -> None:
        """Give the message its id and hand it over."""
        self._count += 1
        self._queues[road].send(Message(f"sns-{self._count}", body))
