"""Payees who are reached otherwise than by an id: by number, by an @name elsewhere, by the name of a contact."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from chalicelib.conditions import Item
from chalicelib.identity import store as people
from chalicelib.intents import lifecycle, naming
from chalicelib.intents.intent import Intent
from chalicelib.intents.placing import place
from chalicelib.refusals import Refusal
from chalicelib.table import Key, account_key, handle_key, intent_key, person_key
from chalicelib.web.views import view
from tests.bank import BOT, CODE, HOLDING, IDS, PROGRAMME, Bank, mention
from tests.chat import PAGE, Chat
from tests.intents.past import OTHER, PHILIPPE, bank_of_three, confirmed, customer, dm, link, paid, written
from tests.memory_table import MemoryTable

Write = Callable[[Bank, str], Intent]
PRIVATELY = pytest.mark.parametrize("write", [written, dm], ids=["Messenger", "X"])


@dataclass
class ReadTable(MemoryTable):
    """A table that remembers which partitions were read."""

    read: set[str] = field(default_factory=set)

    def get_many(self, keys: Iterable[Key]) -> Mapping[Key, Item]:
        """Read items."""
        wanted = list(keys)
        self.read |= {key[0] for key in wanted}
        return super().get_many(wanted)

    def query(self, partition: str, *, start: str = "", limit: int, newest_first: bool = False) -> Sequence[Item]:
        """Read a partition."""
        self.read.add(partition)
        return super().query(partition, start=start, limit=limit, newest_first=newest_first)


def watched(bank: Bank) -> ReadTable:
    """The bank's table, from now on one that remembers."""
    table = ReadTable(items=bank.table.items)
    bank.table, bank.services = table, replace(bank.services, table=table)
    return table


@pytest.fixture
def bank() -> Bank:
    """A bank with Alice on X and Messenger, and two Philippes who are on no network."""
    return bank_of_three()


@PRIVATELY
@pytest.mark.parametrize("text", ["Envoyer 5 € au 06 98 76 54 78 pour la pizza", "send 5 +33698765478 pour la pizza"])
def test_a_customer_is_paid_by_number(bank: Bank, write: Write, text: str) -> None:
    """Whoever has it, on whatever network or none; the number itself is kept nowhere."""
    order = write(bank, text)
    assert (order.status, order.amount_minor, order.payer) == ("pending", 500, "alice")
    assert (order.payee, order.payee_person, order.payee_kind) == ("dupont", "dupont", "person")
    assert order.said["note"] == "pour la pizza"
    assert (order.said["payee_name"], order.said["payee_hint"]) == ("Philippe D.", "••• 78")
    assert "payee_handle" not in order.said
    assert "98765478" not in repr(bank.table.items["T#" + order.id, "0"])


def test_both_sides_of_a_payment_by_number_are_told(bank: Bank) -> None:
    """The payer sees first name, initial and the end of the number, the payee gets their SMS like anybody."""
    order = written(bank, "Envoyer 5 € au 06 98 76 54 78")
    (asked,) = [text for phone, text in bank.sms.sent if phone == "+33612345101"]
    assert asked.startswith("S-Money: payer 5,00 EUR à Philippe D. *** 78? ")
    bank.sms.sent.clear()
    lifecycle.confirm(bank.services, bank.link(order), CODE)
    Chat(bank).follow()
    told = dict(bank.sms.sent)
    assert told["+33612345101"].startswith("S-Money: vous avez payé 5,00 EUR à Philippe D. *** 78. ")
    assert told[PHILIPPE].startswith("S-Money: Alice vous a payé 5,00 EUR. ")
    assert bank.available("dupont") == 500
    assert "Dupont" not in " ".join(told.values())


def test_the_page_shows_a_payee_by_number_as_a_stranger_may_see_them(bank: Bank) -> None:
    """And warns of a first payment, until one was made."""
    for is_first in (True, False):
        order = written(bank, "Envoyer 5 € au 06 98 76 54 78")
        texts = view(lifecycle.look(bank.services, bank.link(order)), programme=PROGRAMME, language="fr").texts
        assert (texts["payee"], texts["payee_hint"], texts["payee_handle"]) == ("Philippe D.", "••• 78", "")
        assert bool(texts["first"]) == is_first
        confirmed(bank, order)


