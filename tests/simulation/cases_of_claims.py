"""The use cases of money that is held for a stranger, and those in which one clause alone stands in the way."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.intents.intent import from_item
from chalicelib.intents.store import list_order
from chalicelib.intents.sweeping import LAG_SECONDS
from chalicelib.table import Key, Put, Update, Write, account_key, claim_key, intent_key
from tests.simulation import claims, desk
from tests.simulation.bank import FEE_MINOR, STRANGERS
from tests.simulation.customer import Payment
from tests.simulation.invariants import demand
from tests.simulation.stage import Stage

STRANGER = STRANGERS[0]
PAYER, AMOUNT = "person0", 1_000
FUNDS = 100_000
# From a change to the sweep's line, by the stream.
SECONDS = 5


def held(stage: Stage) -> None:
    """A payment to a stranger is confirmed, and goes back when its time is over."""
    _paid(stage)
    stage.holds(PAYER, FUNDS)


def held_twice_at_once(stage: Stage) -> None:
    """Two clicks in one moment hold it once."""
    payment, link = _ordered(stage)
    payment.beside(lambda: payment.confirm(link))
    stage.again(lambda: payment.confirm(link))
    _ends(stage, payment, "returned")


def held_without_the_fee(stage: Stage) -> None:
    """Who has the amount but not the fee pays nothing."""
    payment, link = _ordered(stage, "person2", amount_minor=1_500 - FEE_MINOR)
    with stage.preparing():
        other, other_link = stage.ordered("person2", "person1", amount_minor=1)
        stage.paid(other, other_link)
    stage.refused(payment, link, "funds_missing")


def returned(stage: Stage) -> None:
    """The sweep that comes upon held money whose time is over."""
    payment = _held(stage)
    over_at = stage.world.storage.items[claim_key(payment.id)]["expires_at"]
    with stage.preparing():
        payment.until(over_at - 20)
        stage.again(stage.world.sweep)
        payment.until(over_at + 20)
    stage.again(stage.world.sweep)
    _ends(stage, payment, "returned")


def claimed(stage: Stage) -> None:
    """The sweep after a stranger was linked."""
    payment = _held(stage)
    with stage.preparing():
        _link(stage)
    _swept(stage)
    _ends(stage, payment, "claimed")
    stage.holds("person1", FUNDS + AMOUNT)


def claimed_by_a_cause(stage: Stage) -> None:
    """On one of its sub-balances."""
    payment = _held(stage)
    with stage.preparing():
        _link(stage, "charity0")
    _swept(stage)
    _ends(stage, payment, "claimed")
    stage.holds("charity0", AMOUNT)


def claimed_as_it_is_held(stage: Stage) -> None:
    """A stranger is linked between the order and its confirm: held, and theirs at once."""
    payment, link = _ordered(stage)
    with stage.preparing():
        _link(stage)
        _swept(stage)
        stage.again(lambda: payment.confirm(link))
    _swept(stage)
    _ends(stage, payment, "claimed")


def claimed_by_two_sweeps(stage: Stage) -> None:
    """Two sweeps at once, for two claims of one stranger: each is credited once."""
    payments = [_held(stage), _held(stage, "person1")]
    with stage.preparing():
        _link(stage, "person3")
    stage.world.scheduler.pause(SECONDS)
    stage.world.scheduler.spawn("sweep", stage.world.sweep)
    stage.again(stage.world.sweep)
    for payment in payments:
        _ends(stage, payment, "claimed")
    stage.holds("person3", 2 * AMOUNT)


def linked_to_two(stage: Stage) -> None:
    """Two people claim to be the stranger in one moment: one is."""
    payment = _held(stage)
    with stage.preparing():
        stage.world.scheduler.spawn("meanwhile", lambda: claims.link(stage.world, STRANGER, "person1"))
        claims.link(stage.world, STRANGER, "person3")
    _swept(stage)
    _ends(stage, payment, "claimed")


def linked_by_its_payer(stage: Stage) -> None:
    """Nobody claims what they have paid themselves."""
    payment = _held(stage)
    with stage.preparing():
        _link(stage, PAYER)
    _swept(stage)
    _ends(stage, payment, "returned")


def refused(stage: Stage) -> None:
    """The payee says no."""
    payment = _held(stage)
    claims.refuse(stage.world, payment.id)
    with stage.preparing():
        _swept(stage)
    _ends(stage, payment, "refused")


def refused_and_swept(stage: Stage) -> None:
    """The sweep after that."""
    payment = _held(stage)
    with stage.preparing():
        claims.refuse(stage.world, payment.id)
    _swept(stage)
    _ends(stage, payment, "refused")


def named(stage: Stage) -> None:
    """The payee names an account at another bank, and it leaves by the bank; a refusal after that is too late."""
    payment = _held(stage)
    claims.name_account(stage.world, payment.id)
    with stage.preparing():
        claims.refuse(stage.world, payment.id)
        _swept(stage)
    _ends(stage, payment, "claimed")
    stage.holds(PAYER, FUNDS - AMOUNT - FEE_MINOR)


def named_and_swept(stage: Stage) -> None:
    """The sweep after that."""
    payment = _held(stage)
    with stage.preparing():
        claims.name_account(stage.world, payment.id)
    _swept(stage)
    _ends(stage, payment, "claimed")
    stage.holds(PAYER, FUNDS - AMOUNT - FEE_MINOR)


def named_in_vain(stage: Stage) -> None:
    """An account of which nobody can tell, and a wrong name: it is held on."""
    payment = _held(stage)
    claims.name_account(stage.world, payment.id, bank="9999")
    claims.name_account(stage.world, payment.id, right=False)
    _demand_open(stage, payment)
    _ends(stage, payment, "returned")


def named_in_windows(stage: Stage) -> None:
    """Five wrong names at once, then the right one: three were looked at, and that is all."""
    payment = _held(stage)
    for _ in range(5):
        payment.beside(lambda: claims.name_account(stage.world, payment.id, right=False))
    stage.world.scheduler.pause(60)
    claims.name_account(stage.world, payment.id)
    _demand_open(stage, payment)
    _ends(stage, payment, "returned")


def named_and_linked(stage: Stage) -> None:
    """In one moment: it goes one way, once."""
    payment = _held(stage)
    stage.world.scheduler.spawn("meanwhile", lambda: _link(stage))
    claims.name_account(stage.world, payment.id)
    with stage.preparing():
        _swept(stage)
    _ends(stage, payment, "claimed")


def taken_back_by_reply(stage: Stage) -> None:
    """The payer cancels what is held by an answer to the order, and somebody else tries to."""
    payment = _held(stage)
    payment.cancelled_by(stage.payment("person1").payer, number=stage.world.number())
    payment.cancel(number=stage.world.number(), reply=True)
    stage.world.scheduler.pause(SECONDS)
    with stage.preparing():
        _swept(stage)
    _ends(stage, payment, "cancelled")


def taken_back_newest(stage: Stage) -> None:
    """The payer cancels, and the newest that is held is meant; whatever comes again, not the one before."""
    older = _held(stage)
    payment = _held(stage)
    stage.world.scheduler.pause(SECONDS)
    payment.cancel(number=stage.world.number(), reply=False)
    stage.world.scheduler.pause(SECONDS)
    with stage.preparing():
        _swept(stage)
    _ends(stage, payment, "cancelled")
    _ends(stage, older, "returned")


def told_of_a_claim(stage: Stage) -> None:
    """The stream's batches of held money that is claimed."""
    payment = _paid(stage)
    _link(stage)
    stage.world.scheduler.pause(SECONDS)
    with stage.preparing():
        _swept(stage)
    stage.world.scheduler.pause(SECONDS)
    _ends(stage, payment, "claimed")


