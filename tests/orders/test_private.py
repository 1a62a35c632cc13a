"""What is asked in private alone: words without #, in three languages; never in public, and never out of prose."""

import pytest

from chalicelib.intents.asking import ORDERS
from chalicelib.intents.order import PRIVATE
from chalicelib.refusals import Refusal
from chalicelib.texts import LANGUAGES
from tests.orders.reading import EUROS, private, public

WORDS = {
    "balance": ("solde", "Balance", "残高"),
    "history": ("Historique", "history", "履歴"),
    "confirm": ("Confirmer", "confirm", "確認してください"),
    "repeat": ("répéter", "REPETER", "Repeat", "もう一度お願いします"),
    "contacts": ("contacts", "Contacts ?", "連絡先"),
}
CASES = [(order, word) for order, words in WORDS.items() for word in words]


@pytest.mark.parametrize(("order", "word"), CASES)
def test_a_word_is_an_order_in_private(order: str, word: str) -> None:
    """With or without #, with a polite word before it."""
    for text in (word, f"#{word}", f"bonjour, {word}"):
        reading = private(text)
        assert (reading.order, reading.refusal) == (order, None), text


@pytest.mark.parametrize(("order", "word"), CASES)
def test_it_is_told_to_nobody_in_public(order: str, word: str) -> None:
    """Its author learns where to ask."""
    reading = public(f"@Smoneyfr #{word}")
    assert (reading.order, reading.refusal) == (order, Refusal.PRIVATE_ONLY)


@pytest.mark.parametrize(
    "text", ["je voudrais confirmer", "don't repeat that", "ne pas répéter", "peux-tu répéter ?", "I have contacts"]
)
def test_prose_neither_confirms_nor_repeats(text: str) -> None:
    """What does something must be the first word."""
    assert private(text).order is None


@pytest.mark.parametrize("text", ["confirmer annuler", "répéter envoyer 10 € @bob", "#confirm #cancel"])
def test_two_wishes_are_none(text: str) -> None:
    """One order a message, so that nothing is guessed."""
    assert private(text).refusal is Refusal.VERB_SEVERAL


def test_each_private_order_has_words_in_every_language() -> None:
    """The grammar and whoever carries it out know the same ones."""
    assert PRIVATE == ORDERS == set(WORDS)
    for order in PRIVATE:
        words = EUROS.verbs[order]
        assert len(words) == len(LANGUAGES)
