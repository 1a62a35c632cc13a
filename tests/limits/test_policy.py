"""Spending limits: per transfer, day and month, in the programme's time zone."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.conditions import broken
from chalicelib.config import Limits
from chalicelib.limits.policy import Spent, day_of, left_today, refusal, spend
from chalicelib.refusals import Refusal
from chalicelib.table import Part

LIMITS = Limits(transfer_minor=25_000, day_minor=50_000, month_minor=200_000)
NEVER = Spent(day="", day_minor=0, month_minor=0)


def seconds(text: str) -> int:
    """Epoch seconds of a UTC time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_the_day_turns_at_midnight_in_the_programmes_zone() -> None:
    """Paris is an hour ahead in winter and two in summer, also around the change of clocks."""
    assert day_of(seconds("2026-01-14T22:59:59"), "Europe/Paris") == "2026-01-14"
    assert day_of(seconds("2026-01-14T23:00:00"), "Europe/Paris") == "2026-01-15"
    assert day_of(seconds("2026-03-29T21:59:59"), "Europe/Paris") == "2026-03-29"
    assert day_of(seconds("2026-03-29T22:00:00"), "Europe/Paris") == "2026-03-30"
    assert day_of(seconds("2026-01-14T15:00:00"), "Asia/Tokyo") == "2026-01-15"


def test_one_transfer_has_its_own_limit() -> None:
    """250 € pass and 250.01 € do not."""
    assert refusal(25_000, limits=LIMITS, spent=NEVER, today="2026-01-14") is None
    assert refusal(25_001, limits=LIMITS, spent=NEVER, today="2026-01-14") is Refusal.OVER_TRANSFER_LIMIT


def test_a_day_and_a_month_have_theirs() -> None:
    """What was spent counts on its day and in its month, to the cent."""
    spent = Spent(day="2026-01-14", day_minor=49_000, month_minor=199_500)
    assert refusal(500, limits=LIMITS, spent=spent, today="2026-01-14") is None
    assert refusal(501, limits=LIMITS, spent=spent, today="2026-01-14") is Refusal.OVER_MONTH_LIMIT
    assert refusal(1_001, limits=LIMITS, spent=spent, today="2026-01-14") is Refusal.OVER_DAY_LIMIT
    assert refusal(501, limits=LIMITS, spent=spent, today="2026-01-15") is Refusal.OVER_MONTH_LIMIT
    assert refusal(25_000, limits=LIMITS, spent=spent, today="2026-02-01") is None


def test_a_clock_that_lags_does_not_open_yesterday_again() -> None:
    """The account's own day counts when it is later."""
    spent = Spent(day="2026-01-15", day_minor=50_000, month_minor=50_000)
    assert refusal(1, limits=LIMITS, spent=spent, today="2026-01-14") is Refusal.OVER_DAY_LIMIT
    assert left_today(LIMITS, spent=spent, today="2026-01-14") == 0


def test_a_part_built_for_another_day_is_refused_by_the_account() -> None:
    """If the day turned between reading and writing, the write fails with DAY_TURNED and nothing else."""
    part = spend(100, limits=LIMITS, spent=NEVER, today="2026-01-14")
    assert isinstance(part, Part)
    stored = {"day": "2026-01-14", "spent_day": 50_000, "spent_month": 50_000}
    assert broken(part.clauses, stored) is Refusal.DAY_TURNED


@given(payments=st.lists(st.tuples(st.integers(1, 30_000), st.integers(0, 40)), min_size=1, max_size=60))
def test_no_sequence_of_payments_exceeds_a_limit(payments: list[tuple[int, int]]) -> None:
    """Applying parts in any order of days, also backwards, keeps each counter under its limit."""
    account: dict[str, Any] = {"day": "", "spent_day": 0, "spent_month": 0}
    for amount, day in payments:
        today = f"2026-{1 + day // 28:02}-{1 + day % 28:02}"
        spent = Spent(day=account["day"], day_minor=account["spent_day"], month_minor=account["spent_month"])
        left = left_today(LIMITS, spent=spent, today=today)
        part = spend(amount, limits=LIMITS, spent=spent, today=today)
        paid = isinstance(part, Part) and broken(part.clauses, account) is None
        assert paid == (amount <= left)
        if paid and isinstance(part, Part):
            added = {name: account[name] + more for name, more in part.add.items()}
            account = {**account, **part.assign, **added}
        assert account["spent_day"] <= LIMITS.day_minor
        assert account["spent_month"] <= LIMITS.month_minor
