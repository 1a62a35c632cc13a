"""Spending limits: per transfer, day and month, in the programme's time zone."""

from dataclasses import replace
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


def test_a_limit_may_be_paid_in_one_go() -> None:
    """Where a transfer may be as large as a day or a month, exactly that much passes, and a cent more does not."""
    a_day = Limits(transfer_minor=99_999, day_minor=50_000, month_minor=99_999)
    assert refusal(50_000, limits=a_day, spent=NEVER, today="2026-01-14") is None
    assert refusal(50_001, limits=a_day, spent=NEVER, today="2026-01-14") is Refusal.OVER_DAY_LIMIT
    a_month = Limits(transfer_minor=99_999, day_minor=99_999, month_minor=50_000)
    assert refusal(50_000, limits=a_month, spent=NEVER, today="2026-01-14") is None
    assert refusal(50_001, limits=a_month, spent=NEVER, today="2026-01-14") is Refusal.OVER_MONTH_LIMIT


def test_what_is_left_today_is_the_least_that_any_limit_leaves() -> None:
    """A transfer's limit, the day's and the month's each count, and only with what was spent in their own time."""
    spent = Spent(day="2026-01-14", day_minor=49_000, month_minor=199_500)
    assert left_today(LIMITS, spent=spent, today="2026-01-14") == 500
    assert left_today(LIMITS, spent=replace(spent, month_minor=60_000), today="2026-01-14") == 1_000
    assert left_today(LIMITS, spent=replace(spent, month_minor=190_000), today="2026-01-15") == 10_000
    assert left_today(LIMITS, spent=spent, today="2026-02-01") == 25_000
    assert left_today(LIMITS, spent=replace(spent, day_minor=50_001), today="2026-01-14") == 0
    day_and_month = Limits(transfer_minor=90_000, day_minor=50_000, month_minor=70_000)
    assert left_today(day_and_month, spent=spent, today="2026-01-15") == 0
    assert left_today(day_and_month, spent=spent, today="2026-02-14") == 50_000
    assert left_today(replace(day_and_month, day_minor=80_000), spent=spent, today="2026-02-14") == 70_000


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
