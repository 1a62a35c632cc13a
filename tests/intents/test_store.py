"""Orders in the table and the payer's list: where a line stands, what it says, and how much is read of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intents import store
from chalicelib.intents.intent import Intent
from chalicelib.intents.store import Ordered
from chalicelib.refusals import Refusal
from chalicelib.table import intent_key
from tests.bank import NOON, Bank, mention
from tests.ledger.behind import BehindTable
from tests.memory_table import MemoryTable

DAY = 86_400


def order(name: str, *, at: int = NOON, message: str = "20718") -> Intent:
    """An order of Alice's that waits."""
    return Intent(
        id=name, order="send", status="pending", network="twitter", page="9", author_id="101", message_id=message,
        language="fr", private=False, created_at=at, received_at=at, payer="alice",
    )  # fmt: skip


def listed(*orders: Intent) -> MemoryTable:
    """A table with the lines of these orders."""
    table = MemoryTable()
    for one in orders:
        assert table.put(store.list_order(one)) is None
    return table


def test_a_line_stands_by_when_its_order_came() -> None:
    """Then by the post's number, as two may come in one second, and numbers grow in length too."""
    put = store.list_order(order("abc"))
    line = {"PK": "W#alice", "SK": f"{NOON:012}#00000000000000020718#abc", "status": "pending", "ttl": NOON + 2 * DAY}
    assert put.item == line
    assert [clause.means for clause in put.clauses] == [Refusal.ALREADY_SEEN]
    table = listed(
        order("later", message="100"), order("first", message="99"), order("newest", at=NOON + 1, message="1")
    )
    assert [one.intent for one in store.ordered_lately(table, "alice", now=NOON)] == ["newest", "later", "first"]


def test_a_line_of_what_waits_no_more_is_found_and_kept_as_long() -> None:
    """The same place, with what became of it."""
    key, part = store.unlist(replace(order("abc"), status="paid"))
    assert key == store.list_order(order("abc")).key
    assert part.assign == {"status": "paid", "ttl": NOON + 2 * DAY}


def test_a_days_orders_are_those_since_this_second_yesterday() -> None:
    """Each with when it came and whether it waits; at most fifty are read."""
    table = listed(order("old", at=NOON - DAY - 1), order("edge", at=NOON - DAY), order("new", at=NOON))
    table.items["W#alice", f"{NOON:012}#00000000000000020718#new"]["status"] = "paid"
    assert store.ordered_lately(table, "alice", now=NOON) == [
        Ordered(intent="new", received_at=NOON, waits=False, pays=True),
        Ordered(intent="edge", received_at=NOON - DAY, waits=True, pays=True),
    ]
    many = listed(*(order(f"order{number}", at=NOON - number) for number in range(60)))
    assert len(store.ordered_lately(many, "alice", now=NOON)) == 50


@pytest.mark.parametrize(("at", "among"), [(NOON, False), (NOON - DAY + 1, False), (NOON - DAY - 1, True)])
def test_a_link_goes_to_the_first_orders_of_a_day(at: int, *, among: bool) -> None:
    """Of three orders and a cap of two the third is not among them, unless an earlier one was a day before it."""
    first, second, third = order("first", at=at), order("second", message="20719"), order("third", message="20720")
    table = listed(first, second, third)
    assert store.is_among_first(table, second, cap=2, now=NOON)
    assert store.is_among_first(table, third, cap=2, now=NOON) == among
    assert store.is_among_first(table, third, cap=3, now=NOON)
    unseen = listed(second)
    assert store.is_among_first(unseen, third, cap=2, now=NOON), "a line that cannot be seen yet is not held against it"


@pytest.mark.parametrize(("now", "among"), [(NOON, False), (NOON + DAY, False), (NOON + DAY + 1, True)])
def test_what_is_held_back_may_be_sent_when_the_earlier_ones_are_a_day_old(now: int, *, among: bool) -> None:
    """The day is the one up to the sending; however old an order is, it is among those that are counted."""
    first, second, third = order("first"), order("second", at=NOON + 9), order("third", at=NOON + 10)
    table = listed(first, second, third)
    assert store.is_among_first(table, third, cap=2, now=now) == among
    assert not store.is_among_first(listed(second, third), third, cap=1, now=now)
    assert store.is_among_first(table, third, cap=1, now=NOON + 3 * DAY)


