"""What the bank has not sent in time: counted by the audit for its alarm, once each, and no fault of the books."""

import pytest

from chalicelib.config import Programme
from chalicelib.ledger import audit as audits
from chalicelib.ledger import claim as claims
from chalicelib.ledger.audit import Report
from chalicelib.ledger.claim import Claim
from chalicelib.retry import change
from chalicelib.table import claim_key, update
from console.audit import text
from tests.bank import PAYING_OUT, PROGRAMME, Bank
from tests.claims.holding import claim_of, held, join, swept
from tests.claims.test_naming import name
from tests.ledger.test_audit import Stage

DAY = PAYING_OUT.claims.payout_seconds


def paid_out(bank: Bank) -> Claim:
    """A claim that has left by the bank, to the account that its payee named."""
    claim = held(bank)
    assert name(bank, claim).refusal is None
    bank.stream()
    swept(bank)
    return claim_of(bank, claim.id)


def audited(stage: Stage) -> Report:
    """The report of an audit that finds no fault, put aside after each page on its way."""
    report = None
    while report is None:
        report = stage.audit(tell=lambda _: False)
    assert report.clean, report.faults
    return report


def test_what_waits_is_late_after_the_programmes_time_and_not_a_second_before() -> None:
    """Each is counted once, however often the audit is put aside."""
    stage = Stage(bank=Bank(programme=PAYING_OUT))
    paid_out(stage.bank)
    paid_out(stage.bank)  # a minute later
    stage.bank.time.move(DAY - 61)
    assert audited(stage).late_payouts == 0
    stage.bank.time.move(1)
    assert audited(stage).late_payouts == 1
    stage.bank.time.move(60)
    assert audited(stage).late_payouts == 2


def test_what_was_sent_or_never_left_by_the_bank_is_not_late() -> None:
    """Money that is held, that was claimed by linking, and a payout whose reference is written down."""
    stage = Stage(bank=Bank(programme=PAYING_OUT))
    bank = stage.bank
    sent = paid_out(bank)
    part = claims.sent(at=bank.services.clock.now(), reference="ZG-1")
    change(bank.table, update(claim_key(sent.id), part), clock=bank.services.clock)
    held(bank)
    bank.time.move(DAY)
    assert audited(stage).late_payouts == 0
    join(bank)
    swept(bank)
    bank.time.move(DAY)
    assert audited(stage).late_payouts == 0


def test_late_payouts_are_counted_for_the_alarm_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One metric each; the report as people read it says where to look, and is clean."""
    counted: list[str] = []
    monkeypatch.setattr(audits, "count", counted.append)
    stage = Stage(bank=Bank(programme=PAYING_OUT))
    paid_out(stage.bank)
    paid_out(stage.bank)
    stage.bank.time.move(DAY)
    audited(stage)
    assert counted == ["AuditsFinished", "PayoutsWaiting", "PayoutsWaiting"]
    report = stage.notes().last_report()
    assert report
    shown = text(report, stage_name="test", zone=PROGRAMME.zone)
    assert "2 payouts of held money not sent in time: `console claim payouts`" in shown
    assert shown.endswith("CLEAN")
    del report["late_payouts"]  # as reports were before
    assert "payout" not in text(report, stage_name="test", zone=PROGRAMME.zone)


@pytest.mark.parametrize("programme", [PROGRAMME, PAYING_OUT])
def test_a_bank_without_payouts_has_none_late(programme: Programme) -> None:
    """Whatever else waits."""
    stage = Stage(bank=Bank(programme=programme))
    stage.pay()
    assert audited(stage.rested()).late_payouts == 0
