"""The lines by which the sweep finds what falls due, and its mark."""

from typing import Any

import pytest

from chalicelib.intents import due, sweeping
from chalicelib.intents.intent import Intent
from chalicelib.refusals import Refusal
from tests.bank import NOON, Bank
from tests.ledger.behind import BehindTable
from tests.memory_table import MemoryTable

HOUR = 3_600
# The first second of an hour.
TURN = NOON // HOUR * HOUR


def intent(expires_at: int, last: str = "a") -> Intent:
    """An intent that waits until then; its id ends so."""
    return Intent(
        id=f"0123456789bcde_{last}", order="send", status="pending", network="twitter", page="9", author_id="1",
        message_id="1", language="fr", private=False, created_at=1, received_at=1, expires_at=expires_at,
    )  # fmt: skip


def found(table: MemoryTable, since: int, until: int) -> list[str]:
    """The last letters of the ids that fell due in a span of one hour."""
    return sorted(one[-1] for page in due.fallen_due(table, since, until) for one in page)


def test_a_line_stands_by_its_hour_and_time_and_is_forgotten_in_a_week() -> None:
    """Its place among sixteen is by the id's last character, so that a crowd of one hour is spread."""
    put = due.due(intent(TURN + 7))
    assert put.item == {
        "PK": f"D#{TURN // HOUR}#0",
        "SK": f"{TURN + 7:012}#0123456789bcde_a",
        "ttl": TURN + 7 + 604_800,
    }
    assert [clause.means for clause in put.clauses] == [Refusal.ALREADY_SEEN]
    places = [due.due(intent(TURN, last)).key[0].rpartition("#")[2] for last in "bpqZ0-_"]
    assert places == ["1", "15", "0", "3", "4", "14", "15"]


def test_a_slice_finds_its_seconds_both_ends_included() -> None:
    """And nothing of the second before or after, nor of another hour."""
    table = MemoryTable()
    for at, last in ((TURN - 1, "a"), (TURN, "b"), (TURN + 59, "c"), (TURN + 60, "d"), (TURN + HOUR, "e")):
        table.put(due.due(intent(at, last)))
    assert found(table, TURN, TURN + 59) == ["b", "c"]
    assert found(table, TURN + 60, TURN + HOUR - 1) == ["d"]
    assert found(table, TURN - 60, TURN - 1) == ["a"]


def test_a_span_is_cut_at_so_many_seconds_and_at_hours() -> None:
    """Both ends of a slice are in it."""
    assert list(due.slices(TURN - 90, TURN + 100, seconds=60)) == [
        (TURN - 90, TURN - 31),
        (TURN - 30, TURN - 1),
        (TURN, TURN + 59),
        (TURN + 60, TURN + 100),
    ]
    assert list(due.slices(TURN, TURN, seconds=60)) == [(TURN, TURN)]
    assert list(due.slices(TURN + 1, TURN, seconds=60)) == []


def test_a_page_of_lines_is_asked_for_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many fall due in one hour, none is read twice and none is left out."""
    monkeypatch.setattr(due, "PAGE", 2)
    table, limits = MemoryTable(), list[int]()
    for last in "aqGW6":  # five in one place
        table.put(due.due(intent(TURN, last)))
    query = table.query

    def noted(partition: str, *, limit: int, **more: Any) -> Any:
        limits.append(limit)
        return query(partition, limit=limit, **more)

    monkeypatch.setattr(table, "query", noted)
    assert [len(page) for page in due.fallen_due(table, TURN, TURN + 59)] == [2, 2, 1]
    assert found(table, TURN, TURN + 59) == ["6", "G", "W", "a", "q"]
    assert set(limits) == {2}


def test_the_mark_is_of_just_now_and_never_goes_back() -> None:
    """A slower sweep beside it changes nothing; the same second again is fine."""
    table = BehindTable()
    assert due.swept_until(table) is None
    table.fall_behind()
    for until, stands in ((100, 100), (99, 100), (100, 100), (101, 101)):
        due.mark_swept(table, until=until)
        assert due.swept_until(table) == stands


def sent(bank: Bank) -> Intent:
    """A payment that waits and is listed."""
    waiting: Intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    bank.list(waiting)
    return waiting


def test_a_sweep_counts_and_logs_what_it_expired(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One count for each, with its id and the trace of its order, and one for the sweep that came to its end."""
    counted: list[str] = []
    monkeypatch.setattr(sweeping, "count", counted.append)
    waiting = sent(bank)
    bank.table.items[f"T#{waiting.id}", "0"]["correlation_id"] = "abcdefghijklmnop"
    bank.time.seconds = waiting.expires_at
    assert sweeping.sweep(bank.services) == 1
    assert counted == ["IntentsExpired", "SweepsFinished"]
    (line,) = [vars(record) for record in caplog.records]
    assert (line["message"], line["intent_id"], line["correlation_id"]) == ("expired", waiting.id, "abcdefghijklmnop")


@pytest.mark.parametrize(("seconds", "behind"), [(40, False), (41, True)])
def test_a_sweep_that_runs_out_of_time_says_how_far_it_is_behind(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, seconds: int, *, behind: bool
) -> None:
    """After forty seconds, not at forty; nothing is called finished, and the mark stays before what waits."""
    bank = Bank()
    counted: list[str] = []
    monkeypatch.setattr(sweeping, "count", counted.append)
    waiting = sent(bank)
    bank.time.seconds = waiting.expires_at
    update = bank.table.update

    def slow(write: Any) -> Any:
        bank.time.move(seconds if write.key[0].startswith("T#") else 0)
        return update(write)

    bank.table.update = slow  # type: ignore[method-assign,assignment]  # the table takes its time
    assert sweeping.sweep(bank.services) == 1
    warnings = [vars(record) for record in caplog.records if record.levelname == "WARNING"]
    if behind:
        (line,) = warnings
        assert line["message"] == "the sweep is behind"
        assert (line["behind_seconds"], line["expired"]) == (waiting.expires_at % HOUR, 1)
    assert bool(warnings) == behind
    assert ("SweepsFinished" in counted) != behind


def test_a_sweep_expires_all_that_fell_due_since_the_last_one(bank: Bank) -> None:
    """Whatever hour and partition they stand in: it says how many there were."""
    due.mark_swept(bank.table, until=NOON)
    waiting = []
    for _ in range(3):
        waiting.append(sent(bank))
        bank.time.move(HOUR)
    bank.time.seconds = waiting[-1].expires_at
    assert sweeping.sweep(bank.services) == 3
    assert due.swept_until(bank.table) == waiting[-1].expires_at


def test_an_intent_that_somebody_answers_meanwhile_is_not_counted(bank: Bank, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever confirms or cancels first wins; of an intent that is not there nothing is made."""
    waiting = sent(bank)
    assert not sweeping.expire_due(bank.services, waiting.id)
    assert not sweeping.expire_due(bank.services, "nobody")
    assert ("T#nobody", "0") not in bank.table.items
    assert not caplog.records