CLAIMS = (
    (held, "confirm"),
    (held_twice_at_once, "confirm"),
    (held_without_the_fee, "confirm"),
    (returned, "sweep"),
    (claimed, "sweep"),
    (claimed_by_a_cause, "sweep"),
    (claimed_as_it_is_held, "sweep"),
    (claimed_by_two_sweeps, "sweep"),
    (linked_to_two, "sweep"),
    (linked_by_its_payer, "sweep"),
    (refused, "refuse"),
    (refused_and_swept, "sweep"),
    (named, "name"),
    (named_and_swept, "sweep"),
    (named_in_vain, "name"),
    (named_in_windows, "name"),
    (named_and_linked, "name"),
    (taken_back_by_reply, "place"),
    (taken_back_newest, "place"),
    (told_of_a_claim, "publish"),
)


def refused_as_it_is_claimed(stage: Stage) -> None:
    """The payee says no while the sweep credits it to who was linked: what was asked for is done."""
    payment = _held(stage)
    _link(stage)
    stage.meanwhile(_credits("person1"), lambda: claims.refuse(stage.world, payment.id))
    _swept(stage)
    _ends(stage, payment, "refused")


def refused_as_its_time_ends(stage: Stage) -> None:
    """The payee says no in the last second, and the sweep gives it back before that is written: too late."""
    payment = _held(stage)
    over_at = stage.world.storage.items[claim_key(payment.id)]["expires_at"]

    def swept() -> None:
        payment.until(over_at)
        stage.world.sweep()

    stage.meanwhile(_asks, swept)
    payment.until(over_at - 0.2)
    claims.refuse(stage.world, payment.id)
    demand(stage.world.counted["refuse_returned"] == 1, f"the page says {dict(stage.world.counted)}")
    _ends(stage, payment, "returned")


