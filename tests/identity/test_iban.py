"""IBANs: what the check digits promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.identity.iban import checked

EXAMPLES = [
    "FR14 2004 1010 0505 0001 3M02 606",
    "DE89 3704 0044 0532 0130 00",
    "NL91ABNA0417164300",
    "be68-5390-0754-7034",
]


@pytest.mark.parametrize("iban", EXAMPLES)
def test_the_registrys_examples_pass(iban: str) -> None:
    """With spaces, hyphens and small letters, as people type them."""
    assert checked(iban) == iban.replace(" ", "").replace("-", "").upper()


@given(st.sampled_from(EXAMPLES), st.integers(0, 30), st.sampled_from("0123456789ABCXYZ"))
def test_one_wrong_character_is_always_found(iban: str, place: int, letter: str) -> None:
    """Modulo 97 detects every single substitution that keeps a letter a letter and a digit a digit."""
    plain = checked(iban) or ""
    place %= len(plain)
    if plain[place] != letter and plain[place].isdigit() == letter.isdigit():
        assert checked(plain[:place] + letter + plain[place + 1 :]) is None


@pytest.mark.parametrize("iban", ["", "FR14", "ZZ1420041010050500013M02606", "FR1420041010050500013M0260", "FR14é"])
def test_what_is_no_iban_is_refused(iban: str) -> None:
    """Unknown countries, wrong lengths, other characters."""
    assert checked(iban) is None


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    """Never an exception."""
    found = checked(text)
    assert found is None or checked(found) == found
