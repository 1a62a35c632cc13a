"""Pairing in a chat: the ref of the join page leads to a question there, and a tap of Yes binds, nothing else."""

import re
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import link as links
from chalicelib.channels import Event
from chalicelib.identity import invitation, joining
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation
from chalicelib.identity.joining import Choice, Joining
from chalicelib.identity.person import Person
from chalicelib.intents.inbox import take
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import new_item
from chalicelib.link import Link
from chalicelib.ref import parse
from chalicelib.refusals import Refusal
from chalicelib.table import handle_key
from local import meta
from tests.bank import LINK_KEY, PROGRAMME, Bank
from tests.chat import PAGE, PSID, Chat

CODE = "739164"
PHONE = "+33612000555"
STRANGER = "9999999999999999"
HANDLE = handle_key("facebook", PAGE, PSID)


@pytest.fixture
def bank() -> Bank:
    """A bank in which Zoe is a new customer, invited to link her Messenger."""
    bank = Bank()
    person = Person(id="zoe", name="Zoé Martin", phone=PHONE, language="fr", account="zoe")
    people.add_person(bank.table, person, clock=bank.services.clock)
    ledger.open_account(bank.table, new_item("zoe", person="zoe", kind="person", currency="EUR"))
    assert people.invite(bank.table, invited(bank), clock=bank.services.clock) is None
    bank.table.images.clear()
    return bank


@pytest.fixture
def chat(bank: Bank) -> Chat:
    """Zoe's conversation with the page."""
    return Chat(bank)


def invited(bank: Bank, **changes: Any) -> Invitation:
    """Zoe's invitation: no @name, and an id made of the person."""
    now = bank.services.clock.now()
    values: dict[str, Any] = {
        "id": invitation.invitation_id("facebook", PAGE, "zoe"), "person": "zoe", "account": "zoe",
        "network": "facebook", "page": PAGE, "label": "", "language": "fr", "status": "invited",
        "created_at": now, "expires_at": now + 604_800,
    }  # fmt: skip
    return Invitation(**{**values, **changes})


def stored(bank: Bank) -> Invitation:
    """The invitation as it is now."""
    found = people.invitation(bank.table, invited(bank).id)
    assert found
    return found


def join(bank: Bank) -> Joining:
    """Open the link of the SMS and choose (or prove) a security code."""
    found = stored(bank)
    link = Link(id=found.id, number=found.link_number, expires_at=bank.services.clock.now() + 600)
    secret = links.seal(link, (*found.covered, PROGRAMME.name), key=LINK_KEY)
    joined = joining.choose(bank.services, secret, Choice(digits=CODE, again=CODE, terms=True))
    bank.table.images.clear()
    return joined


def ref(bank: Bank) -> str:
    """The ref behind the join page's button."""
    joined = join(bank)
    assert (joined.refusal, joined.pairing_code) == (None, "")
    return joined.ref


def other(text: str) -> str:
    """Another ref of the same form."""
    return text[:-1] + ("A" if text[-1] != "A" else "B")


def is_bound(bank: Bank, key: tuple[str, str] = HANDLE) -> bool:
    """Whether the chat orders for somebody."""
    return key in bank.table.items and not bank.table.items[key].get("unlinked_at")


@pytest.mark.parametrize("first", [False, True], ids=["in a conversation", "by Get Started"])
def test_a_ref_asks_and_yes_binds(bank: Bank, chat: Chat, *, first: bool) -> None:
    """The question names first name and initial; both the chat and the bound number hear that it is done."""
    asked = chat.opens(ref(bank), first=first)
    assert asked and (asked.order, asked.status, asked.payer) == ("pairing_asked", "answered", "")
    assert not is_bound(bank)
    assert "Zoé M." in chat.texts[-1] and "Martin" not in chat.texts[-1]
    assert [button.title for button in chat.chats.sent[-1].buttons] == ["Oui, associer", "Non"]
    paired = chat.taps(yes=True)
    assert paired and (paired.order, paired.status, paired.payer) == ("pair", "answered", "zoe")
    assert is_bound(bank)
    assert "votre compte est associé" in chat.texts[-1]
    assert [(phone, "Messenger est maintenant associé" in text) for phone, text in bank.sms.sent] == [(PHONE, True)]
    assert stored(bank).status == "paired"


def test_no_item_of_an_empty_name_is_written(bank: Bank, chat: Chat) -> None:
    """Whoever is bound without an @name is found by id alone."""
    chat.opens(ref(bank))
    chat.taps(yes=True)
    assert not [key for key in bank.table.items if key[0] in ("Q#facebook#", "Q#twitter#")]


