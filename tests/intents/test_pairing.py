"""A pairing message: what it binds, what it costs, and what a message without its code leaves alone."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.channels import Named
from chalicelib.identity import invitation
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation
from chalicelib.identity.person import Person
from chalicelib.intents.placing import place
from chalicelib.refusals import Refusal
from chalicelib.table import handle_key, invitation_key, person_key
from tests.bank import BOT, NOON, Bank, mention

ZOE = Named(user_id="555", handle="Zoe_M")
ID = invitation.invitation_id("twitter", BOT.user_id, "zoe_m")
CODE = "739164"


@pytest.fixture
def bank() -> Bank:
    """A bank in which Zoe was shown a pairing code for her handle."""
    bank = Bank()
    person = Person(id="p-zoe", name="Zoé Martin", phone="+33612000555", language="ja", account="a-zoe")
    assert people.add_person(bank.table, person, clock=bank.services.clock) is None
    invited = Invitation(
        id=ID, person="p-zoe", account="a-zoe", network="twitter", page=BOT.user_id, label="Zoe_M", language="ja",
        status="coded", created_at=NOON, expires_at=NOON + 604_800, pairing=invitation.pairing_digest(ID, CODE),
        pairing_expires_at=NOON + 900,
    )  # fmt: skip
    assert people.invite(bank.table, invited, clock=bank.services.clock) is None
    return bank


def write(bank: Bank, text: str) -> Any:
    """Zoe writes to the bot, from her handle as she spells it."""
    return place(bank.services, replace(mention(f"@Smoneyfr {text}"), author=ZOE))


def tries(bank: Bank) -> int:
    """How many tries are counted on the invitation."""
    return int(bank.table.items[invitation_key(ID)]["tries"])


def test_a_paired_handle_is_its_persons(bank: Bank) -> None:
    """The handle has all that orders need of its person; order and invitation say whose it is, and since when."""
    order = write(bank, f"#associer {CODE}")
    assert (order.status, order.refusal, order.payer, order.payer_person) == ("answered", None, "a-zoe", "p-zoe")
    handle = bank.table.items[handle_key("twitter", BOT.user_id, ZOE.user_id)]
    assert (handle["person"], handle["account"], handle["name"]) == ("p-zoe", "a-zoe", "Zoé Martin")
    assert (handle["language"], handle["label"]) == ("ja", "Zoe_M")
    assert handle["linked_at" if "linked_at" in handle else "created_at"] == NOON
    over = bank.table.items[invitation_key(ID)]
    assert (over["status"], over["expires_at"], over["pairing"], over["tries"]) == ("paired", NOON, "", 1)


@pytest.mark.parametrize("text", ["#associer", "#associer 123456 654321", "#associer 12345"])
def test_a_message_without_one_code_costs_no_try(bank: Bank, text: str) -> None:
    """It is refused like a wrong code, and the right one still binds."""
    refused = write(bank, text)
    assert (refused.status, refused.refusal, refused.payer) == ("refused", Refusal.PAIRING_REFUSED, "")
    assert tries(bank) == 0
    assert write(bank, f"#associer {CODE}").status == "answered"


def test_a_wrong_code_costs_a_try_and_binds_nothing(bank: Bank) -> None:
    """Each message one, whatever it is."""
    assert write(bank, "#associer 000000").refusal is Refusal.PAIRING_REFUSED
    assert tries(bank) == 1
    assert handle_key("twitter", BOT.user_id, ZOE.user_id) not in bank.table.items


def test_an_invitation_of_nobody_binds_nothing(bank: Bank) -> None:
    """The person is not there any more: refused, and no try is counted."""
    del bank.table.items[person_key("p-zoe")]
    assert write(bank, f"#associer {CODE}").refusal is Refusal.PAIRING_REFUSED
    assert tries(bank) == 0
