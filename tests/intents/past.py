"""What has been paid before a test begins, with its entries in the journal."""

from bench.capacity import project
from chalicelib.identity import store as people
from chalicelib.identity.person import Person
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import Intent
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import Kind, new_item
from tests.bank import CODE, Bank


def paid(bank: Bank, text: str = "@Smoneyfr #envoyer 1 € @bob") -> Intent:
    """Alice pays by a post; the journal knows, and everything is told."""
    return confirmed(bank, bank.say(text))


def confirmed(bank: Bank, intent: Intent) -> Intent:
    """An order is confirmed by its payer; the journal knows, and everything is told."""
    bank.table.images.clear()
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    project(bank, list(bank.table.images))
    bank.table.images.clear()
    return intent


def customer(bank: Bank, id_: str, name: str, *, phone: str = "", kind: Kind = "person") -> None:
    """Somebody who is not on any network."""
    person = Person(id=id_, name=name, phone=phone, language="fr", account=id_)
    assert people.add_person(bank.table, person, clock=bank.services.clock) is None
    assert ledger.open_account(bank.table, new_item(id_, person=id_, kind=kind, currency="EUR")) is None