def taken_back_as_it_is_returned(stage: Stage) -> None:
    """The desk takes it back while it goes back because its time is over."""
    payment = _held(stage)
    _over(stage, payment)
    stage.meanwhile(_credits(PAYER), lambda: claims.take_back(stage.world, payment.id))
    _swept(stage)
    _ends(stage, payment, "cancelled")


def claimed_as_it_is_refused(stage: Stage) -> None:
    """It is claimed while the payee says no: too late."""
    payment = _held(stage)
    _link(stage)
    stage.world.scheduler.pause(SECONDS)
    stage.meanwhile(_asks, stage.world.sweep)
    claims.refuse(stage.world, payment.id)
    _ends(stage, payment, "claimed")


def refused_and_taken_back(stage: Stage) -> None:
    """Payee and desk at once: one of them was first, and it goes back once."""
    payment = _held(stage)
    stage.meanwhile(_asks, lambda: claims.take_back(stage.world, payment.id))
    claims.refuse(stage.world, payment.id)
    _swept(stage)
    _ends(stage, payment, "cancelled")


def returned_by_two_sweeps(stage: Stage) -> None:
    """A second sweep while the first one gives it back."""
    payment = _held(stage)
    _over(stage, payment)
    stage.meanwhile(_credits(PAYER), lambda: _swept(stage))
    _swept(stage)
    _ends(stage, payment, "returned")


def returned_to_a_closed_account(stage: Stage) -> None:
    """Whatever became of the payer."""
    payment = _held(stage, "person2")
    desk.set_status(stage.world, "person2", "frozen")
    _over(stage, payment)
    stage.edit(account_key("person2"), status="closed")
    _swept(stage)
    _ends(stage, payment, "returned")


def returned_before_its_time(stage: Stage) -> None:
    """A hand gives it more time while it is given back: it is held on."""
    payment = _held(stage)
    _over(stage, payment)
    expires_at = stage.world.storage.items[claim_key(payment.id)]["expires_at"]
    stage.meanwhile(_credits(PAYER), lambda: stage.edit(claim_key(payment.id), expires_at=expires_at + 300))
    _swept(stage)
    _demand_open(stage, payment)
    stage.edit(claim_key(payment.id), expires_at=expires_at)
    _swept(stage)
    _ends(stage, payment, "returned")


def claimed_by_a_frozen_account(stage: Stage) -> None:
    """It stays held, and nothing changes."""
    payment = _held(stage)
    desk.set_status(stage.world, "person1", "frozen")
    _link(stage)
    _swept(stage)
    _demand_open(stage, payment)
    _ends(stage, payment, "returned")


