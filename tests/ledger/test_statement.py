"""A month's statement: what it adds up to, and that no spreadsheet runs what a stranger wrote."""

import csv
import io
import itertools
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger.entry import Entry, entries_of
from chalicelib.ledger.statement import Month, Statement, month, named, statement
from chalicelib.ledger.statement_forms import COLUMNS, decimal, safe, to_csv, to_ndjson, to_page
from tests.ledger.money import START, transfer

PARIS = "Europe/Paris"


def at(text: str) -> int:
    """An instant in UTC, in microseconds after the story's start."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000 - START


STORY = [
    transfer("f1", "bank", "alice", 5_000, at=at("2026-10-31T22:59:59")),
    transfer("t1", "alice", "bob", 1_000, at=at("2026-10-31T23:00:00")),
    transfer("t2", "bob", "alice", 50, at=at("2026-11-30T22:59:59")),
    transfer("t3", "alice", "bob", 70, at=at("2026-11-30T23:00:00")),
]
GIFTS = [
    transfer("g1", "alice", "relief", 100, at=at("2026-10-05T10:00:00"), credited="relief#1"),
    transfer("g2", "bob", "relief", 200, at=at("2026-11-05T10:00:00"), credited="relief#0"),
    transfer("s1", "relief", "relief", 100, at=at("2026-11-06T10:00:00"), debited="relief#1"),
    transfer("g3", "alice", "relief", 300, at=at("2026-11-07T10:00:00"), credited="relief#1"),
    transfer("p1", "relief", "bank", 150, at=at("2026-11-08T10:00:00"), debited="relief"),
]


def of(account: str, transfers: list[dict[str, Any]], *parts: str, text: str = "2026-11") -> Statement:
    """The statement of an account, sub-balances included."""
    entries = [one for part in (account, *parts) for one in entries_of(part, transfers)]
    return statement(entries, account=account, currency="EUR", month=month(text, PARIS))


def test_a_month_begins_and_ends_at_midnight_of_the_programmes_zone() -> None:
    """A payment of the last second in Paris is of that month, although UTC had begun another."""
    november = of("alice", STORY)
    assert [line.transfer for line in november.lines] == ["t1", "t2"]
    assert (november.opening_minor, november.closing_minor) == (5_000, 4_050)
    assert (november.in_minor, november.out_minor) == (50, -1_000)
    assert [line.balance_minor for line in november.lines] == [4_000, 4_050]


def test_one_month_closes_as_the_next_one_opens() -> None:
    """Over the end of a year too."""
    texts = ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]
    made = [of("alice", STORY, text=text) for text in texts]
    assert all(one.closing_minor == after.opening_minor for one, after in itertools.pairwise(made))
    assert (made[0].opening_minor, made[-1].closing_minor) == (0, 3_980)


def test_a_month_without_movements_still_has_its_balance() -> None:
    """Both before the first entry and after the last."""
    assert (of("alice", STORY, text="2027-05").opening_minor, of("alice", STORY, text="2027-05").lines) == (3_980, ())
    assert of("alice", STORY, text="2020-01").closing_minor == 0


def test_the_newest_entry_before_the_month_is_enough() -> None:
    """Years of entries need not be read for one month."""
    entries = entries_of("alice", STORY)
    assert statement(entries, account="alice", currency="EUR", month=month("2026-12", PARIS)) == statement(
        entries[2:], account="alice", currency="EUR", month=month("2026-12", PARIS)
    )


def test_sub_balances_make_one_statement_with_a_running_total() -> None:
    """What is moved between them is no movement of the charity's."""
    november = of("relief", GIFTS, "relief#0", "relief#1")
    assert [(line.transfer, line.balance_minor) for line in november.lines] == [("g2", 300), ("g3", 600), ("p1", 450)]
    assert (november.opening_minor, november.closing_minor) == (100, 450)


amounts = st.lists(st.tuples(st.sampled_from(["in", "out", "0", "1", "sweep"]), st.integers(1, 9_999)), max_size=30)


