"""What happens beside the payments: the bank funds, support unblocks, the schedule sweeps, keys turn, services fail."""

from collections.abc import Callable

from chalicelib.intents import lifecycle
from chalicelib.ledger import gathering, sharding
from chalicelib.ledger import store as ledger
from chalicelib.services import Services
from tests.simulation import posts, reversals
from tests.simulation.bank import CUSTOMERS, INTENT_SECONDS, Customer
from tests.simulation.scheduler import Act
from tests.simulation.world import World

SWEEP_SECONDS = 180
Help = Callable[[Services, str], lifecycle.Outcome]


def chat(world: World, customer: Customer) -> None:
    """Somebody posts what orders nothing."""
    world.send(posts.prose(customer, number=world.number(), now=int(world.scheduler.now)))


def set_status(world: World, account: str, status: str) -> None:
    """Freeze or unfreeze an account, as often as it takes."""
    table, clock = world.table, world.services.clock
    while world.run(Act("status"), lambda: ledger.set_status(table, account, status=status, clock=clock)) is None:
        world.scheduler.pause(1)


def close(world: World, account: str) -> None:
    """Close an empty account."""
    while world.run(Act("status"), lambda: ledger.close(world.table, account, clock=world.services.clock)) is None:
        world.scheduler.pause(1)


def set_code(world: World, account: str, mac: str) -> None:
    """Give somebody another code."""
    while world.run(Act("code"), lambda: ledger.set_code(world.table, account, mac=mac)) is None:
        world.scheduler.pause(1)


def raise_shards(world: World, account_id: str, number: int) -> None:
    """Give a payee more sub-balances while people pay it."""

    def raised() -> bool:
        account = ledger.account(world.table, account_id)
        assert account
        sharding.raise_to(world.table, account, number, clock=world.services.clock)
        return True

    while world.run(Act("shards"), raised) is None:
        world.scheduler.pause(1)


def gather(world: World, account_id: str) -> int | None:
    """Move what came in on the sub-balances to the account; what fails (None) is gathered the next time."""

    def gathered() -> int:
        account = ledger.account(world.table, account_id)
        assert account
        return gathering.gather(world.table, account, clock=world.services.clock)

    return world.run(Act("gather"), gathered)


def unblock(world: World, account: str) -> None:
    """Let somebody type their code again."""
    while world.run(Act("unblock"), lambda: ledger.unblock(world.table, account)) is None:
        world.scheduler.pause(1)


def support(world: World, kind: str, intent: str, help_: Help) -> None:
    """End a payment, or send its link again, at the desk's wish."""
    world.run(Act(kind, f"T#{intent}"), lambda: help_(world.services, intent))


def fund(world: World, account: str, amount_minor: int) -> None:
    """Money comes in; the same reference is tried until it is known to be credited."""
    funding = ledger.funding(f"fund-{world.number()}", payee=account, amount_minor=amount_minor, currency="EUR")

    def credit() -> bool:
        ledger.fund(world.table, funding, clock=world.services.clock)
        return True

    while not world.run(Act("fund"), credit):
        world.scheduler.pause(2)


def schedule(world: World, *, seconds: float) -> None:
    """Everything that the desk and the schedules do in a history of this length."""
    later, draw = world.scheduler.spawn, world.random.random
    last = seconds + INTENT_SECONDS
    for number in range(int(last / SWEEP_SECONDS)):
        later("sweep", world.sweep, after=number * SWEEP_SECONDS + draw())
    for _ in range(6):
        customer, amount_minor = world.random.choice(CUSTOMERS), world.random.choice((100, 2_000, 60_000))
        later("bank", lambda name=customer.name, amount=amount_minor: fund(world, name, amount), after=seconds * draw())  # type: ignore[misc]  # mypy infers no lambda with defaults
    later("support", lambda: _unblock_all(world), after=seconds / 3)
    later("support", lambda: _unblock_all(world), after=seconds * 2 / 3)
    for _ in range(3):
        later("gather", world.gather, after=(seconds + 60) * draw())
    later("bank", lambda: gather(world, "charity0"), after=(seconds + 60) * draw())
    for _ in range(6):
        later("operator", lambda: reversals.give_back(world), after=(seconds + 60) * draw())
    if draw() < 0.3:
        later("bank", lambda: raise_shards(world, "charity0", 6), after=seconds * draw())
        later("bank", lambda: raise_shards(world, "charity1", 3), after=seconds * draw())
    if draw() < 0.2:
        _outage(world, "table_down", at=seconds * draw(), length=1 + 15 * draw())
    if draw() < 0.2:
        _outage(world, "keys_down", at=seconds * draw(), length=1 + 30 * draw())
    if draw() < 0.2:
        world.scheduler.later(seconds * draw(), lambda: setattr(world.codes, "keys", ("k2", "k1")))


def _unblock_all(world: World) -> None:
    """Support unblocks who has called; half of the blocked do."""
    accounts = ((key, item) for key, item in world.storage.items.items() if key[0][:2] == "A#")
    for partition, _ in sorted(key for key, item in accounts if item.get("attempts", 0) >= 5):
        if world.random.random() < 0.5:
            unblock(world, partition.removeprefix("A#"))


def _outage(world: World, what: str, *, at: float, length: float) -> None:
    world.scheduler.later(at, lambda: setattr(world.faults, what, True))
    world.scheduler.later(at + length, lambda: setattr(world.faults, what, False))
