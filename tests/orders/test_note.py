"""The note: what is left over, on one line, with nothing hidden in it."""

import pytest

from chalicelib.refusals import Refusal
from tests.orders.reading import EUROS, public

FAMILY = "👨‍👩‍👧‍👦"
LENGTH = EUROS.caps.note_characters


def note(said: str) -> str | None:
    """The note of an order that also says this."""
    return public(f"@Smoneyfr #envoyer 10€ @taro {said}").note


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", None),
        (" , . - ", None),
        ("pour  la\n\tpizza", "pour la pizza"),
        ("Ménage à trois ! (2 pizzas)", "Ménage à trois ! (2 pizzas)"),
        ("ｆｕｌｌ width…", "ｆｕｌｌ width…"),
        ("\u202eabc\u2066d\u200b e\x00\x07", "abcd e"),
        (f"{FAMILY} 🇫🇷", f"{FAMILY} 🇫🇷"),
        ("🍕", "🍕"),
        ("voir https://evil.example/pay?x=1 merci", "voir merci"),
        ("voir www.evil.example et evil.com/pay", "voir et"),
        ("\udcff\ud800", None),
        ("{brand} %s <b>", "{brand} %s <b>"),
    ],
)
def test_the_note_is_what_is_left_over(said: str, expected: str | None) -> None:
    """Spaces fold; page addresses and invisible characters stay out; everything else stays as typed."""
    assert note(said) == expected


def test_the_note_is_cut_at_the_programmes_length() -> None:
    """A long note loses its end."""
    assert note("a" * 300) == "a" * LENGTH


@pytest.mark.parametrize("cluster", ["e\u0301", FAMILY, "🇫🇷", "👍🏽", "は\u3099", "❤️"])
def test_the_cut_goes_between_what_people_see_as_characters(cluster: str) -> None:
    """Wherever the limit falls in a cluster, the cluster is kept whole or left out."""
    for before in range(len(cluster) + 1):
        kept = note("a" * (LENGTH - before) + cluster + "zz")
        assert kept is not None
        assert kept.rstrip("z") in {"a" * (LENGTH - before), "a" * (LENGTH - before) + cluster}


def test_a_cluster_longer_than_the_note_is_left_out() -> None:
    """A letter under a tower of marks cannot be cut, so nothing is left."""
    assert note("a" + "\u0301" * 500) is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 100),
        ("x" * 99 + " yy", "x" * 99),
        ("x" * 99 + "👍🏻", "x" * 99),
        ("x" * 99 + "👍🏿", "x" * 99),
        ("x" * 99 + "👍🏺", "x" * 99 + "👍"),
        ("x" * 99 + "🇦🇿", "x" * 99),
        ("x" * 99 + "🇿🇦", "x" * 99),
        ("x" * 99 + "🇦y", "x" * 99 + "🇦"),
        ("x" * 98 + "🇦🇿🇿🇦", "x" * 98 + "🇦🇿"),
        ("x" * 97 + "🇦🇿🇿🇦", "x" * 97 + "🇦🇿"),
    ],
    ids=range(11),
)
def test_the_cut_is_at_the_hundredth_character_or_before_what_it_would_split(said: str, kept: str) -> None:
    """Skin tones stay with their hand, the two letters of a flag together, and flags in a row are told apart."""
    assert public(f"#envoyer 10 € @bob {said}").note == kept


def test_what_nobody_sees_is_not_in_a_note() -> None:
    """Controls, private characters and halves of characters; a line break is a space."""
    assert public("#envoyer 10 € @bob a\ue000b\ud800c\u0007d\ne").note == "abcd e"


@pytest.mark.parametrize("hidden", ["\u0007", "\u200b", "\ue000", "\ud800", "\u00ad"])
def test_what_nobody_sees_parts_no_number(hidden: str) -> None:
    """Ten euros are ten euros, whatever hides between the digits; a tab parts them as a space does."""
    assert public(f"#envoyer 1{hidden}0 € @bob").amount_minor == 1_000
    assert public("#envoyer 1\t0 € @bob").refusal is Refusal.AMOUNT_SEVERAL


@pytest.mark.parametrize("odd", ["٣", "²", "①", "৴", "½", "3\u20e3"])
def test_a_number_that_is_not_of_plain_digits_is_not_guessed(odd: str) -> None:
    """Digits of other scripts, powers, circles, fractions and keycaps are unreadable, not another number."""
    assert public(f"#envoyer {odd} € @bob").refusal is Refusal.AMOUNT_UNREADABLE
