"""The use cases of two operators who give money back, and those in which one clause alone stands in the way."""

from collections.abc import Mapping

from chalicelib.conditions import Item
from chalicelib.ledger.reversing import Outcome
from chalicelib.refusals import Refusal
from chalicelib.table import Update, Write, account_key, intent_key
from tests.simulation import desk, reversals
from tests.simulation.invariants import demand
from tests.simulation.stage import Stage

ASKER, OTHER, THIRD = reversals.OPERATORS


def ask_back(stage: Stage) -> None:
    """An operator asks for money of a payment, as often as it takes; nothing moves."""
    payment = _paid(stage)
    stage.again(lambda: reversals.request(stage.world, payment, 400) or None)
    stage.holds("person1", 101_000)


def give_back(stage: Stage) -> None:
    """Another one agrees, and both sides are told."""
    reversal = _asked(stage, _paid(stage), 1_000)
    done = stage.again(lambda: reversals.approve(stage.world, reversal, OTHER))
    demand(done.refusal is None, f"not given back: {done.refusal}")
    stage.holds("person0", 100_000)
    stage.told("returned")
    stage.told("taken_back")


def give_back_at_once(stage: Stage) -> None:
    """Two operators agree at once to two parts that together are too much: one of them moves."""
    _at_once(stage, _paid(stage))
    stage.holds("person0", 99_600)


def give_back_the_rest(stage: Stage) -> None:
    """The same of a payment of which a part went back before."""
    payment = _paid(stage)
    first = _asked(stage, payment, 300)
    with stage.preparing():
        stage.again(lambda: reversals.approve(stage.world, first, OTHER))
    _at_once(stage, payment)
    stage.holds("person0", 99_900)


def say_no(stage: Stage) -> None:
    """A reversal is declined, and then nobody can agree to it."""
    reversal = _asked(stage, _paid(stage), 400)
    stage.again(lambda: reversals.decline(stage.world, reversal, ASKER))
    with stage.preparing():
        _refused(stage, reversal, Refusal.NOT_PENDING)
    stage.holds("person0", 99_000)


def agreed_alone(stage: Stage) -> None:
    """Who asks does not agree."""
    _refused(stage, _asked(stage, _paid(stage), 400), Refusal.SAME_OPERATOR, by=ASKER)


def asked_at_once(stage: Stage) -> None:
    """Two who ask at once make two requests, neither written over the other."""
    payment = _paid(stage)
    made: list[str] = []
    stage.meanwhile(_asks, lambda: made.append(reversals.request(stage.world, payment, 300, by=OTHER)))
    made.append(reversals.request(stage.world, payment, 400))
    demand(len({*made}) == len(made) == 2, f"two requests became {made}")


def back_to_a_closed_account(stage: Stage) -> None:
    """A closed account gets nothing back."""
    reversal = _asked(stage, _paid(stage, "person2", amount_minor=1_500), 400)
    desk.close(stage.world, "person2")
    _refused(stage, reversal, Refusal.PAYEE_CLOSED)


def back_from_a_closed_account(stage: Stage) -> None:
    """Nor does one give, and the operator is told why."""
    reversal = _asked(stage, _paid(stage, payee="person2"), 400)
    payment, link = stage.ordered("person2", "person1", amount_minor=2_500)
    stage.paid(payment, link)
    desk.close(stage.world, "person2")
    _refused(stage, reversal, Refusal.PAYER_CLOSED)


def back_from_a_frozen_account(stage: Stage) -> None:
    """A frozen one gives and gets."""
    reversal = _asked(stage, _paid(stage), 400)
    for account in ("person0", "person1"):
        desk.set_status(stage.world, account, "frozen")
    done = reversals.approve(stage.world, reversal, OTHER)
    demand(done and done.refusal is None, f"not given back: {done}")


def back_with_another_amount(stage: Stage) -> None:
    """A hand changes what was asked for while it is agreed to."""
    _changed_reversal(stage, amount_minor=900)


