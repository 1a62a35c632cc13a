"""What Envoi says: the same in every language, and short enough for a public reply."""

import string

import pytest

from chalicelib.intents.hint import hint, words
from chalicelib.refusals import Refusal
from chalicelib.texts import LANGUAGES, say, sentences
from tests.orders.reading import BOT, EUROS, YEN, public

READING = [refusal for refusal in Refusal if refusal.precedence <= Refusal.NOT_OFFERED.precedence]
REPLY_WEIGHT = 280
# A reference stands behind every reply: " Réf. " and up to twelve characters.
REFERENCE_WEIGHT = 20


def weight(text: str) -> int:
    """X's weight of a text: 1 up to U+10FF and for common punctuation, else 2 (docs.x.com, counting characters)."""
    light = [(0x0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037)]
    return sum(1 if any(low <= ord(c) <= high for low, high in light) else 2 for c in text)


def placeholders(text: str) -> set[str]:
    """The names that a text leaves to be filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("refusal", [*READING, None])
def test_every_reading_refusal_has_a_hint_that_fits_a_reply(refusal: Refusal | None, language: str) -> None:
    """A hint weighs at most 280 with its reference behind it, holds no link, and names nobody but the bot."""
    for programme in (EUROS, YEN):
        said = hint(refusal, programme=programme, bot=BOT, language=language)
        assert weight(said) + REFERENCE_WEIGHT <= REPLY_WEIGHT
        assert "://" not in said
        assert "{" not in said
        assert said.count("@") - said.count("@…") - said.count("@nom") - said.count("@name") - said.count(
            "@名"
        ) == said.count(f"@{BOT.handle}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_say_the_same_things(language: str) -> None:
    """Every key stands in every language, with the same placeholders."""
    theirs, ours = sentences("fr"), sentences(language)
    assert {key: placeholders(text) for key, text in theirs.items()} == {k: placeholders(t) for k, t in ours.items()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("programme", "amount_minor"), [(EUROS, 1000), (YEN, 1000)])
def test_the_example_of_a_hint_is_an_order(language: str, programme: object, amount_minor: int) -> None:
    """Whoever types the example with a real name makes an order that is read without a refusal."""
    chosen = YEN if programme is YEN else EUROS
    example = words(programme=chosen, bot=BOT, language=language)["example"].replace("@…", "@taro")
    reading = public(example, chosen.currency)
    assert (reading.order, reading.refusal, reading.amount_minor) == ("send", None, amount_minor)
    assert reading.language == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_verbs_that_we_show_are_verbs(language: str) -> None:
    """A programme with the usual verbs knows each word that our texts call a verb, for that order."""
    assert all(say(language, f"verb.{order}") in words for order, words in EUROS.verbs.items())


def test_an_unknown_language_falls_back_to_english() -> None:
    """`de` and X's `und` are answered in English, a region in its language."""
    assert say("de", "verb.send") == say("und", "verb.send") == "send"
    assert say("fr-CA", "verb.send") == "envoyer"


def test_a_missing_value_is_a_bug() -> None:
    """A placeholder without a value raises; it is never shown to a customer."""
    with pytest.raises(KeyError):
        say("fr", "hint.amount_missing")
