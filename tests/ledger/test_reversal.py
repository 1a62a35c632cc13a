"""Money that goes back: never more than was paid, never by one hand alone, and in one transaction."""

import threading
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import Unavailable
from chalicelib.intents import lifecycle
from chalicelib.ledger import gathering, reversing, sharding
from chalicelib.ledger import reversal as reversals
from chalicelib.ledger import store as ledger
from chalicelib.ledger.books import Tally, balance
from chalicelib.ledger.reversal import Reversal, Wish, reversal_id
from chalicelib.ledger.reversing import Outcome
from chalicelib.link import identifier
from chalicelib.notices.change import listed, notices
from chalicelib.refusals import Refusal
from chalicelib.table import Busy, Rejection, account_key, intent_key
from tests.bank import CODE, NOON, Bank
from tests.ledger.behind import BehindTable

ASKER, OTHER = "arn:aws:iam::1:user/odile", "arn:aws:iam::1:user/rachid"
LIMITS = ("attempts", "guess", "day", "spent_day", "spent_month", "known_payees")


def paid(bank: Bank, text: str = "10 € @bob", verb: str = "envoyer") -> str:
    """The id of a payment that Alice has made."""
    intent = bank.say(f"@Smoneyfr #{verb} {text}")
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    return str(intent.id)


def ask(bank: Bank, original: str, amount_minor: int = 1_000, by: str = ASKER) -> Outcome:
    """An operator asks to give money of a payment back."""
    wish = Wish(amount_minor=amount_minor, reason="paid twice", by=by)
    return reversing.request(bank.table, original, wish, clock=bank.services.clock)


def asked(bank: Bank, original: str, amount_minor: int = 1_000) -> str:
    """The id of a reversal that waits for another operator."""
    reversal = ask(bank, original, amount_minor).reversal
    assert reversal
    return reversal.id


def agree(bank: Bank, reversal: str, by: str = OTHER) -> Outcome:
    """An operator agrees."""
    return reversing.approve(bank.table, reversal, by=by, clock=bank.services.clock)


def funds(bank: Bank) -> tuple[int, int]:
    """What Alice and Bob have."""
    return bank.available("alice"), bank.available("bob")


def sound(bank: Bank) -> bool:
    """Whether the books balance and name no fault."""
    books = balance(bank.table.items.values())
    assert books.balanced, books.faults
    return True


def test_a_whole_payment_goes_back() -> None:
    """The reversal is a transfer the other way round, linked to the payment, which says how much of it went back."""
    bank = Bank()
    original = paid(bank)
    outcome = agree(bank, asked(bank, original))
    assert outcome.refusal is None
    assert funds(bank) == (100_000, 0)
    item = bank.table.items[intent_key(reversal_id(original, 1))]
    assert (item["order"], item["status"], item["original"]) == ("reversal", "paid", original)
    assert (item["payer"], item["payee"], item["amount_minor"], item["currency"]) == ("bob", "alice", 1_000, "EUR")
    assert (item["requested_by"], item["decided_by"], item["said"]) == (ASKER, OTHER, {"reason": "paid twice"})
    payment = bank.table.items[intent_key(original)]
    assert (payment["status"], payment["reversed_minor"]) == ("paid", 1_000)
    assert sound(bank)


def test_asking_moves_nothing_and_changes_nothing_else() -> None:
    """One item more; the payment and both accounts stay as they are."""
    bank = Bank()
    original = paid(bank)
    before = deepcopy(bank.table.items)
    reversal = asked(bank, original)
    added = {key: item for key, item in bank.table.items.items() if before.get(key) != item}
    assert {*added} == {intent_key(reversal)}
    assert sound(bank)


def test_parts_go_back_until_nothing_is_left() -> None:
    """Three parts of ten euros; the cent after them is refused, when it is asked for and when it is agreed to."""
    bank = Bank()
    original = paid(bank)
    late = asked(bank, original, 1)
    for part in (300, 300, 400):
        assert agree(bank, asked(bank, original, part)).refusal is None
    assert funds(bank) == (100_000, 0)
    assert ask(bank, original, 1).refusal is Refusal.REVERSED_TOO_MUCH
    assert agree(bank, late).refusal is Refusal.REVERSED_TOO_MUCH
    assert [one.amount_minor for one in reversing.of_payment(bank.table, original)] == [1, 300, 300, 400]
    assert sound(bank)


