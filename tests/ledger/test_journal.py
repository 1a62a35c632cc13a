"""The projector: each leg becomes one entry, whatever comes twice, late, shuffled or not at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Unavailable
from chalicelib.intents import lifecycle
from chalicelib.ledger import entries, journal
from chalicelib.ledger.entry import entries_of, entry_key, to_item
from tests.bank import CODE, Bank
from tests.ledger.behind import BehindTable
from tests.ledger.money import START, Till, record, records, transfer
from tests.memory_table import MemoryTable

STORY = [
    transfer("f1", "bank", "alice", 5_000, at=1),
    transfer("t1", "alice", "bob", 1_000, at=2),
    transfer("t2", "alice", "relief", 200, at=3, credited="relief#3"),
    transfer("t3", "bob", "alice", 50, at=4),
    transfer("t4", "alice", "bob", 70, at=5),
]
WANTED = {
    entry_key(one.account, one.seq): to_item(one)
    for account in ("alice", "bob", "relief#3")
    for one in entries_of(account, STORY)
}


def project(table: MemoryTable, batch: list[dict[str, Any]]) -> list[Any]:
    """Project a batch and return what was parked."""
    parked: list[Any] = []
    journal.project(table, batch, park=parked.append)
    return parked


def story() -> list[dict[str, Any]]:
    """The stream of the whole story."""
    return records(Till().move(STORY))


def test_each_leg_becomes_the_entry_that_its_transfer_gives() -> None:
    """The stream and the transfers make the same bytes."""
    table = MemoryTable()
    assert project(table, story()) == []
    assert table.items == WANTED


@given(data=st.data())
def test_batches_that_are_cut_repeated_and_shuffled_make_the_same_entries(data: Any) -> None:
    """Each account's records keep their order; nothing else is certain of a stream."""
    table, waiting = MemoryTable(), story()
    while waiting:
        size = data.draw(st.integers(1, len(waiting)))
        batch, waiting = waiting[:size], waiting[size:]
        keys = data.draw(st.permutations([str(one["dynamodb"]["Keys"]) for one in batch]))
        lanes = {key: [one for one in batch if str(one["dynamodb"]["Keys"]) == key] for key in keys}
        shuffled = [lanes[key].pop(0) for key in keys]
        for _ in range(data.draw(st.integers(1, 2))):
            assert project(table, shuffled) == []
    assert table.items == WANTED


def test_a_predecessor_of_an_earlier_batch_is_read_once() -> None:
    """One consistent read an account and batch, one write an entry."""
    table, batch = MemoryTable(), story()
    project(table, batch[:2])
    before = table.usage.read_units, table.usage.write_units
    project(table, [one for one in batch[2:] if one["dynamodb"]["Keys"]["PK"]["S"] == "A#alice"])
    assert (table.usage.read_units - before[0], table.usage.write_units - before[1]) == (1, 3)


def test_a_leg_without_its_predecessor_is_parked_and_the_batch_goes_on() -> None:
    """Guessing a hash would break the chain; `console journal rebuild` knows what is missing."""
    table, batch = MemoryTable(), story()
    lost = [one for one in batch if one["dynamodb"]["NewImage"]["last"]["M"]["transfer"]["S"] != "t1"]
    parked = project(table, lost)
    assert [(one["PK"], one["seq"], one["transfer"], one["entry"]) for one in parked] == [
        ("A#alice", "3", "t2", "predecessor"),
        ("A#bob", "2", "t3", "predecessor"),
        ("A#alice", "4", "t3", "predecessor"),
        ("A#alice", "5", "t4", "predecessor"),
        ("A#bob", "3", "t4", "predecessor"),
    ]
    assert set(table.items) == {("E#alice", "000000000001"), ("E#relief#3", "000000000001")}


def test_an_entry_with_other_bytes_is_never_overwritten() -> None:
    """It is evidence: it is told and left as it is."""
    table = MemoryTable()
    forged = {**WANTED["E#alice", "000000000002"], "amount_minor": -1}
    table.items["E#alice", "000000000002"] = dict(forged)
    parked = project(table, story())
    assert parked[0] == {"PK": "A#alice", "SK": "0", "seq": "2", "transfer": "t1", "entry": "differs"}
    assert table.items["E#alice", "000000000002"] == forged


