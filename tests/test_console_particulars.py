"""What the console accepts of a customer's particulars."""

import argparse

import pytest

from chalicelib.config import programme
from console.particulars import checked, mobile

SMONEY = programme("smoney")
IBAN = "FR14 2004 1010 0505 0001 3M02 606"


def typed(**given: str) -> argparse.Namespace:
    """What an operator typed."""
    return argparse.Namespace(**{"kind": "person", "phone": "06 12 34 56 78", "iban": "", "stage": "prod", **given})


@pytest.mark.parametrize("text", ["06 12 34 56 78", "+33612345678", "0033 6 12.34.56.78", "+33 7 56 12 34 56"])
def test_a_french_mobile_number_is_read_however_it_is_spaced(text: str) -> None:
    """It is kept in E.164 form."""
    found = mobile(text, "FR")
    assert found is not None
    assert found.startswith("+33")
    assert len(found) == 12


@pytest.mark.parametrize("text", ["01 42 68 53 00", "+44 7400 123456", "0612", "", "six", "+33 8 99 70 00 00"])
def test_anything_else_is_no_mobile_number(text: str) -> None:
    """Landlines, other countries, premium numbers and prose: no SMS goes there."""
    assert mobile(text, "FR") is None


def test_a_genuine_iban_of_the_programmes_countries_is_kept_without_spaces() -> None:
    """Number and account are stored in their plain forms."""
    assert checked(typed(iban=IBAN), SMONEY) == ("+33612345678", IBAN.replace(" ", ""), "")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"phone": ""}, "needs --phone"),
        ({"phone": "01 42 68 53 00"}, "no mobile number of FR"),
        ({"iban": IBAN.replace("606", "607")}, "check digits"),
        ({"iban": "DE89 3704 0044 0532 0130 00"}, "accepted from FR, MC"),
    ],
)
def test_what_is_wrong_is_said(given: dict[str, str], told: str) -> None:
    """One sentence, and what would be right."""
    assert told in checked(typed(**given), SMONEY)[2]


def test_numbers_of_films_are_for_the_local_stage_alone() -> None:
    """Nobody has them, so nothing may be sent there for money."""
    assert checked(typed(phone="06 39 98 00 04", stage="local"), SMONEY)[0] == "+33639980004"
    assert checked(typed(phone="06 39 98 00 04"), SMONEY)[2]


def test_a_charity_needs_no_phone() -> None:
    """Its receipts are its statements."""
    assert checked(typed(kind="charity", phone=""), SMONEY) == ("", "", "")
