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
    asked: int = 0
    behind: dict[Key, dict[str, Any]] | None = None

    def ask(self) -> None:
        """Count a call to the outside; one of them fails."""
        self.asked += 1
        if self.asked == self.down_after:
            raise Unavailable("AWS is down")

    def letters(self) -> int:
        """How many dead letters there are."""
        self.ask()
        return self.waiting

    def scan(self, start: Key | None, *, consistent: bool = False) -> tuple[Sequence[Item], Key | None]:
        """One page, in an order of its own, as hashes give one; what is not consistent may be a moment old."""
        self.ask()
        items = self.bank.table.items if consistent or self.behind is None else self.behind
        keys = sorted(items, key=lambda key: (hash(key[0]), key))
        rest = keys[keys.index(start) + 1 :] if start in keys else keys
        page = [dict(items[key]) for key in rest[:3]]
        self.between()
        return page, rest[2] if len(rest) > 3 else None

    def lines(self, function: str, term: str, *, since: int, until: int) -> Iterable[str]:
        """The log lines of a function."""
        self.ask()
        return [line for at, where, line in self.logged if where == function and term in line and since <= at < until]

    def log(self, function: str, message: str, event: str) -> None:
        """Write a log line now."""
        line = json.dumps({"message": message, "correlation_id": event})
        self.logged.append((self.bank.services.clock.now(), function, line))

    def audit(self, **tell: Any) -> Report | None:
        """Run the audit, or go on with it."""
        evidence = Evidence(scan=self.scan, lines=self.lines, dead=self.letters)
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
        assert runs < 600
    expected = whole.audit()
    assert expected is not None and runs > 3
    assert (report.sum_minor, report.faults, report.transfers) == (expected.sum_minor, (), expected.transfers)
    assert pieces.notes().load() is None


def test_an_audit_cut_off_at_any_call_ends_with_the_same_verdict() -> None:
    """Each call to the outside fails once, in an audit that meets moving accounts: what was read counts once."""
    calls, failed = 1, 0
    while failed < calls:
        stage = Stage(down_after=failed + 1)
        stage.pay()
        stage.rested()
        stage.log("", "queued", "one")
        stage.bank.time.move(HOUR)
        stage.between = lambda stage=stage: (stage.pay("@Smoneyfr #envoyer 1 € @bob"), None)[1]  # type: ignore[misc]  # mypy infers no lambda with defaults
        with pytest.raises(Unavailable):
            stage.audit()
        stage.between = lambda: None
        report = stage.audit()
        assert report is not None
        assert (report.faults, report.messages, report.dead) == (("one: was answered 200 and has no outcome",), 1, ())
        failed, calls = failed + 1, stage.asked // 2
    assert failed > 10


def test_an_item_that_cannot_be_read_is_a_fault_and_not_the_end() -> None:
    """It is named, and everything else is audited."""
    stage = Stage()
    stage.pay()
    stage.rested()
    stage.bank.table.items["T#broken", "0"] = {"PK": "T#broken", "SK": "0"}
    report = stage.audit()
    assert report is not None
    assert [fault for fault in report.faults if not fault.startswith("T#broken: cannot be read")] == []
    assert report.fault_count == 1


def test_a_replica_that_is_behind_accuses_nobody() -> None:
    """Pages of the first pass are older than the accounts that are read again; those of the second are not."""
    stage = Stage()
    stage.pay()
    stage.rested()
    stage.pay("@Smoneyfr #envoyer 1 € @bob")
    stage.behind = {key: dict(item) for key, item in stage.bank.table.items.items()}
    for number in range(3):
        stage.bank.time.move(number)
        stage.pay("@Smoneyfr #envoyer 1 € @bob")
    for name in ("alice", "bob"):
        stage.behind["A#" + name, "0"] = dict(stage.bank.table.items["A#" + name, "0"])
    report = stage.audit()
    assert report is not None and report.faults == () and report.moving == ()


def test_a_leg_of_another_currency_is_named() -> None:
    """Sums are kept by currency: a yen is no euro."""
    stage = Stage()
    paid = stage.pay()
    stage.bank.table.items[f"T#{paid}", "0"]["currency"] = "JPY"
    report = stage.rested().audit()
    assert report is not None
    assert {"alice: has a leg in JPY", "bob: has a leg in JPY"} <= set(report.faults)


def test_the_consoles_audit_does_not_stand_for_the_daily_one() -> None:
    """Its alarms hear of the schedule's alone."""
    stage = Stage()
    day = stage.bank.services.clock.now() // DAY * DAY
    stage.bank.time.seconds = day + 3 * HOUR
    evidence = Evidence(scan=stage.scan, lines=stage.lines, dead=stage.letters, by="console")
    assert audit(stage.bank.services, evidence, stage.notes()) is not None
    assert is_due(stage.notes(), now=day + 4 * HOUR)
    stage.bank.time.move(60)
    stage.audit()
    assert not is_due(stage.notes(), now=day + 4 * HOUR)


def test_an_audit_that_is_killed_loses_two_minutes() -> None:
    """It puts itself aside now and then, not only when it is told to."""
    stage = Stage()
    stage.pay()
    stage.rested()

    def kill(progress: audits.Progress) -> bool:
        stage.bank.time.move(100)
        if progress.phases[0] == "messages":
            raise MemoryError
        return True

    with pytest.raises(MemoryError):
        stage.audit(tell=kill)
    assert stage.notes().load() is not None


