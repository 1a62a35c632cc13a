"""The books find what does not agree; they cannot be pleased by anything but agreement."""

from copy import deepcopy
from typing import Any

import pytest

from chalicelib.intents import lifecycle
from chalicelib.ledger.books import Tally, balance
from tests.bank import CODE, Bank


@pytest.fixture
def items() -> dict[Any, dict[str, Any]]:
    """A bank's table after one payment of 10 €."""
    bank = Bank()
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    return deepcopy(bank.table.items)


def test_a_bank_that_only_paid_is_balanced(items: dict[Any, dict[str, Any]]) -> None:
    """One funding and one transfer; all balances and the bank's side sum to zero."""
    books = balance(items.values())
    assert books.balanced
    assert (books.transfers, books.sum_minor) == (2, {"EUR": 0})


@pytest.mark.parametrize(
    ("key", "change"),
    [
        (("A#bob", "0"), {"available": 1_001}),
        (("A#bob", "0"), {"seq": 2}),
        (("A#alice", "0"), {"available": 100_000}),
        (("T#fund-alice", "0"), {"amount_minor": 99_999}),
        (("T#fund-alice", "0"), {"status": "pending"}),
    ],
)
def test_a_changed_number_is_found(items: dict[Any, dict[str, Any]], key: Any, change: dict[str, Any]) -> None:
    """A cent more, a leg too few, a transfer altered or gone."""
    items[key].update(change)
    assert not balance(items.values()).balanced


def test_money_that_went_to_nobody_is_found(items: dict[Any, dict[str, Any]]) -> None:
    """A transfer whose payee has no account."""
    del items["A#bob", "0"]
    books = balance(items.values())
    assert not books.balanced
    assert "bob: has transfers and no account" in books.faults


def test_money_from_nowhere_is_found(items: dict[Any, dict[str, Any]]) -> None:
    """An account that holds money without a transfer, so that holders and bank no longer sum to zero."""
    items["A#bob", "0"].update(available=2_000)
    assert balance(items.values()).sum_minor == {"EUR": 1_000}


CUTOFF = 100


def order(name: str = "x", **fields: Any) -> dict[str, Any]:
    """An order's item."""
    return {"PK": f"T#{name}", "SK": "0", "order": "send", **fields}


def moved(name: str, way: str, amount_minor: int, paid_at: int, **more: Any) -> dict[str, Any]:
    """A paid transfer's item; its way is its payer's and its payee's account."""
    payer, payee = way.split()
    return order(
        name, status="paid", payer=payer, payee=payee, amount_minor=amount_minor, paid_at=paid_at,
        **{"currency": "EUR", **more},
    )  # fmt: skip


def holds(name: str, available: int, seq: int, currency: str = "EUR") -> dict[str, Any]:
    """An account's item."""
    return {"PK": f"A#{name}", "SK": "0", "available": available, "seq": seq, "currency": currency}


def tallied(*items: dict[str, Any], cutoff: int = CUTOFF) -> Tally:
    """The tally of a table that was read up to here."""
    tally = Tally(cutoff=cutoff)
    for item in items:
        tally.add(item)
    return tally


ROUND = {"payer": "bob", "payee": "bob", "currency": "EUR", "paid_at": 50}


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"status": "pending", "expires_at": CUTOFF + 1}, []),
        ({"status": "pending", "expires_at": CUTOFF}, ["x: still pending after its time"]),
        ({"status": "pending"}, ["x: still pending after its time"]),
        ({"status": "done"}, ["x: has the unknown status done"]),
        ({"status": "requested"}, ["x: has the unknown status requested"]),
        ({"status": "requested", "order": "reversal"}, []),
        ({"status": "done", "order": "reversal"}, ["x: has the unknown status done"]),
        ({"status": "refused", "refusal": "funds_missing"}, []),
        ({"status": "refused"}, ["x: was refused without a reason"]),
        ({"status": "expired"}, []),
        ({"status": "paid", **ROUND, "amount_minor": 1}, []),
        ({"status": "paid", **ROUND, "amount_minor": 0}, ["x: moved 0"]),
        ({"status": "paid", **ROUND, "amount_minor": -1}, ["x: moved -1"]),
        ({"status": "paid", **ROUND, "amount_minor": 1, "ttl": 9}, ["x: is paid and would be forgotten"]),
        ({"status": "paid", "payer": "bob", "paid_at": 50}, ["x: is paid without amount_minor, currency, payee"]),
        ({}, ["T#x: cannot be read (KeyError 'status')"]),
    ],
)  # fmt: skip
def test_an_order_that_is_not_as_it_must_be_is_named(fields: dict[str, Any], faults: list[str]) -> None:
    """Each rule of an order's item, on both sides of its border."""
    legs = 2 if fields.get("amount_minor") is not None else 0
    assert tallied(order(**fields), holds("bob", 0, legs)).books().faults == tuple(faults)


