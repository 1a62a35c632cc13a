"""One history from its seed: who pays whom when, in what weather; told as a result."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chalicelib.telemetry.log import LOG
from tests.simulation import closing, desk
from tests.simulation.bank import BY_ACCOUNT, CUSTOMERS, Customer
from tests.simulation.customer import Payment
from tests.simulation.scheduler import Violation
from tests.simulation.scripts import WEIGHTS, Script
from tests.simulation.shortcuts import shortcuts
from tests.simulation.world import World

PAYMENTS = 200
AMOUNTS = (1, *(100, 500, 1_000, 2_500) * 5, 5_000, 9_900, 20_000, 25_000, 25_001, 50_000)
_PEOPLE = [customer for customer in CUSTOMERS if customer.kind == "person"]


@dataclass
class Result:
    """What a history came to; `violation` is empty when nothing bent."""

    seed: int
    violation: str = ""
    at_seconds: float = 0.0
    steps: int = 0
    counted: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)


@contextmanager
def quiet() -> Iterator[None]:
    """Make no log lines, and take mentions as they are read."""
    level = LOG.log_level
    LOG.setLevel(logging.CRITICAL)
    try:
        with shortcuts():
            yield
    finally:
        LOG.setLevel(level)


def run(
    seed: int, *, payments: int = PAYMENTS, rate: float | None = None, begun: Callable[[World], None] = lambda _: None
) -> Result:
    """Run one history; `begun` is handed the world before anything happens."""
    result = Result(seed)
    with quiet():
        world = World(seed, rate=rate)
        begun(world)
        try:
            _play(world, payments)
            closing.close(world)
        except Violation as violation:
            result.violation = str(violation)
    result.at_seconds, result.steps = world.scheduler.now - world.scheduler.begun_at, world.scheduler.steps
    result.counted, result.faults = world.counted, world.faults.counted
    result.counted["paid"] = sum(1 for act in world.invariants.paid.values() if act.kind == "confirm")
    attempts = world.invariants.attempts
    result.counted.update(
        attempts_pardoned=attempts.pardoned, attempts_twice=attempts.twice, attempts_cost=attempts.cost
    )
    result.faults["conflict_met"] = world.table.conflicts
    return result


def _play(world: World, payments: int) -> None:
    """Schedule all payments over some minutes: in half of the histories everybody gives to one charity at once."""
    seconds = world.random.choice((20.0, 120.0, 600.0))
    storm = BY_ACCOUNT["charity0"] if world.random.random() < 0.3 else None
    scripts, weights = list(WEIGHTS), list(WEIGHTS.values())
    for script in world.random.choices(scripts, weights, k=payments):
        payment = _payment(world, storm)
        _start(payment, script, after=seconds * world.random.random())
    desk.schedule(world, seconds=seconds)
    world.scheduler.run()


def _start(payment: Payment, script: Script, *, after: float) -> None:
    payment.world.counted[f"script_{script.__name__}"] += 1
    payment.world.scheduler.spawn(payment.payer.name, lambda: script(payment), after=after)


def _payment(world: World, storm: Customer | None) -> Payment:
    payer = world.random.choice(_PEOPLE)
    payee = storm if storm and world.random.random() < 0.8 else world.random.choice(CUSTOMERS)
    if payee is payer:
        payee = BY_ACCOUNT["charity1"]
    return Payment(world, payer, payee, amount_minor=world.random.choice(AMOUNTS), number=world.number())