def test_only_a_digest_of_the_ref_is_stored(bank: Bank, chat: Chat) -> None:
    """Whoever reads the table cannot link a chat."""
    shown = ref(bank)
    secret = parse(shown)
    assert secret and len(secret.secret) == 22
    assert secret.secret not in repr(bank.table.items)
    chat.opens(shown)
    assert secret.secret not in repr(bank.table.items)
    assert secret.secret not in "".join(chat.texts)


def test_no_leaves_all_as_it_was(bank: Bank, chat: Chat) -> None:
    """The ref is dead then, also for Yes; the join page gives another one."""
    chat.opens(ref(bank))
    question = chat.chats.sent[-1]
    declined = chat.taps(yes=False)
    assert declined and (declined.order, declined.status) == ("pairing_declined", "answered")
    assert chat.texts[-1] == "D'accord, rien n'est associé."
    late = chat.write("Oui, associer", tapped=question.buttons[0].payload)
    assert late and late.refusal is Refusal.PAIRING_REFUSED
    assert not is_bound(bank)
    chat.opens(ref(bank))
    chat.taps(yes=True)
    assert is_bound(bank)


def test_a_victim_of_somebody_elses_link_is_asked_and_may_say_no(bank: Bank) -> None:
    """An attacker sends their own link: nothing is bound by opening it, and the question says whose account it is."""
    victim = Chat(bank, psid="5550001")
    victim.opens(ref(bank))
    assert not is_bound(bank, handle_key("facebook", PAGE, "5550001"))
    assert "Zoé M." in victim.texts[-1]


def refusals_of(bank: Bank, case: str) -> Chat:
    """A conversation in which a ref is brought that is not to be taken."""
    chat, brought = Chat(bank), ref(bank)
    if case == "wrong":
        brought = other(brought)
    elif case == "of nobody":
        brought = f"p_{'A' * 16}_{'B' * 22}"
    elif case == "late":
        bank.time.move(901)
    elif case == "replaced":
        ref(bank)
    elif case == "brought before":
        Chat(bank, psid=STRANGER).opens(brought)
    elif case == "used":
        chat.opens(brought)
        chat.taps(yes=True)
    elif case == "too many tries":
        for _ in range(5):
            chat.opens(other(brought))
    elif case == "of another page":
        key = ("R#" + invited(bank).id, "0")
        bank.table.items[key]["page"] = "1"
    chat.chats.sent.clear()
    refused = chat.opens(brought)
    assert refused and (refused.order, refused.refusal) == ("pair", Refusal.PAIRING_REFUSED)
    return chat


@pytest.mark.parametrize(
    "case",
    ["wrong", "of nobody", "late", "replaced", "brought before", "used", "too many tries", "of another page"],
)
def test_every_ref_that_is_not_taken_looks_the_same(case: str) -> None:
    """One sentence for all of them, no button, and nobody bound who was not."""
    bank = Bank()
    person = Person(id="zoe", name="Zoé Martin", phone=PHONE, language="en", account="zoe")
    people.add_person(bank.table, person, clock=bank.services.clock)
    ledger.open_account(bank.table, new_item("zoe", person="zoe", kind="person", currency="EUR"))
    people.invite(bank.table, invited(bank, language="en"), clock=bank.services.clock)
    bank.table.images.clear()
    chat = refusals_of(bank, case)
    text = chat.texts[-1].split("\n\n")[-1]
    assert text.startswith("Ce lien d'association n'est pas accepté.")  # the programme's language, not the person's
    assert chat.chats.sent[-1].buttons == ()
    assert is_bound(bank) == (case == "used")


def test_only_whom_we_asked_can_answer(bank: Bank, chat: Chat) -> None:
    """The button's payload is seen by its holder, and means nothing in anybody else's hands."""
    chat.opens(ref(bank))
    payload = chat.chats.sent[-1].buttons[0].payload
    thief = Chat(bank, psid=STRANGER)
    answered = thief.write("Oui, associer", tapped=payload)
    assert answered and answered.refusal is Refusal.PAIRING_REFUSED
    assert not is_bound(bank, handle_key("facebook", PAGE, STRANGER))
    chat.taps(yes=True)
    assert is_bound(bank)


def test_a_question_is_answered_once(bank: Bank, chat: Chat) -> None:
    """No after Yes says nothing that is not so: the chat stays linked."""
    chat.opens(ref(bank))
    question = chat.chats.sent[-1]
    chat.taps(yes=True)
    for button in question.buttons:
        again = chat.write(button.title, tapped=button.payload)
        assert again and again.refusal is Refusal.PAIRING_REFUSED
    assert is_bound(bank)