def test_what_moves_no_money_makes_no_entry() -> None:
    """Attempts, blocks and every other kind of item."""
    table = MemoryTable()
    account = Till().move(STORY[:1]).items["alice"]
    others = [
        record(account, {**account, "attempts": 3}),
        record(None, {"PK": "A#new", "SK": "0", "seq": 0, "available": 0}),
        record(None, {"PK": "T#t1", "SK": "0", "seq": 4}),
        {"eventName": "REMOVE", "dynamodb": {"Keys": {"PK": {"S": "A#alice"}, "SK": {"S": "0"}}}},
    ]
    assert project(table, others) == []
    assert table.items == {}


def test_an_account_that_our_code_cannot_read_is_parked_by_its_keys() -> None:
    """One bug holds up nobody else."""
    table = MemoryTable()
    poison = record(None, {"PK": "A#poison", "SK": "0", "seq": 1})
    assert project(table, [poison, *story()]) == [{"PK": "A#poison", "SK": "0", "entry": "unreadable"}]
    assert table.items == WANTED


@pytest.mark.parametrize("fault", ["busy", "lost", "down"])
def test_an_outage_raises_and_the_batch_that_comes_again_mends_it(fault: str) -> None:
    """Also when the write was done and its answer lost."""
    table = MemoryTable(faults=["", "", fault])
    with pytest.raises(Unavailable):
        project(table, story())
    assert project(table, story()) == []
    assert table.items == WANTED


def test_the_parking_queue_down_raises_so_that_the_batch_comes_again() -> None:
    """A leg that is neither written nor parked would be forgotten."""

    def down(_: Any) -> None:
        raise Unavailable("SQS is down")

    with pytest.raises(Unavailable):
        journal.project(MemoryTable(), story()[2:], park=down)


def test_a_real_payment_makes_an_entry_of_each_side() -> None:
    """Of the very images that a confirmation leaves."""
    bank = Bank()
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    images = [record(old, new) for old, new in bank.table.images if new["PK"] == "A#bob"]
    assert project(bank.table, images) == []
    (entry,) = entries.read(bank.table, "bob")
    assert (entry.transfer, entry.amount_minor, entry.counterparty) == (intent.id, 1_000, "alice")
    assert entries_of("bob", [bank.table.items["T#" + intent.id, "0"]]) == [entry]


@pytest.fixture
def written() -> MemoryTable:
    """A table with the whole story's entries."""
    table = MemoryTable()
    project(table, story())
    return table