def test_who_asked_cannot_agree() -> None:
    """Whatever they ask for; another operator can afterwards."""
    bank = Bank()
    reversal = asked(bank, paid(bank))
    assert agree(bank, reversal, by=ASKER).refusal is Refusal.SAME_OPERATOR
    assert funds(bank) == (99_000, 1_000)
    assert agree(bank, reversal, by=OTHER).refusal is None


def test_agreeing_again_moves_nothing_more() -> None:
    """The same operator reads that it is done, another one that it was decided."""
    bank = Bank()
    reversal = asked(bank, paid(bank), 400)
    again = [agree(bank, reversal) for _ in range(3)]
    assert [one.refusal for one in again] == [None] * 3
    assert agree(bank, reversal, by="arn:third").refusal is Refusal.NOT_PENDING
    assert funds(bank) == (99_400, 600)
    assert sound(bank)


@pytest.mark.parametrize("by", [ASKER, OTHER])
def test_anybody_says_no_and_then_it_is_over(by: str) -> None:
    """Also who asked; nothing moves afterwards, and what was paid cannot be declined."""
    bank = Bank()
    original = paid(bank)
    reversal, clock = asked(bank, original), bank.services.clock
    for _ in range(2):
        declined = reversing.decline(bank.table, reversal, by=by, clock=clock)
        assert declined.reversal and (declined.reversal.status, declined.refusal) == ("declined", None)
    assert agree(bank, reversal).refusal is Refusal.NOT_PENDING
    done = asked(bank, original, 500)
    agree(bank, done)
    assert reversing.decline(bank.table, done, by=by, clock=clock).refusal is Refusal.NOT_PENDING
    assert funds(bank) == (99_500, 500)
    assert sound(bank)


def test_only_a_payment_that_was_made_goes_back() -> None:
    """No intent that waits, no funding, no gathering, no reversal, nothing that is not there; and no amount of zero."""
    bank = Bank()
    original = paid(bank)
    reversal = asked(bank, original)
    agree(bank, reversal)
    waiting = bank.say("@Smoneyfr #envoyer 10 € @bob").id
    for name in (waiting, "fund-alice", reversal, "nothing"):
        assert ask(bank, name).refusal is Refusal.NOT_REVERSIBLE
        assert reversing.of_payment(bank.table, name) == []
    for amount_minor in (0, -1):
        assert ask(bank, original, amount_minor).refusal is Refusal.AMOUNT_ZERO
    assert agree(bank, "nothing") == agree(bank, original) == Outcome(reversal=None)
    assert reversing.decline(bank.table, original, by=OTHER, clock=bank.services.clock) == Outcome(reversal=None)


def test_frozen_accounts_give_back_and_get_back() -> None:
    """A fraud is why one freezes: what it brought is taken back."""
    bank = Bank()
    reversal = asked(bank, paid(bank))
    for account in ("alice", "bob"):
        ledger.set_status(bank.table, account, status="frozen", clock=bank.services.clock)
    assert agree(bank, reversal).refusal is None
    assert funds(bank) == (100_000, 0)


@pytest.mark.parametrize(
    ("account", "change", "refusal"),
    [
        ("alice", {"status": "closed"}, Refusal.PAYEE_CLOSED),
        ("bob", {"status": "closed"}, Refusal.PAYER_CLOSED),
        ("bob", {"available": 999}, Refusal.FUNDS_MISSING),
        ("alice", {"currency": "JPY"}, Refusal.CURRENCY_MISMATCH),
        ("bob", {"currency": "JPY"}, Refusal.CURRENCY_MISMATCH),
    ],
)
def test_what_cannot_move_stays_and_may_be_agreed_to_later(
    account: str, change: dict[str, Any], refusal: Refusal
) -> None:
    """Closed, without the money, in another currency: nothing changes at all."""
    bank = Bank()
    reversal = asked(bank, paid(bank))
    item = bank.table.items[account_key(account)]
    right = {name: item[name] for name in change}
    item.update(change)
    before = deepcopy(bank.table.items)
    assert agree(bank, reversal).refusal is refusal
    assert bank.table.items == before
    item = bank.table.items[account_key(account)]
    item.update(right)
    assert agree(bank, reversal).refusal is None
    assert sound(bank)