def test_yes_is_good_for_a_quarter_of_an_hour(bank: Bank, chat: Chat) -> None:
    """A question that was left open overnight binds nobody."""
    chat.opens(ref(bank))
    bank.time.move(901)
    late = chat.taps(yes=True)
    assert late and late.refusal is Refusal.PAIRING_REFUSED
    assert not is_bound(bank)


def test_a_chat_of_somebody_else_is_not_taken_over(bank: Bank, chat: Chat) -> None:
    """One conversation orders for one person; it must be unlinked first."""
    chat.opens(ref(bank))
    chat.taps(yes=True)
    ours = dict(bank.table.items[HANDLE])
    key = ("R#" + invited(bank).id, "0")
    bank.add("yann", user_id="777", kind="person")
    bank.table.items[key] |= {"status": "invited", "person": "yann", "account": "yann", "expires_at": 2_000_000_000}
    bank.table.items[("A#yann", "0")]["code"] = ""
    bank.table.images.clear()
    chat.opens(ref(bank))
    refused = chat.taps(yes=True)
    assert refused and refused.refusal is Refusal.PAIRING_REFUSED
    assert bank.table.items[HANDLE] == ours


def test_the_same_delivery_again_changes_nothing(bank: Bank, chat: Chat) -> None:
    """Meta repeats itself: the question is asked once, and Yes binds once."""
    element = meta.opened(ref(bank), page=PAGE, by=PSID)
    assert chat.happens(element) is not None
    assert chat.happens(element) is None
    assert len(chat.texts) == 1
    tap = meta.written("Oui", page=PAGE, by=PSID, tapped=chat.chats.sent[-1].buttons[0].payload)
    assert chat.happens(tap) is not None
    before = {key: dict(item) for key, item in bank.table.items.items()}
    assert chat.happens(tap) is None
    assert bank.table.items == before


def test_a_lost_answer_of_the_table_binds_once(bank: Bank, chat: Chat) -> None:
    """The transaction was done and its answer lost: the same request says so."""
    chat.opens(ref(bank))
    bank.table.faults.append("lost")
    chat.taps(yes=True)
    assert is_bound(bank)
    assert "votre compte est associé" in chat.texts[-1]


@pytest.mark.parametrize("text", ["Oui", "oui, associer", "Yes, link it", "associer 482913", "p_AAAA_BBBB"])
def test_words_bind_nobody(bank: Bank, chat: Chat, text: str) -> None:
    """Only the button does, and there is no code to guess in a chat."""
    chat.opens(ref(bank))
    chat.write(text)
    assert not is_bound(bank)


@pytest.mark.parametrize("ref_text", ["", "campaign", "p_short_x", "p_" + "é" * 16 + "_" + "A" * 22, "P_" + "A" * 39])
def test_a_ref_that_is_not_ours_is_left_behind(chat: Chat, ref_text: str) -> None:
    """Anybody can write one into a link: the chat was opened, and is greeted."""
    order = chat.opens(ref_text)
    assert order and (order.order, order.refusal) == ("help", None)


def test_a_buttons_title_is_no_order(chat: Chat) -> None:
    """A button of an older version of ours, titled like a verb, is answered with help."""
    order = chat.write("Annuler", tapped="of_another_time")
    assert order and order.order == "help"


def test_a_link_that_is_taken_back_ends_it(bank: Bank, chat: Chat) -> None:
    """Whoever unlinks in Messenger orders nothing from there any more."""
    chat.opens(ref(bank))
    chat.taps(yes=True)
    chat.happens(meta.unlinked(page=PAGE, by=PSID))
    assert not is_bound(bank)
    order = chat.write("annuler")
    assert order and order.refusal is Refusal.PAYER_UNKNOWN


def test_who_joins_again_gets_another_ref(bank: Bank) -> None:
    """The page may be opened twice; the last ref is the one that counts."""
    first, second = ref(bank), ref(bank)
    assert first != second
    assert re.fullmatch(r"p_[\w-]{16}_[\w-]{22}", second, re.ASCII)


def test_a_damaged_payload_of_a_ref_is_a_drop(bank: Bank) -> None:
    """What is in the queue is checked like anything else."""
    chat = Chat(bank)
    (event,) = chat.events(meta.opened("p_" + "A" * 16 + "_" + "B" * 22, page=PAGE, by=PSID))
    assert event.payload["ref"].startswith("p_")
    broken: Event = replace(event, payload={**event.payload, "ref": 7})
    before = dict(bank.table.items)
    take(bank.services, broken)
    assert bank.table.items == before
