"""What was written a moment ago counts: a replica of the table that lags behind decides nothing."""

import pytest

from chalicelib.intents import claiming
from chalicelib.intents.intent import Intent
from chalicelib.refusals import Refusal
from chalicelib.table import claim_key, handle_key, intent_key
from tests.bank import BOT
from tests.chat import Chat
from tests.claims.holding import CAROL, claim_of, held, holding_bank, join
from tests.intents.past import ALICE, OTHER, PHILIPPE, bank_of_three, confirmed, written


@pytest.fixture
def chat() -> Chat:
    """Alice's conversation; she has paid both Philippes."""
    bank = bank_of_three()
    for number in (PHILIPPE, OTHER):
        confirmed(bank, written(bank, f"Envoyer 5 € au {number}"))
    return Chat(bank, psid=ALICE)


def placed(chat: Chat, text: str) -> Intent:
    """Place an order that a replica has not seen yet."""
    chat.bank.time.move(1)
    intent = chat.write(text)
    assert intent
    chat.bank.table.unseen.add(intent_key(intent.id))
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
    """Though the replica has not seen it."""
    order = placed(chat, "Envoyer 7 € à @bob")
    again = chat.write("confirmer")
    assert again and again.refusal is not Refusal.NOTHING_TO_CONFIRM
    assert chat.bank.table.items[intent_key(order.id)]["link_number"] == 2


def test_whoever_was_just_linked_is_credited() -> None:
    """The sweep may come within the second in which they linked."""
    bank = holding_bank()
    claim = held(bank)
    join(bank)
    bank.table.unseen.add(handle_key("twitter", BOT.user_id, CAROL))
    assert claiming.settle(bank.services, claim.id)
    assert claim_of(bank, claim.id).status == "claimed"


def test_a_claim_that_was_just_opened_is_settled() -> None:
    """Its payee is linked already: the first sweep after the confirm credits them."""
    bank = holding_bank()
    claim = held(bank)
    join(bank)
    bank.table.unseen.add(claim_key(claim.id))
    assert claiming.settle(bank.services, claim.id)
    assert claim_of(bank, claim.id).status == "claimed"
