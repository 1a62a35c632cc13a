"""Two orders of one second in a chat: the network's own clock says which was the last, and not an id that is drawn."""

from dataclasses import replace
from itertools import permutations

import pytest

from chalicelib.intents.intent import Intent
from local import meta
from tests.bank import NOON, Bank
from tests.chat import PAGE, PSID, Chat, current, customer

BOB = "4237571439620832"
# The ids of three messages, in any order.
DRAWN = [*permutations(("m_a", "m_b", "m_c"))]


@pytest.fixture
def alice(bank: Bank) -> Chat:
    """Alice's conversation; Bob has one too, and a name that Messenger knows."""
    customer(bank, "bob", psid=BOB, label="bob")
    return customer(bank, "alice", psid=PSID)


def write(chat: Chat, text: str, *, at: float, mid: str) -> Intent:
    """Write a text at a moment of the second, which Messenger gives this id."""
    chat.bank.time.seconds = NOON + at
    element = meta.written(text, page=PAGE, by=chat.psid)
    element["message"]["mid"] = mid
    made = chat.happens(element)
    assert made
    return made


@pytest.mark.parametrize("mids", DRAWN)
def test_repeat_repeats_the_one_that_was_sent_last(alice: Chat, mids: tuple[str, ...]) -> None:
    """Whatever ids Messenger has drawn."""
    for place, mid in enumerate(mids, start=1):
        write(alice, f"envoyer {place} € @bob", at=place / 10, mid=mid)
    assert write(alice, "répéter", at=0.9, mid="m_0").amount_minor == 300


@pytest.mark.parametrize("word", ["annuler", "confirmer"])
@pytest.mark.parametrize("mids", DRAWN)
def test_the_newest_that_waits_is_the_one_that_was_sent_last(alice: Chat, word: str, mids: tuple[str, ...]) -> None:
    """To cancel it, or to have its SMS sent again."""
    *_, last = [write(alice, f"envoyer {place} € @bob", at=place / 10, mid=mid) for place, mid in enumerate(mids, 1)]
    assert write(alice, word, at=0.9, mid="m_0").target == last.id


@pytest.mark.parametrize("word", ["annuler", "confirmer", "répéter"])
def test_what_was_sent_after_it_is_not_meant(alice: Chat, word: str) -> None:
    """A message that is read late, after another order of its second, means the order before it."""
    first = write(alice, "envoyer 1 € @bob", at=0.1, mid="m_b")
    second = write(alice, "envoyer 2 € @bob", at=0.5, mid="m_c")
    made = write(alice, word, at=0.3, mid="m_a")
    assert (made.target, made.amount_minor) == (("", 100) if word == "répéter" else (first.id, 0))
    assert current(alice.bank, second) == second


def test_an_order_of_before_and_one_of_now(alice: Chat) -> None:
    """Whose line was written without milliseconds is found, and cancelled where it stands."""
    chat = alice
    old = write(chat, "envoyer 1 € @bob", at=0.1, mid="m_b")
    items = chat.bank.table.items
    (line,) = [key for key in items if key[0] == "W#alice"]
    del items["T#" + old.id, "0"]["sent_millis"]
    without = f"{NOON:012}#{'m_b':>020}#{old.id}"
    items[line[0], without] = {**items.pop(line), "SK": without}
    assert write(chat, "annuler", at=0.2, mid="m_c").target == old.id
    assert [item["status"] for key, item in items.items() if key[0] == "W#alice" and old.id in key[1]] == ["cancelled"]
    assert current(chat.bank, old) == replace(current(chat.bank, old), sent_millis=0)
