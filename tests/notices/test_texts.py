"""Every SMS fits its segments with the worst names, in every language; nothing of a link but the link itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intents.intent import Intent, reference
from chalicelib.ledger.reversal import Reversal
from chalicelib.notices import given_back, gsm, message
from chalicelib.notices.message import Names
from chalicelib.refusals import Refusal
from chalicelib.texts import sentences
from tests.bank import PROGRAMME

LINK = "https://payer.smoney-exemple.fr/p#" + "A" * 48
WORST = "Anne-Françoise Œuvrard-Lefêvre de la Tour du Pin-Château"
KINDS = ("link", "receipt", "received", "declined", "cancelled", "expired", "refused", "paired")
INTENT = Intent(
    id="A" * 16, order="send", status="pending", network="twitter", page="1", author_id="2", message_id="3",
    language="fr", private=False, created_at=1, received_at=1, amount_minor=200_000, currency="EUR",
    payee_kind="charity", said={"author_handle": "A" * 15},
)  # fmt: skip

REVERSAL = Reversal(
    id="B" * 16, original="A" * 16, status="paid", payer="p", payee="q", amount_minor=200_000, currency="EUR",
    created_at=1, requested_by="arn:one",
)  # fmt: skip


def sms(kind: str, language: str, *, name: str = WORST, refusal: Refusal | None = None) -> str:
    """The text of a notice about a payment between two people of that name."""
    intent = replace(INTENT, refusal=refusal)
    names = Names(payer=name, payee=name)
    return message.sms(kind, intent, programme=PROGRAMME, language=language, names=names, link=LINK)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_french_and_english_fit_one_gsm_segment(kind: str, language: str) -> None:
    """With the largest amount, the longest names and a long domain; a single ç would make it three parts."""
    text = sms(kind, language)
    assert gsm.fits(text), [letter for letter in text if not gsm.fits(letter)]
    assert gsm.parts(text) == 1, gsm.length(text)


@pytest.mark.parametrize("kind", KINDS)
def test_japanese_fits_two_parts(kind: str) -> None:
    """UCS-2, two parts of 67 at the most."""
    assert gsm.parts(sms(kind, "ja", name="株式会社東京海上日動火災保険株式会社渋谷支店")) <= 2


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
@pytest.mark.parametrize(
    "refusal", [Refusal(key.split(".")[1]) for key in sentences("fr") if key.startswith("reason.")]
)
def test_every_refusal_fits_with_its_reason(language: str, refusal: Refusal) -> None:
    """Each reason that goes by SMS is short enough to go in one."""
    text = sms("refused", language, refusal=refusal)
    assert gsm.parts(text) <= (2 if language == "ja" else 1), text


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
def test_the_invitation_fits_too(language: str) -> None:
    """With its link, and with the longest @name that X allows."""
    text = message.invite(PROGRAMME, language, link=LINK)
    assert gsm.parts(text) <= (2 if language == "ja" else 1)
    assert text.endswith(LINK)


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
def test_the_block_fits_too(language: str) -> None:
    """The alert of RTS art. 4(3)(b) is one SMS."""
    assert gsm.parts(message.blocked(PROGRAMME, language)) <= (2 if language == "ja" else 1)


@pytest.mark.parametrize("language", ["fr", "en", "ja"])
@pytest.mark.parametrize("kind", ["returned", "taken_back"])
def test_a_reversal_fits_too(kind: str, language: str) -> None:
    """With the largest amount and the longest names, in the characters of its language."""
    names = Names(payer=WORST, payee=WORST)
    values = given_back.words(REVERSAL, programme=PROGRAMME, language=language, names=names)
    text = message.fit(language, f"sms.{kind}", values)
    assert gsm.parts(text) <= (2 if language == "ja" else 1), text
    assert language == "ja" or gsm.fits(text)
    assert text.endswith(reference(REVERSAL.original)) and "2" in text


def test_what_is_cut_is_a_name_and_never_the_link_or_the_amount() -> None:
    """A cut name ends in a full stop; the link is whole, or it would open nothing."""
    text = sms("link", "fr")
    assert text.endswith(LINK)
    assert "2 000,00 EUR" in text
    assert "Anne-" in text


def test_all_languages_say_the_same_things_with_the_same_values() -> None:
    """No text is missing in a language, and none names a value that another does not."""
    french = sentences("fr")
    for language in ("en", "ja"):
        other = sentences(language)
        assert other.keys() == french.keys()
        for key, text in french.items():
            assert placeholders(other[key]) == placeholders(text), f"{language} {key}"


def test_every_refusal_that_can_be_told_has_its_reason() -> None:
    """Whatever refuses an order or a confirm has a sentence: a reason, a hint, or a page of its own."""
    texts = sentences("fr")
    internal = {Refusal.ALREADY_SEEN, Refusal.NOT_PENDING, Refusal.LEG_LATE}
    internal |= {Refusal.NOT_REVERSIBLE, Refusal.SAME_OPERATOR, Refusal.REVERSED_TOO_MUCH}  # told to operators alone
    for refusal in set(Refusal) - internal:
        own = {f"reason.{refusal}", f"hint.{refusal}", f"page.{refusal}", f"page.{refusal}_title", f"join.{refusal}"}
        own |= {f"claim.{refusal}", f"chat.{refusal}"}
        assert own & texts.keys(), refusal


@given(st.text())
def test_folding_leaves_only_what_fits(text: str) -> None:
    """Whatever a name is made of, it never turns an SMS into UCS-2."""
    assert gsm.fits(gsm.fold(text))


@given(st.text(alphabet=sorted(gsm.BASIC - {"\n", "\r"})))
def test_folding_keeps_what_fits_already(text: str) -> None:
    """é, è, à and ù are in the alphabet and stay."""
    assert gsm.fold(text) == text


def placeholders(text: str) -> set[str]:
    """The names of the values that a text takes."""
    return {part.split("}")[0] for part in text.split("{")[1:]}
