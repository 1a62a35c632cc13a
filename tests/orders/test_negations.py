"""In a private message verbs need no #, so whoever writes what not to do must not order it."""

import pytest

from tests.orders.reading import private, public


@pytest.mark.parametrize(
    "text",
    [
        "ne pas envoyer 10 € @bob",
        "je ne veux pas envoyer 10 € @bob",
        "n'envoyer 10 € à personne, ni à @bob",
        "jamais payer 10 € @bob",
        "don't send 10 € @bob",
        "I don't want to pay 10 € to @bob",
        "do not send 10 € @bob",
        "never pay 10 € @bob",
        "can't pay 10 € @bob",
    ],
)
def test_a_negated_verb_orders_nothing(text: str) -> None:
    """Not even a gift, although `don` is the French word for one."""
    assert private(text).order is None


@pytest.mark.parametrize(
    ("text", "order", "note"),
    [
        ("envoyer 10 € @bob pas de souci", "send", "pas de souci"),
        ("send 10 € @bob don't worry", "send", "don't worry"),
        ("don 10 € @croixbleue", "give", None),
    ],
)
def test_a_negation_behind_the_verb_is_a_note(text: str, order: str, note: str | None) -> None:
    """People write to each other, too."""
    reading = private(text)
    assert (reading.order, reading.refusal, reading.note) == (order, None, note)


def test_a_hashtag_is_meant() -> None:
    """Nobody writes it by mistake, and the page asks before anything moves."""
    assert public("ne pas oublier : #envoyer 10 € @bob").order == "send"
