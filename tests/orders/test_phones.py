"""People are paid by phone number in private messages: as they write it, and never taken for an amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.config import programme
from chalicelib.intents.mentions import named_in
from chalicelib.intents.order import Reading, read
from chalicelib.intents.phones import as_names, is_phone, masked
from chalicelib.refusals import Refusal


def read_privately(text: str, name: str) -> Reading:
    """A private message to a programme's bot."""
    ours = programme(name)
    spelled = as_names(text, ours.country)
    bot = next(iter(ours.bots.values()))
    return read(spelled, named=named_in(spelled), programme=ours, bot=bot, author_id="", private=True)


@pytest.mark.parametrize(
    ("text", "amount_minor", "note"),
    [
        ("Envoyer 5 € au 06 12 34 56 78", 500, None),
        ("Send 5 to +33 6 12 34 56 78", 500, None),
        ("envoyer 5€ 0612345678 pizza", 500, "pizza"),
        ("envoyer 06.12.34.56.78 10 euros", 1_000, None),
        ("payer 12,50 € à 00 33 (0)6 12 34 56 78 pour le café", 1_250, "pour le café"),
        ("envoyer 5 € au ０６ １２ ３４ ５６ ７８", 500, None),
        ("envoyer 5 06-12-34-56-78", 500, None),
        ("@+33612345678 envoyer 5", 500, None),
        ("envoyer 06 12 34 56 78 10,50 €", 1_050, None),
        ("envoyer 0612345678 10", 1_000, None),
    ],
)
def test_a_french_number_is_a_payee(text: str, amount_minor: int, note: str | None) -> None:
    """In any of the ways in which it is written; it is no part of the note."""
    reading = read_privately(text, "smoney")
    assert [payee.handle for payee in reading.payees] == ["+33612345678"]
    assert (reading.refusal, reading.amount_minor, reading.note) == (None, amount_minor, note)


@pytest.mark.parametrize(
    "text",
    [
        "1000円 を 090-1234-5678 に送る",
        "送金 千円 ０９０－１２３４－５６７８",
        "send 1000 yen to +81 90 1234 5678",
        "送る 1,000 09012345678",
    ],
)
def test_a_japanese_number_is_a_payee(text: str) -> None:
    """With a trunk 0 or the country's code, in wide digits too."""
    reading = read_privately(text, "rakuten")
    assert [payee.handle for payee in reading.payees] == ["+819012345678"]
    assert (reading.refusal, reading.amount_minor) == (None, 1_000)


def test_a_number_from_abroad_is_read_with_its_country() -> None:
    """Whether it is a customer's is found out later."""
    reading = read_privately("envoyer 5 € au +44 7700 900123", "smoney")
    assert [payee.handle for payee in reading.payees] == ["+447700900123"]


@pytest.mark.parametrize(
    "text",
    [
        "envoyer 0612345678 euros",
        "envoyer 06 12 34 56 78 €",
        "envoyer 5 € au 01 23 45 67 89",
        "envoyer 5 € au 06 12 34 56 7",
        "envoyer 5 € au 06 12 34 56 78 9",
    ],
)
def test_what_is_no_mobile_number_is_no_payee(text: str) -> None:
    """An amount, a landline, and too few or too many digits: nobody is paid by guessing."""
    assert not read_privately(text, "smoney").payees


def test_two_numbers_are_two_payees() -> None:
    """And one is not chosen."""
    assert read_privately("envoyer 5 € 0612345678 0612345679", "smoney").refusal is Refusal.PAYEE_SEVERAL


def test_a_number_is_shown_by_its_end_alone() -> None:
    """Whoever looks over a shoulder learns nothing of it."""
    assert is_phone("+33612345678")
    assert not is_phone("bob")
    assert masked("+33612345678") == "••• 78"


@given(st.text(max_size=60))
def test_a_text_without_a_plus_and_eight_digits_stays_as_it_is(text: str) -> None:
    """Nothing else is rewritten, whatever is written."""
    if sum(character.isdigit() for character in text) < 8:
        assert as_names(text, "FR") == text


@given(st.text(alphabet="0123456789 .-+()@€06", max_size=80))
def test_digits_in_any_order_are_read_without_an_error(text: str) -> None:
    """What comes out is the same when it is spelled again, so that a repeat reads the same."""
    spelled = as_names(text, "FR")
    assert as_names(spelled, "FR") == spelled
