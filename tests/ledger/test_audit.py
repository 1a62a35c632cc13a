"""The audit: clean while money moves under its eyes, and never pleased by anything that disagrees."""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.conditions import Item
from chalicelib.errors import Unavailable
from chalicelib.evidence import Notes
from chalicelib.intents import lifecycle
from chalicelib.ledger import audit as audits
from chalicelib.ledger.audit import Evidence, Report, audit, is_due
from chalicelib.table import Key
from tests.bank import CODE, Bank

HOUR, DAY = 3_600, 86_400


@dataclass
class Stage:
    """A bank whose table is read three items at a time, and the log lines of its functions."""

    bank: Bank = field(default_factory=Bank)
    logged: list[tuple[int, str, str]] = field(default_factory=list)
    waiting: int = 0
    between: Callable[[], None] = lambda: None
    down_after: int = -1

    def scan(self, start: Key | None) -> tuple[Sequence[Item], Key | None]:
        """One page, in an order of its own, as hashes give one."""
        self.down_after -= 1
        if self.down_after == 0:
            raise Unavailable("the table is down")
        keys = sorted(self.bank.table.items, key=lambda key: (hash(key[0]), key))
        rest = keys[keys.index(start) + 1 :] if start in keys else keys
        page = [dict(self.bank.table.items[key]) for key in rest[:3]]
        self.between()
        return page, rest[2] if len(rest) > 3 else None

    def lines(self, function: str, term: str, *, since: int, until: int) -> Iterable[str]:
        """The log lines of a function."""
        return [line for at, where, line in self.logged if where == function and term in line and since <= at < until]

    def log(self, function: str, message: str, event: str) -> None:
        """Write a log line now."""
        line = json.dumps({"message": message, "correlation_id": event})
        self.logged.append((self.bank.services.clock.now(), function, line))

    def audit(self, **tell: Any) -> Report | None:
        """Run the audit, or go on with it."""
        evidence = Evidence(scan=self.scan, lines=self.lines, unread=lambda: self.waiting)
        return audit(self.bank.services, evidence, self.notes(), **tell)

    def notes(self) -> Notes:
        """The audit's notes in the bank's table."""
        return Notes(self.bank.table, self.bank.services.clock.now)

    def pay(self, text: str = "@Smoneyfr #envoyer 10 € @bob") -> str:
        """Alice orders and confirms; returns the intent's id."""
        intent = self.bank.say(text)
        lifecycle.confirm(self.bank.services, self.bank.link(intent), CODE)
        return str(intent.id)

    def rested(self) -> "Stage":
        """The same an hour later, when everything is settled."""
        self.bank.time.move(HOUR)
        return self


def test_a_bank_at_rest_is_clean() -> None:
    """Its report counts what was read, and everything sums to zero."""
    stage = Stage()
    stage.pay()
    report = stage.rested().audit()
    assert report is not None and report.clean and not report.moving
    assert (report.accounts, report.transfers, report.sum_minor) == (3, 2, {"EUR": 0})
    assert stage.notes().last_report() is not None


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_money_that_moves_while_it_is_read_raises_no_fault(seed: int) -> None:
    """Payments between any two pages, to and fro: nothing is reported, as nothing is wrong."""
    stage, chance = Stage(), random.Random(seed)
    for _ in range(chance.randrange(3)):
        stage.pay()
    stage.rested()

    def move() -> None:
        for _ in range(chance.choice((0, 0, 1, 2))):
            stage.pay(chance.choice(("@Smoneyfr #envoyer 1 € @bob", "@Smoneyfr #donner 2 € @croixbleue")))
            stage.bank.time.move(chance.choice((0, 1)))

    stage.between = move
    report = stage.audit()
    assert report is not None
    assert report.faults == ()
    assert report.sum_minor == {"EUR": 0}