@pytest.mark.parametrize("account", ["alice", "bob"])
def test_an_account_that_is_not_there_is_not_made(account: str) -> None:
    """`status <> closed` holds of nothing; the currency does not."""
    bank = Bank()
    reversal = asked(bank, paid(bank))
    del bank.table.items[account_key(account)]
    assert agree(bank, reversal).refusal is Refusal.CURRENCY_MISMATCH
    assert account_key(account) not in bank.table.items


def test_limits_attempts_and_known_payees_stay() -> None:
    """What a payer has spent of a limit is spent, also when it comes back."""
    bank = Bank()
    reversal = asked(bank, paid(bank))
    before = {name: bank.account("alice")[name] for name in LIMITS}
    agree(bank, reversal)
    assert {name: bank.account("alice")[name] for name in LIMITS} == before


def test_a_gift_comes_back_from_the_account_once_it_is_gathered() -> None:
    """A cause's money lies on its sub-balances; the main account alone gives back."""
    bank = Bank()
    account = ledger.account(bank.table, "croixbleue")
    assert account
    sharding.raise_to(bank.table, account, 4, clock=bank.services.clock)
    reversal = asked(bank, paid(bank, "10 € @croixbleue", "donner"))
    assert agree(bank, reversal).refusal is Refusal.FUNDS_MISSING
    account = ledger.account(bank.table, "croixbleue")
    assert account
    gathering.gather(bank.table, account, clock=bank.services.clock)
    assert agree(bank, reversal).refusal is None
    assert (bank.available("alice"), bank.available("croixbleue")) == (100_000, 0)
    assert sound(bank)


@pytest.mark.parametrize("faults", [["lost"], ["busy"], ["lost", "busy"], ["down", "down", "lost"], ["lost"] * 3])
@pytest.mark.parametrize("step", ["ask", "agree", "decline"])
def test_lost_answers_do_nothing_twice(step: str, faults: list[str]) -> None:
    """Asked, agreed or declined once, whatever the network does meanwhile."""
    bank = Bank()
    original = paid(bank)
    if step == "ask":
        bank.table.faults = [*faults]
        assert ask(bank, original).refusal is None
        assert len(reversing.of_payment(bank.table, original)) == 1
        return
    reversal = asked(bank, original)
    bank.table.faults = [*faults]
    if step == "agree":
        assert agree(bank, reversal).refusal is None
    else:
        assert reversing.decline(bank.table, reversal, by=OTHER, clock=bank.services.clock).refusal is None
    assert funds(bank) == ((100_000, 0) if step == "agree" else (99_000, 1_000))
    assert sound(bank)


def test_an_outage_is_no_refusal_and_doing_it_again_finishes_it() -> None:
    """When every answer is lost the operator is told so, and types it again."""
    bank = Bank()
    reversal = asked(bank, paid(bank))
    bank.table.faults = ["lost", *["down"] * 7]
    with pytest.raises(Unavailable):
        agree(bank, reversal)
    bank.table.faults = []
    assert agree(bank, reversal).refusal is None
    assert funds(bank) == (100_000, 0)
    assert sound(bank)


def test_two_agree_at_once() -> None:
    """To the same reversal, and to two that together are too much: each time one alone moves money."""
    for number in range(20):
        bank = Bank()
        original = paid(bank)
        first, second = asked(bank, original, 600), asked(bank, original, 600)
        deeds = [(first, OTHER), (first, "arn:third"), (second, OTHER)]
        outcomes = at_once([partial(agree, bank, *deed) for deed in deeds])
        assert [one.refusal for one in outcomes].count(None) == 1, number
        assert funds(bank) == (99_600, 400)
        assert sound(bank)


