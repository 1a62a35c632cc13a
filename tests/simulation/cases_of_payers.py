"""The use cases of a payer's page: look, confirm in all its ways, decline, ask for another link."""

from chalicelib.intents import lifecycle
from chalicelib.limits.policy import day_of
from chalicelib.refusals import Refusal
from chalicelib.table import Update, Write, account_key
from tests.simulation import desk
from tests.simulation.bank import PROGRAMME
from tests.simulation.customer import Payment
from tests.simulation.invariants import demand
from tests.simulation.scheduler import EVENING, MORNING, Act
from tests.simulation.stage import Stage

MIDNIGHT = EVENING + 60


def look(stage: Stage) -> None:
    """The page opens."""
    payment, link = stage.ordered()
    outcome = stage.again(lambda: payment.look(link))
    demand(outcome.refusal is None and outcome.left_minor == 25_000, f"the page shows {outcome.left_minor}")
    stage.ending(payment, "expired")


def confirm(stage: Stage) -> None:
    """The right code."""
    payment, link = stage.ordered()
    stage.paid(payment, link)
    stage.holds("person0", 99_000)
    stage.holds("person1", 101_000)
    stage.checks("person0", "attempts", 0)


def confirm_again(stage: Stage) -> None:
    """The right code, once more after all is over."""
    payment, link = stage.ordered()
    with stage.preparing():
        stage.paid(payment, link)
        payment.think(5)
    outcome = stage.again(lambda: payment.confirm(link))
    demand(outcome.refusal == Refusal.NOT_PENDING, f"a second click was answered {outcome.refusal}")
    stage.holds("person0", 99_000)


def confirm_twice_at_once(stage: Stage) -> None:
    """Two clicks in one moment."""
    payment, link = stage.ordered()
    payment.beside(lambda: stage.paid(payment, link), after=0.004)
    stage.paid(payment, link)
    stage.holds("person0", 99_000)


def confirm_wrong(stage: Stage) -> None:
    """A wrong code: each request that was answered counts."""
    payment, link = stage.ordered()
    stage.refused(payment, link, Refusal.CODE_REFUSED, right=False)
    stage.ends.append(lambda: _counted(stage, at_most=stage.world.counted["confirms"]))


def confirm_fifth_wrong(stage: Stage) -> None:
    """The last wrong code that an account has: blocked, and told so."""
    payment, link = stage.ordered()
    with stage.preparing():
        for _ in range(4):
            payment.confirm(link, right=False)
    stage.refused(payment, link, Refusal.CODE_REFUSED, right=False)
    stage.refused(payment, link, Refusal.CODE_REFUSED)
    stage.checks("person0", "attempts", 5)
    stage.told("blocked")


def confirm_without_funds(stage: Stage) -> None:
    """The right code for money that another payment has taken: one cent is missing."""
    first, first_link = stage.ordered("person2")
    second, second_link = stage.ordered("person2", "merchant0", amount_minor=501)
    with stage.preparing():
        stage.paid(first, first_link)
    stage.refused(second, second_link, Refusal.FUNDS_MISSING)
    stage.checks("person2", "attempts", 0)
    stage.holds("person2", 500)


def confirm_once_without_funds(stage: Stage) -> None:
    """A right code that pays nothing costs nothing, though its payer never comes back; unless its process dies."""
    first, first_link = stage.ordered("person2", amount_minor=1_500)
    second, second_link = stage.ordered("person2", "merchant0", amount_minor=1_500)
    with stage.preparing():
        stage.paid(first, first_link)
    second.confirm(second_link)
    stage.ends.append(lambda: _nothing_counts(stage))


def confirm_over_the_limit(stage: Stage) -> None:
    """The right code for what would be one cent over the day's limit by now."""
    amounts = {"person1": 25_000, "person2": 25_000, "merchant0": 1}
    payments = [stage.ordered(payee=payee, amount_minor=amount_minor) for payee, amount_minor in amounts.items()]
    with stage.preparing():
        for payment, link in payments[:2]:
            stage.paid(payment, link)
    stage.refused(*payments[2], Refusal.OVER_DAY_LIMIT)
    stage.checks("person0", "attempts", 0)


