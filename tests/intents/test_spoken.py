"""Names in private messages: of contacts alone, however they are written, and never half of a longer one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.identity.person import Person
from chalicelib.intents.contacts import Contact
from chalicelib.intents.spoken import MARK, spoken

VERBS = {"envoyer", "payer", "send", "pay", "送る", "送金"}


def contact(name: str, handle: str = "") -> Contact:
    """Somebody whom the payer has paid."""
    return Contact(person=Person(id=name, name=name, phone="", language="fr", account=name), handle=handle)


DUPONT, MARTIN = contact("Philippe Dupont", "superpipou"), contact("Philippe Martin")
ZOE, JEAN = contact("Zoé Martin-Œuvrard"), contact("Jean Petit")
TARO, YAMADA = contact("山田 太郎"), contact("ヤマダ ハナコ")
ANNE, LEE = contact("Anne Marie Le Goff"), contact("B Lee")
EVERYBODY = (ANNE, LEE, DUPONT, MARTIN, ZOE, JEAN, TARO, YAMADA)


def meant(text: str) -> list[str]:
    """The names of those whom a text may mean."""
    return [one.person.name for one in spoken(text, EVERYBODY, verbs=VERBS).meant]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("envoyer 5 € à Philippe Dupont", ["Philippe Dupont"]),
        ("envoyer 5 € à dupont philippe pour le café", ["Philippe Dupont"]),
        ("send 5 to DUPONT", ["Philippe Dupont"]),
        ("ENVOYER 5 À PHILIPPE DUPONT POUR LE CAFÉ", ["Philippe Dupont"]),
        ("send 5 to philippe-dupont thanks", ["Philippe Dupont"]),
        ("Envoyer 5 € à Philippe", ["Philippe Dupont", "Philippe Martin"]),
        ("Envoyer 5 € à Superpipou, merci", ["Philippe Dupont"]),
        ("envoyer 5 € à ＺＯＥ", ["Zoé Martin-Œuvrard"]),
        ("envoyer 5 € a zoe martin œuvrard", ["Zoé Martin-Œuvrard"]),
        ("envoyer 5 € à martin", ["Philippe Martin"]),
        ("envoyer pour Zoé 5 €", ["Zoé Martin-Œuvrard"]),
        ("à Zoé. Bon anniversaire ! envoyer 5 €", ["Zoé Martin-Œuvrard"]),
        ("envoyer à Zoé EUR 5", ["Zoé Martin-Œuvrard"]),
        ("envoyer 5 € à Anne", ["Anne Marie Le Goff"]),
        ("envoyer 5 € à Anne-Marie Le Goff", ["Anne Marie Le Goff"]),
        ("envoyer 5 € à Goff", ["Anne Marie Le Goff"]),
        ("envoyer 5 € à Goff Anne Marie Le", ["Anne Marie Le Goff"]),
        ("envoyer 5 € à Marie Le Goff", ["Anne Marie Le Goff"]),
        ("envoyer 5 € à Anne Marie Le", ["Anne Marie Le Goff"]),
        ("envoyer 5 € à Lee B", ["B Lee"]),
        ("send 500 to 太郎", ["山田 太郎"]),
        ("太郎さんに500円送る", ["山田 太郎"]),
        ("500円を山田太郎様へ送る", ["山田 太郎"]),
        ("送金 太郎に 500円", ["山田 太郎"]),
        ("やまださんに500円", ["ヤマダ ハナコ"]),
        ("ﾊﾅｺさんに500円", ["ヤマダ ハナコ"]),
        ("Philippe Martinさんに500円", ["Philippe Martin"]),
        ("envoyer 5 € à Philippe D.", ["Philippe Dupont"]),
        ("envoyer 5 € à philippe m. pour la pizza", ["Philippe Martin"]),
        ("envoyer 5 € à Philippe Ｄ．", ["Philippe Dupont"]),
        ("envoyer 5 € à Zoé M.", ["Zoé Martin-Œuvrard"]),
        ("Philippe D.さんに500円", ["Philippe Dupont"]),
    ],
)
def test_a_name_is_found_as_people_write_it(text: str, names: list[str]) -> None:
    """First name, last name, both in either order, or the @name without its @; the longest that fits."""
    assert meant(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "envoyer 5 € Philippe Dupont",
        "envoyer 5 € à Philippe Durand",
        "envoyer 5 € à Philippe D",
        "envoyer 5 € à Philippe X.",
        "envoyer 5 € à Philippe Du.",
        "envoyer 5 € à Jean-Pierre",
        "envoyer 5 € à Jeanne",
        "envoyer 5 € à Zoé et Philippe Martin",
        "envoyer 5 € à Zoé et à philippe martin",
        "envoyer 5 € à Zoé, Jean",
        "envoyer 5 € à Zoé & Jean",
        "envoyer 5 € à Bob pour Zoé",
        "envoyer 5 € à Bob, à Zoé",
        "envoyer 5 € pour le cadeau pour Zoé",
        "envoyer 5 € à @zoe",
        "envoyer 5 € à B",
        "envoyer 5 € à Anne Sophie",
        "佐藤太郎さんに500円",
        "佐藤 太郎さんに500円",
        "太郎さんと花子さんに500円",
        "太郎さんに、ハナコさんに500円",
        "太郎さんの500円",
        "",
    ],
)
def test_nobody_is_meant_by_half_a_name(text: str) -> None:
    """One that goes on, somebody else before it, two at once, or no word that leads to a payee."""
    assert meant(text) == []


def test_the_name_is_written_as_a_name_and_nothing_else_changes() -> None:
    """The amount and the note stand where they stood."""
    assert spoken("envoyer 5 € à  Philippe  Dupont pour l’été", EVERYBODY, verbs=VERBS).text == (
        f"envoyer 5 € à  @{MARK} pour l’été"
    )


def test_who_has_no_contacts_means_nobody() -> None:
    """Whatever is written."""
    assert spoken("envoyer 5 € à Zoé", (), verbs=VERBS).meant == ()


@given(st.text(alphabet="aàtoPhilippe MartinZoé-,&5€さんに太郎 ", max_size=60))
def test_whoever_is_meant_is_called_in_the_text(text: str) -> None:
    """And a text that calls nobody stays as it is."""
    found = spoken(text, EVERYBODY, verbs=VERBS)
    assert bool(found.meant) == (found.text != text) == (MARK in found.text)
    for one in found.meant:
        words = one.person.name.casefold().replace("é", "e").split()
        assert any(word.split("-")[0] in text.casefold().replace("é", "e") for word in words)


def test_a_long_message_is_read_in_linear_time() -> None:
    """Twice the length takes about twice as long: nothing goes back and forth."""
    for filler in (" ", "à ", "太郎 ", "Philippe ", "-"):
        assert len(spoken(f"à Philippe{filler * 20_000}", EVERYBODY, verbs=VERBS).text) > 20_000
