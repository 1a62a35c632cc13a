"""Spending limits as clauses and assignments on the payer's account; no store, no clock."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.conditions import Clause, broken
from chalicelib.config import Limits
from chalicelib.refusals import Refusal
from chalicelib.table import Part


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What an account had spent when it was last seen: on `day` (ISO date, empty if never) and in its month."""

    day: str
    day_minor: int
    month_minor: int


def day_of(now: int, zone: str) -> str:
    """The ISO date of an epoch second in the programme's time zone."""
    return datetime.fromtimestamp(now, ZoneInfo(zone)).date().isoformat()


def spend(amount_minor: int, *, limits: Limits, spent: Spent, today: str) -> Part | Refusal:
    """What paying an amount asks of the payer's account, or the refusal that is certain already.

    The day never goes back: a clock that lags counts on the account's own day. The part is built for the day seen;
    a day that another payment has turned meanwhile refuses with DAY_TURNED, and the caller builds it again.
    """
    if amount_minor > limits.transfer_minor:
        return Refusal.OVER_TRANSFER_LIMIT
    if amount_minor > limits.day_minor:
        return Refusal.OVER_DAY_LIMIT
    if amount_minor > limits.month_minor:
        return Refusal.OVER_MONTH_LIMIT
    today = max(today, spent.day)
    same_day = Clause(attribute="day", operator="=", value=spent.day, means=Refusal.DAY_TURNED)
    day_left = _at_most("spent_day", limits.day_minor - amount_minor, Refusal.OVER_DAY_LIMIT)
    month_left = _at_most("spent_month", limits.month_minor - amount_minor, Refusal.OVER_MONTH_LIMIT)
    if spent.day == today:
        return Part(
            clauses=(same_day, day_left, month_left), add={"spent_day": amount_minor, "spent_month": amount_minor}
        )
    turned = {"day": today, "spent_day": amount_minor}
    if spent.day[:7] == today[:7]:
        return Part(clauses=(same_day, month_left), assign=turned, add={"spent_month": amount_minor})
    return Part(clauses=(same_day,), assign={**turned, "spent_month": amount_minor})


def refusal(amount_minor: int, *, limits: Limits, spent: Spent, today: str) -> Refusal | None:
    """What would refuse an amount now, for telling early; the confirming transaction decides."""
    part = spend(amount_minor, limits=limits, spent=spent, today=today)
    if isinstance(part, Refusal):
        return part
    seen = {"day": spent.day, "spent_day": spent.day_minor, "spent_month": spent.month_minor}
    return broken(part.clauses, seen)


def left_today(limits: Limits, *, spent: Spent, today: str) -> int:
    """What may still be sent to payees of one kind today, in minor units; never below zero."""
    today = max(today, spent.day)
    day_minor = spent.day_minor if spent.day == today else 0
    month_minor = spent.month_minor if spent.day[:7] == today[:7] else 0
    return max(0, min(limits.transfer_minor, limits.day_minor - day_minor, limits.month_minor - month_minor))


def _at_most(attribute: str, value: int, means: Refusal) -> Clause:
    return Clause(attribute=attribute, operator="<=", value=value, means=means)
