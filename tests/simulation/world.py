"""One history's world: the production functions, started by requests and triggers, over the simulated outside."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import TypeVar

from chalicelib import config
from chalicelib.channels import Drop
from chalicelib.conditions import Item
from chalicelib.errors import Unavailable
from chalicelib.intents import placing, sweeping
from chalicelib.ledger import journal, rounds
from chalicelib.notices import change, delivery, payees, publishing, replying
from chalicelib.services import Clock, Services
from chalicelib.table import Key
from tests.simulation.bank import PROGRAMME, population
from tests.simulation.doors import CLAIM_KEY, SimCodes, SimHolders, SimLinks, SimPosts, SimSms, SimTopic, Text
from tests.simulation.faults import Faults
from tests.simulation.invariants import Invariants
from tests.simulation.posts import Post
from tests.simulation.queues import Message, Queue, Topic
from tests.simulation.scheduler import Act, Crash, Process, Scheduler, Violation
from tests.simulation.storage import Change, Storage
from tests.simulation.streams import Records, Stream
from tests.simulation.table import SimTable
from tests.simulation.wire import Wire

T = TypeVar("T")
# From the sending of a text to a thumb on its link: longer than the table's replicas ever lag.
SMS_SECONDS = 0.6
# In how many histories the journal's entries are written too.
PROJECTING = 0.25
STAGE = config.stage({"ENVOI_STAGE": "simulation", "ENVOI_PAGE_URL": "https://pay.example/p"})


class World:
    """Everything of one history; `seed` says all that is left to chance, but for what is given.

    Where the time is given all clocks are exact.
    """

    def __init__(
        self, seed: int, *, rate: float | None = None, at: float | None = None, items: dict[Key, Item] | None = None
    ) -> None:
        self.scheduler = Scheduler(seed, at=at, skewed=at is None)
        self.random = self.scheduler.random
        self.faults = Faults(self.random, rate=rate)
        self.wire = Wire(self.scheduler, self.faults)
        items_given = items is not None
        if items is None:
            items = population(self.random, now=int(self.scheduler.now))
        self.storage = Storage(items)
        self.table = SimTable(self.storage, self.wire)
        self.invariants = Invariants(items, self.scheduler)
        self.table.watch = self.invariants.check
        self.queues = {
            name: Queue(name, self.scheduler, self.faults)
            for name in ("inbox", change.LINKS, change.RECEIPTS, change.REPLIES)
        }
        self.stream = Stream("publish_changes", self.scheduler, self.faults, self._publish)
        self.journal = Stream("project_entries", self.scheduler, self.faults, self._project)
        self.projecting = items_given or self.random.random() < PROJECTING
        self.storage.told = self._changed
        self.park_entry: journal.Park = _park
        self.posts = SimPosts(self.wire)
        sms = SimSms(self.wire, self._heard)
        self.services = self._services(sms, SimTopic(self.wire, Topic(self.queues)))
        self.queues["inbox"].consumer = self._read_order
        self.queues[change.LINKS].consumer = self.queues[change.RECEIPTS].consumer = self._send_sms
        self.queues[change.REPLIES].consumer = self._send_reply
        self.counted: Counter[str] = Counter()
        self.outcomes: dict[str, str] = {}
        self.texts: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.deliveries: Counter[str] = Counter()
        self.links: dict[str, list[str]] = defaultdict(list)
        self._waiting: dict[str, Process] = {}
        self._nonces = 0
        self._numbers = 0

    def _services(self, sms: SimSms, topic: SimTopic) -> Services:
        scheduler = self.scheduler
        clock = Clock(
            now=self._now,
            micros=self._micros,
            monotonic=lambda: scheduler.now,
            sleep=scheduler.pause,
            chance=scheduler.random.random,
            nonce=self._nonce,
        )
        self.codes = SimCodes(self.wire)
        return Services(
            stage=STAGE,
            programme=PROGRAMME,
            table=self.table,
            codes=self.codes,
            links=SimLinks(),
            holders=SimHolders(self.wire),
            claim_links=SimLinks(CLAIM_KEY),
            sms=sms,
            topic=topic,
            clock=clock,
        )

    def _now(self) -> int:
        process = self.scheduler.current
        return int(self.scheduler.now) + (process.skew if process else 0)

    def _micros(self) -> int:
        """The clock of the running process in microseconds, as far from the true time as its seconds are."""
        process = self.scheduler.current
        return int((self.scheduler.now + (process.skew if process else 0)) * 1_000_000)

    def number(self) -> int:
        """The id of the next post; its editions take the one after it."""
        self._numbers += 2
        return 10_000_000 + self._numbers

    def _nonce(self) -> str:
        self._nonces += 1
        return f"n{self._nonces}"

    def run(self, act: Act, work: Callable[[], T]) -> T | None:
        """Run production code for a request or a trigger in the running process; None if it is down or has died."""
        process = self.scheduler.current
        if process is None:
            return work()
        process.act = act
        try:
            return work()
        except Unavailable:
            self.counted["unavailable"] += 1
        except Crash:
            self.counted["crashed"] += 1
        except Exception as bug:
            raise Violation(f"{act.kind} {act.subject}: {type(bug).__name__}: {bug}") from bug
        return None

    def send(self, post: Post) -> None:
        """A post has come by the webhook, which answered 200."""
        self.outcomes.setdefault(post.intent_id, "queued")
        self.queues["inbox"].send(Message(post.intent_id, post))

    def wait_for_link(self, intent: str, *, number: int, seconds: float) -> str:
        """Wait until a phone has the link of this number; an empty string when it does not come in time."""
        process = self.scheduler.current
        assert process is not None
        give_up_at = self.scheduler.now + seconds
        while not self._has(intent, number):
            left = give_up_at - self.scheduler.now
            if left <= 0:
                return ""
            self._waiting[intent] = process
            self.scheduler.later(left, lambda: self._wake(intent, process))
            self.scheduler.sleep()
        self.scheduler.pause(SMS_SECONDS * (1 + self.random.random()))
        return next(link for link in self.links[intent] if _number(link) == number)

    def sweep(self) -> int | None:
        """One run of the sweep, as its schedule starts it; how many expired, None if it failed."""
        return self.run(Act("sweep"), lambda: sweeping.sweep(self.services))

    def gather(self) -> int | None:
        """One round of gathering, as its schedule starts it; how many sub-balances gave, None if it failed."""
        return self.run(Act("gather"), lambda: rounds.go_round(self.services))

    def _has(self, intent: str, number: int) -> bool:
        return any(_number(link) == number for link in self.links.get(intent, ()))

    def _wake(self, intent: str, process: Process) -> None:
        if self._waiting.get(intent) is process:
            del self._waiting[intent]
            self.scheduler.resume(process)

    def _heard(self, text: Text) -> None:
        """A phone shows a text."""
        self.counted["sms"] += 1
        told = text.by.act.about if text.by else None
        if told is not None:
            notice = told.notice
            label = f"{notice.kind}#{notice.link_number}" if notice.link_number else notice.kind
            self.texts[notice.once or notice.subject, label].append(told.message_id)
        if text.link:
            intent = text.link[:16]
            self.links[intent].append(text.link)
            process = self._waiting.get(intent)
            if process:
                self.scheduler.later(0, lambda: self._wake(intent, process))

    def _read_order(self, message: Message) -> bool:
        post: Post = message.body
        placed = self.run(Act("place", post.intent_id), lambda: placing.place(self.services, post.mention))
        if placed is not None:
            outcome = f"dropped {placed.reason}" if isinstance(placed, Drop) else placed.refusal or placed.status
            self.outcomes[post.intent_id] = str(outcome)
            self.counted[f"order_{outcome}"] += 1
        return placed is not None

    def _changed(self, change: Change) -> None:
        """Both readers of the stream hear of a change; of the second one's only accounts are of interest."""
        self.stream.add(change)
        if self.projecting and change[0][0][0] == "A":
            self.journal.add(change)

    def _project(self, records: Records) -> bool:
        def project() -> bool:
            journal.project(self.table, records, park=self.park_entry)
            return True

        return bool(self.run(Act("project"), project))

    def _publish(self, records: Records) -> bool:
        def publish() -> bool:
            publishing.publish_changes(self.services, records, park=_park)
            return True

        return bool(self.run(Act("publish"), publish))

    def _send_sms(self, message: Message) -> bool:
        told = _told(message)
        self.deliveries[told.message_id] += 1

        def send() -> bool:
            delivery.send_sms(self.services, told)
            return True

        return bool(self.run(Act("sms", told.notice.subject, about=told), send))

    def _send_reply(self, message: Message) -> bool:
        told = _told(message)

        def send() -> bool:
            if told.notice.kind in payees.KINDS:
                payees.tell_payee(self.services, lambda text, to: self.posts.message(text, to=to), told)
            else:
                replying.send_reply(self.services, self.posts, told)
            return True

        return bool(self.run(Act("reply", told.notice.subject, about=told), send))


def _told(message: Message) -> delivery.Told:
    body = {"Message": message.body, "MessageId": message.id}
    return delivery.told(body, received_count=message.received)


def _number(link: str) -> int:
    return int(link[17])


def _park(keys: Mapping[str, str]) -> None:
    raise Violation(f"a change was parked: {dict(keys)}")