FAULTS: dict[str, tuple[Key, dict[str, Any]]] = {
    "a cent too much": (("A#bob", "0"), {"available": 1_001}),
    "a leg too few": (("A#bob", "0"), {"seq": 0}),
    "a leg too many": (("A#bob", "0"), {"seq": 2}),
    "below zero": (("A#croixbleue", "0"), {"available": -1}),
    "a transfer altered": (("T#fund-alice", "0"), {"amount_minor": 99_999}),
    "a transfer taken back": (("T#fund-alice", "0"), {"status": "cancelled"}),
    "an unknown status": (("T#fund-alice", "0"), {"status": "done"}),
    "a journal that is forgotten": (("T#fund-alice", "0"), {"ttl": 1}),
    "a transfer of nothing": (("T#fund-alice", "0"), {"amount_minor": 0}),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("moving", [False, True], ids=["at rest", "while others pay"])
def test_whatever_disagrees_is_named(fault: str, *, moving: bool) -> None:
    """Also on an account that others pay in the same moment."""
    stage = Stage()
    stage.pay()
    stage.rested()
    key, change = FAULTS[fault]
    stage.bank.table.items[key].update(change)
    if moving:
        stage.between = lambda: (stage.pay("@Smoneyfr #donner 1 € @croixbleue"), None)[1]
    report = stage.audit()
    assert report is not None and not report.clean
    name = key[0][2:]
    assert any(name in each or (name == "fund-alice" and "alice" in each) for each in report.faults)


def test_a_leg_lost_on_a_moving_account_is_found_in_the_second_pass() -> None:
    """Bob is paid while the table is read, and lacks a cent: reading him again proves it."""
    stage = Stage()
    stage.pay()
    stage.rested()
    stage.bank.table.items["A#bob", "0"]["available"] -= 1
    stage.between = lambda: (stage.pay("@Smoneyfr #envoyer 1 € @bob"), None)[1]
    for _ in range(2):
        stage.bank.time.move(1)
        report = stage.audit()
        assert report is not None
        assert any(each.startswith("bob:") for each in report.faults)


def test_an_order_that_waits_beyond_its_time_is_named() -> None:
    """A sweep that never came is a fault."""
    stage = Stage()
    intent = stage.bank.say("@Smoneyfr #envoyer 10 € @bob")
    stage.bank.time.move(DAY + HOUR)
    report = stage.audit()
    assert report is not None and report.faults == (f"{intent.id}: still pending after its time",)


def test_an_audit_put_aside_goes_on_where_it_was() -> None:
    """Stopped after every page, it ends with the same report, having read each page once."""
    whole, pieces = Stage(), Stage()
    for stage in (whole, pieces):
        stage.pay()
        stage.rested()
    runs, report = 0, None
    while report is None:
        report = pieces.audit(tell=lambda _: False)
        runs += 1
        assert runs < 60
    expected = whole.audit()
    assert expected is not None and runs > 3
    assert (report.sum_minor, report.faults, report.transfers) == (expected.sum_minor, (), expected.transfers)
    assert pieces.notes().load() is None


def test_an_audit_cut_off_by_an_outage_goes_on() -> None:
    """What was read is put aside before the error leaves."""
    stage = Stage(down_after=3)
    stage.pay()
    stage.rested()
    with pytest.raises(Unavailable):
        stage.audit()
    assert stage.notes().load() is not None
    report = stage.audit()
    assert report is not None and report.clean


def test_a_message_without_an_outcome_is_named() -> None:
    """Every 200 ends as an order, a drop or a dead letter: what waits in a queue is none of these yet, and no fault."""
    stage = Stage()
    for event, outcome in (("one", "order"), ("two", "dropped"), ("three", "revoked"), ("lost", "")):
        stage.log("", "queued", event)
        if outcome:
            stage.log("read_orders", outcome, event)
    stage.rested().waiting = 1
    report = stage.audit()
    assert report is not None and report.clean and report.messages == 4
    stage = Stage(logged=stage.logged)
    report = stage.rested().audit()
    assert report is not None
    assert report.faults == ("lost: was answered 200 and has no outcome",)


def test_an_outcome_after_the_hour_belongs_to_its_message() -> None:
    """A message that was read late, in the next hour, has its outcome."""
    stage = Stage()
    stage.log("", "queued", "slow")
    stage.bank.time.move(HOUR - 100)
    stage.log("read_orders", "order", "slow")
    report = stage.rested().audit()
    assert report is not None and report.clean


def test_the_next_audit_takes_messages_up_where_the_last_one_left_them() -> None:
    """None is skipped between two audits, none judged twice."""
    stage = Stage()
    stage.log("", "queued", "one")
    first = stage.rested().audit()
    stage.log("", "queued", "two")
    second = stage.rested().audit()
    assert first and second
    assert (first.messages, second.messages) == (1, 1)


def test_the_daily_audit_is_due_once_a_day_and_while_one_is_put_aside() -> None:
    """From three o'clock on, until its report is there; an unfinished one at any hour."""
    stage = Stage()
    now = stage.bank.services.clock.now() // DAY * DAY
    stage.bank.time.seconds = now + 2 * HOUR
    assert not is_due(stage.notes(), now=now + 2 * HOUR)
    assert is_due(stage.notes(), now=now + 3 * HOUR)
    stage.bank.time.seconds = now + 3 * HOUR
    stage.audit(tell=lambda _: False)
    assert is_due(stage.notes(), now=now + DAY + HOUR)
    stage.audit()
    assert not is_due(stage.notes(), now=now + 4 * HOUR)
    assert is_due(stage.notes(), now=now + DAY + 3 * HOUR)


def test_a_large_audit_is_put_aside_in_several_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """No item outgrows what the table takes, and a state that was cut off while it was written is not believed."""
    monkeypatch.setattr("chalicelib.evidence.CHUNK_CHARACTERS", 20)
    notes, state = Stage().notes(), {"started_at": 1, "names": ["one", "two"] * 30}
    notes.save(state)
    assert notes.load() == state
    notes._put("state#1", {"text": "x", "run": "another"})
    assert notes.load() is None


def test_faults_are_counted_for_the_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    """One metric for the audits that finished, one for each fault."""
    counted: list[str] = []
    monkeypatch.setattr(audits, "count", counted.append)
    stage = Stage()
    stage.bank.table.items["A#bob", "0"]["available"] = 1
    stage.rested().audit()
    assert counted == ["AuditsFinished", "AuditFaults", "AuditFaults"]
