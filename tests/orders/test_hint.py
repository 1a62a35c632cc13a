"""The hint: what to type instead, in the programme's own verbs and currency."""

from dataclasses import replace

import pytest

from chalicelib.config import Bot, programme
from chalicelib.intents.hint import hint, words
from chalicelib.refusals import Refusal
from chalicelib.texts import say

SMONEY = programme("smoney")
BOT = SMONEY.bots["twitter"]


@pytest.mark.parametrize(
    ("currency", "language", "example"),
    [
        ("EUR", "fr", "#envoyer 10\u00a0€"),
        ("EUR", "en", "#send €10"),
        ("EUR", "ja", "#送金 €10"),
        ("JPY", "ja", "#送金 1000円"),
        ("JPY", "en", "#send ¥1,000"),
        ("JPY", "fr", "#envoyer 1\u202f000\u00a0JPY"),
        ("TND", "en", "#send TND\u00a010.000"),
    ],
)
def test_the_example_is_an_order_that_could_be_typed(currency: str, language: str, example: str) -> None:
    """A round amount of the programme's currency, without the decimals that nobody types."""
    told = words(programme=replace(SMONEY, currency=currency), bot=BOT, language=language)
    bot, verb = f"@{BOT.handle}", example.split(" ", maxsplit=1)[0]
    assert told == {"bot": bot, "verb": verb, "example": f"{bot} {example} @…"}


def test_a_programme_without_the_usual_verb_shows_its_own() -> None:
    """The first that it knows, not one that it would not read."""
    own = replace(SMONEY, verbs={**SMONEY.verbs, "send": ("virer", "transferer")})
    assert words(programme=own, bot=BOT, language="en")["verb"] == "#virer"


def test_a_hint_is_its_refusals_sentence_with_these_words() -> None:
    """Without a refusal it says how to order at all."""
    told = words(programme=SMONEY, bot=BOT, language="fr")
    for refusal, name in ((Refusal.AMOUNT_MISSING, "hint.amount_missing"), (None, "hint.help")):
        assert hint(refusal, programme=SMONEY, bot=BOT, language="fr") == say("fr", name, **told)
        assert hint(refusal, programme=SMONEY, bot=BOT, language="en") != say("fr", name, **told)
    other = Bot(**{**vars(BOT), "handle": "Another"})
    assert "@Another" in hint(Refusal.AMOUNT_MISSING, programme=SMONEY, bot=other, language="fr")
