"""Codes, card numbers and IBANs in a private message: nothing of them is read, whatever else stands there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intents.order import Reading
from chalicelib.refusals import Refusal
from tests.orders.reading import private, public

CARDS = (
    "4111 1111 1111 1111",
    "5500-0000-0000-0004",
    "378282246310005",
    "４１１１１１１１１１１１１１１１",
    "6011.0009.9013.9424",
)
IBANS = ("FR76 3000 6000 0112 3456 7890 189", "fr7630006000011234567890189", "DE89370400440532013000")
CODES = (
    "482913",
    "482 913",
    "４８２９１３",
    "confirmer 482913",
    "c'est 482-913 merci",
    "mon code est 1234",
    "PIN: 4829",
    "le mot de passe est 48291",
    "暗証番号は482913です",
    "aide code 482913",
    "annuler 482913",
)


def caution(text: str) -> bool:
    """Whether a private message is answered by a warning, and nothing of it is kept."""
    reading = private(text)
    if reading.refusal is not Refusal.SENSITIVE:
        return False
    assert reading == Reading(order="help", language=reading.language, refusal=Refusal.SENSITIVE)
    return True


@pytest.mark.parametrize("secret", [*CARDS, *IBANS])
@pytest.mark.parametrize("around", ["{}", "voici ma carte {} merci", "envoyer 10 € @bob {}", "associer {}", "solde {}"])
def test_cards_and_ibans_are_never_taken(secret: str, around: str) -> None:
    """Not even beside a good order: it would stand in the note."""
    assert caution(around.format(secret))


@pytest.mark.parametrize(
    "text", ["06 12 34 56 78 4111 1111 1111 1111", "envoyer 10 € @bob 2026 4111 1111 1111 1111 10 pizzas"]
)
def test_a_card_is_found_behind_other_numbers(text: str) -> None:
    """Wherever its groups begin."""
    assert caution(text)


@pytest.mark.parametrize(
    "text", ["envoyer 10 € @bob 06 12 34 56 78 06 98 76 54 32 11", "envoyer 10 € @bob ref 3782 822463 10006"]
)
def test_rows_of_numbers_are_no_card(text: str) -> None:
    """Not by chance, in groups that no card has, nor with a wrong sum."""
    assert not caution(text)


@pytest.mark.parametrize("text", CODES)
def test_codes_are_never_taken(text: str) -> None:
    """Whoever types the code where they should open the link is told so."""
    assert caution(text)


@pytest.mark.parametrize("note", ["482913", "482 913", "code 482913", "mon code est 1234"])
def test_nor_as_a_note(note: str) -> None:
    """It would go out with the payment."""
    assert caution(f"envoyer 10 € @bob {note}")


@pytest.mark.parametrize(
    "text",
    [
        "associer 482913",
        "pair 482 913",
        "envoyer 100000 @bob",
        "envoyer 10 € @bob facture 482913",
        "envoyer 10 € @bob pour le 12/10/2026",
        "envoyer 10 € au 06 12 34 56 78",
        "envoyer 10 € à @+33612345678",
        "rdv 75001 paris",
        "bonjour 2026",
        "1234567",
        "3,141592",
        "4111 1111 1111 1112",
        "FR76 3000 6000 0112 3456 7890 188",
        "0000 0000 0000 0000",
    ],
)
def test_other_numbers_are_read_as_before(text: str) -> None:
    """Pairing codes, amounts, bills, days, phones, places, and what only looks like a card."""
    assert not caution(text)


@pytest.mark.parametrize("secret", [*CARDS[:1], *IBANS[:1], "482913"])
def test_public_posts_are_read_as_they_are(secret: str) -> None:
    """Everybody has seen them, and a public answer would only show where to look."""
    assert public(secret).refusal is None


@given(st.text(alphabet="0123456789 -.", max_size=40), st.sampled_from(["", "envoyer 10 € @bob ", "confirmer "]))
def test_whatever_is_sent_there_is_one_answer(digits: str, before: str) -> None:
    """A message is read, or warned of and forgotten whole."""
    reading = private(before + digits)
    assert reading.refusal is not Refusal.SENSITIVE or (reading.note, reading.payees, reading.code) == (None, (), None)


@given(st.lists(st.integers(0, 9), min_size=12, max_size=18).filter(any))
def test_every_number_that_luhn_passes_is_a_card(digits: list[int]) -> None:
    """Of 13 to 19 digits, however they are grouped by four."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[::-2]]
    check = -(sum(doubled) + sum(digits[-2::-2])) % 10
    number = "".join(map(str, [*digits, check]))
    if len(set(number)) > 1:
        assert caution(f"ma carte: {' '.join(number[place : place + 4] for place in range(0, len(number), 4))}")
