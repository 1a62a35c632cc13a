"""What private messages build on: a chat that is linked, payments of before with their entries in the journal."""

from bench.capacity import project
from chalicelib.config import Programme
from chalicelib.identity import store as people
from chalicelib.identity.person import Handle, Person
from chalicelib.intents import lifecycle, naming
from chalicelib.intents.intent import Intent
from chalicelib.intents.placing import place
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import Kind, new_item
from tests.bank import CODE, PROGRAMME, Bank, mention
from tests.chat import PAGE, Chat
from tests.memory_table import MemoryTable

ALICE = "4237571439620831"
PHILIPPE, OTHER = "+33698765478", "+33698765412"


def bank_of_three(programme: Programme = PROGRAMME, *, table: MemoryTable | None = None) -> Bank:
    """A bank whose journal has begun: Alice writes on Messenger too, and two Philippes are on no network."""
    bank = Bank(programme=programme, table=table or MemoryTable())
    project(bank, [(None, item) for item in bank.table.items.values() if item["PK"] == "A#alice"])
    link(bank, "alice", ALICE)
    customer(bank, "dupont", "Philippe Dupont", phone=PHILIPPE)
    customer(bank, "martin", "Philippe Martin", phone=OTHER)
    bank.table.images.clear()
    return bank


def link(bank: Bank, who: str, psid: str, *, label: str = "") -> None:
    """Somebody's conversation on Messenger is linked."""
    handle = Handle(
        network="facebook", page=PAGE, user_id=psid, label=label, person=who, account=who, name=who.title(),
        language="fr",
    )  # fmt: skip
    assert people.link(bank.table, handle, clock=bank.services.clock) is None
    bank.table.images.clear()


def written(bank: Bank, text: str, *, by: str = ALICE) -> Intent:
    """What a message on Messenger makes, with all that follows."""
    order = Chat(bank, psid=by).write(text)
    assert order
    return order


def dm(bank: Bank, text: str, *, author: str = "alice") -> Intent:
    """What a private message on X makes."""
    message = mention(text, now=bank.services.clock.now(), author=author, private=True)
    order = place(bank.services, naming.named(bank.services, message))
    assert isinstance(order, Intent)
    return order


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