def test_two_ask_at_once() -> None:
    """Both requests are kept, each under a number of its own."""
    for _ in range(20):
        bank = Bank()
        original = paid(bank)
        at_once([partial(ask, bank, original, amount_minor) for amount_minor in (100, 200, 300)])
        assert len(reversing.of_payment(bank.table, original)) == 3


def test_another_reversal_that_was_quicker_is_taken_into_account() -> None:
    """What was read of the payment is out of date: it is read again, and what is left decides."""
    bank = Bank()
    original = paid(bank)
    first, second = asked(bank, original, 400), asked(bank, original, 500)
    get, raced = bank.table.get, list[int]()

    def late(key: Any, *, consistent: bool = False) -> Any:
        item = get(key, consistent=consistent)
        if key == intent_key(original) and not raced:
            raced.append(1)
            agree(bank, first)
        return item

    bank.table.get = late  # type: ignore[method-assign]  # somebody comes between reading and writing
    assert agree(bank, second).refusal is None
    assert funds(bank) == (99_900, 100)
    assert bank.table.items[intent_key(original)]["reversed_minor"] == 900


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ask", "agree", "agree", "decline", "pay on", "freeze", "lost"]),
            st.integers(0, 5),
            st.sampled_from([ASKER, OTHER]),
            st.integers(1, 1_200),
        ),
        max_size=25,
    )
)
def test_whatever_operators_do_no_more_goes_back_than_was_paid(deeds: list[tuple[str, int, str, int]]) -> None:
    """Any order of requests, approvals and refusals of parts: books balance, and who asked never agreed."""
    bank = Bank()
    original = paid(bank)
    for deed, number, by, amount_minor in deeds:
        name = reversal_id(original, number + 1)
        if deed in ("pay on", "freeze"):
            bank.table.faults = []
        match deed:
            case "ask":
                ask(bank, original, amount_minor, by)
            case "agree":
                agree(bank, name, by)
            case "decline":
                reversing.decline(bank.table, name, by=by, clock=bank.services.clock)
            case "freeze":
                ledger.set_status(
                    bank.table, "bob", status="frozen" if number % 2 else "open", clock=bank.services.clock
                )
            case "lost":
                bank.table.faults = ["lost", "busy"][: number % 3]
            case _:
                paid(bank, "1 € @bob") if bank.account("bob")["status"] == "open" else None
    back = [one for one in reversing.of_payment(bank.table, original) if one.status == "paid"]
    assert sum(one.amount_minor for one in back) <= 1_000
    assert sum(one.amount_minor for one in back) == bank.table.items[intent_key(original)].get("reversed_minor", 0)
    assert all(one.requested_by != one.decided_by for one in back)
    assert sound(bank)


def test_both_sides_are_told_when_it_moved_and_nobody_before() -> None:
    """Two notices by the road of receipts; asking and declining tell nobody, and nothing is listed."""
    bank = Bank()
    original = paid(bank)
    first, second = asked(bank, original, 100), asked(bank, original, 100)
    bank.table.images = []
    reversing.decline(bank.table, second, by=OTHER, clock=bank.services.clock)
    agree(bank, first)
    told = [notice for old, new in bank.table.images for notice in notices(old, new, tries=5)]
    assert [(one.kind, one.road, one.subject) for one in told] == [
        ("returned", "sms-receipts", first),
        ("taken_back", "sms-receipts", first),
    ]
    assert [write for old, new in bank.table.images for write in listed(old, new)] == []
    assert notices(None, bank.table.items[intent_key(first)], tries=5) == ()


@pytest.mark.parametrize(
    ("which", "change"),
    [
        ("original", {"reversed_minor": 1_001}),
        ("original", {"reversed_minor": 399}),
        ("original", {"reversed_minor": 401}),
        ("reversal", {"amount_minor": 401}),
        ("reversal", {"status": "requested"}),
        ("reversal", {"status": "undone"}),
        ("reversal", {"original": "another"}),
    ],
)
def test_the_books_find_what_a_reversal_and_its_payment_say_differently(which: str, change: dict[str, Any]) -> None:
    """At rest, and in a reading while money moves once they are settled."""
    bank = Bank()
    original = paid(bank)
    reversal = asked(bank, original, 400)
    agree(bank, reversal)
    bank.table.items[intent_key(original if which == "original" else reversal)].update(change)
    assert not balance(bank.table.items.values()).balanced
    later = Tally(cutoff=NOON + 60)
    for item in bank.table.items.values():
        later.add(item)
    assert later.books().faults


