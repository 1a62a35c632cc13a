"""Use cases in which one clause alone stands between a race, or a hand on the table, and a wrong book.

Each is played to the moment, without faults: what is due in a second would be late by another one. They show what their
clauses are for, and `clause_mutants` drops these.
"""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.intents import due, lifecycle
from chalicelib.intents.intent import from_item
from chalicelib.intents.store import list_order
from chalicelib.ledger import store as ledger
from chalicelib.refusals import Refusal
from chalicelib.table import Key, Rejection, Update, Write, account_key, intent_key
from tests.simulation import desk
from tests.simulation.bank import INTENT_SECONDS
from tests.simulation.cases_of_payers import confirm_once_without_funds
from tests.simulation.cases_of_triggers import PAIRING, invite, write_code
from tests.simulation.customer import Payment
from tests.simulation.invariants import demand
from tests.simulation.scheduler import Act
from tests.simulation.stage import Stage

TRIES = 5


def payer_in_another_currency(stage: Stage) -> None:
    """A hand has changed the payer's currency."""
    _other_currency(stage, "person0")


def payee_in_another_currency(stage: Stage) -> None:
    """A hand has changed the payee's currency."""
    _other_currency(stage, "person1")


def amount_changed(stage: Stage) -> None:
    """A hand changes the amount while the payment is under way."""
    _changed(stage, amount_minor=900)


def payer_changed(stage: Stage) -> None:
    """A hand changes the payer."""
    _changed(stage, payer="person2")


def payee_changed(stage: Stage) -> None:
    """A hand changes the payee."""
    _changed(stage, payee="person2")


def cancelled_in_the_last_second(stage: Stage) -> None:
    """A cancel in the very second in which the time is over comes too late."""
    payment, _ = stage.ordered()
    payment.until(_over_at(payment))
    payment.cancel(number=stage.world.number(), reply=True)
    stage.ending(payment, "expired")


def resent_in_the_last_second(stage: Stage) -> None:
    """Support sends no link for what is over."""
    payment, _ = stage.ordered()
    payment.until(_over_at(payment))
    world, act = stage.world, Act("resend", f"T#{payment.id}")
    outcome = stage.again(lambda: world.run(act, lambda: lifecycle.resend(world.services, payment.id)))
    demand(outcome.refusal == Refusal.EXPIRED, f"a link for what is over: {outcome.refusal}")


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
    stage.meanwhile(_debits, lambda: desk.fund(world, "person0", 700))
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


def mark_of_a_slower_sweep(stage: Stage) -> None:
    """A sweep that comes a second behind another one does not set it back."""
    table = stage.world.table
    now = int(stage.world.scheduler.now)
    for until in (now, now - 1):
        stage.world.run(Act("sweep"), lambda until=until: due.mark_swept(table, until=until))  # type: ignore[misc]  # mypy infers no lambda with defaults


def commands_for_nobody(stage: Stage) -> None:
    """An operator's command for an account that does not exist changes nothing."""
    table = stage.world.table
    answers = [
        stage.world.run(Act("status"), lambda: ledger.set_status(table, "person9", status="open")),
        stage.world.run(Act("status"), lambda: ledger.set_status(table, "person9", status="frozen")),
        stage.world.run(Act("status"), lambda: ledger.close(table, "person9")),
        stage.world.run(Act("unblock"), lambda: ledger.unblock(table, "person9")),
        stage.world.run(Act("code"), lambda: ledger.set_code(table, "person9", mac="k1.person9|000000")),
    ]
    for answer in answers:
        demand(isinstance(answer, Rejection) and answer.refusal == Refusal.PAYEE_UNKNOWN, f"nobody's account: {answer}")


def paired_in_the_last_second(stage: Stage) -> None:
    """A pairing code in the very second in which its time is over."""
    now = int(stage.world.scheduler.now)
    key = invite(stage, pairing_expires_at=now + 60)
    stage.world.scheduler.pause(60.3)
    _not_paired(stage, key, tries=0)


def paired_before_a_code_was_shown(stage: Stage) -> None:
    """A pairing code that was never shown costs no try."""
    _not_paired(stage, invite(stage, status="invited"), tries=0)


def paired_at_the_sixth_try(stage: Stage) -> None:
    """The right pairing code after five wrong ones."""
    _not_paired(stage, invite(stage, tries=TRIES), tries=TRIES)


