"""Payees by number and by name on Messenger, from the message to the money, on the local AWS."""

from functools import partial

import pytest

from chalicelib.identity import store as people
from chalicelib.identity.person import Person
from chalicelib.ledger import entries
from chalicelib.services import Clock
from local import wire
from tests.local.messenger import linked, thread
from tests.local.town import PAID, Resident, Town, at_once

pytestmark = [pytest.mark.local]


def spaced(phone: str) -> str:
    """A number as French people write it."""
    national = f"0{phone.removeprefix('+33')}"
    return " ".join(national[place : place + 2] for place in range(0, 10, 2))


def in_the_journal(town: Town, payer: Resident, payee: Resident) -> None:
    """Wait until the journal knows that one has paid the other."""
    wire.wait_for(
        lambda: payee.account in [leg.counterparty for leg in entries.newest(town.table, payer.account, limit=9)],
        what="the entry of a payment",
    )


def test_somebody_is_paid_by_number_then_by_name_then_by_a_tap(town: Town) -> None:
    """Each time both are told; what the payer sees of a payee by number is the first name and the number's end."""
    payer, rose, other = town.resident(), town.resident(0), town.resident(0)
    talker, before = linked(town, payer), town.funds(payer)
    intent = talker.write(f"Envoyer 10 € au {spaced(rose.phone)} pour le café")
    assert PAID in town.confirm(town.link(payer, intent)).body
    shown = f"{rose.name.split()[0]} {rose.name.split()[1][0]}. *** {rose.phone[-2:]}"
    town.told(payer, "vous avez payé 10,00 EUR", shown)
    town.told(rose, "vous a payé 10,00 EUR")
    in_the_journal(town, payer, rose)
    intent = talker.write("Envoyer 5 € à Rose")
    assert PAID in town.confirm(town.link(payer, intent)).body
    assert town.funds(rose) == 1_500
    intent = talker.write(f"Envoyer 1 € au {other.phone}")
    assert PAID in town.confirm(town.link(payer, intent)).body
    in_the_journal(town, payer, other)
    talker.write("Envoyer 7 € à Rose")
    talker.hears("Qui voulez-vous payer ?")
    titles = [one["title"] for one in talker.messages()[-1]["buttons"]]
    assert [title[-2:] for title in titles] == [other.phone[-2:], rose.phone[-2:]]
    chosen = talker.taps(titles[0])
    assert PAID in town.confirm(town.link(payer, chosen)).body
    assert (town.funds(rose), town.funds(other), town.funds(payer)) == (1_500, 800, before - 2_300)
    said = " ".join(one["text"] for one in talker.messages()) + " ".join(town.texts(payer))
    assert rose.phone[3:] not in said and spaced(rose.phone) not in said


def test_two_customers_added_in_one_moment_share_a_number_that_is_nobodys(town: Town) -> None:
    """Both are stored, and neither is paid by it: the payer is told as of a number that nobody has."""
    payer, taken = town.resident(), town.resident(0)
    talker = linked(town, payer)
    new = [
        Person(id=f"p-{taken.handle}-{n}", name=f"Iris {n}", phone=taken.phone, language="fr", account=taken.account)
        for n in range(4)
    ]
    done = at_once([partial(people.add_person, town.table, one, clock=Clock()) for one in new])
    assert done == [None] * 4
    assert len(people.holders(town.table, taken.phone)) == 5
    talker.write(f"Envoyer 10 € au {taken.phone}")
    talker.hears("pas encore inscrit")


def test_a_stranger_learns_nothing_of_a_number(town: Town) -> None:
    """Whoever is not linked is told to link themselves, whether the number is a customer's or not."""
    talker, rose = thread(town), town.resident(0)
    for number in (rose.phone, "+33600000000"):
        talker.write(f"Envoyer 10 € au {number}")
    answers = wire.wait_for(lambda: talker.messages() if len(talker.messages()) == 2 else None, what="two answers")
    said = {one["text"].split("\n\n")[-1].rpartition("Réf.")[0] for one in answers}
    assert len(said) == 1 and "n'est pas encore associé à un client" in said.pop()
