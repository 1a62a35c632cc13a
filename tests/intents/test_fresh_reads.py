"""What was written a moment ago counts: a replica of the table that is behind decides nothing."""

import pytest

from chalicelib.intents import claiming
from chalicelib.intents.intent import Intent
from chalicelib.refusals import Refusal
from chalicelib.table import intent_key
from tests.bank import HOLDING, Bank
from tests.chat import Chat
from tests.claims.holding import claim_of, held, join
from tests.intents.past import ALICE, OTHER, PHILIPPE, bank_of_three, confirmed, written
from tests.ledger.behind import BehindTable


@pytest.fixture
def chat() -> Chat:
    """Alice's conversation; she has paid both Philippes, and since then every replica is behind."""
    table = BehindTable()
    bank = bank_of_three(table=table)
    for number in (PHILIPPE, OTHER):
        confirmed(bank, written(bank, f"Envoyer 5 € au {number}"))
    bank.time.move(1)
    table.fall_behind()
    return Chat(bank, psid=ALICE)


def placed(chat: Chat, text: str) -> Intent:
    """Place an order that no replica has seen yet."""
    intent = chat.write(text)
    assert intent
    return intent


def test_a_tap_right_after_its_question_is_an_answer(chat: Chat) -> None:
    """Within the second in which the question was stored."""
    placed(chat, "Envoyer 7 € à Philippe")
    tapped = chat.chats.sent[-1].buttons[0]
    order = chat.write(tapped.title, tapped=tapped.payload)
    assert order and (order.status, order.amount_minor) == ("pending", 700)


@pytest.mark.parametrize(("button", "status"), [("again", "answered"), ("cancel", "cancelled")])
def test_a_button_acts_on_the_order_that_was_just_placed(chat: Chat, *, button: str, status: str) -> None:
    """Its SMS is sent again, or it is cancelled."""
    order = placed(chat, "Envoyer 7 € à @bob")
    done = chat.write("…", tapped=f"{button}:{order.id}")
    assert done and done.refusal is None
    stored = chat.bank.table.items[intent_key(order.id)]
    assert (stored["link_number"], stored["status"]) == ((2, "pending") if status == "answered" else (1, status))


def test_the_word_confirm_sends_the_newest_again(chat: Chat) -> None:
    """Though no replica has seen it."""
    order = placed(chat, "Envoyer 7 € à @bob")
    again = chat.write("confirmer")
    assert again and again.refusal is not Refusal.NOTHING_TO_CONFIRM
    assert chat.bank.table.items[intent_key(order.id)]["link_number"] == 2


def test_whoever_was_just_linked_is_credited() -> None:
    """The sweep may come within the second in which they were."""
    table = BehindTable()
    bank = Bank(programme=HOLDING, table=table)
    claim = held(bank)
    table.fall_behind()
    join(bank)
    assert claiming.settle(bank.services, claim.id)
    assert claim_of(bank, claim.id).status == "claimed"
