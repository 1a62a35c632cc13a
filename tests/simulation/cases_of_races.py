"""Use cases in which something else happens while a write is under way, and one clause alone is in its way.

Each is played to the moment, without faults; `clause_mutants` drops its clause.
"""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.ledger import store as ledger
from chalicelib.refusals import Refusal
from chalicelib.table import Update, Write, account_key
from tests.simulation import desk
from tests.simulation.bank import INTENT_SECONDS, SHARDED, SHARDS
from tests.simulation.cases_of_payers import confirm_once_without_funds
from tests.simulation.invariants import demand
from tests.simulation.scheduler import Act
from tests.simulation.stage import MEANWHILE_SECONDS, Stage


def funded_in_one_instant(stage: Stage) -> None:
    """Two legs of one account never have one instant."""
    clock = replace(stage.world.services.clock, micros=_instant(stage))
    for number in range(2):
        funding = ledger.funding(f"reference-{number}", payee="person2", amount_minor=700, currency="EUR")
        stage.world.run(Act("fund"), lambda funding=funding: ledger.fund(stage.world.table, funding, clock=clock))  # type: ignore[misc]  # mypy infers no lambda with defaults
    stage.holds("person2", 2_900)


def paid_in_the_instant_of_a_funding(stage: Stage) -> None:
    """Nor do a payment and what came in while it was under way."""
    world = stage.world
    payment, link = stage.ordered()
    clock = replace(world.services.clock, micros=_instant(stage))
    world.services = replace(world.services, clock=clock)
    stage.meanwhile(_pays, lambda: desk.fund(world, "person0", 700))
    stage.paid(payment, link)
    stage.holds("person0", 99_700)


def forgiven_late(stage: Stage) -> None:
    """Two right codes pay nothing at once; before the rest is taken back there is a wrong one: it counts."""
    first, first_link = stage.ordered("person2", amount_minor=1_500)
    second, second_link = stage.ordered("person2", "merchant0", amount_minor=1_500)
    stage.paid(first, first_link)
    stage.meanwhile(_forgives, lambda: stage.refused(second, second_link, Refusal.FUNDS_MISSING))
    stage.meanwhile(_forgives_the_rest, lambda: stage.refused(second, second_link, Refusal.CODE_REFUSED, right=False))
    stage.refused(second, second_link, Refusal.FUNDS_MISSING)
    stage.checks("person2", "attempts", 1)


def renewed_while_paid(stage: Stage) -> None:
    """A link that is asked for while the payment is made: there is nothing to pay any more."""
    payment, link = stage.ordered()
    stage.meanwhile(_raises("link_number"), lambda: stage.paid(payment, link))
    outcome = payment.renew(link)
    demand(outcome and outcome.refusal == Refusal.NOT_PENDING, f"a link for what is paid: {outcome}")


def closed_while_raised(stage: Stage) -> None:
    """A cause gets more sub-balances while it is closed: none of a closed one takes money."""
    _closed_beside(stage, SHARDED, raised_to=SHARDS + 2)


def closed_while_first_raised(stage: Stage) -> None:
    """Nor if it had none before."""
    _closed_beside(stage, "merchant0", raised_to=2)


def frozen_while_opened(stage: Stage) -> None:
    """Two operators at once, one of them in the middle of the sub-balances: these are as the account in the end."""
    world, clock = stage.world, stage.world.services.clock
    stage.meanwhile(
        lambda write: write.key == account_key(f"{SHARDED}#1"), lambda: desk.set_status(world, SHARDED, "open")
    )
    frozen = Act("status")
    stage.again(
        lambda: world.run(frozen, lambda: ledger.set_status(world.table, SHARDED, status="frozen", clock=clock))
    )
    _all_alike(stage, SHARDED)


def _closed_beside(stage: Stage, account: str, *, raised_to: int) -> None:
    world, clock = stage.world, stage.world.services.clock
    stage.meanwhile(
        lambda write: write.key == account_key(account), lambda: desk.raise_shards(world, account, raised_to)
    )
    stage.again(lambda: world.run(Act("status"), lambda: ledger.close(world.table, account, clock=clock)))
    _all_alike(stage, account)


def _all_alike(stage: Stage, account: str) -> None:
    items = stage.world.storage.items
    statuses = {item["status"] for key, item in items.items() if key[0].startswith(f"A#{account}")}
    demand(len(statuses) == 1, f"{account} and its sub-balances are {statuses}")


def cancelled_while_paid(stage: Stage) -> None:
    """A cancel that arrives when the payment is made."""
    payment, link = stage.ordered()
    stage.meanwhile(
        lambda write: isinstance(write, Update) and write.assign.get("status") == "cancelled",
        lambda: stage.paid(payment, link),
    )
    payment.cancel(number=stage.world.number(), reply=True)


def paid_by_a_link_that_is_replaced(stage: Stage) -> None:
    """Another link is asked for while the payment is under way: the old one is dead."""
    payment, link = stage.ordered()
    stage.meanwhile(_pays, lambda: payment.renew(link))
    stage.refused(payment, link, Refusal.LINK_REPLACED)


def paid_as_the_time_is_over(stage: Stage) -> None:
    """The time is over in the second in which the money would move."""
    payment, link = stage.ordered()
    ends_at = payment.post.mention.received_at + INTENT_SECONDS
    payment.until(ends_at - 300)
    payment.renew(link)
    link = stage.link(payment, number=2)
    payment.until(ends_at + 0.3 - MEANWHILE_SECONDS)
    stage.meanwhile(_raises("attempts"), lambda: None)
    stage.refused(payment, link, Refusal.EXPIRED)


RACES = (
    funded_in_one_instant,
    paid_in_the_instant_of_a_funding,
    forgiven_late,
    renewed_while_paid,
    cancelled_while_paid,
    paid_by_a_link_that_is_replaced,
    paid_as_the_time_is_over,
    confirm_once_without_funds,
    closed_while_raised,
    closed_while_first_raised,
    frozen_while_opened,
)


def _instant(stage: Stage) -> Callable[[], int]:
    later = int(stage.world.scheduler.now + 3_600) * 1_000_000
    return lambda: later


def _raises(attribute: str) -> Callable[[Write], bool]:
    return lambda write: isinstance(write, Update) and write.add.get(attribute, 0) > 0


def _pays(write: Write) -> bool:
    return isinstance(write, Update) and write.add.get("available", 0) < 0


def _forgives(write: Write) -> bool:
    return isinstance(write, Update) and write.add.get("attempts", 0) < 0


def _forgives_the_rest(write: Write) -> bool:
    return isinstance(write, Update) and write.assign.get("attempts") == 0 and not write.add
