"""Two people of one name: the chat asks, and a tap pays whom its author chose, once."""

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.channels import Event
from chalicelib.channels.meta_sending import FORMS, Outgoing
from chalicelib.channels.networks import network
from chalicelib.identity import store as people
from chalicelib.intents.inbox import take
from chalicelib.intents.intent import Intent, from_item
from chalicelib.intents.reached import CHOICES
from chalicelib.intents.taps import choice_in, name_button
from chalicelib.notices import change
from chalicelib.notices.chat_choice import title
from chalicelib.notices.chat_words import said
from chalicelib.notices.message import reply
from chalicelib.refusals import Refusal
from chalicelib.table import account_key, handle_key, intent_key, person_key
from local import meta
from tests.bank import BOT, IDS, PROGRAMME, Bank
from tests.channels.meta_golden import load, page_body
from tests.chat import PAGE, Chat
from tests.intents.past import ALICE, OTHER, PHILIPPE, bank_of_three, confirmed, dm, link, paid, written

ORDER = "Envoyer 7,50 € à Philippe pour la pizza"


@pytest.fixture
def bank() -> Bank:
    """Alice has paid both Philippes."""
    bank = bank_of_three()
    for number in (PHILIPPE, OTHER):
        confirmed(bank, written(bank, f"Envoyer 5 € au {number}"))
    bank.sms.sent.clear()
    return bank


@pytest.fixture
def chat(bank: Bank) -> Chat:
    """Her conversation, in which she was asked."""
    chat = Chat(bank, psid=ALICE)
    asked = chat.write(ORDER)
    assert asked and asked.refusal is Refusal.PAYEE_AMBIGUOUS
    return chat


def tap(chat: Chat, number: int = 0, *, by: Chat | None = None) -> Intent:
    """Tap a name of the question."""
    tapped = next(one for one in chat.chats.sent if one.buttons).buttons[number]
    order = (by or chat).write(tapped.title, tapped=tapped.payload)
    assert order
    return order


def orders(bank: Bank) -> list[Intent]:
    """Every order to pay that waits."""
    items = [item for key, item in bank.table.items.items() if key[0].startswith("T#") and item["order"] != "fund"]
    return [one for one in map(from_item, items) if one.status == "pending"]


def test_the_question_tells_the_two_apart(chat: Chat) -> None:
    """By what the payer may see of each; titles are as long as Messenger shows them."""
    asked = chat.chats.sent[-1]
    assert asked.text.endswith("Ce nom peut désigner plusieurs personnes. Qui voulez-vous payer ?")
    assert [one.title for one in asked.buttons] == ["Philippe M. ••• 12", "Philippe D. ••• 78"]
    assert not [one for one in asked.buttons if len(one.title) > 20 or "Dupont" in one.payload or "98" in one.title]


@pytest.mark.parametrize(("number", "payee", "hint"), [(0, "martin", "••• 12"), (1, "dupont", "••• 78")])
def test_a_tap_pays_whom_it_names(bank: Bank, chat: Chat, *, number: int, payee: str, hint: str) -> None:
    """The same amount and note, as an order of the tap's own, confirmed like any other."""
    order = tap(chat, number)
    assert (order.order, order.status, order.payer, order.payee) == ("send", "pending", "alice", payee)
    assert (order.amount_minor, order.currency, order.said["note"]) == (750, "EUR", "pour la pizza")
    assert order.said["payee_hint"] == hint
    confirmed(bank, order)
    assert bank.available(payee) == 500 + 750
    (asked,) = [text for phone, text in bank.sms.sent if "payer 7,50 EUR" in text]
    assert hint[-2:] in asked


def test_a_tap_that_comes_twice_is_one_order(bank: Bank, chat: Chat) -> None:
    """Meta delivers again; nothing changes."""
    first = chat.chats.sent[-1].buttons[0]
    element = meta.written(first.title, page=PAGE, by=ALICE, tapped=first.payload)
    assert chat.happens(element) is not None
    before = {key: dict(item) for key, item in bank.table.items.items()}
    assert chat.happens(element) is None
    assert bank.table.items == before


