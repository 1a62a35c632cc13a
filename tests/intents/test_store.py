"""Orders in the table and the payer's list: where a line stands, what it says, and how much is read of it."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.intents import store
from chalicelib.intents.intent import Intent
from chalicelib.intents.store import Ordered
from chalicelib.refusals import Refusal
from chalicelib.table import intent_key
from tests.bank import NOON, Bank
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
        Ordered(intent="new", created_at=NOON, waits=False, pays=True),
        Ordered(intent="edge", created_at=NOON - DAY, waits=True, pays=True),
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
