"""Contacts: whom a payer has paid, seen as the payer may see them."""

from dataclasses import replace

import pytest

from bench.capacity import project
from chalicelib.intents import who
from chalicelib.intents.contacts import LEGS, contacts
from chalicelib.ledger import reversing
from chalicelib.ledger.entries import newest
from chalicelib.ledger.entry import from_item
from chalicelib.ledger.reversal import Wish
from tests.bank import Bank
from tests.intents.past import PHILIPPE, bank_of_three, confirmed, paid, written


@pytest.fixture
def bank() -> Bank:
    """A bank whose journal knows Alice's first money."""
    bank = Bank()
    bank.table.items["P#bob", "0"]["name"] = "Bob Durand"
    images = [(None, item) for item in bank.table.items.values() if item["PK"] == "A#alice"]
    project(bank, images)
    bank.table.images.clear()
    return bank


def test_whoever_was_paid_is_a_contact_the_last_one_first(bank: Bank) -> None:
    """Each once, a cause among them; the bank that funded the account is none."""
    assert contacts(bank.table, "alice") == []
    paid(bank)
    paid(bank, "@Smoneyfr #donner 2 € @croixbleue")
    assert [one.text for one in contacts(bank.table, "alice")] == ["croixbleue", "bob"]
    paid(bank)
    assert [one.text for one in contacts(bank.table, "alice")] == ["bob", "croixbleue"]


def test_a_contact_shows_no_more_than_its_payer_may_see(bank: Bank) -> None:
    """The initial of the last name, and the @name that they were paid by."""
    paid(bank)
    (bob,) = contacts(bank.table, "alice")
    assert (bob.name, bob.hint) == ("Bob D.", "@bob")
    assert "Durand" not in repr(bob)
    assert "+33" not in repr(bob)


def test_a_contact_by_number_is_named_by_first_name() -> None:
    """And told apart by the number's end; who has neither number nor @name by nothing."""
    bank = bank_of_three()
    confirmed(bank, written(bank, f"Envoyer 5 € au {PHILIPPE}"))
    (philippe,) = contacts(bank.table, "alice")
    assert (philippe.name, philippe.hint, philippe.text) == ("Philippe D.", "••• 78", "Philippe")
    bank.table.items["P#dupont", "0"]["phone"] = ""
    assert [one.hint for one in contacts(bank.table, "alice")] == [""]


def test_money_that_came_makes_no_contact() -> None:
    """Only whom one has paid, not who has paid."""
    bank = bank_of_three()
    confirmed(bank, written(bank, f"Envoyer 5 € au {PHILIPPE}"))
    assert bank.available("dupont") == 500
    assert [leg.amount_minor for leg in newest(bank.table, "dupont", limit=5)] == [500]
    assert contacts(bank.table, "dupont") == []


def test_who_was_paid_is_no_contact_of_anybody_else(bank: Bank) -> None:
    """Nor is the payer one of the payee's: who has paid may be a stranger."""
    paid(bank)
    assert contacts(bank.table, "bob") == contacts(bank.table, "croixbleue") == []


def test_what_was_not_confirmed_makes_no_contact(bank: Bank) -> None:
    """An order that waits has moved nothing."""
    bank.say("@Smoneyfr #envoyer 1 € @bob")
    assert contacts(bank.table, "alice") == []


def test_contacts_cost_three_round_trips_and_their_legs(bank: Bank) -> None:
    """However often somebody was paid, they are read once."""
    for _ in range(5):
        paid(bank)
    bank.table.usage.__init__()  # type: ignore[misc]  # counted anew
    contacts(bank.table, "alice")
    usage = bank.table.usage
    assert (usage.write_units, usage.round_trips) == (0, 3)
    assert usage.read_units <= 2


def test_old_payments_are_forgotten(bank: Bank) -> None:
    """Only the last legs are looked at: a busy account costs no more."""
    paid(bank)
    entry = from_item(bank.table.items["E#alice", "000000000002"])
    for number in range(3, LEGS + 3):
        item = {**bank.table.items["E#alice", "000000000001"], "SK": f"{number:012}"}
        bank.table.items["E#alice", item["SK"]] = item
    assert entry.counterparty == "bob"
    assert contacts(bank.table, "alice") == []


def test_whoever_money_was_taken_back_for_stays_a_contact(bank: Bank) -> None:
    """A reversal of what they had paid is no payment to them; the one before it is, and has their place."""
    first = paid(bank)
    cause = paid(bank, "@Smoneyfr #donner 2 € @croixbleue")
    bank.table.items["A#bob", "0"]["available"] = 500
    theirs = confirmed(bank, bank.say("@Smoneyfr #envoyer 3 € @alice", author="bob"))
    wish = Wish(amount_minor=300, reason="fraud", by="agent-1")
    asked = reversing.request(bank.table, theirs.id, wish, clock=bank.services.clock).reversal
    assert asked and reversing.approve(bank.table, asked.id, by="agent-2", clock=bank.services.clock).refusal is None
    project(bank, list(bank.table.images))
    assert newest(bank.table, "alice", limit=1)[0].amount_minor == -300
    assert [(one.text, one.payment) for one in contacts(bank.table, "alice")] == [
        ("croixbleue", cause.id),
        ("bob", first.id),
    ]


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"payee_handle": "bob", "payee_name": "Bob"}, "@bob"),
        ({"payee_name": "Philippe Jean D."}, "Philippe"),
        ({"payee_name": "太郎"}, "太郎"),
        ({}, ""),
    ],
)
def test_whoever_was_paid_is_named_as_a_message_can_name_them(said: dict[str, str], named: str) -> None:
    """By the @name, else by the first name; by nothing once that was erased."""
    assert who.named(replace(paid(bank_of_three()), said=said)) == named