def test_a_question_is_answered_once(bank: Bank, chat: Chat) -> None:
    """A second tap, on whichever name, is told so and orders nothing."""
    tap(chat, 0)
    for number in (0, 1):
        assert tap(chat, number).refusal is Refusal.CHOICE_OVER
    assert chat.texts[-1].startswith("Cette question n'est plus ouverte.")
    assert [one.payee for one in orders(bank)] == ["martin"]


def test_taps_of_one_moment_are_one_order(bank: Bank, chat: Chat) -> None:
    """Two windows, two names: one of them is paid."""
    buttons = chat.chats.sent[-1].buttons
    events: list[Event] = []
    for each in buttons:
        events += chat.events(meta.written(each.title, page=PAGE, by=ALICE, tapped=each.payload))
    threads = [threading.Thread(target=take, args=(bank.services, event)) for event in events]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(orders(bank)) == 1
    answers = [item for key, item in bank.table.items.items() if key[0].startswith("N#choice#")]
    assert [item["message"] for item in answers] == [orders(bank)[0].id]


@pytest.mark.parametrize("fault", ["lost", "busy"])
def test_a_lost_answer_of_the_table_places_one_order(bank: Bank, chat: Chat, fault: str) -> None:
    """The same request is sent again, or another one where nothing was written."""
    bank.table.faults = [fault]
    assert tap(chat).status == "pending"
    assert len(orders(bank)) == 1


def test_nobody_else_answers(bank: Bank, chat: Chat) -> None:
    """A payload means nothing in another's hands, linked or not, nor once the chat is linked to somebody else."""
    link(bank, "bob", "555")
    for psid in ("555", "999"):
        thief = tap(chat, by=Chat(bank, psid=psid))
        assert (thief.refusal, thief.payer, thief.amount_minor) == (Refusal.CHOICE_OVER, "", 0)
        assert thief.said == {}
    bank.table.items[handle_key("facebook", PAGE, ALICE)].update(person="bob", account="bob")
    assert tap(chat).refusal is Refusal.CHOICE_OVER
    assert orders(bank) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"network": "instagram"},
        {"page": "1"},
        {"author_id": "555"},
        {"payer": "bob"},
        {"refusal": "payee_missing"},
        {"status": "pending", "refusal": None},
    ],
)
def test_an_order_is_answered_where_it_asked(bank: Bank, chat: Chat, changed: dict[str, Any]) -> None:
    """On that network and page, by that author, for that account, and only if it asked."""
    (asked,) = [item for item in bank.table.items.values() if "choices" in item]
    asked.update(changed)
    if asked["refusal"] is None:
        del asked["refusal"]
    assert tap(chat).refusal is Refusal.CHOICE_OVER
    assert [one for one in orders(bank) if one.payee] == []


def test_an_answer_is_good_for_an_hour(bank: Bank, chat: Chat) -> None:
    """Up to its last second."""
    bank.time.move(3_600)
    assert tap(chat).status == "pending"
    again = chat.write(ORDER)
    assert again and again.refusal is Refusal.PAYEE_AMBIGUOUS
    bank.time.move(3_601)
    late = chat.chats.sent[-1].buttons[0]
    order = chat.write(late.title, tapped=late.payload)
    assert order and order.refusal is Refusal.CHOICE_OVER


@pytest.mark.parametrize("forged", ["number", "order", "form", "nobody's", "pending"])
def test_a_forged_button_pays_nobody(bank: Bank, chat: Chat, forged: str) -> None:
    """Whatever it carries: another number, another order, an order that asked nothing."""
    asked = chat.chats.sent[-1].buttons[0].payload.split(":")[1]
    other = written(bank, "Envoyer 1 € à @bob")
    payload = {
        "number": f"payee:{asked}:2",
        "order": f"payee:{'A' * 16}:0",
        "form": f"payee:{asked}:-1",
        "nobody's": f"payee:{asked}",
        "pending": f"payee:{other.id}:0",
    }[forged]
    order = chat.write("Philippe M. ••• 12", tapped=payload)
    assert order and order.status in ("refused", "answered") and order.payee == ""
    assert [one.id for one in orders(bank)] == [other.id]