@given(drawn=amounts, days=st.integers(1, 40))
def test_a_statement_adds_up_whatever_moved(drawn: list[tuple[str, int]], days: int) -> None:
    """Opening and movements give closing, and closing is the sum of all legs until then."""
    transfers = []
    for place, (way, amount) in enumerate(drawn):
        instant = at("2026-10-15T00:00:00") + place * days * 86_400_000_000 // 4 + place
        payer, payee = (
            ("relief", "alice") if way == "out" else ("relief", "relief") if way == "sweep" else ("alice", "relief")
        )
        more = {"credited": f"relief#{way}"} if way in ("0", "1") else {"debited": "relief#0"} if way == "sweep" else {}
        transfers.append(transfer(f"t{place}", payer, payee, amount, at=instant, **more))
    made = of("relief", transfers, "relief#0", "relief#1")
    until = [one for one in transfers if one["moved_micros"] < made.month.until_micros and one["payer"] != one["payee"]]
    assert made.closing_minor == sum(one["amount_minor"] * (1 if one["payee"] == "relief" else -1) for one in until)
    assert made.opening_minor + made.in_minor + made.out_minor == made.closing_minor
    assert [line.balance_minor for line in made.lines[-1:]] in ([], [made.closing_minor])


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "26-11", "2026-11-01", "", "november", "２０２６-11"])
def test_a_text_that_is_no_month_is_refused(text: str) -> None:
    """Before anything is read."""
    with pytest.raises(ValueError, match="month"):
        month(text, PARIS)


def test_a_month_has_the_hours_that_it_has() -> None:
    """October in Paris is an hour longer, March an hour shorter."""
    hours = {text: _hours(month(text, PARIS)) for text in ("2026-03", "2026-10", "2026-12")}
    assert hours == {"2026-03": 31 * 24 - 1, "2026-10": 31 * 24 + 1, "2026-12": 31 * 24}


def test_a_spreadsheet_gets_the_balances_and_each_movement() -> None:
    """A header, opening, movements in order, closing; amounts with a point and a sign."""
    text = to_csv(told(of("alice", STORY)))
    assert text.endswith("\r\n")
    assert text.splitlines() == [
        "date,kind,counterparty,name,reference,amount,balance,currency",
        "2026-11-01T00:00:00+01:00,opening,,,,,50.00,EUR",
        "2026-11-01T00:00:00+01:00,movement,bob,Bob,REF-t1,-10.00,40.00,EUR",
        "2026-11-30T23:59:59+01:00,movement,bob,Bob,REF-t2,0.50,40.50,EUR",
        "2026-11-30T23:59:59+01:00,closing,,,,,40.50,EUR",
    ]


def told(made: Statement, *, name: str = "Bob") -> Statement:
    """The statement with names and references."""
    return named(made, names={"bob": name}, reference=lambda transfer: f"REF-{transfer}")


DANGEROUS = "=+-@＝＋－＠|%"


@given(
    name=st.text(st.sampled_from("=+-@ab ;,\"'\t\r\n\u2028＝@1!|"), max_size=12) | st.text(max_size=12),
    parted=st.sampled_from([",", ";", "\t"]),
)
def test_no_cell_is_run_by_a_spreadsheet(name: str, parted: str) -> None:
    """Whatever a payee is called, and whatever a country's spreadsheet parts cells by."""
    text = to_csv(told(of("alice", STORY), name=name))
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=parted):
        for cell in row:
            amount = re.fullmatch(r"-[0-9]+\.[0-9]{2}", cell)
            assert amount or cell.strip()[:1] not in [*DANGEROUS], (name, cell)


@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters=";"), max_size=20))
def test_a_csv_reader_reads_what_was_written(name: str) -> None:
    """Quotes and commas come back as they were (RFC 4180), every row as long as the header."""
    rows = list(csv.reader(io.StringIO(to_csv(told(of("alice", STORY), name=name)), newline="")))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert rows[2][3] == safe(name)
    assert rows[2][3].removeprefix("'") == name.removeprefix("'")