def returned_a_second_early(stage: Stage) -> None:
    """The same by one second."""
    payment = _held(stage)
    _over(stage, payment)
    key = claim_key(payment.id)
    expires_at = stage.world.storage.items[key]["expires_at"]
    stage.meanwhile(_credits(PAYER), lambda: stage.edit(key, expires_at=int(stage.world.scheduler.now) + 1))
    stage.world.scheduler.pause(SECONDS)
    stage.world.sweep()
    stage.edit(key, expires_at=expires_at)
    _swept(stage)
    _ends(stage, payment, "returned")


@dataclass(frozen=True)
class _EndedWithAnother:
    """A hand changes what is held, or whose it was, while it ends."""

    end: str
    field: str
    value: object

    @property
    def __name__(self) -> str:
        return f"{self.end}_with_another_{self.field}"

    def __call__(self, stage: Stage) -> None:
        """Play it."""
        _changed(stage, self.end, **{self.field: self.value})


_CHANGED = tuple(
    _EndedWithAnother(end, field, value)
    for end in ("returned", "refused", "cancelled", "claimed")
    for field, value in (("amount_minor", 900), ("fee_minor", 3), ("payer", "merchant0"))
)


def confirmed_with_another_fee(stage: Stage) -> None:
    """A hand changes the fee while it is confirmed."""
    _changed_order(stage, fee_minor=FEE_MINOR - 1)


def confirmed_for_somebody_else(stage: Stage) -> None:
    """Or whom it is for."""
    _changed_order(stage, payee_user=STRANGERS[1].user_id)


def confirmed_with_a_fee(stage: Stage) -> None:
    """Or puts a fee on a payment that has none."""
    payment, link = stage.ordered()
    stage.meanwhile(_debits, lambda: stage.edit(intent_key(payment.id), fee_minor=1))
    stage.refused(payment, link, "intent_changed")
    _drop(stage, intent_key(payment.id), "fee_minor")


def held_and_no_longer_listed(stage: Stage) -> None:
    """A line of the payer's list that its TTL has taken does not come back when the order is held."""
    payment, link = _ordered(stage)
    storage = stage.world.storage
    key = list_order(from_item(storage.items[intent_key(payment.id)])).key
    line = storage.items[key]
    storage.forget(key)
    stage.paid(payment, link)
    stage.world.scheduler.pause(60)
    demand(key not in storage.items, "the line of an order that is held came back")
    storage.write(key, None, {**line, "status": "held"}, at=stage.world.scheduler.now)


def confirmed_over_a_claim(stage: Stage) -> None:
    """Something stands already where the claim would: it is not written over."""
    payment, link = _ordered(stage)
    key, items = claim_key(payment.id), stage.world.storage.items
    other = {"PK": key[0], "SK": key[1], "status": "claimed", "amount_minor": 1, "currency": "EUR", "ended_at": 1}
    items[key] = {**other, "opened_at": 1, "expires_at": 1}
    stage.again(lambda: payment.confirm(link))
    demand(items[key]["amount_minor"] == 1, "a claim was written over")
    del items[key]
    stage.ending(payment, "expired")


def linked_under_a_taken_name(stage: Stage) -> None:
    """A stranger's identity comes with somebody else's @name: nothing of it is linked, and it stays held."""
    payment = _held(stage)
    claims.link(stage.world, replace(STRANGER, name="person1"), "person3")
    _swept(stage)
    _demand_open(stage, payment)
    _ends(stage, payment, "returned")


def linked_again_to_another(stage: Stage) -> None:
    """An identity that is somebody's stays theirs."""
    payment = _held(stage)
    _link(stage)
    _link(stage, "person3")
    _swept(stage)
    _ends(stage, payment, "claimed")
    stage.holds("person1", FUNDS + AMOUNT)


def named_as_it_is_claimed(stage: Stage) -> None:
    """It is claimed by linking before the name is counted."""
    _named_as_it_is_claimed(stage, _tries)


def agreed_as_it_is_claimed(stage: Stage) -> None:
    """Or after the name was right, before the word is written."""
    _named_as_it_is_claimed(stage, _asks)


