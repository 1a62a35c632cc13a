"""Where one use case is played alone: a small bank, nothing left to chance, and what must be true in the end."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from chalicelib.conditions import Item
from chalicelib.table import Key, Write, account_key, intent_key
from tests.simulation import bank
from tests.simulation.bank import BY_ACCOUNT
from tests.simulation.customer import Payment
from tests.simulation.invariants import demand
from tests.simulation.scheduler import MORNING, Violation
from tests.simulation.world import World

T = TypeVar("T")
# person1 wants "paid" told under their posts.
_NAMES = ("person0", "person1", "person2", "person3", "charity0", "merchant0", "merchant1")
PLAYERS = {name: BY_ACCOUNT[name] for name in _NAMES}
FUNDS = {"person0": 100_000, "person1": 100_000, "person2": 1_500}
CLICKS = 6
MEANWHILE_SECONDS = 2


@dataclass(frozen=True)
class Call:
    """A call to the outside: who made it, what it asked for, and what may befall it."""

    act: str
    operation: str
    kinds: tuple[str, ...]


class Plan:
    """Which fault befalls which call of one kind of act, counted from 1; it records every one of their calls.

    `armed` is False while a use case is only prepared; the next call of an operation in `slow` takes long.
    """

    def __init__(self, world: World, act: str, faults: Mapping[int, str]) -> None:
        self.calls: list[Call] = []
        self.met: dict[int, str] = {}
        self.armed = True
        self.slow: set[str] = set()
        self._scheduler = world.scheduler
        self._act = act
        self._faults = faults

    def __call__(self, operation: str, kinds: tuple[str, ...]) -> str:
        """The fault of a call that is about to be sent."""
        process = self._scheduler.current
        if not self.armed or process is None or process.act.kind != self._act:
            return ""
        self.calls.append(Call(process.act.kind, operation, kinds))
        number = len(self.calls)
        if number in self._faults:
            self.met[number] = self._faults[number]
            return self._faults[number]
        if operation in self.slow:
            self.slow.remove(operation)
            return "slow"
        return ""


class Stage:
    """One use case's world and its people; `ends` is checked when everything has come to rest."""

    def __init__(self, world: World, plan: Plan) -> None:
        self.world = world
        self.plan = plan
        self.ends: list[Callable[[], None]] = []

    @property
    def clean(self) -> bool:
        """Whether no fault has befallen a call yet."""
        return not self.plan.met

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """What happens inside is not tried, only what comes after."""
        self.plan.armed = False
        try:
            yield
        finally:
            self.plan.armed = True

    def meanwhile(self, sent: Callable[[Write], bool], work: Callable[[], object]) -> None:
        """Let others do something while the first such write is under way: it arrives when they are done."""
        waiting = [work]

        def held(write: Write) -> Write:
            if waiting and sent(write):
                self.world.scheduler.spawn("meanwhile", waiting.pop())
                self.world.scheduler.pause(MEANWHILE_SECONDS)
            return write

        table: Any = self.world.table
        put, update, transact = table.put, table.update, table.transact
        table.put = lambda write: put(held(write))
        table.update = lambda write: update(held(write))
        table.transact = lambda writes, *, token: transact([held(write) for write in writes], token=token)

    def payment(self, payer: str = "person0", payee: str = "person1", *, amount_minor: int = 1_000) -> Payment:
        """A payment that is not ordered yet."""
        people = PLAYERS[payer], PLAYERS[payee]
        return Payment(self.world, *people, amount_minor=amount_minor, number=self.world.number())

    def ordered(
        self, payer: str = "person0", payee: str = "person1", *, amount_minor: int = 1_000
    ) -> tuple[Payment, str]:
        """A payment that waits for its payer, and its link."""
        payment = self.payment(payer, payee, amount_minor=amount_minor)
        payment.order()
        return payment, self.link(payment)

    def link(self, payment: Payment, *, number: int = 1) -> str:
        """The link in the SMS, which must come."""
        link = payment.link(number=number)
        demand(link, f"no link {number} for {payment.id}")
        return link

    def again(self, ask: Callable[[], T | None]) -> T:
        """Ask until there is an answer, as a person does."""
        for _ in range(CLICKS):
            answer = ask()
            if answer is not None:
                return answer
            self.world.scheduler.pause(1)
        raise Violation(f"no answer after {CLICKS} tries")

    def paid(self, payment: Payment, link: str) -> None:
        """Type the right code until the page says that it is paid."""
        outcome = self.again(lambda: payment.confirm(link))
        shown = outcome.intent
        demand(shown and shown.status == "paid", f"{payment.id} was not paid: {outcome.refusal}")
        self.ending(payment, "paid")

    def refused(self, payment: Payment, link: str, refusal: str, *, right: bool = True) -> None:
        """Type a code until the page says no, and why; the intent will expire."""
        outcome = self.again(lambda: payment.confirm(link, right=right))
        demand(outcome.refusal == refusal, f"{payment.id}: {outcome.refusal} instead of {refusal}")
        self.ending(payment, "expired")

    def ending(self, payment: Payment, status: str) -> None:
        """An order's last status; a payment is settled once the money has moved, and not otherwise."""
        self.ends.append(lambda: self._ended(payment, status))

    def holds(self, account: str, amount_minor: int) -> None:
        """What an account has in the end."""
        self.checks(account, "available", amount_minor)

    def checks(self, account: str, attribute: str, value: object) -> None:
        """What stands on an account in the end."""

        def check() -> None:
            found = self.world.storage.items[account_key(account)][attribute]
            demand(found == value, f"{account}: {attribute} is {found} instead of {value}")

        self.ends.append(check)

    def edit(self, key: Key, **fields: object) -> None:
        """What nothing of ours does: somebody changes an item by hand."""
        items = self.world.storage.items
        items[key] = {**items[key], **fields}

    def told(self, kind: str) -> None:
        """A phone got a notice of this kind in the end."""
        self.ends.append(lambda: demand(any(kind == label for _, label in self.world.texts), f"no SMS {kind}"))

    def _ended(self, payment: Payment, status: str) -> None:
        item = self.world.storage.items.get(intent_key(payment.id), {})
        demand(item.get("status") == status, f"{payment.id} ended as {item.get('status')} instead of {status}")
        moved = f"T#{payment.id}" in self.world.invariants.paid
        demand(moved == (status == "paid"), f"{payment.id} is {status}, and its money {'moved' if moved else 'stayed'}")


@cache
def items(at: int) -> dict[Key, Item]:
    """The small bank, as it stands at a time."""
    return bank.stocked(bank.people(PLAYERS.values()), FUNDS, now=at)


def world(*, at: int = MORNING) -> World:
    """A world of the small bank, without faults."""
    return World(1, rate=0.0, at=at, items=items(at))