@PRIVATELY
def test_a_number_that_pays_nobody_says_nothing_of_whose_it_is(bank: Bank, write: Write) -> None:
    """Nobody's, two people's, and a closed account's: one refusal, one item but for the end of the number."""
    customer(bank, "sophie", "Sophie Dupont", phone=PHILIPPE)
    bank.table.items[account_key("martin")]["status"] = "closed"
    seen = []
    for number in ("06 00 00 00 78", PHILIPPE, OTHER):
        order = write(bank, f"Envoyer 5 € au {number}")
        assert (order.refusal, order.payee, order.payee_person) == (Refusal.PAYEE_UNKNOWN, "", "")
        kept = {name: value for name, value in bank.table.items[intent_key(order.id)].items() if name != "PK"}
        seen.append({**kept, "message_id": "", "said": {**kept["said"], "payee_hint": ""}, "correlation_id": ""})
    assert seen[0] == seen[1] == seen[2]


def test_a_frozen_payee_by_number_gets_nothing_and_keeps_the_number(bank: Bank) -> None:
    """Their number is theirs: it is not somebody else's who has it too."""
    bank.table.items[account_key("dupont")]["status"] = "frozen"
    assert written(bank, "Envoyer 5 € au 06 98 76 54 78").refusal is Refusal.PAYEE_FROZEN
    customer(bank, "sophie", "Sophie Durand", phone=PHILIPPE)
    assert written(bank, "Envoyer 5 € au 06 98 76 54 78").refusal is Refusal.PAYEE_UNKNOWN


def test_a_number_that_was_given_to_somebody_else_is_theirs(bank: Bank) -> None:
    """The account of whom it was before is closed."""
    bank.table.items[account_key("dupont")]["status"] = "closed"
    customer(bank, "sophie", "Sophie Durand", phone=PHILIPPE)
    assert written(bank, "Envoyer 5 € au 06 98 76 54 78").payee == "sophie"


def test_numbers_are_tried_only_as_often_as_a_day_has_orders(bank: Bank) -> None:
    """Whoever asks for one number after the other is told, once, that it is enough; none is looked up any more."""
    for number in range(20):
        order = written(bank, f"Envoyer 5 € au 06 00 00 00 {number:02}")
        assert order.refusal is Refusal.PAYEE_UNKNOWN
        bank.list(order)
    table = watched(bank)
    for another in (PHILIPPE, "06 00 00 00 20"):
        assert written(bank, f"Envoyer 5 € au {another}").refusal is Refusal.ORDERS_TOO_MANY
    assert not [key for key in table.read if key.startswith("F#")]


@PRIVATELY
def test_nobody_pays_themselves_by_number(bank: Bank, write: Write) -> None:
    """One's own number is one's own account."""
    assert write(bank, "Envoyer 5 € au +33 6 12 34 51 01").refusal is Refusal.PAYEE_OWN


def test_nobody_pays_their_own_at_name_elsewhere(bank: Bank) -> None:
    """Two identities of one customer are one account."""
    assert written(bank, "Envoyer 5 € à @alice").refusal is Refusal.PAYEE_OWN


def test_limits_hold_for_who_is_paid_by_number(bank: Bank) -> None:
    """Those of people; a number makes nobody a cause."""
    assert written(bank, "Envoyer 250,01 € au 06 98 76 54 78").refusal is Refusal.OVER_TRANSFER_LIMIT
    assert written(bank, "Donner 5 € au 06 98 76 54 78").refusal is Refusal.PAYEE_NOT_CAUSE


@PRIVATELY
def test_a_number_beside_a_name_is_one_payee_too_many(bank: Bank, write: Write) -> None:
    """Neither is chosen, and the number is masked also then."""
    order = write(bank, "Envoyer 5 € à @bob et 06 98 76 54 78")
    assert order.refusal is Refusal.PAYEE_SEVERAL
    assert "98765478" not in repr(bank.table.items[intent_key(order.id)])