def named_as_it_is_taken_back(stage: Stage) -> None:
    """The desk takes it back before the name is counted."""
    _named_as_it_is_taken_back(stage, _tries)


def agreed_as_it_is_taken_back(stage: Stage) -> None:
    """Or after the name was right."""
    _named_as_it_is_taken_back(stage, _asks)


def named_beside_another(stage: Stage) -> None:
    """Another window's name is counted while one is: neither is lost."""
    payment = _held(stage)
    stage.meanwhile(_tries, lambda: claims.name_account(stage.world, payment.id, right=False))
    claims.name_account(stage.world, payment.id, right=False)
    found = stage.world.storage.items[claim_key(payment.id)]["name_tries"]
    demand(found == 2, f"{found} names were counted instead of 2")
    _ends(stage, payment, "returned")


def taken_back_as_it_is_claimed(stage: Stage) -> None:
    """The payer's cancel arrives when all is over already."""
    payment = _held(stage)
    _link(stage)
    stage.world.scheduler.pause(SECONDS)
    stage.meanwhile(_asks, stage.world.sweep)
    payment.cancel(number=stage.world.number(), reply=True)
    stage.world.scheduler.pause(SECONDS)
    _ends(stage, payment, "claimed")


@dataclass(frozen=True)
class _Unnamed:
    """A name of which nobody can tell is taken back, the first or a later one, when something else has come between."""

    later: bool
    between: str

    @property
    def __name__(self) -> str:
        return f"unnamed_{'again_' if self.later else ''}{self.between}"

    def __call__(self, stage: Stage) -> None:
        """Play it."""
        payment = _held(stage)
        if self.later:
            claims.name_account(stage.world, payment.id, right=False)
        if self.between == "as_it_is_claimed":
            _link(stage)
            stage.world.scheduler.pause(SECONDS)
        deed, end = {
            "as_it_is_claimed": (stage.world.sweep, "claimed"),
            "as_it_is_taken_back": (lambda: claims.take_back(stage.world, payment.id), "cancelled"),
            "beside_another": (lambda: claims.name_account(stage.world, payment.id, right=False), "returned"),
        }[self.between]
        stage.meanwhile(_untries, deed)
        claims.name_account(stage.world, payment.id, bank="9999")
        _swept(stage)
        _ends(stage, payment, end)


_UNNAMED = tuple(
    _Unnamed(later, between)
    for later in (False, True)
    for between in ("as_it_is_claimed", "as_it_is_taken_back", "beside_another")
)


GUARDS_OF_CLAIMS: tuple[Callable[[Stage], None], ...] = (
    refused_as_it_is_claimed,
    refused_as_its_time_ends,
    taken_back_as_it_is_returned,
    claimed_as_it_is_refused,
    refused_and_taken_back,
    returned_by_two_sweeps,
    returned_to_a_closed_account,
    returned_before_its_time,
    claimed_by_a_frozen_account,
    returned_a_second_early,
    *_CHANGED,
    confirmed_with_another_fee,
    confirmed_for_somebody_else,
    confirmed_with_a_fee,
    held_and_no_longer_listed,
    linked_under_a_taken_name,
    linked_again_to_another,
    confirmed_over_a_claim,
    named_as_it_is_claimed,
    named_as_it_is_taken_back,
    agreed_as_it_is_claimed,
    agreed_as_it_is_taken_back,
    named_beside_another,
    taken_back_as_it_is_claimed,
    *_UNNAMED,
)


def _ordered(stage: Stage, payer: str = PAYER, *, amount_minor: int = AMOUNT) -> tuple[Payment, str]:
    payment = stage.payment(payer, amount_minor=amount_minor)
    payment.payee = STRANGER
    payment.order()
    return payment, stage.link(payment)


def _paid(stage: Stage, payer: str = PAYER) -> Payment:
    """Confirmed until the page says paid."""
    payment, link = _ordered(stage, payer)
    stage.paid(payment, link)
    return payment


def _held(stage: Stage, payer: str = PAYER) -> Payment:
    """Money that is held, the stream's lines written."""
    with stage.preparing():
        payment = _paid(stage, payer)
        stage.world.scheduler.pause(SECONDS)
    return payment