@pytest.mark.parametrize("first", ["original", "reversal"])
@pytest.mark.parametrize("moment", ["before it was asked", "between", "settled"])
def test_a_reading_while_a_reversal_moves_names_no_fault(moment: str, first: str) -> None:
    """Whichever of its two items is read before the money moved: neither is wrong, until both are settled."""
    bank = Bank()
    original = paid(bank)
    cutoff = NOON + 60
    bank.time.move(30)
    if moment == "settled":
        agree(bank, asked(bank, original, 300))
    bank.time.move(60)
    reversal = asked(bank, original, 100) if moment != "before it was asked" else ""
    keys = {"original": intent_key(original), "reversal": intent_key(reversal or reversal_id(original, 1))}
    early = deepcopy(bank.table.items.get(keys[first]))
    agree(bank, reversal or asked(bank, original, 100))
    tally = Tally(cutoff=cutoff)
    for key, item in bank.table.items.items():
        seen = early if key == keys[first] else item
        if seen:
            tally.add(seen)
    assert not [fault for fault in tally.books().faults if "went back" in fault or "unknown status" in fault]


def test_the_books_count_reversals_apart() -> None:
    """A request that waits is neither a fault nor an order of anybody."""
    bank = Bank()
    original = paid(bank)
    agree(bank, asked(bank, original, 300))
    reversing.decline(bank.table, asked(bank, original, 200), by=OTHER, clock=bank.services.clock)
    asked(bank, original, 100)
    tally = Tally()
    for item in bank.table.items.values():
        tally.add(item)
    counted = {"funded": 1, "paid": 1, "reversed": 1, "reversal declined": 1, "reversal requested": 1}
    assert (tally.orders, tally.books().transfers) == (counted, 3)
    assert tally.books().balanced