def test_as_many_lines_are_read_as_the_cap_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest first."""
    table, limits = listed(*(order(f"order{number}", at=NOON - number) for number in range(5))), list[int]()
    query = table.query

    def noted(partition: str, *, limit: int, **more: Any) -> Any:
        limits.append(limit)
        return query(partition, limit=limit, **more)

    monkeypatch.setattr(table, "query", noted)
    assert not store.is_among_first(table, order("order0"), cap=2, now=NOON)
    assert limits == [2]


def test_an_order_of_just_now_is_read_where_it_must_be() -> None:
    """A cheap read may be a moment old; what is no order of a person's is never read as one."""
    table = BehindTable()
    bank = Bank(table=table)
    funding = "fund-alice"
    assert intent_key(funding) in table.items
    assert store.read(table, funding) is None
    table.fall_behind()
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    assert store.read(table, intent.id) is None
    assert store.read(table, intent.id, consistent=True) == intent


def test_a_message_that_comes_again_gets_the_order_that_it_made_before() -> None:
    """Whatever it would be read as by now."""
    table = MemoryTable()
    assert store.keep(table, order("abc")) == order("abc")
    assert store.keep(table, replace(order("abc"), amount_minor=5)) == order("abc")
    assert store.put(order("abc")).clauses[0].means is Refusal.ALREADY_SEEN


MOMENTS = st.integers(NOON * 1000, NOON * 1000 + 2_999)


@given(sent=st.lists(MOMENTS, min_size=1, max_size=8), ids=st.permutations("abcdefgh"))
def test_a_list_is_in_the_order_of_the_networks_clock(sent: list[int], ids: list[str]) -> None:
    """Within a second too, whatever the ids of the messages are; what came in a later second was later."""
    orders = [
        replace(order(name, at=millis // 1000, message=f"m_{name}"), sent_millis=millis)
        for millis, name in zip(sent, ids, strict=False)
    ]
    lines = store.ordered_lately(listed(*orders), "alice", now=NOON)
    assert [line.sent_millis for line in lines] == sorted(sent, reverse=True)
    assert {line.intent for line in lines} == {one.id for one in orders}


def test_lines_of_before_stay_where_they_are() -> None:
    """An order without milliseconds has the line that it had; both kinds are read, and a line is found again."""
    before, after = order("before", message="m_z"), replace(order("after", message="m_a"), sent_millis=NOON * 1000 + 5)
    assert store.list_order(before).key == ("W#alice", f"{NOON:012}#{'0' * 17}m_z#before")
    assert store.list_order(after).key == ("W#alice", f"{NOON:012}#0{NOON}005#{'0' * 17}m_a#after")
    for one in (before, after):
        assert store.unlist(replace(one, status="paid"))[0] == store.list_order(one).key
    lines = store.ordered_lately(listed(before, after), "alice", now=NOON)
    assert {(line.intent, line.sent_millis) for line in lines} == {("before", 0), ("after", NOON * 1000 + 5)}


@pytest.mark.parametrize("message", ["1" * 14, "m_#" + "1" * 14, "wamid.HBgM#x#y=="])
def test_no_message_id_is_taken_for_milliseconds(message: str) -> None:
    """Whatever stands in it."""
    (line,) = store.ordered_lately(listed(order("one", message=message)), "alice", now=NOON)
    assert (line.intent, line.sent_millis) == ("one", 0)


@pytest.mark.parametrize(
    ("came", "sent", "there"),
    [
        (NOON - 1, 0, True), (NOON - 1, NOON * 1000 + 900, True), (NOON + 1, NOON * 1000, False),
        (NOON, NOON * 1000 + 499, True), (NOON, NOON * 1000 + 500, True), (NOON, NOON * 1000 + 501, False),
        (NOON, 0, True),
    ],
)  # fmt: skip
def test_what_was_there_when_a_message_came(came: int, sent: int, there: bool) -> None:  # noqa: FBT001  # a case
    """By our own second, and within it by the networks' clocks, where both tell."""
    line = Ordered(intent="one", received_at=came, sent_millis=sent, waits=True)
    message = mention("annuler", sent_millis=NOON * 1000 + 500)
    assert bool(store.there_at([line], message)) == there
    if came <= NOON:
        assert store.there_at([line], replace(message, sent_millis=0)) == [line]