def _link(stage: Stage, account: str = "person1") -> None:
    claims.link(stage.world, STRANGER, account)


def _swept(stage: Stage) -> None:
    """The sweep, once the stream has written what it is to look at."""
    stage.world.scheduler.pause(SECONDS)
    stage.again(stage.world.sweep)


def _over(stage: Stage, payment: Payment) -> None:
    payment.until(stage.world.storage.items[claim_key(payment.id)]["expires_at"] + 1)


def _ends(stage: Stage, payment: Payment, status: str) -> None:
    def check() -> None:
        found = stage.world.storage.items[claim_key(payment.id)]["status"]
        demand(found == status, f"the claim of {payment.id} ended as {found} instead of {status}")

    stage.ends.append(check)


def _demand_open(stage: Stage, payment: Payment) -> None:
    found = stage.world.storage.items[claim_key(payment.id)]["status"]
    demand(found == "open", f"the claim of {payment.id} is {found}")


def _changed(stage: Stage, end: str, **fields: object) -> None:
    """What is held is changed by hand before the transaction that ends it arrives, and put right again."""
    payment = _held(stage)
    key, items = claim_key(payment.id), stage.world.storage.items
    kept = {field: items[key][field] for field in fields}
    stage.world.scheduler.pause(2 * LAG_SECONDS)
    _swept(stage)  # past the line of its beginning, so that one line alone names it
    stage.meanwhile(_ends_claim, lambda: stage.edit(key, **fields))
    {
        "returned": lambda: _over(stage, payment),
        "refused": lambda: claims.refuse(stage.world, payment.id),
        "cancelled": lambda: claims.take_back(stage.world, payment.id),
        "claimed": lambda: _link(stage),
    }[end]()
    _swept(stage)
    stage.edit(key, **kept)
    _demand_open(stage, payment)
    demand(items[account_key(PAYER)]["available"] == FUNDS - AMOUNT - FEE_MINOR, "money moved")
    stage.again(stage.world.sweep)
    _ends(stage, payment, end)


def _changed_order(stage: Stage, **fields: object) -> None:
    payment, link = _ordered(stage)
    kept = {field: stage.world.storage.items[intent_key(payment.id)][field] for field in fields}
    stage.meanwhile(_debits, lambda: stage.edit(intent_key(payment.id), **fields))
    stage.refused(payment, link, "intent_changed")
    stage.edit(intent_key(payment.id), **kept)


def _drop(stage: Stage, key: Key, field: str) -> None:
    items = stage.world.storage.items
    items[key] = {name: value for name, value in items[key].items() if name != field}


def _credits(account: str) -> Callable[[Write], bool]:
    key = account_key(account)
    return lambda write: isinstance(write, Update) and write.key == key and write.add.get("available", 0) > 0


def _debits(write: Write) -> bool:
    return isinstance(write, Update) and write.add.get("available", 0) < 0


def _ends_claim(write: Write) -> bool:
    return isinstance(write, Update) and write.key[0][0] == "C" and "ended_at" in write.assign


def _asks(write: Write) -> bool:
    return not isinstance(write, Put) and "wish" in write.assign


def _named_as_it_is_claimed(stage: Stage, sent: Callable[[Write], bool]) -> None:
    payment = _held(stage)
    _link(stage)
    stage.world.scheduler.pause(SECONDS)
    stage.meanwhile(sent, stage.world.sweep)
    claims.name_account(stage.world, payment.id)
    _ends(stage, payment, "claimed")
    stage.holds("person1", FUNDS + AMOUNT)


def _named_as_it_is_taken_back(stage: Stage, sent: Callable[[Write], bool]) -> None:
    payment = _held(stage)
    stage.meanwhile(sent, lambda: claims.take_back(stage.world, payment.id))
    claims.name_account(stage.world, payment.id)
    _swept(stage)
    _ends(stage, payment, "cancelled")


def _tries(write: Write) -> bool:
    return not isinstance(write, Put) and "name_guess" in write.assign


def _untries(write: Write) -> bool:
    return not isinstance(write, Put) and "name_guess" in write.remove
