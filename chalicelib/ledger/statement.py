"""A month's statement of an account: opening balance, each movement with the balance after it, closing balance. Pure.

An account with sub-balances has one statement over all of them; what moves between its own balances is left out.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.ledger.entry import MICROS, Entry
from chalicelib.ledger.transfer import holder


@dataclass(frozen=True, kw_only=True)
class Month:
    """A calendar month in a zone; from `since_micros` on and before `until_micros`."""

    text: str
    zone: str
    since_micros: int
    until_micros: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """One movement; amounts in minor units, the balance after it over all of the account."""

    moved_micros: int
    transfer: str
    counterparty: str
    amount_minor: int
    balance_minor: int
    name: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A month of an account; sums in minor units, `out_minor` at most zero."""

    account: str
    currency: str
    month: Month
    opening_minor: int
    lines: tuple[Line, ...]

    @property
    def closing_minor(self) -> int:
        """The balance at the end of the month."""
        return self.opening_minor + sum(line.amount_minor for line in self.lines)

    @property
    def in_minor(self) -> int:
        """What came in."""
        return sum(line.amount_minor for line in self.lines if line.amount_minor > 0)

    @property
    def out_minor(self) -> int:
        """What went out."""
        return sum(line.amount_minor for line in self.lines if line.amount_minor < 0)


def month(text: str, zone: str) -> Month:
    """The month `2026-11` in a zone; raises ValueError for a text that is none."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text, re.ASCII):
        raise ValueError(f"{text} is no month such as 2026-11")
    year, number = int(text[:4]), int(text[5:])
    first = datetime(year, number, 1, tzinfo=ZoneInfo(zone))
    following = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=ZoneInfo(zone))
    since, until = (int(moment.timestamp()) * MICROS for moment in (first, following))
    return Month(text=text, zone=zone, since_micros=since, until_micros=until)


def statement(entries: Iterable[Entry], *, account: str, currency: str, month: Month) -> Statement:
    """The statement that an account's entries and those of its sub-balances give, in any order.

    They may begin with the newest one from before the month; none of the month may be missing.
    """
    parts: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: one.seq):
        parts.setdefault(entry.account, []).append(entry)
    opening = balance = sum(_opening(part, month) for part in parts.values())
    lines = []
    within = (entry for part in parts.values() for entry in part if _is_in(entry, month))
    for entry in sorted(within, key=lambda one: (one.moved_micros, one.account)):
        if entry.counterparty == holder(entry.account):
            continue
        balance += entry.amount_minor
        lines.append(
            Line(
                moved_micros=entry.moved_micros,
                transfer=entry.transfer,
                counterparty=entry.counterparty,
                amount_minor=entry.amount_minor,
                balance_minor=balance,
            )
        )
    return Statement(account=account, currency=currency, month=month, opening_minor=opening, lines=tuple(lines))


def named(made: Statement, *, names: Mapping[str, str], reference: Callable[[str], str]) -> Statement:
    """The statement with what people call each counterparty and each transfer."""
    lines = (
        replace(line, name=names.get(line.counterparty, ""), reference=reference(line.transfer)) for line in made.lines
    )
    return replace(made, lines=tuple(lines))


def _opening(part: list[Entry], month: Month) -> int:
    """What one balance held when the month began: after its last entry before, or before its first one since."""
    before = [entry for entry in part if entry.moved_micros < month.since_micros]
    return before[-1].balance_minor if before else part[0].balance_minor - part[0].amount_minor


def _is_in(entry: Entry, month: Month) -> bool:
    return month.since_micros <= entry.moved_micros < month.until_micros