def confirm_over_the_months_limit(stage: Stage) -> None:
    """The same for the month."""
    stage.edit(account_key("person0"), day=day_of(MORNING, PROGRAMME.zone), spent_month=180_000)
    first, first_link = stage.ordered(amount_minor=20_000)
    second, second_link = stage.ordered(payee="merchant0", amount_minor=1)
    with stage.preparing():
        stage.paid(first, first_link)
    stage.refused(second, second_link, Refusal.OVER_MONTH_LIMIT)


def confirm_beside_a_wrong_code(stage: Stage) -> None:
    """A right code that pays nothing takes itself back, and not the wrong one that came after it."""
    first, first_link = stage.ordered("person2", amount_minor=1_500)
    second, second_link = stage.ordered("person2", "merchant0", amount_minor=1_500)
    with stage.preparing():
        stage.paid(first, first_link)
    stage.meanwhile(_forgives, lambda: stage.again(lambda: second.confirm(second_link, right=False)))
    stage.refused(second, second_link, Refusal.FUNDS_MISSING)
    stage.ends.append(lambda: _one_counts(stage))


def confirm_of_a_closed_payer(stage: Stage) -> None:
    """The right code of an account that was emptied and closed meanwhile."""
    first, first_link = stage.ordered("person2", amount_minor=1_500)
    second, second_link = stage.ordered("person2", "merchant0", amount_minor=1_500)
    with stage.preparing():
        stage.paid(first, first_link)
        desk.close(stage.world, "person2")
    stage.refused(second, second_link, Refusal.PAYER_CLOSED)


def confirm_to_frozen(stage: Stage) -> None:
    """The right code, and the payee was frozen meanwhile."""
    payment, link = stage.ordered()
    with stage.preparing():
        desk.set_status(stage.world, "person1", "frozen")
    stage.refused(payment, link, Refusal.PAYEE_FROZEN)
    stage.checks("person0", "attempts", 0)


def confirm_a_gift(stage: Stage) -> None:
    """The right code for a charity."""
    payment, link = stage.ordered(payee="charity0", amount_minor=50_000)
    stage.paid(payment, link)
    stage.holds("person0", 50_000)


def confirm_on_a_new_day(stage: Stage) -> None:
    """The first payment of a new day, after one of the day before."""
    with stage.preparing():
        first, first_link = stage.ordered(amount_minor=25_000)
        stage.paid(first, first_link)
        first.until(MIDNIGHT + 1)
    second, second_link = stage.ordered(payee="merchant0", amount_minor=25_000)
    stage.paid(second, second_link)
    stage.checks("person0", "spent_day", 25_000)
    stage.checks("person0", "spent_month", 50_000)


def confirm_across_midnight(stage: Stage) -> None:
    """The attempt is spent before midnight, the money moves after it."""
    payment, link = stage.ordered()
    payment.until(MIDNIGHT - 0.025)
    stage.paid(payment, link)


def confirm_as_the_day_turns(stage: Stage) -> None:
    """While the transaction is under way another payment is the new day's first."""
    slow, slow_link = stage.ordered()
    fast, fast_link = stage.ordered(payee="merchant0")
    slow.until(MIDNIGHT - 0.025)
    stage.plan.slow.add("transact")
    fast.beside(lambda: stage.paid(fast, fast_link), after=0.2)
    stage.paid(slow, slow_link)
    stage.checks("person0", "spent_month", 2_000)
    if stage.clean:
        stage.checks("person0", "spent_day", 2_000)
        sent = sum(1 for call in stage.plan.calls if call.operation == "transact")
        demand(sent == 3, f"the day did not turn meanwhile: {sent} transactions")


def confirm_with_the_code_before(stage: Stage) -> None:
    """The right code of an account whose code is stored under the key before."""
    payment, link = stage.ordered()
    stage.world.codes.keys = ("k2", "k1")
    stage.paid(payment, link)
    stage.checks("person0", "code", "k2.person0|482913")


