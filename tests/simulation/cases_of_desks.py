"""The use cases of operators: each command is typed again until it answers."""

from collections.abc import Callable, Sequence

from chalicelib.conditions import Item
from chalicelib.evidence import Notes
from chalicelib.intents import lifecycle
from chalicelib.ledger import sharding
from chalicelib.ledger import store as ledger
from chalicelib.ledger.audit import Evidence, Report, audit
from chalicelib.refusals import Refusal
from chalicelib.table import Key, Rejection, account_key
from tests.simulation import desk
from tests.simulation.bank import SHARDED
from tests.simulation.faults import READ
from tests.simulation.invariants import demand
from tests.simulation.scheduler import Act
from tests.simulation.stage import Stage, T
from tests.simulation.wire import refused

# Small pages, so that an audit stops at several of them; and long enough for it to judge what has happened.
PAGE = 12
JUDGED_SECONDS = 1_000


def expire(stage: Stage) -> None:
    """Support ends a payment that waits."""
    payment, _ = stage.ordered()
    world = stage.world
    _typed(stage, "expire", lambda: lifecycle.expire(world.services, payment.id), subject=f"T#{payment.id}")
    stage.ending(payment, "expired")
    stage.told("expired")


def freeze(stage: Stage) -> None:
    """An account is frozen, and pays nothing until it is not."""
    payment, link = stage.ordered()
    table, clock = stage.world.table, stage.world.services.clock
    _typed(stage, "status", lambda: ledger.set_status(table, "person0", status="frozen", clock=clock))
    with stage.preparing():
        outcome = stage.again(lambda: payment.confirm(link))
        demand(outcome.refusal == Refusal.PAYER_FROZEN, f"a frozen payer was answered {outcome.refusal}")
    _typed(stage, "status", lambda: ledger.set_status(table, "person0", status="open", clock=clock))
    with stage.preparing():
        stage.paid(payment, link)


def close(stage: Stage) -> None:
    """An empty account is closed for good; one with money is not."""
    table, clock = stage.world.table, stage.world.services.clock
    payment, link = stage.ordered(payee="person3")
    _typed(stage, "status", lambda: ledger.close(table, "person3", clock=clock))
    kept = _typed(stage, "status", lambda: ledger.close(table, "person1", clock=clock))
    demand(isinstance(kept, Rejection) and kept.refusal == Refusal.FUNDS_MISSING, "an account with money was closed")
    opened = _typed(stage, "status", lambda: ledger.set_status(table, "person3", status="open", clock=clock))
    frozen = _typed(stage, "status", lambda: ledger.set_status(table, "person3", status="frozen", clock=clock))
    demand(isinstance(opened, Rejection) and isinstance(frozen, Rejection), "a closed account was opened or frozen")
    with stage.preparing():
        stage.refused(payment, link, Refusal.PAYEE_CLOSED)
    stage.checks("person3", "status", "closed")
    stage.checks("person1", "status", "open")


def freeze_cause(stage: Stage) -> None:
    """A cause is frozen with all of its sub-balances, and opened again with all of them."""
    first, first_link = stage.ordered(payee=SHARDED)
    second, second_link = stage.ordered("person1", SHARDED)
    table, clock = stage.world.table, stage.world.services.clock
    _typed(stage, "status", lambda: ledger.set_status(table, SHARDED, status="frozen", clock=clock))
    _all_are(stage, "frozen")
    with stage.preparing():
        stage.refused(first, first_link, Refusal.PAYEE_FROZEN)
    _typed(stage, "status", lambda: ledger.set_status(table, SHARDED, status="open", clock=clock))
    _all_are(stage, "open")
    with stage.preparing():
        stage.paid(second, second_link)


def close_cause(stage: Stage) -> None:
    """An empty cause is closed with all of its sub-balances."""
    table, clock = stage.world.table, stage.world.services.clock
    payment, link = stage.ordered(payee=SHARDED)
    _typed(stage, "status", lambda: ledger.close(table, SHARDED, clock=clock))
    _all_are(stage, "closed")
    with stage.preparing():
        stage.refused(payment, link, Refusal.PAYEE_CLOSED)


def close_cause_with_money(stage: Stage) -> None:
    """One gift on a sub-balance: nothing stays closed, and more may be given."""
    table, clock = stage.world.table, stage.world.services.clock
    first, first_link = stage.ordered(payee=SHARDED)
    second, second_link = stage.ordered("person1", SHARDED)
    with stage.preparing():
        stage.paid(first, first_link)
    kept = _typed(stage, "status", lambda: ledger.close(table, SHARDED, clock=clock))
    demand(isinstance(kept, Rejection) and kept.refusal == Refusal.FUNDS_MISSING, "a cause with money was closed")
    _all_are(stage, "open")
    with stage.preparing():
        stage.paid(second, second_link)


