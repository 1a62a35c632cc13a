"""What a chat may ask of DynamoDB: a tap travels no more than a cancel, and an answer a few times."""

from dataclasses import replace

import pytest

from bench.capacity import counted
from chalicelib.capacity import Usage, size
from chalicelib.intents import lifecycle
from chalicelib.intents.inbox import take
from chalicelib.intents.intent import Intent, from_item
from chalicelib.intents.placing import place
from chalicelib.notices import answering
from chalicelib.table import intent_key
from local import meta
from tests.bank import CODE, Bank
from tests.chat import PAGE, PSID, Chat, confirmed, customer, journalled
from tests.test_budgets import LONGEST, PAYEE, PAYER, add, longest_mention

BOB = "4237571439620832"
KILOBYTE = 1_024
# Writes, reads and round trips of each; a repeat is an order to pay, which reads what it repeats first,
# and before an SMS is sent again its order is counted among those of the day.
TAPS = {
    "cancel:<id>": (4, 1.5, 3),
    "again:<id>": (4, 2, 4),
    "balance": (1, 1, 3),
    "history": (1, 1, 3),
    "contacts": (1, 1, 3),
    "pay:<id>": (1, 2, 3),
    "repeat": (1, 4, 6),
    "an unknown one": (1, 0.5, 2),
    "again:AAAAAAAAAAAAAAAA": (1, 1.5, 3),
}
WORDS = {"annuler": (4, 1, 3), "confirmer": (4, 2.5, 5), "solde": (1, 1, 3)}
# Reading what an answer shows, when it is sent.
ANSWERS = {"balance": (2, 2), "history": (6, 4), "contacts": (4, 4), "again:<id>": (2.5, 3), "pay:<id>": (2, 2)}


@pytest.fixture
def alice() -> Chat:
    """Alice, who has paid Bob, and whose next payment to him waits."""
    bank = Bank()
    journalled(bank)
    customer(bank, "bob", psid=BOB, label="bob")
    chat = customer(bank, "alice", psid=PSID)
    for _ in range(2):
        bank.time.move(2)
        intent = chat.write("envoyer 10 € @bob")
        assert intent
        confirmed(bank, intent)
        chat.follow()
    chat.write("envoyer 10 € @bob")
    return chat


def waiting(chat: Chat) -> Intent:
    """The payment that waits."""
    items = [item for item in chat.bank.table.items.values() if item.get("status") == "pending" and "order" in item]
    return from_item(items[0])


def usage(chat: Chat, text: str, payload: str = "") -> Usage:
    """What taking a message uses."""
    payload = payload.replace("<id>", waiting(chat).id) if "<id>" in payload else payload
    (event,) = chat.events(meta.written(text, page=PAGE, by=PSID, tapped=payload))
    return counted(chat.bank, lambda: take(chat.bank.services, event))


def check(used: Usage, budget: tuple[float, float, int], what: str) -> None:
    """Print what was used, and hold it against what may be."""
    writes, reads, trips = budget
    print(f"{what}: {used.write_units} WCU, {used.read_units} RCU, {used.round_trips} round trips")
    assert used.write_units <= writes
    assert used.read_units <= reads
    assert 1 <= used.round_trips <= trips


@pytest.mark.parametrize("payload", TAPS)
def test_a_tap_keeps_its_budget(alice: Chat, payload: str) -> None:
    """As much as a cancel at the most, but for a repeat."""
    check(usage(alice, "…", payload), TAPS[payload], payload)


@pytest.mark.parametrize("word", WORDS)
def test_a_word_keeps_its_budget(alice: Chat, word: str) -> None:
    """A cancel as before; a confirm finds what waits, and reads it."""
    check(usage(alice, word), WORDS[word], word)


def test_no_tap_travels_further_than_a_cancel(alice: Chat) -> None:
    """But the one that makes an order to pay, and the one that sends an SMS."""
    cancel, further = usage(alice, "annuler").round_trips, ("repeat", "again:<id>")
    assert max(trips for payload, (_, _, trips) in TAPS.items() if payload not in further) <= cancel


@pytest.mark.parametrize("name", ["again", "cancel"])
def test_an_old_button_costs_a_look(alice: Chat, name: str) -> None:
    """What is over is told from what was read; nothing is tried."""
    payment = waiting(alice)
    alice.write("annuler")
    check(usage(alice, "…", f"{name}:{payment.id}"), (1, 1.5, 3), f"old {name}")


@pytest.mark.parametrize("payload", ANSWERS)
def test_an_answer_keeps_its_budget(alice: Chat, payload: str) -> None:
    """It is read when it is sent, and writes nothing."""
    made = alice.write("…", tapped=payload.replace("<id>", waiting(alice).id))
    assert made
    reads, trips = ANSWERS[payload]
    check(
        counted(alice.bank, lambda: answering.facts(alice.bank.services, made)), (0, reads, trips), f"answer {payload}"
    )


@pytest.mark.parametrize("payload", ["balance", "history", "contacts", "repeat", "again:<id>", "cancel:<id>"])
def test_its_item_stays_small(alice: Chat, payload: str) -> None:
    """A tap is one item, far below the size where a write costs double."""
    made = alice.write("…", tapped=payload.replace("<id>", waiting(alice).id))
    assert made and size(alice.bank.table.items[intent_key(made.id)]) < KILOBYTE


@pytest.mark.parametrize(("name", "note"), LONGEST)
def test_a_repeated_payment_stays_small_too(name: str, note: str) -> None:
    """With all that is as long as it comes, before and after it is paid."""
    bank = Bank()
    for account in (PAYER, PAYEE):
        add(bank, account, name=name)
    bank.list(place(bank.services, longest_mention(note)))  # type: ignore[arg-type]  # it is an order
    again = replace(
        longest_mention(""), text="répéter", private=True, named=(), origin_id="6" * 19, message_id="6" * 19
    )
    made = place(bank.services, again)
    assert isinstance(made, Intent) and (made.status, made.said["note"]) == ("pending", note)
    assert lifecycle.confirm(bank.services, bank.link(made), CODE).refusal is None
    assert size(bank.table.items[intent_key(made.id)]) < KILOBYTE


def test_what_is_asked_is_listed_apart(alice: Chat) -> None:
    """One line each, in a list that no cap counts."""
    made = alice.write("…", tapped="balance")
    assert made
    lines = [key for key in alice.bank.table.items if key[0].startswith("W#alice") and key[1].endswith(made.id)]
    assert [key[0] for key in lines] == ["W#alice#asked"]
