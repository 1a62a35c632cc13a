"""What support is shown of an item, and what never."""

import json

import pytest

from chalicelib.intents.intent import to_item
from console.output import ago, at, count, masked
from console.rows import row
from tests.bank import PROGRAMME, Bank

PHONE, IBAN = "+33612345101", "FR1420041010050500013M02606"


@pytest.fixture
def bank() -> Bank:
    """A bank with Alice, Bob and a charity."""
    return Bank()


def test_phone_and_iban_end_in_two_digits_unless_they_are_asked_for() -> None:
    """`--reveal` is the only way to all of them."""
    item = {"PK": "P#1", "name": "Alice", "account": "a", "phone": PHONE, "iban": IBAN, "language": "fr"}
    hidden, shown = (row(item, programme=PROGRAMME, reveal=reveal) for reveal in (False, True))
    assert hidden and (hidden["phone"], hidden["iban"]) == ("***01", "***06")
    assert shown and (shown["phone"], shown["iban"]) == (PHONE, IBAN)
    assert masked("") == ""


def test_an_order_is_shown_without_note_and_names(bank: Bank) -> None:
    """Its ids, states and times are enough for support; what people wrote is theirs."""
    intent = bank.say("@Smoneyfr #envoyer 10 euros @bob pour le cadeau de Rose")
    shown = row(to_item(intent), programme=PROGRAMME)
    assert shown and (shown["status"], shown["amount_minor"], shown["reference"]) == (
        "pending",
        1_000,
        intent.reference,
    )
    assert "cadeau" not in json.dumps(shown)


def test_every_item_of_a_bank_is_shown_without_a_secret(bank: Bank) -> None:
    """Whatever lies in the table, no code, guess or phone comes out; lists and claims are no rows."""
    bank.say("@Smoneyfr #envoyer 10 euros @bob")
    rows = [row(item, programme=PROGRAMME) for item in bank.table.items.values()]
    kinds = {shown["found"] for shown in rows if shown}
    assert kinds == {"person", "account", "handle", "intent"}
    text = json.dumps(rows)
    assert PHONE not in text
    assert bank.account("alice")["code"] not in text
    assert row({"PK": "W#alice", "SK": "1"}, programme=PROGRAMME) is None


def test_an_unlinked_handle_says_since_when() -> None:
    """Nothing is deleted: support sees who it was."""
    item = {"PK": "L#twitter#9#77", "label": "old", "person": "p", "account": "a", "unlinked_at": 1_790_000_000}
    shown = row(item, programme=PROGRAMME)
    assert shown and shown["linked"].startswith("no, since 2026-09-21")


def test_times_are_told_in_the_programmes_zone() -> None:
    """With the zone's name, also across the change of the clocks."""
    assert at(1_790_000_000, "Europe/Paris") == "2026-09-21 16:13:20 CEST"
    assert at(1_795_000_000, "Europe/Paris").endswith("CET")


@pytest.mark.parametrize(("seconds", "told"), [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (7_300, "2 h"), (9e5, "10 d")])
def test_a_duration_is_told_in_its_largest_unit(seconds: float, told: str) -> None:
    """Rounded down or to the nearest: support wants the order of it."""
    assert ago(seconds) == told


def test_one_of_something_is_no_plural() -> None:
    """Also where a number of minutes is no whole one."""
    assert [count(number, "minute") for number in (0, 1, 1.5, 2)] == [
        "0 minutes",
        "1 minute",
        "1.5 minutes",
        "2 minutes",
    ]
    assert [count(number, "link") for number in (1, 1_000_000)] == ["1 link", "1000000 links"]
