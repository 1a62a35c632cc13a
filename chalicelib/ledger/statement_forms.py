"""A statement written for spreadsheets, programs and pages. Pure.

CSV follows RFC 4180 and holds nothing that a spreadsheet would run; what is for programs is in minor units.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.ledger.entry import MICROS
from chalicelib.ledger.statement import Statement
from chalicelib.money import exponent, format_amount

COLUMNS = ("date", "kind", "counterparty", "name", "reference", "amount", "balance", "currency")
# What makes a spreadsheet take a cell for a formula, and what some countries' spreadsheets part cells by.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠|%]")
PARTING = re.compile(r"[;\x00-\x1f\x7f\u0085\u2028\u2029]")


def to_csv(made: Statement) -> str:
    """The statement for a spreadsheet: a header, the opening balance, each movement, the closing balance."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    since, until = made.month.since_micros, made.month.until_micros - MICROS
    rows.writerow(_edge(made, "opening", at=since, balance_minor=made.opening_minor))
    for line in made.lines:
        said = (safe(line.counterparty), safe(line.name), safe(line.reference))
        amounts = (decimal(line.amount_minor, made.currency), decimal(line.balance_minor, made.currency))
        rows.writerow((_date(line.moved_micros, made), "movement", *said, *amounts, made.currency))
    rows.writerow(_edge(made, "closing", at=until, balance_minor=made.closing_minor))
    return text.getvalue()


def to_ndjson(made: Statement) -> str:
    """The statement for programs: an object for the whole, then one for each movement."""
    whole = {**_summary(made), "movements": len(made.lines)}
    lines = ({"kind": "movement", "at": _date(line.moved_micros, made), **asdict(line)} for line in made.lines)
    return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in (whole, *lines))


def to_page(made: Statement, *, language: str) -> dict[str, Any]:
    """The statement for a template: the whole and its `lines`, each amount as people of the language write it."""

    def written(amounts: Mapping[str, Any]) -> dict[str, str]:
        return {
            name.removesuffix("_minor"): format_amount(value, made.currency, language)
            for name, value in amounts.items()
            if name.endswith("_minor")
        }

    lines = [
        {**asdict(line), **written(asdict(line)), "date": _date(line.moved_micros, made)[:10]} for line in made.lines
    ]
    return {**_summary(made), **written(_summary(made)), "lines": lines}


def safe(text: str) -> str:
    """A text as a cell that no spreadsheet runs: an apostrophe before a formula, a space for what parts cells."""
    text = PARTING.sub(" ", text)
    return f"'{text}" if FORMULA.match(text) else text


def decimal(amount_minor: int, currency: str) -> str:
    """An amount with a point before its decimals and no grouping: `-1234.50`."""
    places = exponent(currency)
    whole, fraction = divmod(abs(amount_minor), 10**places)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{whole}.{fraction:0{places}d}" if places else f"{sign}{whole}"


def _summary(made: Statement) -> dict[str, Any]:
    sums = {name: getattr(made, name) for name in ("opening_minor", "in_minor", "out_minor", "closing_minor")}
    return {"kind": "statement", "account": made.account, "month": made.month.text, "currency": made.currency, **sums}


def _edge(made: Statement, kind: str, *, at: int, balance_minor: int) -> tuple[str, ...]:
    return (_date(at, made), kind, "", "", "", "", decimal(balance_minor, made.currency), made.currency)


def _date(micros: int, made: Statement) -> str:
    return datetime.fromtimestamp(micros // MICROS, ZoneInfo(made.month.zone)).isoformat()