def test_a_table_at_rest_knows_no_time() -> None:
    """Without a cutoff nothing is late, and nothing may be on its way."""
    assert balance([order(status="pending", expires_at=1)]).faults == ()
    books = balance([holds("bob", 50, 1)])
    assert (books.faults, books.moving) == (("bob: holds 50 after 1 legs, 0 transfers give 0",), ())


def test_orders_are_counted_by_what_became_of_them() -> None:
    """What the bank and the ledger book has a word of its own, and so have reversals; only paid ones are transfers."""
    tally = tallied(
        moved("1", "bank bob", 5, 50, order="fund"),
        moved("2", "bob bob", 5, 50, order="gather"),
        moved("3", "bob alice", 5, 50),
        moved("4", "bob alice", 5, 50, order="give"),
        moved("5", "alice bob", 5, 50, order="reversal", original="3"),
        order("6", status="requested", order="reversal"),
        order("7", status="declined"),
    )
    assert tally.orders == {
        "funded": 1, "gathered": 1, "paid": 2, "reversed": 1, "reversal requested": 1, "declined": 1,
    }  # fmt: skip
    assert tally.books().transfers == 5


def test_sums_are_kept_by_currency() -> None:
    """Every currency in which somebody has an account adds up by itself, the bank's side included."""
    tally = tallied(
        moved("1", "bank bob", 700, 50, order="fund"),
        moved("2", "bank bob", 300, 50, order="fund"),
        holds("bob", 1_000, 2),
        holds("ken", 0, 0, "JPY"),
    )
    assert tally.books().sum_minor == {"EUR": 0, "JPY": 0}
    assert tallied(holds("ken", 7, 0, "JPY")).books().sum_minor == {"JPY": 7}


def test_a_leg_of_another_currency_is_named_once() -> None:
    """However many there are."""
    tally = tallied(*(moved(name, "bank bob", 5, 50, currency="JPY") for name in "12"), holds("bob", 10, 2))
    assert tally.books().faults == ("bob: has a leg in JPY",)


@pytest.mark.parametrize(("paid_at", "faults"), [(CUTOFF, ("bob: has transfers and no account",)), (CUTOFF + 1, ())])
def test_what_was_paid_at_the_cutoff_is_settled(paid_at: int, faults: tuple[str, ...]) -> None:
    """A second later an account may be opened while the table is read."""
    assert tallied(moved("1", "bank bob", 5, paid_at)).books().faults == faults


def test_of_a_payment_in_between_one_side_may_be_seen_and_the_sum_holds() -> None:
    """Alice was read before it, Bob after it: both are what their legs say, and only what has settled is summed."""
    tally = tallied(
        moved("1", "bank alice", 1_000, 50, order="fund"),
        moved("2", "alice bob", 10, 150),
        holds("alice", 1_000, 1),
        holds("bob", 10, 1),
    )
    books = tally.books()
    assert (books.faults, books.moving, books.sum_minor) == ((), (), {"EUR": 0})