def gather(stage: Stage) -> None:
    """Gifts on sub-balances move to the cause's account, all and once; what a late read misses, the next time."""
    gifts = [stage.ordered(payer, SHARDED, amount_minor=700) for payer in ("person0", "person1", "person2")]
    with stage.preparing():
        for payment, link in gifts:
            stage.paid(payment, link)
    for _ in range(2):
        stage.again(lambda: desk.gather(stage.world, SHARDED))
        stage.world.scheduler.pause(1)
    stage.holds(SHARDED, 2_100)


def raise_shards(stage: Stage) -> None:
    """A cause gets more sub-balances, and each takes gifts."""
    desk.raise_shards(stage.world, SHARDED, 6)
    stage.checks(SHARDED, "shards", 6)
    stage.checks(f"{SHARDED}#5", "status", "open")


def raise_first(stage: Stage) -> None:
    """A payee gets its first sub-balances while it waits for money: that goes to the account itself."""
    payment, link = stage.ordered(payee="merchant0")
    desk.raise_shards(stage.world, "merchant0", 2)
    with stage.preparing():
        stage.paid(payment, link)
    stage.checks("merchant0", "shards", 2)
    stage.holds("merchant0", 1_000)


def unblock(stage: Stage) -> None:
    """A blocked payer may type the code again."""
    payment, link = stage.ordered()
    with stage.preparing():
        for _ in range(5):
            payment.confirm(link, right=False)
    _typed(stage, "unblock", lambda: ledger.unblock(stage.world.table, "person0"))
    with stage.preparing():
        stage.paid(payment, link)


def set_code(stage: Stage) -> None:
    """A payer gets another code, and pays with it alone."""
    payment, link = stage.ordered()
    world = stage.world
    with stage.preparing():
        stage.refused(payment, link, Refusal.CODE_REFUSED, right=False)

    def choose() -> Item | Rejection:
        mac = world.services.codes.mac("person0", "482913")
        return ledger.set_code(world.table, "person0", mac=mac)

    _typed(stage, "code", choose)
    stage.checks("person0", "attempts", 0)
    stage.checks("person0", "code", "k1.person0|482913")


def fund(stage: Stage) -> None:
    """Money comes in, once for each reference."""
    world = stage.world
    funding = ledger.funding("reference-7", payee="person2", amount_minor=700, currency="EUR")

    def credit() -> str:
        rejection = ledger.fund(world.table, funding, clock=world.services.clock)
        return rejection.refusal if rejection else "credited"

    answers = [_typed(stage, "fund", credit) for _ in range(2)]
    demand(answers[1] == Refusal.ALREADY_SEEN, f"a reference used before was answered {answers[1]}")
    stage.holds("person2", 2_200)


def fund_nobody(stage: Stage) -> None:
    """Money for an account that does not exist is refused, and nothing is stored."""
    world = stage.world
    funding = ledger.funding("reference-8", payee="person9", amount_minor=700, currency="EUR")
    answer = _typed(stage, "fund", lambda: ledger.fund(world.table, funding, clock=world.services.clock))
    demand(answer and answer.refusal == Refusal.PAYEE_UNKNOWN, f"nobody was funded: {answer}")
    demand(account_key("person9") not in world.storage.items, "an account was made")


def audited(stage: Stage) -> None:
    """The audit, put aside wherever it fails and gone on with, finds nothing."""
    payment, link = stage.ordered()
    with stage.preparing():
        stage.paid(payment, link)
        stage.world.scheduler.pause(JUDGED_SECONDS)
    world = stage.world
    evidence = Evidence(scan=_scan(stage), lines=lambda *_, **__: (), dead=lambda: 0)
    notes = Notes(world.table, world.services.clock.now)
    report = _typed(stage, "audit", lambda: _Told(audit(world.services, evidence, notes)))
    found = report.made
    demand(found and found.clean and found.transfers == 4, f"the audit says {found}")


class _Told:
    """A report, or that there is none."""

    def __init__(self, made: Report | None) -> None:
        self.made = made


def _scan(stage: Stage) -> Callable[..., tuple[Sequence[Item], Key | None]]:
    """Pages of the whole table, each a call of its own."""
    world = stage.world

    def scan(start: Key | None, *, consistent: bool = False) -> tuple[Sequence[Item], Key | None]:  # noqa: ARG001  # the port's name
        if fault := world.wire.go("scan", READ):
            raise refused("scan", fault)
        keys = sorted(world.storage.items)
        first = keys.index(start) + 1 if start else 0
        page = keys[first : first + PAGE]
        return [world.storage.items[key] for key in page], page[-1] if first + PAGE < len(keys) else None

    return scan


def _all_are(stage: Stage, status: str) -> None:
    """A cause and its sub-balances stand alike."""
    items = stage.world.storage.items
    keys = [account_key(SHARDED), *sharding.keys(SHARDED, items[account_key(SHARDED)]["shards"])]
    found = {key[0]: items[key]["status"] for key in keys}
    demand(set(found.values()) == {status}, f"not all are {status}: {found}")


def _typed(stage: Stage, kind: str, command: Callable[[], T], *, subject: str = "") -> T:
    """A command that is typed until it answers."""
    return stage.again(lambda: stage.world.run(Act(kind, subject), command))