def swept_by_a_wrong_line(stage: Stage) -> None:
    """A line that names an intent a second too early expires nothing."""
    payment, _ = stage.ordered()
    line = due.due(replace(from_item(stage.world.storage.items[intent_key(payment.id)]), expires_at=_ends(payment) - 1))
    stage.world.storage.write(line.key, None, line.item, at=stage.world.scheduler.now)
    payment.until(_ends(payment) - 5)
    stage.again(stage.world.sweep)
    payment.until(_ends(payment) - 0.9)
    stage.again(stage.world.sweep)
    demand(stage.world.storage.items[intent_key(payment.id)]["status"] == "pending", "expired too early")
    stage.ending(payment, "expired")


def paid_and_no_longer_listed(stage: Stage) -> None:
    """A line that its TTL has taken does not come back when the order ends."""
    _unlisted(stage, lambda payment, link: payment.confirm(link))


def declined_and_no_longer_listed(stage: Stage) -> None:
    """The same when it is declined."""
    _unlisted(stage, lambda payment, link: payment.decline(link))


def cancelled_and_no_longer_listed(stage: Stage) -> None:
    """The same when it is cancelled."""
    _unlisted(stage, lambda payment, _: payment.cancel(number=stage.world.number(), reply=True))


def expired_and_no_longer_listed(stage: Stage) -> None:
    """The same when it is expired."""
    _unlisted(stage, lambda payment, _: desk.support(stage.world, "expire", payment.id, lifecycle.expire))


GUARDS = (
    swept_by_a_wrong_line,
    paid_and_no_longer_listed,
    declined_and_no_longer_listed,
    cancelled_and_no_longer_listed,
    expired_and_no_longer_listed,
    payer_in_another_currency,
    payee_in_another_currency,
    amount_changed,
    payer_changed,
    payee_changed,
    cancelled_in_the_last_second,
    resent_in_the_last_second,
    funded_in_one_instant,
    paid_in_the_instant_of_a_funding,
    forgiven_late,
    confirm_once_without_funds,
    mark_of_a_slower_sweep,
    commands_for_nobody,
    paired_in_the_last_second,
    paired_before_a_code_was_shown,
    paired_at_the_sixth_try,
)


def _other_currency(stage: Stage, account: str) -> None:
    payment, link = stage.ordered()
    stage.edit(account_key(account), currency="CHF")
    stage.refused(payment, link, Refusal.CURRENCY_MISMATCH)
    stage.edit(account_key(account), currency="EUR")


def _changed(stage: Stage, **fields: object) -> None:
    payment, link = stage.ordered()
    key = intent_key(payment.id)
    kept = {name: stage.world.storage.items[key][name] for name in fields}
    stage.meanwhile(_debits, lambda: stage.edit(key, **fields))
    outcome = payment.confirm(link)
    stage.edit(key, **kept)
    demand(outcome and outcome.refusal == Refusal.INTENT_CHANGED, f"{fields}: {outcome and outcome.refusal}")
    stage.ending(payment, "expired")


def _unlisted(stage: Stage, end: Callable[[Payment, str], object]) -> None:
    payment, link = stage.ordered()
    items = stage.world.storage.items
    key = list_order(from_item(items[intent_key(payment.id)])).key
    line = items[key]
    stage.world.storage.forget(key)
    end(payment, link)
    stage.world.scheduler.pause(60)
    status = items[intent_key(payment.id)]["status"]
    demand(status != "pending", "it did not end")
    demand(key not in items, f"the line of an order that is {status} came back")
    stage.world.storage.write(key, None, {**line, "status": status}, at=stage.world.scheduler.now)


def _ends(payment: Payment) -> int:
    return payment.post.mention.received_at + INTENT_SECONDS


def _over_at(payment: Payment) -> float:
    return _ends(payment) + 0.2


def _instant(stage: Stage) -> Callable[[], int]:
    later = int(stage.world.scheduler.now + 3_600) * 1_000_000
    return lambda: later


def _not_paired(stage: Stage, key: Key, *, tries: int) -> None:
    post = write_code(stage, PAIRING)
    items = stage.world.storage.items

    def check() -> None:
        demand(items[intent_key(post.intent_id)]["refusal"] == Refusal.PAIRING_REFUSED, "not refused")
        demand(items[key]["tries"] == tries, f"{items[key]['tries']} tries were counted, not {tries}")

    stage.ends.append(check)


def _debits(write: Write) -> bool:
    return isinstance(write, Update) and write.add.get("available", 0) < 0


def _forgives(write: Write) -> bool:
    return isinstance(write, Update) and write.add.get("attempts", 0) < 0


def _forgives_the_rest(write: Write) -> bool:
    return isinstance(write, Update) and write.assign.get("attempts") == 0 and not write.add