def at_once(deeds: list[Callable[[], Outcome]]) -> list[Outcome]:
    """What each deed gave, all of them begun at the same moment."""
    outcomes: list[Outcome] = []
    start = threading.Barrier(len(deeds))

    def ready(deed: Callable[[], Outcome]) -> None:
        start.wait(timeout=10)
        outcomes.append(deed())

    threads = [threading.Thread(target=ready, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_a_reversal_reads_back_as_it_was_stored() -> None:
    """Every field, those that are empty left out of the item."""
    bank = Bank()
    original = paid(bank)
    reversal = asked(bank, original)
    stored = reversing.read(bank.table, reversal)
    assert stored == Reversal(
        id=reversal,
        original=original,
        status="requested",
        payer="bob",
        payee="alice",
        payer_person="bob",
        payee_person="alice",
        amount_minor=1_000,
        currency="EUR",
        created_at=NOON,
        requested_by=ASKER,
        correlation_id=bank.table.items[intent_key(original)].get("correlation_id", ""),
        said={"reason": "paid twice"},
    )
    assert "decided_by" not in bank.table.items[intent_key(reversal)]


def test_a_request_takes_over_what_the_payment_says_of_itself() -> None:
    """Both sides are changed over, with their persons; the trace goes on; what the payment lacks stays empty."""
    payment = {
        "PK": "T#one", "SK": "0", "order": "send", "status": "paid", "amount_minor": 1_000, "currency": "EUR",
        "payer": "alice", "payee": "bob", "payer_person": "p-alice", "payee_person": "p-bob",
        "correlation_id": "abcdefghijklmnop",
    }  # fmt: skip
    asked = reversals.of(payment, Wish(amount_minor=400, reason="", by=ASKER), number=2, now=NOON)
    assert (asked.id, asked.original) == (identifier("reversal", "one", "2"), "one")
    assert (asked.payer, asked.payer_person, asked.payee, asked.payee_person) == ("bob", "p-bob", "alice", "p-alice")
    assert (asked.correlation_id, asked.said) == ("abcdefghijklmnop", {})
    bare = {name: payment[name] for name in payment if not name.endswith("_person") and name != "correlation_id"}
    asked = reversals.of(bare, Wish(amount_minor=400, reason="x", by=ASKER), number=1, now=NOON)
    assert (asked.payer_person, asked.payee_person, asked.correlation_id, asked.said) == ("", "", "", {"reason": "x"})


def test_the_legs_of_a_reversal_name_it() -> None:
    """Both accounts' last leg is the reversal's transfer, so that their entries find it."""
    bank = Bank()
    reversal = asked(bank, paid(bank))
    agree(bank, reversal)
    legs = [bank.account(name)["last"] for name in ("alice", "bob")]
    assert [(leg["transfer"], leg["amount_minor"]) for leg in legs] == [(reversal, 1_000), (reversal, -1_000)]


def test_a_reversal_sees_what_was_written_just_now() -> None:
    """A payment of a second ago, and a request of a moment ago, are given back and agreed to, replicas or not."""
    table = BehindTable()
    bank = Bank(table=table)
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    table.fall_behind()
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    reversal = asked(bank, intent.id, 400)
    assert agree(bank, reversal).refusal is None
    assert [one.status for one in reversing.of_payment(table, intent.id)] == ["paid"]
    assert funds(bank) == (99_400, 600)


def test_of_two_that_ask_in_one_moment_the_second_takes_the_next_number() -> None:
    """Between counting and storing somebody else asks: no number is left out, so that both are found by counting."""
    bank = Bank()
    original = paid(bank)
    transact, raced = bank.table.transact, list[int]()

    def late(writes: Any, *, token: str) -> Any:
        if not raced:
            raced.append(1)
            ask(bank, original, 100, OTHER)
        return transact(writes, token=token)

    bank.table.transact = late  # type: ignore[method-assign]  # somebody comes between counting and storing
    assert ask(bank, original, 200).refusal is None
    found = reversing.of_payment(bank.table, original)
    assert [(one.amount_minor, one.requested_by) for one in found] == [(100, OTHER), (200, ASKER)]


def test_what_is_refused_early_costs_no_transaction() -> None:
    """A reversal that can no longer be is told from what was read, together with what it is."""
    bank = Bank()
    original = paid(bank)
    late = asked(bank, original, 1)
    agree(bank, asked(bank, original, 1_000))
    spent = bank.table.usage.write_units
    outcome = agree(bank, late)
    assert (outcome.refusal, outcome.reversal and outcome.reversal.id) == (Refusal.REVERSED_TOO_MUCH, late)
    assert bank.table.usage.write_units == spent


def test_whoever_comes_after_the_decision_hears_that_it_is_over() -> None:
    """A third operator agrees to what another has: not that too much would go back, though that is so as well."""
    bank = Bank()
    reversal = asked(bank, paid(bank))
    agree(bank, reversal)
    outcome = agree(bank, reversal, "arn:third")
    assert (outcome.refusal, outcome.reversal and outcome.reversal.decided_by) == (Refusal.NOT_PENDING, OTHER)
    said_no = reversing.decline(bank.table, reversal, by="arn:third", clock=bank.services.clock)
    assert (said_no.refusal, said_no.reversal and said_no.reversal.status) == (Refusal.NOT_PENDING, "paid")


def test_a_declined_reversal_says_when() -> None:
    """It ended at that second, and did not move."""
    bank = Bank()
    reversal = asked(bank, paid(bank))
    bank.time.move(60)
    declined = reversing.decline(bank.table, reversal, by=OTHER, clock=bank.services.clock).reversal
    assert declined
    assert (declined.ended_at, declined.paid_at, declined.moved_micros) == (NOON + 60, 0, 0)


def test_reversals_that_were_quicker_every_time_are_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator hears why, and may try again; nothing is decided."""
    bank = Bank()
    reversal = asked(bank, paid(bank))
    monkeypatch.setattr(reversing, "move", lambda *_, **__: Rejection(Refusal.STALE, ()))
    with pytest.raises(Busy, match=r"^other reversals of the same payment were quicker each time$"):
        agree(bank, reversal)
    waiting = reversing.read(bank.table, reversal)
    assert waiting and waiting.status == "requested"