def test_entries_are_read_in_order_and_over_pages(written: MemoryTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """From any number on."""
    monkeypatch.setattr(entries, "PAGE", 2)
    assert [one.seq for one in entries.read(written, "alice")] == [1, 2, 3, 4, 5]
    assert [one.seq for one in entries.read(written, "alice", start=4)] == [4, 5]
    assert list(entries.read(written, "alice", start=6)) == []


def test_a_gap_is_never_read_over(written: MemoryTable) -> None:
    """A statement with a movement missing would be believed."""
    del written.items["E#alice", "000000000003"]
    with pytest.raises(entries.Gap, match="entry 3"):
        list(entries.read(written, "alice"))


@pytest.mark.parametrize(
    ("at", "balance"), [(0, None), (1, 5_000), (2, 4_000), (3, 3_800), (4, 3_850), (5, 3_780), (9, 3_780)]
)
def test_a_balance_as_of_a_time_is_the_last_entrys(written: MemoryTable, at: int, balance: int | None) -> None:
    """At the very instant of a leg, that leg counts."""
    entry = entries.last_until(written, "alice", until_micros=START + at)
    assert (entry.balance_minor if entry else None) == balance


@given(instants=st.lists(st.integers(1, 200), unique=True, min_size=1, max_size=40), at=st.integers(0, 220))
def test_the_halving_search_finds_what_a_walk_finds(instants: list[int], at: int) -> None:
    """For any times of legs and any time that is asked for."""
    table, transfers = MemoryTable(), [transfer(f"f{one}", "bank", "alice", one, at=one) for one in sorted(instants)]
    project(table, records(Till().move(transfers)))
    walked = [one for one in entries.read(table, "alice") if one.moved_micros <= START + at]
    assert entries.last_until(table, "alice", until_micros=START + at) == (walked[-1] if walked else None)


def test_a_span_begins_with_the_entry_before_it(written: MemoryTable) -> None:
    """Which tells the opening balance."""
    found = entries.between(written, "alice", since_micros=START + 3, until_micros=START + 5)
    assert [one.seq for one in found] == [2, 3, 4]
    assert entries.between(written, "nobody", since_micros=0, until_micros=START) == []
    whole = entries.between(written, "alice", since_micros=0, until_micros=START + 3)
    assert [one.seq for one in whole] == [1, 2]


def test_a_gap_is_named_by_the_halving_search_too(written: MemoryTable) -> None:
    """An entry that must be there is not passed over for its neighbour."""
    del written.items["E#alice", "000000000003"]
    with pytest.raises(entries.Gap, match="alice: entry 3 is missing"):
        entries.last_until(written, "alice", until_micros=START + 3)


def test_the_halving_search_sees_what_was_written_just_now() -> None:
    """The newest entry says how many there are; a replica may not have the others yet."""
    table = BehindTable()
    table.fall_behind()
    project(table, story())
    entry = entries.last_until(table, "alice", until_micros=START + 3)
    assert entry is not None and entry.balance_minor == 3_800


def test_entries_are_asked_for_a_page_at_a_time(written: MemoryTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account of many years is not read into memory at once, and the newest entry is one item."""
    query, limits = written.query, list[int]()

    def noted(partition: str, *, limit: int, **more: Any) -> Any:
        limits.append(limit)
        return query(partition, limit=limit, **more)

    monkeypatch.setattr(written, "query", noted)
    assert len(list(entries.read(written, "alice"))) == 5
    assert entries.last(written, "alice")
    assert limits == [entries.PAGE, entries.PAGE, 1]


def test_what_is_forgotten_or_no_account_does_not_end_the_batch() -> None:
    """A TTL's delete and an order's image among the legs: the legs after them get their entries."""
    forgotten = {**record(None, {"PK": "A#gone", "SK": "0", "seq": 1}), "eventName": "REMOVE"}
    order = record(None, {"PK": "T#one", "SK": "0", "seq": 1})
    table = MemoryTable()
    assert project(table, [forgotten, order, *story()]) == []
    assert table.items == WANTED


def test_an_accounts_item_without_a_number_of_legs_tells_of_none() -> None:
    """It has not moved; there is nothing to park."""
    table = MemoryTable()
    assert project(table, [record(None, {"PK": "A#odd", "SK": "0", "currency": "EUR"})]) == []
    assert table.items == {}


def test_what_is_written_and_what_is_parked_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The alarm hears of each parked leg and why; each entry is counted once it is there."""
    counted: list[tuple[str, str]] = []
    monkeypatch.setattr(journal, "count", lambda name, reason="": counted.append((name, reason)))
    table = MemoryTable()
    project(table, story()[:1])
    assert counted == [("EntriesWritten", "")]
    del counted[:]
    project(table, [record(None, {"PK": "A#poison", "SK": "0", "seq": 1}), *story()[3:4]])
    assert counted == [("EntriesParked", "unreadable"), ("EntriesParked", "predecessor")]


def test_a_parked_leg_is_logged_with_what_finds_it(caplog: pytest.LogCaptureFixture) -> None:
    """Its keys, its number, its transfer, and what is wrong; of one that cannot be read, its keys."""
    legs = story()
    project(MemoryTable(), [record(None, {"PK": "A#poison", "SK": "0", "seq": 1}), legs[3]])
    unreadable, parked = [vars(one) for one in caplog.records]
    assert unreadable["message"] == "a leg could not be read and was parked"
    assert (unreadable["change"], bool(unreadable["exc_info"])) == ({"PK": "A#poison", "SK": "0"}, True)
    assert parked["message"] == "a leg has no entry and was parked"
    keys = {name: value["S"] for name, value in legs[3]["dynamodb"]["Keys"].items()}
    assert (parked["change"], parked["reason"]) == (keys, "predecessor")
    assert (parked["seq"], parked["transfer"]) == ("3", legs[3]["dynamodb"]["NewImage"]["last"]["M"]["transfer"]["S"])