def test_programs_get_the_whole_and_then_each_movement() -> None:
    """One object a line, in minor units."""
    first, *lines = [json.loads(line) for line in to_ndjson(told(of("alice", STORY))).splitlines()]
    assert first == {
        "kind": "statement",
        "account": "alice",
        "month": "2026-11",
        "currency": "EUR",
        "opening_minor": 5_000,
        "in_minor": 50,
        "out_minor": -1_000,
        "closing_minor": 4_050,
        "movements": 2,
    }
    assert [(line["transfer"], line["amount_minor"], line["name"]) for line in lines] == [
        ("t1", -1_000, "Bob"),
        ("t2", 50, "Bob"),
    ]


def test_a_page_gets_amounts_as_people_write_them() -> None:
    """In the programme's language."""
    page = to_page(told(of("alice", STORY)), language="fr")
    assert (page["opening"], page["out"], page["closing"]) == ("50,00\u00a0€", "-10,00\u00a0€", "40,50\u00a0€")
    assert [(line["date"], line["amount"], line["balance"]) for line in page["lines"]] == [
        ("2026-11-01", "-10,00\u00a0€", "40,00\u00a0€"),
        ("2026-11-30", "0,50\u00a0€", "40,50\u00a0€"),
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (-5, "EUR", "-0.05"),
        (123456, "EUR", "1234.56"),
        (1200, "JPY", "1200"),
        (0, "EUR", "0.00"),
        (-1, "TND", "-0.001"),
    ],
)
def test_an_amount_has_its_currencys_decimals(amount: int, currency: str, text: str) -> None:
    """And no grouping, which programs misread."""
    assert decimal(amount, currency) == text


def test_entries_may_come_in_any_order() -> None:
    """A table gives sub-balances one after another."""
    entries: list[Entry] = [one for part in ("relief", "relief#1", "relief#0") for one in entries_of(part, GIFTS)]
    november = month("2026-11", PARIS)
    made = statement(entries[::-1], account="relief", currency="EUR", month=november)
    assert made == of("relief", GIFTS, "relief#0", "relief#1")


def _hours(one: Month) -> int:
    return (one.until_micros - one.since_micros) // 3_600_000_000


def test_a_single_cent_comes_in_and_goes_out() -> None:
    """Every movement is in one of the two sums."""
    cents = [transfer("f1", "bank", "alice", 1, at=at("2026-11-05T10:00:00")),
             transfer("t1", "alice", "bob", 1, at=at("2026-11-06T10:00:00"))]  # fmt: skip
    made = of("alice", cents)
    assert (made.in_minor, made.out_minor, made.closing_minor) == (1, -1, 0)


def test_a_currency_without_decimals_has_none_in_any_cell() -> None:
    """Opening, movements and closing alike; a fraction of a second is not written either."""
    yen = [{**one, "currency": "JPY", "moved_micros": one["moved_micros"] + 123_456} for one in STORY[:2]]
    entries = entries_of("alice", yen)
    text = to_csv(statement(entries, account="alice", currency="JPY", month=month("2026-11", PARIS)))
    assert text.splitlines()[1:] == [
        "2026-11-01T00:00:00+01:00,opening,,,,,5000,JPY",
        "2026-11-01T00:00:00+01:00,movement,bob,,,-1000,4000,JPY",
        "2026-11-30T23:59:59+01:00,closing,,,,,4000,JPY",
    ]


def test_what_parts_cells_is_a_space_and_a_formula_is_quoted() -> None:
    """A name keeps the rest of its letters."""
    assert safe("Bob;Cat\tDan\u2028Eve") == "Bob Cat Dan Eve"
    assert safe("=1+1") == "'=1+1"


def test_a_counterparty_without_a_name_has_none() -> None:
    """What nobody has named is told by its account alone."""
    made = named(of("alice", STORY), names={}, reference=str)
    assert [(line.counterparty, line.name) for line in made.lines] == [("bob", ""), ("bob", "")]


def test_each_object_for_programs_says_what_it_is_and_when() -> None:
    """In the month's zone, with names as people write them."""
    text = to_ndjson(told(of("alice", STORY), name="Zoë 花子"))
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["kind"], line.get("at")) for line in lines] == [
        ("statement", None),
        ("movement", "2026-11-01T00:00:00+01:00"),
        ("movement", "2026-11-30T23:59:59+01:00"),
    ]
    assert text.count("Zoë 花子") == 2
