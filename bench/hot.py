"""A hot payee in virtual time: the paying transaction of production over the simulator's table, gift upon gift.

Gifts come at random instants (Poisson), each by a person of their own; an item that a transaction writes is busy for
some milliseconds, and who comes meanwhile is turned away, as DynamoDB does. How long it is busy on AWS is not known
before `console measure` has run there; 6 and 12 ms are four times a put's 3 to 6 ms, less what overlaps.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bench.results import Result
from chalicelib.conditions import Item
from chalicelib.errors import Unavailable
from chalicelib.intents.intent import Intent, to_item
from chalicelib.intents.paying import Payment, pay
from chalicelib.ledger import sharding
from chalicelib.ledger.account import from_item, new_item
from chalicelib.services import Clock
from chalicelib.table import Key, Rejection, Write, account_key
from tests.bank import Bank
from tests.simulation import table as simulated
from tests.simulation.faults import Faults
from tests.simulation.scheduler import MORNING, Scheduler
from tests.simulation.storage import Storage
from tests.simulation.wire import Wire

PAYEE, CODE_MAC = "cause", "k1|mac"
AMOUNT_MINOR, SEED = 100, 1
# A lock lasts from a quarter to five quarters of this constant of the simulator's.
MEAN = 0.75
AT_ONCE_SECONDS = 0.000_1


@dataclass(frozen=True, kw_only=True)
class Storm:
    """What became of a storm of gifts; `attempts` are transactions a gift, `p99_ms` what the slowest waited."""

    rate: float
    shards: int
    busy_ms: float
    gifts: int
    attempts: float
    failed: int
    p50_ms: float
    p99_ms: float

    @property
    def failed_percent(self) -> float:
        """The share of gifts that were told to try again later."""
        return 100 * self.failed / self.gifts


class _Counted(simulated.SimTable):
    """The simulator's table, which counts transactions."""

    transactions = 0

    def transact(self, writes: Sequence[Write], *, token: str) -> Rejection | None:
        """Do all or none."""
        self.transactions += 1
        return super().transact(writes, token=token)


def storm(rate: float, shards: int, *, busy_ms: float = 12.0, gifts: int = 3_000) -> Storm:
    """Let so many gifts a second come; drawn from one seed, so it is the same storm each time."""
    scheduler = Scheduler(SEED, at=MORNING, skewed=False)
    wire = Wire(scheduler, Faults(scheduler.random, rate=0.0))
    items = dict(_cause(shards))
    intents = [_intent(number, shards) for number in range(gifts)]
    items.update(item for intent in intents for item in _payer(intent))
    table = _Counted(Storage(items), wire)
    services = replace(Bank().services, table=table, clock=_clock(scheduler))
    waited: list[float] = []
    failed: list[str] = []

    def give(intent: Intent) -> None:
        began = scheduler.now
        payer = from_item(items[account_key(intent.payer)])
        try:
            refusal = pay(services, Payment(intent=intent, payer=payer, link_number=1, candidates=(CODE_MAC,)))
        except Unavailable:
            failed.append(intent.id)
            return
        if refusal:
            raise RuntimeError(f"refused: {refusal}")
        waited.append(1_000 * (scheduler.now - began))

    at = 0.0
    for intent in intents:
        at += scheduler.random.expovariate(rate)
        scheduler.spawn(intent.payer, lambda intent=intent: give(intent), after=at)  # type: ignore[misc]  # bound at once
    with _busy(busy_ms / 1_000):
        scheduler.run()
    if len(waited) + len(failed) != gifts:
        raise RuntimeError("a gift got lost")
    waited.sort()
    return Storm(
        rate=rate, shards=shards, busy_ms=busy_ms, gifts=gifts, attempts=table.transactions / gifts, failed=len(failed),
        p50_ms=waited[len(waited) // 2], p99_ms=waited[int(len(waited) * 0.99)],
    )  # fmt: skip


@contextmanager
def _busy(seconds: float) -> Iterator[None]:
    """Items of a transaction are busy for so long on average, and all are free at once."""
    before = simulated.BUSY_SECONDS, simulated.APART_SECONDS
    simulated.BUSY_SECONDS, simulated.APART_SECONDS = seconds / MEAN, AT_ONCE_SECONDS
    try:
        yield
    finally:
        simulated.BUSY_SECONDS, simulated.APART_SECONDS = before


def _clock(scheduler: Scheduler) -> Clock:
    nonces = itertools.count()
    return Clock(
        now=lambda: int(scheduler.now),
        micros=lambda: int(scheduler.now * 1_000_000),
        monotonic=lambda: scheduler.now,
        sleep=scheduler.pause,
        chance=scheduler.random.random,
        nonce=lambda: f"nonce-{next(nonces)}",
    )


def _cause(shards: int) -> Iterator[tuple[Key, Item]]:
    main = new_item(PAYEE, person=PAYEE, kind="charity", currency="EUR")
    yield account_key(PAYEE), {**main, "shards": shards}
    for number in range(shards):
        item = sharding.part(from_item(main), number)
        yield (item["PK"], item["SK"]), item


def _payer(intent: Intent) -> Iterator[tuple[Key, Item]]:
    account = new_item(intent.payer, person=intent.payer, kind="person", currency="EUR")
    yield account_key(intent.payer), {**account, "available": AMOUNT_MINOR, "code": CODE_MAC}
    item = to_item(intent)
    yield (item["PK"], item["SK"]), item


def _intent(number: int, shards: int) -> Intent:
    return Intent(
        id=f"gift{number}", order="give", status="pending", network="twitter", page="1", author_id=str(number),
        message_id=str(number), language="fr", private=False, created_at=MORNING, received_at=MORNING,
        payer=f"giver{number}", payer_person=f"giver{number}", payee=PAYEE, payee_person=PAYEE, payee_kind="charity",
        payee_shards=shards, amount_minor=AMOUNT_MINOR, currency="EUR", expires_at=MORNING + 86_400,
    )  # fmt: skip


RATES = tuple(per_minute / 60 for per_minute in (300, 1_000, 2_400, 5_000, 12_000, 24_000, 60_000))
SHARDS = (1, 16, 64, 256)
# Five and sixty thousand gifts a minute, and what each is promised on.
PROMISES = ((5_000 / 60, 16), (60_000 / 60, 256))
MOST_ATTEMPTS = 1.10


def promised(gifts: int = 3_000) -> Sequence[Result]:
    """The storms that have a goal: transactions a gift, gifts turned away, and what one item does beside them."""
    found = []
    for rate, shards in PROMISES:
        told, name = storm(rate, shards, gifts=gifts), f"{60 * rate:,.0f} gifts a minute on {shards}"
        found.append(Result(name=f"{name}: transactions a gift", value=told.attempts, unit="", goal=MOST_ATTEMPTS))
        found.append(Result(name=f"{name}: turned away", value=told.failed_percent, unit="%", goal=0))
    alone = storm(PROMISES[0][0], 1, gifts=gifts)
    return [*found, Result(name="5,000 gifts a minute on one item: turned away", value=alone.failed_percent, unit="%")]


def everything(gifts: int = 1_500) -> Sequence[Storm]:
    """A storm for each rate and number of sub-balances, for the plot."""
    return [storm(rate, shards, gifts=gifts) for shards in SHARDS for rate in RATES]