def confirm_while_the_code_is_set(stage: Stage) -> None:
    """While the transaction moves the stored code to another key, the payer gets another code: it is kept."""
    payment, link = stage.ordered()
    stage.world.codes.keys = ("k2", "k1")
    stage.meanwhile(_settles, lambda: _set(stage, "k2.person0|730915"))
    outcome = payment.confirm(link)
    if stage.clean:
        demand(outcome and outcome.refusal == Refusal.STALE, f"a code set meanwhile: {outcome}")


def confirm_without_the_key(stage: Stage) -> None:
    """The key of the stored code is not there: no verdict and no attempt, until it is."""
    payment, link = stage.ordered()
    stage.world.codes.keys = ("k2",)
    for _ in range(2):
        demand(payment.confirm(link) is None, "a code was judged without its key")
    with stage.preparing():
        stage.world.codes.keys = ("k2", "k1")
        stage.paid(payment, link)


def decline(stage: Stage) -> None:
    """The payer says no."""
    payment, link = stage.ordered()
    stage.again(lambda: payment.decline(link))
    stage.ending(payment, "declined")


def renew(stage: Stage) -> None:
    """Another link, and the old one is dead; the new one pays."""
    payment, link = stage.ordered()
    stage.again(lambda: payment.renew(link))
    _paid_by_newer(stage, payment, link)


def renew_too_often(stage: Stage) -> None:
    """A fifth link."""
    payment, link = stage.ordered()
    with stage.preparing():
        for number in (2, 3, 4):
            payment.renew(link)
            link = stage.link(payment, number=number)
    outcome = stage.again(lambda: payment.renew(link))
    demand(outcome.refusal == Refusal.LINKS_TOO_MANY, f"a fifth link: {outcome.refusal}")
    stage.ending(payment, "expired")


def resend(stage: Stage) -> None:
    """Support sends the link again."""
    payment, link = stage.ordered()
    world = stage.world

    def resent() -> lifecycle.Outcome | None:
        return world.run(Act("resend", f"T#{payment.id}"), lambda: lifecycle.resend(world.services, payment.id))

    stage.again(resent)
    _paid_by_newer(stage, payment, link)


def _paid_by_newer(stage: Stage, payment: Payment, link: str) -> None:
    newer = stage.link(payment, number=2)
    with stage.preparing():
        refused = stage.again(lambda: payment.confirm(link))
        demand(refused.refusal == Refusal.LINK_REPLACED, f"the old link: {refused.refusal}")
        number = stage.world.storage.items[f"T#{payment.id}", "0"]["link_number"]
        stage.paid(payment, newer if number == 2 else stage.link(payment, number=number))


def _counted(stage: Stage, *, at_most: int) -> None:
    attempts = stage.world.storage.items["A#person0", "0"]["attempts"]
    demand(1 <= attempts <= at_most, f"{attempts} wrong codes count")


def _forgives(write: Write) -> bool:
    return write.key[0] == "A#person2" and isinstance(write, Update) and write.add.get("attempts", 0) < 0


def _settles(write: Write) -> bool:
    return isinstance(write, Update) and "last" in write.assign


def _one_counts(stage: Stage) -> None:
    """The wrong code counts. Who was not answered clicks again, and that right code takes all back that came before it.

    Whoever died between its attempt and the end could not take its own back.
    """
    died = any(fault.startswith("crash") for fault in stage.plan.met.values())
    attempts = stage.world.storage.items["A#person2", "0"]["attempts"]
    unread = any(stage.plan.calls[number - 1].operation == "get" for number in stage.plan.met)
    fewest = 0 if unread else 1
    demand(fewest <= attempts <= 2 or died, f"{attempts} attempts count after a wrong code or two")


def _nothing_counts(stage: Stage) -> None:
    died = any(fault.startswith("crash") for fault in stage.plan.met.values())
    attempts = stage.world.storage.items["A#person2", "0"]["attempts"]
    demand(not attempts or died, f"a right code without an answer cost {attempts} attempts")


def _set(stage: Stage, mac: str) -> None:
    desk.set_code(stage.world, "person0", mac)
    stage.checks("person0", "code", mac)
