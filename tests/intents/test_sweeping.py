"""The sweep: what nobody answered in time expires once, whoever else reaches for it."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.conditions import Item
from chalicelib.intents import lifecycle, sweeping
from chalicelib.intents.due import fallen_due, slices, swept_until
from chalicelib.intents.intent import Intent
from chalicelib.notices import change
from chalicelib.refusals import Refusal
from chalicelib.table import Rejection, Update, intent_key
from tests.bank import CODE, NOON, Bank
from tests.memory_table import MemoryTable

DAY = 86_400


def pending(bank: Bank) -> Intent:
    """Alice's payment to Bob that waits, with the lines that the stream's reader writes."""
    intent: Intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    for write in change.listed(None, bank.table.items[intent_key(intent.id)]):
        bank.table.put(write)  # type: ignore[arg-type]  # a new order only puts
    return intent


def status(bank: Bank, intent: Intent) -> str:
    """An intent's status now."""
    return str(bank.table.items[intent_key(intent.id)]["status"])


def test_an_intent_expires_when_its_time_is_over_and_not_before(bank: Bank) -> None:
    """At 24 hours, to the second."""
    intent = pending(bank)
    bank.time.move(DAY - 1)
    assert (sweeping.sweep(bank.services), status(bank, intent)) == (0, "pending")
    bank.time.move(1)
    assert (sweeping.sweep(bank.services), status(bank, intent)) == (1, "expired")
    assert bank.available("alice") == 100_000


def test_what_was_answered_is_left_alone(bank: Bank) -> None:
    """Paid, declined and cancelled intents stay what they are."""
    paid, declined, cancelled = (pending(bank) for _ in range(3))
    bank.say("@Smoneyfr #annuler")
    lifecycle.confirm(bank.services, bank.link(paid), CODE)
    lifecycle.decline(bank.services, bank.link(declined))
    bank.time.move(2 * DAY)
    assert sweeping.sweep(bank.services) == 0
    assert [status(bank, each) for each in (paid, declined, cancelled)] == ["paid", "declined", "cancelled"]


def test_a_second_sweep_finds_nothing_and_reads_little(bank: Bank) -> None:
    """The mark moves on: only the last two minutes are read again."""
    pending(bank)
    bank.time.move(DAY)
    assert sweeping.sweep(bank.services) == 1
    before = bank.table.usage.round_trips
    bank.time.move(60)
    assert sweeping.sweep(bank.services) == 0
    assert bank.table.usage.round_trips - before <= 3 * 16 + 6
    assert swept_until(bank.table) == NOON + DAY + 60


def test_a_line_that_comes_late_is_found(bank: Bank) -> None:
    """The stream's reader may write a line a moment behind the mark."""
    intent: Intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    bank.time.move(DAY + 30)
    assert sweeping.sweep(bank.services) == 0
    for write in change.listed(None, bank.table.items[intent_key(intent.id)]):
        bank.table.put(write)  # type: ignore[arg-type]
    bank.time.move(60)
    assert (sweeping.sweep(bank.services), status(bank, intent)) == (1, "expired")


class SlowTable(MemoryTable):
    """A table whose every change takes a quarter of a minute."""

    def update(self, update: Update) -> Item | Rejection:
        """Change an item, slowly."""
        self.wait()
        return super().update(update)

    def wait(self) -> None:
        """Overridden with the bank's clock."""


def test_a_sweep_without_time_goes_on_the_next_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stops between two pages; the mark never passes what still waits, and always gets on."""
    bank = Bank(table=(table := SlowTable()))
    sweeping.sweep(bank.services)
    intents = []
    for _ in range(12):
        intents.append(pending(bank))
        bank.time.move(100)
    bank.time.move(DAY)
    monkeypatch.setattr(table, "wait", lambda: bank.time.move(15))
    left = len(intents)
    while left:
        sweeping.sweep(bank.services)
        waiting = [each for each in intents if status(bank, each) == "pending"]
        assert len(waiting) < left
        left = len(waiting)
        assert all((swept_until(bank.table) or 0) < each.expires_at for each in waiting)


def test_a_page_holds_what_fell_due_and_nothing_later(bank: Bank) -> None:
    """Lines beyond the time asked for are not given, however full the page is."""
    pending(bank)
    hour = (NOON + DAY) // 3_600 * 3_600
    assert not list(fallen_due(bank.table, hour, NOON + DAY - 1))
    assert len(list(fallen_due(bank.table, hour, NOON + DAY))) == 1


@given(since=st.integers(0, 10**6), span=st.integers(0, 10**5), seconds=st.integers(1, 3_600))
def test_slices_cover_every_second_once_and_no_hour_is_crossed(since: int, span: int, seconds: int) -> None:
    """Nothing falls between two slices, and each lies in one hour's partitions."""
    cut = list(slices(since, since + span, seconds=max(seconds, span // 50, 1)))
    assert cut[0][0] == since and cut[-1][1] == since + span
    assert all(start <= end and start // 3_600 == end // 3_600 for start, end in cut)
    assert all(after[0] == before[1] + 1 for before, after in itertools.pairwise(cut))


def _confirm(bank: Bank, intent: Intent) -> Any:
    return lifecycle.confirm(bank.services, bank.link(intent, seconds=DAY), CODE)


def _cancel(bank: Bank, intent: Intent) -> Any:
    return bank.say("@Smoneyfr #annuler", in_reply_to=intent.message_id)


def _sweep(bank: Bank, intent: Intent) -> Any:  # noqa: ARG001  # it finds the intent by itself
    return sweeping.sweep(bank.services)


DEEDS: dict[str, Callable[[Bank, Intent], Any]] = {"paid": _confirm, "cancelled": _cancel, "expired": _sweep}


@pytest.mark.parametrize("order", list(itertools.permutations(DEEDS)), ids=">".join)
@pytest.mark.parametrize("over", [False, True], ids=["in time", "too late"])
def test_confirm_cancel_and_expiry_settle_once(bank: Bank, *, order: tuple[str, ...], over: bool) -> None:
    """In whatever order they come, one wins: before its time never the sweep, after it always."""
    intent = pending(bank)
    bank.time.move(DAY if over else DAY - 1)
    for deed in order:
        DEEDS[deed](bank, intent)
    settled = status(bank, intent)
    assert settled == ("expired" if over else next(deed for deed in order if deed != "expired"))
    assert bank.available("alice") == (99_000 if settled == "paid" else 100_000)
    assert bank.available("bob") == (1_000 if settled == "paid" else 0)


def test_an_expired_intent_is_told_to_its_payer_alone(bank: Bank) -> None:
    """One SMS, no reply: nobody else need know that somebody did not pay."""
    intent = pending(bank)
    bank.time.move(DAY)
    old = dict(bank.table.items[intent_key(intent.id)])
    sweeping.sweep(bank.services)
    (notice,) = change.notices(old, bank.table.items[intent_key(intent.id)], tries=5)
    assert (notice.kind, notice.road) == ("expired", change.RECEIPTS)


def test_a_link_of_an_expired_intent_pays_nothing(bank: Bank) -> None:
    """The page says so, whether the sweep has come or not."""
    intent = pending(bank)
    bank.time.move(DAY)
    link = bank.link(intent)
    assert lifecycle.confirm(bank.services, link, CODE).refusal is Refusal.EXPIRED
    sweeping.sweep(bank.services)
    assert lifecycle.confirm(bank.services, link, CODE).refusal is Refusal.NOT_PENDING