def test_whom_a_choice_means_is_looked_at_again(bank: Bank) -> None:
    """An identity that was unlinked between question and tap is paid by nobody."""
    link(bank, "martin", "777", label="bob")
    chat = Chat(bank, psid=ALICE)
    asked = chat.write("Envoyer 5 € à @bob")
    assert asked and len(asked.choices.split()) == 2
    assert [one.title for one in chat.chats.sent[-1].buttons] == ["Martin @bob", "Bob @bob"]
    people.unlink(bank.table, ("twitter", BOT.user_id), IDS["bob"], clock=bank.services.clock)
    assert tap(chat, 1).refusal is Refusal.PAYEE_UNPAIRED
    chat.chats.sent.clear()
    chat.write("Envoyer 5 € à @bob")
    assert orders(bank)[-1].payee == "martin"


def test_a_payee_who_is_not_there_any_more_is_paid_by_nobody(bank: Bank, chat: Chat) -> None:
    """Neither one whose item is gone nor one whose account is closed."""
    bank.table.items[account_key("martin")]["status"] = "closed"
    assert tap(chat).refusal is Refusal.PAYEE_CLOSED
    chat.chats.sent.clear()
    chat.write(ORDER)
    del bank.table.items[person_key("dupont")]
    assert tap(chat, 1).refusal is Refusal.PAYEE_UNPAIRED


def test_a_choice_is_decided_like_any_order(bank: Bank, chat: Chat) -> None:
    """Funds and limits are those of the tap; what is refused then is told in the chat."""
    bank.table.items[account_key("alice")]["available"] = 749
    bank.sms.sent.clear()
    assert tap(chat).refusal is Refusal.FUNDS_MISSING
    assert bank.sms.sent == []
    assert "Le solde de votre compte ne suffit pas" in chat.texts[-1]


def test_an_order_whose_names_were_erased_asks_no_more(bank: Bank, chat: Chat) -> None:
    """What was said may be erased at any time."""
    (asked,) = [item for item in bank.table.items.values() if "choices" in item]
    asked["said"] = {}
    assert tap(chat).refusal is Refusal.CHOICE_OVER


def test_a_contact_by_at_name_is_chosen_by_it(bank: Bank) -> None:
    """The payer sees what they know them by, and their number never."""
    bank.table.items[person_key("martin")]["name"] = "Bob Martin"
    paid(bank)
    chat = Chat(bank, psid=ALICE)
    chat.write("Envoyer 5 € à Bob")
    assert [one.title for one in chat.chats.sent[-1].buttons] == ["Bob @bob", "Bob M. ••• 12"]
    order = tap(chat, 0)
    assert (order.payee, order.said) == ("bob", {"payee_handle": "bob", "payee_name": "Bob"})


@pytest.mark.parametrize(
    ("name", "label", "shown"),
    [
        ("Philippe D.", "••• 78", "Philippe D. ••• 78"),
        ("Philippe D.", "@superpipou", "Philipp. @superpipou"),
        ("Anne-Françoise C.", "••• 78", "Anne-Françoi. ••• 78"),
        ("Zoé M.", "@abcdefghijklmno", "Zo. @abcdefghijklmno"),
        ("Zoé M.", "@abcdefghijklmnopqr", "@abcdefghijklmnopqr"),
        ("Zoé M.", "@abcdefghijklmnopqrstuv", "@abcdefghijklmnopqrs"),
        ("太郎", "", "太郎"),
        ("A" * 30, "", "A" * 19 + "."),
    ],
)
def test_a_title_keeps_what_tells_two_apart(name: str, label: str, shown: str) -> None:
    """The name before it is cut, to twenty characters in all."""
    assert title(name, label) == shown
    assert 0 < len(shown) <= 20


