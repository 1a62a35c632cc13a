"""What a text that somebody quotes may be a handle on."""

import pytest

from chalicelib.config import Bot
from chalicelib.intents.intent import intent_id, reference
from console.clues import Clue, fold, keys, matches, read

IBAN = "FR14 2004 1010 0505 0001 3M02 606"
POST = "1871234567890123456"
INTENT = intent_id("twitter", "9", POST)


@pytest.mark.parametrize(
    ("text", "clue"),
    [
        ("@Alice_M", Clue(name="Alice_M")),
        ("https://x.com/alice", Clue(name="alice")),
        ("twitter.com/alice/", Clue(name="alice")),
        (f"https://x.com/alice/status/{POST}", Clue(digits=POST)),
        (f" https://twitter.com/alice/status/{POST}?s=20 ", Clue(digits=POST)),
        (IBAN, Clue(iban=IBAN.replace(" ", ""))),
        ("06 12 34 56 78", Clue(phone="+33612345678")),
        ("+33 (0)6 12.34.56.78", Clue(phone="+33612345678")),
        ("0612345678", Clue(phone="+33612345678")),
        ("Amélie  Dûpont", Clue(words="amelie dupont")),
        ("@no name", Clue()),
    ],
)
def test_a_text_that_can_be_one_thing_is_that_thing(text: str, clue: Clue) -> None:
    """Whatever its spaces, and from any form of a URL."""
    assert read(text, country="FR") == clue


def test_a_bare_word_may_be_a_name_an_id_or_a_reference() -> None:
    """Then every key is tried, and the reference in capitals."""
    clue = read("rqt647", country="FR")
    assert (clue.name, clue.token, clue.reference, clue.words) == ("rqt647", "rqt647", "RQT647", "rqt647")
    assert read("martin", country="FR").reference == ""  # no vowels in a reference


def test_bare_digits_may_be_a_user_a_post_or_a_phone() -> None:
    """Phones are looked for last: ids of the network have keys."""
    clue = read("33612345678", country="FR")
    assert (clue.digits, clue.phone, clue.words) == ("33612345678", "+33612345678", "")


def test_each_handle_that_has_a_key_is_read_by_key() -> None:
    """A @name also leads to its invitation, and a post to the intent that it makes."""
    on_x = {"twitter": Bot(handle="bank", user_id="9")}
    kinds = [key[0].split("#")[0] for key in keys(read("@alice", country="FR"), on_x)]
    assert kinds == ["Q", "R"]
    assert (f"T#{INTENT}", "0") in keys(Clue(digits=POST), on_x)
    assert ("L#twitter#9#2244", "0") in keys(Clue(digits="2244"), on_x)
    tokens = [key[0] for key in keys(Clue(token="abc"), {})]
    assert tokens == ["P#abc", "A#abc", "T#abc", "T#fund-abc"]


def test_a_handle_is_looked_for_on_every_network_of_the_programme() -> None:
    """Also the id of a message on Messenger, which is no number."""
    bots = {"facebook": Bot(handle="page", user_id="7"), "twitter": Bot(handle="bank", user_id="9")}
    found = [key[0] for key in keys(read("@alice", country="FR"), bots)]
    assert ("Q#facebook#alice" in found, "Q#twitter#alice" in found) == (True, True)
    assert (f"T#{intent_id('facebook', '7', 'm_AbC-1')}", "0") in keys(Clue(token="m_AbC-1"), bots)


@pytest.mark.parametrize(
    ("clue", "item"),
    [
        (Clue(phone="+33612345678"), {"PK": "P#1", "name": "A", "phone": "+33612345678"}),
        (Clue(iban="FR76"), {"PK": "P#1", "name": "A", "phone": "", "iban": "FR76"}),
        (Clue(words="dupon"), {"PK": "P#1", "name": "Philippe DÛPONT", "phone": ""}),
        (Clue(name="OldName"), {"PK": "L#twitter#9#1", "label": "oldname"}),
        (Clue(reference=reference(INTENT)), {"PK": f"T#{INTENT}"}),
        (Clue(token="qWeRtYuIoPaSdFgH"), {"PK": "T#x", "correlation_id": "qWeRtYuIoPaSdFgH"}),
        (Clue(digits="123"), {"PK": "T#x", "message_id": "123"}),
    ],
)
def test_what_has_no_key_is_searched_for(clue: Clue, item: dict[str, str]) -> None:
    """The search knows each by what it stores; an empty clue matches nobody."""
    assert matches(clue, item)
    assert not matches(Clue(), item)


def test_an_empty_phone_or_iban_is_nobodys() -> None:
    """A charity without a phone is not found by every clue that is no phone."""
    assert not matches(Clue(words="xyz"), {"PK": "P#1", "name": "Roses", "phone": "", "iban": ""})
    assert fold(" É  a ") == "e a"