def test_an_account_whose_leg_is_not_read_yet_is_moving_and_the_sum_holds() -> None:
    """Its transfer is on a later page: it is no fault, and its money is not counted twice."""
    tally = tallied(moved("1", "bank alice", 1_000, 50, order="fund"), holds("alice", 990, 2), holds("bob", 10, 1))
    books = tally.books()
    assert (books.faults, books.moving, books.sum_minor) == ((), ("alice", "bob"), {"EUR": 0})
    assert not books.balanced
    assert tallied(holds("bob", 10, 0)).books().faults == ("bob: holds 10 after 0 legs, 0 transfers give 0",)


@pytest.mark.parametrize(
    ("available", "seq", "verdict"),
    [
        (105, 2, "held"),
        (104, 2, "moving"),
        (107, 2, "moving"),
        (109, 2, "moving"),
        (103, 2, "moving"),
        (102, 2, "fault"),
        (110, 2, "fault"),
        (124, 5, "held"),
        (123, 5, "fault"),
        (124, 6, "fault"),
        (100, 1, "held"),
    ],
)
def test_a_second_reading_explains_an_account_by_so_many_of_its_legs(available: int, seq: int, verdict: str) -> None:
    """In the clocks' order, or in any other, as two clocks may disagree; but by no more and no less than its number."""
    legs = {"2": (5, 101), "3": (7, 102), "4": (9, 103), "5": (3, 104)}
    settled = moved("1", "bank bob", 100, 50, order="fund")
    recent = [moved(name, "bank bob", amount, at, order="fund") for name, (amount, at) in legs.items()]
    tally = tallied(settled, *recent, holds("bob", 1, 1))
    tally.reread({"bob": holds("bob", available, seq)})
    for item in (settled, *recent):
        tally.add(item)
    books = tally.books()
    told = "fault" if books.faults else "moving" if books.moving else "held"
    assert told == verdict


@pytest.mark.parametrize(
    ("stated", "at", "returned", "paid_at", "fits"),
    [
        (400, 90, 400, 90, True),
        (1_000, 90, 1_000, 90, True),
        (1_001, 90, 1_001, 90, False),
        (400, 90, 399, 90, False),
        (400, CUTOFF, 399, 90, False),
        (400, CUTOFF + 1, 399, 90, True),
        (400, 90, 401, CUTOFF, False),
        (400, CUTOFF + 1, 401, CUTOFF + 1, True),
    ],
)
def test_a_payment_and_its_reversals_say_the_same(
    stated: int, at: int, returned: int, paid_at: int, *, fits: bool
) -> None:
    """To the cent once settled; what moved since may be seen on one side alone."""
    payment = moved("p", "alice bob", 1_000, 50, reversed_minor=stated, reversed_at=at)
    parts = [
        moved(f"r{number}", "bob alice", amount, paid_at, order="reversal", original="p")
        for number, amount in enumerate((returned - 100, 100))
    ]
    told = [fault for fault in tallied(payment, *parts).books().faults if fault.startswith("p:")]
    settled = returned if paid_at <= CUTOFF else 0
    assert told == ([] if fits else [f"p: says that {stated} of 1000 went back, its reversals give {settled}"])


def test_a_reversal_of_which_its_payment_says_nothing_is_named() -> None:
    """Money that went back, and could go back again."""
    back = moved("r", "bob alice", 400, 90, order="reversal", original="p")
    told = tallied(moved("p", "alice bob", 1_000, 50), back).books().faults
    assert "p: says that 0 of 0 went back, its reversals give 400" in told
    asked = order("r", status="requested", order="reversal", original="p", amount_minor=400)
    assert not [fault for fault in tallied(asked).books().faults if fault.startswith("p:")]


def test_what_a_payment_alone_says_went_back_is_named() -> None:
    """A single cent without a reversal; and an order that waits without saying until when is late at any time."""
    alone = moved("p", "alice bob", 1_000, 50, reversed_minor=1, reversed_at=90)
    assert "p: says that 1 of 1000 went back, its reversals give 0" in tallied(alone).books().faults
    assert tallied(order(status="pending"), cutoff=0).books().faults == ("x: still pending after its time",)