@pytest.mark.parametrize(("name", "shown"), [("facebook", 10), ("instagram", 10), ("whatsapp", 10)])
def test_no_more_is_asked_than_a_network_shows(bank: Bank, name: str, shown: int) -> None:
    """Ten names in an order, which is as far as a button counts, and as many rows as a list of WhatsApp's has."""
    assert [choice_in(name_button("A" * 16, number)) is not None for number in (0, CHOICES - 1, CHOICES)] == [
        True,
        True,
        False,
    ]
    values: dict[str, Any] = {"choices": "\n".join(f"Philippe {n}\t••• {n:02}" for n in range(10))}
    intent = replace(written(bank, ORDER), network=name, said=values)
    programme = replace(PROGRAMME, bots={**PROGRAMME.bots, name: PROGRAMME.bots["facebook"]})
    found = said(intent, programme=programme, first=False)
    assert len(found.buttons) == shown
    assert FORMS[name](Outgoing(to="5", text=found.text, buttons=found.buttons, list_label=found.list_label))


@pytest.mark.parametrize(("fitting", "label"), [(2, ""), (3, ""), (4, "Choisir"), (10, "Choisir")])
def test_more_than_three_are_a_list_on_whatsapp(bank: Bank, fitting: int, label: str) -> None:
    """Up to three are buttons, which are seen at once; elsewhere all are buttons."""
    values: dict[str, Any] = {"choices": "\n".join(f"Philippe {n}\t••• {n:02}" for n in range(fitting))}
    bots = dict.fromkeys(("facebook", "instagram", "whatsapp"), PROGRAMME.bots["facebook"])
    programme = replace(PROGRAMME, bots={**PROGRAMME.bots, **bots})
    for name in bots:
        found = said(replace(written(bank, ORDER), network=name, said=values), programme=programme, first=False)
        assert found.list_label == (label if name == "whatsapp" else "")
        assert [one.payload[-2:] for one in found.buttons] == [f":{number}" for number in range(fitting)]


def test_the_order_that_asked_stays_as_it_is(bank: Bank, chat: Chat) -> None:
    """What was refused never changes."""
    (key,) = [key for key, item in bank.table.items.items() if "choices" in item]
    before = dict(bank.table.items[key])
    tap(chat)
    assert bank.table.items[key] == before


def test_a_private_message_on_x_is_asked_with_a_sentence(bank: Bank) -> None:
    """It has no buttons: whoever wrote it names one of them otherwise."""
    order = dm(bank, ORDER)
    assert (order.refusal, order.private) == (Refusal.PAYEE_AMBIGUOUS, True)
    (notice,) = change.notices(None, bank.table.items[intent_key(order.id)], tries=5)
    assert notice.road == change.REPLIES
    assert reply(order, programme=PROGRAMME).startswith("Ce nom peut désigner plusieurs personnes. Nommez-en une par")
    assert dm(bank, "Envoyer 7,50 € à Philippe Martin").payee == "martin"


def golden(bank: Bank, name: str, **message: Any) -> None:
    """A body as Messenger has sent it, but from Alice, to our page, now, and with another text."""
    loaded = load(name)
    element = loaded["entry"][0]["messaging"][0] if "entry" in loaded else loaded
    now = bank.services.clock.now()
    ours = {"sender": {"id": ALICE}, "recipient": {"id": PAGE}, "timestamp": now * 1000}
    body = page_body({**element, **ours, "message": {**element["message"], **message}}, page=PAGE)
    for event in network("facebook", PROGRAMME).split(json.dumps(body).encode(), received_at=now):
        assert isinstance(event, Event)
        take(bank.services, event)


def test_messengers_own_bodies_ask_and_choose(bank: Bank) -> None:
    """A text of 2016 that names a contact, and a quick reply of 2017 that names one of two."""
    golden(bank, "messenger_webhook_text", text=ORDER)
    (asked,) = [key[0].removeprefix("T#") for key, item in bank.table.items.items() if "choices" in item]
    golden(bank, "messenger_event_quick_reply", text="Philippe D. ••• 78", quick_reply={"payload": f"payee:{asked}:1"})
    assert [(one.payee, one.amount_minor) for one in orders(bank)] == [("dupont", 750)]