def back_of_another_payment(stage: Stage) -> None:
    """Or of which payment."""
    _changed_reversal(stage, original="A" * 16)


def back_of_what_is_not_paid(stage: Stage) -> None:
    """A hand changes what became of the payment."""
    _changed_payment(stage, Refusal.NOT_REVERSIBLE, status="expired")


def back_of_less(stage: Stage) -> None:
    """A hand lowers what was paid by a cent."""
    _changed_payment(stage, Refusal.REVERSED_TOO_MUCH, amount_minor=999)


REVERSALS = (
    agreed_alone,
    asked_at_once,
    back_to_a_closed_account,
    back_from_a_closed_account,
    back_from_a_frozen_account,
    back_with_another_amount,
    back_of_another_payment,
    back_of_what_is_not_paid,
    back_of_less,
)


def _paid(stage: Stage, payer: str = "person0", payee: str = "person1", *, amount_minor: int = 1_000) -> Item:
    """A payment that was made."""
    with stage.preparing():
        payment, link = stage.ordered(payer, payee, amount_minor=amount_minor)
        stage.paid(payment, link)
    return stage.world.storage.items[intent_key(payment.id)]


def _asked(stage: Stage, payment: Item, amount_minor: int) -> str:
    """A reversal that waits for another operator."""
    with stage.preparing():
        return stage.again(lambda: reversals.request(stage.world, payment, amount_minor) or None)


def _at_once(stage: Stage, payment: Item) -> None:
    """Two operators agree at once, each to 6 € of the payment."""
    parts = [_asked(stage, payment, 600) for _ in range(2)]
    answers: list[Outcome] = []

    def agree(reversal: str, who: str) -> None:
        answers.append(stage.again(lambda: reversals.approve(stage.world, reversal, who)))

    stage.world.scheduler.spawn("operator", lambda: agree(parts[1], THIRD))
    agree(parts[0], OTHER)
    stage.ends.append(lambda: demand(len(answers) == 2, "an operator got no answer"))


def _refused(stage: Stage, reversal: str, refusal: Refusal, *, by: str = OTHER) -> None:
    before = {key: item for key, item in stage.world.storage.items.items() if key[0][0] in "AT"}
    outcome = reversals.approve(stage.world, reversal, by)
    demand(outcome and outcome.refusal == refusal, f"{outcome and outcome.refusal} instead of {refusal}")
    after = {key: item for key, item in stage.world.storage.items.items() if key[0][0] in "AT"}
    demand(before == after, "a refused reversal has changed something")


def _changed_reversal(stage: Stage, **fields: object) -> None:
    reversal = _asked(stage, _paid(stage), 400)
    _changed(stage, (reversal, reversal), Refusal.INTENT_CHANGED, fields)


def _changed_payment(stage: Stage, refusal: Refusal, **fields: object) -> None:
    payment = _paid(stage)
    _changed(stage, (_asked(stage, payment, 1_000), payment["PK"][2:]), refusal, fields)


def _changed(stage: Stage, names: tuple[str, str], refusal: Refusal, fields: Mapping[str, object]) -> None:
    """Agree to the first; the second is changed by hand before the transaction arrives, and put right again."""
    reversal, key, items = names[0], intent_key(names[1]), stage.world.storage.items
    kept = {field: items[key][field] for field in fields}
    stage.meanwhile(_debits, lambda: stage.edit(key, **fields))
    outcome = reversals.approve(stage.world, reversal, OTHER)
    stage.edit(key, **kept)
    demand(outcome and outcome.refusal == refusal, f"{fields}: {outcome and outcome.refusal}")
    demand(items[account_key("person1")]["available"] == 101_000, "a refused reversal moved money")


def _debits(write: Write) -> bool:
    return isinstance(write, Update) and write.add.get("available", 0) < 0


def _asks(write: Write) -> bool:
    return not isinstance(write, Update) and write.item.get("order") == "reversal"
