"""Use cases in which one clause alone stands between a hand on the table, or a last second, and a wrong book.

Each is played to the moment, without faults: what is due in a second would be late by another one. They show what their
clauses are for, and `clause_mutants` drops these.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from chalicelib.intents import due, lifecycle
from chalicelib.intents.intent import from_item
from chalicelib.intents.store import list_order
from chalicelib.ledger import sharding
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import from_item as account_from_item
from chalicelib.ledger.entry import entry_key, leg_of, sealed, to_item
from chalicelib.refusals import Refusal
from chalicelib.table import Key, Rejection, Update, Write, account_key, intent_key
from tests.simulation import desk
from tests.simulation.bank import INTENT_SECONDS, SHARDED, SHARDS
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


def mark_of_a_slower_sweep(stage: Stage) -> None:
    """A sweep that comes a second behind another one does not set it back."""
    table = stage.world.table
    now = int(stage.world.scheduler.now)
    for until in (now, now - 1):
        stage.world.run(Act("sweep"), lambda until=until: due.mark_swept(table, until=until))  # type: ignore[misc]  # mypy infers no lambda with defaults


def commands_for_nobody(stage: Stage) -> None:
    """An operator's command for an account that does not exist changes nothing."""
    table, clock, run = stage.world.table, stage.world.services.clock, stage.world.run
    answers = [
        run(Act("status"), lambda: ledger.set_status(table, "person9", status="open", clock=clock)),
        run(Act("status"), lambda: ledger.set_status(table, "person9", status="frozen", clock=clock)),
        run(Act("status"), lambda: ledger.close(table, "person9", clock=clock)),
        run(Act("unblock"), lambda: ledger.unblock(table, "person9")),
        run(Act("code"), lambda: ledger.set_code(table, "person9", mac="k1.person9|000000")),
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


def entry_that_stands_there(stage: Stage) -> None:
    """An entry with other bytes is not overwritten, but the leg that finds it is parked."""
    parked: list[Mapping[str, str]] = []
    stage.world.park_entry = parked.append
    storage, now = stage.world.storage, stage.world.scheduler.now
    payment, link = stage.ordered()
    key = entry_key("person0", 2)
    wrong = {**storage.items[entry_key("person0", 1)], "SK": key[1]}
    storage.write(key, None, wrong, at=now)
    stage.paid(payment, link)
    stage.world.scheduler.pause(30)
    demand(storage.items[key] == wrong, "an entry was overwritten")
    demand([each["entry"] for each in parked] == ["differs"], f"parked: {parked}")
    leg = leg_of(storage.items[account_key("person0")])
    storage.write(key, wrong, to_item(sealed(leg, before=wrong["hash"])), at=now)


def raised_while_frozen(stage: Stage) -> None:
    """A frozen payee gets no more sub-balances, which would be open."""
    desk.set_status(stage.world, "merchant0", "frozen")
    _not_raised(stage, "merchant0", Refusal.PAYEE_FROZEN)


def raised_when_closed(stage: Stage) -> None:
    """Nor does a closed one."""
    desk.close(stage.world, "merchant0")
    _not_raised(stage, "merchant0", Refusal.PAYEE_CLOSED)


def raised_over_what_is_there(stage: Stage) -> None:
    """A hand has lowered the number: a sub-balance that is there, with its money, is not made anew."""
    stage.edit(account_key(SHARDED), shards=1)
    _not_raised(stage, SHARDED, Refusal.STALE)
    stage.edit(account_key(SHARDED), shards=SHARDS)


GUARDS = (
    raised_while_frozen,
    raised_when_closed,
    raised_over_what_is_there,
    entry_that_stands_there,
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


def _not_raised(stage: Stage, account: str, refusal: Refusal) -> None:
    world, known = stage.world, account_from_item(stage.world.storage.items[account_key(account)])
    before = dict(world.storage.items)
    clock = world.services.clock
    rejection = world.run(Act("shards"), lambda: sharding.raise_to(world.table, known, known.shards + 2, clock=clock))
    demand(rejection and rejection.refusal == refusal, f"raised: {rejection}")
    demand(world.storage.items == before, "a refused command has changed something")


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


def _not_paired(stage: Stage, key: Key, *, tries: int) -> None:
    post = write_code(stage, PAIRING)
    items = stage.world.storage.items

    def check() -> None:
        demand(items[intent_key(post.intent_id)]["refusal"] == Refusal.PAIRING_REFUSED, "not refused")
        demand(items[key]["tries"] == tries, f"{items[key]['tries']} tries were counted, not {tries}")

    stage.ends.append(check)


def _debits(write: Write) -> bool:
    return isinstance(write, Update) and write.add.get("available", 0) < 0