@pytest.mark.parametrize("text", ["Envoyer 5 € au 06 98 76 54 78", "envoyer 5 € à Philippe", "envoyer 5 € à @bob"])
def test_who_is_not_linked_causes_no_look_up(bank: Bank, text: str) -> None:
    """A stranger cannot find out who is a customer, not even by how long an answer takes."""
    table = watched(bank)
    order = written(bank, text, by="999888777")
    assert order.refusal in (Refusal.PAYER_UNKNOWN, Refusal.PAYEE_MISSING)
    assert not [key for key in table.read if key[:2] in ("F#", "E#", "P#", "Q#") and not key.startswith("Q#facebook")]
    assert order.said.get("payee_name") is None


@pytest.mark.parametrize("text", ["#envoyer 5 € au 06 98 76 54 78", "#envoyer 5 € à Philippe", "#envoyer 5 € à Bob"])
def test_in_public_nobody_is_reached_by_number_or_name(bank: Bank, text: str) -> None:
    """Not even a contact; nothing is looked up."""
    paid(bank)
    confirmed(bank, written(bank, "Envoyer 5 € au 06 98 76 54 78"))
    table = watched(bank)
    order = place(bank.services, naming.named(bank.services, mention(f"@{BOT.handle} {text}")))
    assert isinstance(order, Intent) and order.refusal is Refusal.PAYEE_MISSING
    assert not [key for key in table.read if key[:2] in ("F#", "E#", "P#")]


def test_a_chat_pays_an_at_name_of_another_network(bank: Bank) -> None:
    """As the post would: the verified name and the @name are shown."""
    order = written(bank, "Envoyer 5 € à @Bob pour la pizza")
    assert (order.status, order.payee, order.payee_person) == ("pending", "bob", "bob")
    assert order.said == {"note": "pour la pizza", "payee_handle": "bob", "payee_name": "Bob"}


def test_an_at_name_elsewhere_must_be_linked_and_still_theirs(bank: Bank) -> None:
    """Else nobody is paid: it was unlinked, or its id has another name by now."""
    bob = handle_key("twitter", BOT.user_id, IDS["bob"])
    bank.table.items[bob]["label"] = "bobby"
    assert written(bank, "Envoyer 5 € à @bob").refusal is Refusal.PAYEE_UNKNOWN
    bank.table.items[bob]["label"] = "bob"
    people.unlink(bank.table, ("twitter", BOT.user_id), IDS["bob"], clock=bank.services.clock)
    assert written(bank, "Envoyer 5 € à @bob").refusal is Refusal.PAYEE_UNKNOWN


def test_one_at_name_of_two_people_is_asked_about(bank: Bank) -> None:
    """On two networks; the chat's own comes first. If it is one person's on both, there is nothing to ask."""
    link(bank, "martin", "777", label="bob")
    order = written(bank, "Envoyer 5 € à @bob")
    assert (order.refusal, order.payee) == (Refusal.PAYEE_AMBIGUOUS, "")
    assert order.choices.split() == [f"L#facebook#{PAGE}#777", f"L#twitter#{BOT.user_id}#102"]
    bank.table.items[handle_key("facebook", PAGE, "777")].update(person="bob", account="bob", name="Bob")
    order = written(bank, "Envoyer 5 € à @bob")
    assert (order.status, order.payee) == ("pending", "bob")


def test_nothing_is_held_for_who_is_reached_or_is_not() -> None:
    """Where money is held for who is not linked, that is whom a network knows by an id: no number, no two people."""
    bank = bank_of_three(HOLDING)
    link(bank, "martin", "777", label="bob")
    asked = written(bank, "Envoyer 5 € à @bob")
    assert (asked.refusal, asked.payee, asked.fee_minor) == (Refusal.PAYEE_AMBIGUOUS, "", 0)
    assert written(bank, "Envoyer 5 € au 06 00 00 00 00").refusal is Refusal.PAYEE_UNKNOWN
    assert not written(bank, "Envoyer 5 € au 06 98 76 54 78").held