def test_a_message_without_an_outcome_is_named() -> None:
    """Every 200 ends as an order, a drop or a dead letter; one that died is looked for again by the next audit."""
    stage = Stage()
    for event, outcome in (("one", "order"), ("two", "dropped"), ("three", "revoked"), ("lost", "")):
        stage.log("", "queued", event)
        if outcome:
            stage.log("read_orders", outcome, event)
    stage.rested().waiting = 1
    report = stage.audit()
    assert report is not None and report.clean and report.messages == 4
    assert report.dead == ("lost",)
    stage.waiting = 0
    report = stage.rested().audit()
    assert report is not None
    assert report.faults == ("lost: was answered 200 and has no outcome",)


def test_a_message_that_is_lost_is_not_called_dead_as_well() -> None:
    """Of more without an outcome than there are dead letters nobody knows which those are: all are faults."""
    stage = Stage()
    for event in ("one", "two"):
        stage.log("", "queued", event)
    stage.rested().waiting = 1
    report = stage.audit()
    assert report is not None and report.dead == ()
    assert report.faults == tuple(f"{event}: was answered 200 and has no outcome" for event in ("one", "two"))


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


def test_a_report_tells_all_that_was_read() -> None:
    """Times, counts, sums and kinds of orders; it is kept with its verdict and who asked for it."""
    stage = Stage()
    stage.pay()
    stage.bank.say("@Smoneyfr #envoyer 300 € @bob")
    stage.rested()
    begun = stage.bank.services.clock.now()

    def tell(_progress: audits.Progress) -> bool:
        stage.bank.time.move(1)
        return True

    report = stage.audit(tell=tell)
    assert report is not None
    assert (report.started_at, report.judged_until) == (begun, begun - 900)
    assert report.finished_at == stage.bank.services.clock.now() > begun
    assert report.orders == {"funded": 1, "paid": 1, "refused": 1}
    assert list(report.orders) == sorted(report.orders)
    kept = stage.notes().last_report()
    assert kept is not None
    assert (kept["clean"], kept["by"], kept["finished_at"]) == (True, "schedule", report.finished_at)


@pytest.mark.parametrize(("change", "level", "faults"), [(0, "INFO", 0), (1, "ERROR", 2)])
def test_an_audit_logs_its_verdict(caplog: pytest.LogCaptureFixture, change: int, level: str, faults: int) -> None:
    """One line: an error if anything disagrees, with how many accounts and transfers were read."""
    stage = Stage()
    stage.pay()
    stage.bank.table.items["A#bob", "0"]["available"] += change
    stage.rested().audit()
    told = [vars(record) for record in caplog.records if record.message == "audit"]
    assert [(one["levelname"], one["faults"], one["accounts"], one["transfers"]) for one in told] == [
        (level, faults, 3, 2)
    ]


def test_only_the_second_pass_pays_for_consistent_pages() -> None:
    """The first one may be a moment old, at half the price; accounts that moved are proved by pages of just now."""
    stage = Stage()
    stage.pay()
    stage.rested()
    asked: list[bool] = []
    scan = stage.scan

    def noted(start: Key | None, *, consistent: bool = False) -> tuple[Sequence[Item], Key | None]:
        asked.append(consistent)
        return scan(start, consistent=consistent)

    stage.scan = noted  # type: ignore[method-assign]  # to see how it is asked
    stage.behind = {key: dict(item) for key, item in stage.bank.table.items.items()}
    stage.pay("@Smoneyfr #envoyer 1 € @bob")
    for name in ("alice", "bob"):
        stage.behind["A#" + name, "0"] = dict(stage.bank.table.items["A#" + name, "0"])
    assert stage.audit() is not None
    assert asked == sorted(asked)
    assert 1 < asked.count(False) < len(asked)


def test_progress_counts_every_item_that_was_read() -> None:
    """At the end as many as the table has, page by page."""
    stage = Stage()
    stage.pay()
    stage.rested()
    held, told = len(stage.bank.table.items), list[int]()

    def tell(progress: audits.Progress) -> bool:
        told.append(progress.items)
        return True

    stage.audit(tell=tell)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (3, held)


def test_an_audit_puts_itself_aside_after_two_minutes_not_at_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saving costs writes: a page every forty seconds, and every fourth one is saved."""
    stage, saved, pages = Stage(), list[int](), list[int]()
    stage.pay()
    stage.rested()
    monkeypatch.setattr(Notes, "save", lambda _notes, _state: saved.append(len(pages)))

    def tell(_progress: audits.Progress) -> bool:
        pages.append(1)
        stage.bank.time.move(40)
        return True

    assert stage.audit(tell=tell) is not None
    assert saved == list(range(4, len(pages) + 1, 4))


def test_an_outage_puts_the_audit_aside() -> None:
    """At the first call as at any other: it goes on from there."""
    stage = Stage(down_after=1)
    with pytest.raises(Unavailable):
        stage.audit()
    kept = stage.notes().load()
    assert kept is not None and kept["started_at"] == stage.bank.services.clock.now()