def test_a_private_message_on_x_is_told_by_x_whom_it_names(bank: Bank) -> None:
    """What another network knows by that name does not count there."""
    link(bank, "martin", "777", label="bob")
    assert dm(bank, "Envoyer 5 € à @bob").payee == "bob"
    assert dm(bank, "Envoyer 5 € à @nobody").refusal is Refusal.PAYEE_UNKNOWN


@PRIVATELY
@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Envoyer 5 € à Philippe pour la pizza", "pour la pizza"),
        ("send 5 to philippe DUPONT", None),
        ("payer à Dupont 5 euros", None),
        ("Philippeさんに5€送る", None),
        ("tu peux envoyer 5 € à Philippe ?", "tu peux ?"),
    ],
)
def test_who_was_paid_before_is_paid_by_name(bank: Bank, write: Write, text: str, note: str | None) -> None:
    """Amount and note as they would be with an @name; what is shown is what was shown before."""
    confirmed(bank, written(bank, "Envoyer 5 € au 06 98 76 54 78"))
    order = write(bank, text)
    assert (order.refusal, order.status, order.payee, order.amount_minor) == (None, "pending", "dupont", 500)
    assert (order.said.get("note"), order.said["payee_name"]) == (note, "Philippe D.")
    assert order.said["payee_hint"] == "••• 78"


def test_a_contact_by_at_name_needs_no_at(bank: Bank) -> None:
    """And keeps the @name by which the payer knows them."""
    paid(bank)
    for _ in range(2):
        order = written(bank, "Envoyer 5 € à bob")
        assert (order.payee, order.said["payee_handle"], order.said["payee_name"]) == ("bob", "bob", "Bob")
        confirmed(bank, order)


def test_contacts_are_one_payers_own(bank: Bank) -> None:
    """Whom somebody else has paid, and who has paid, are nobody to them."""
    link(bank, "bob", "555")
    confirmed(bank, written(bank, "Envoyer 5 € au 06 98 76 54 78"))
    paid(bank)
    for name in ("Philippe", "Alice", "Dupont", "Martin"):
        assert written(bank, f"Envoyer 1 € à {name}", by="555").refusal is Refusal.PAYEE_MISSING


def test_two_contacts_of_one_name_are_asked_about(bank: Bank) -> None:
    """By what the payer may see of each; nothing waits, and no money is held."""
    for number in (PHILIPPE, OTHER):
        confirmed(bank, written(bank, f"Envoyer 5 € au {number}"))
    order = written(bank, "Envoyer 7 € à Philippe pour la pizza")
    assert (order.status, order.refusal, order.payee) == ("refused", Refusal.PAYEE_AMBIGUOUS, "")
    assert order.choices.split() == ["P#martin", "P#dupont"]
    assert order.said["choices"] == "Philippe M.\t••• 12\nPhilippe D.\t••• 78"
    assert written(bank, "Envoyer 7 € à Martin").payee == "martin"


def test_a_message_that_lacks_more_than_a_payee_looks_nobody_up(bank: Bank) -> None:
    """Nor does one that orders nothing."""
    table = watched(bank)
    for text in (
        "Envoyer à Philippe",
        "Envoyer 1.000 € à Philippe",
        "bonjour à Philippe",
        "solde",
        "5 € à Philippe",
        "Envoyer 5 €",
    ):
        written(bank, text)
    assert not [key for key in table.read if key.startswith("E#")]


def test_the_same_message_again_is_one_order(bank: Bank) -> None:
    """Also when its payee is somebody else's number by then."""
    message = mention("Envoyer 5 € au 06 98 76 54 78", private=True)
    first = place(bank.services, naming.named(bank.services, message))
    bank.table.items[person_key("dupont")]["phone"] = OTHER
    assert place(bank.services, naming.named(bank.services, message)) == first


def test_a_person_without_a_number_is_shown_by_name_alone(bank: Bank) -> None:
    """There is nothing to mask."""
    paid(bank)
    bank.table.items["P#bob", "0"]["phone"] = ""
    for item in bank.table.items.values():
        item.get("said", {}).pop("payee_handle", None)
    order = written(bank, "Envoyer 1 € à Bob")
    assert (order.payee, order.said) == ("bob", {"payee_name": "Bob"})
