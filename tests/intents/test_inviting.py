"""Joining from a chat, behind the page: whoever alone has a number is sent the invitation that the bank would send."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.channels import Event
from chalicelib.errors import Unavailable
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation, invitation_id
from chalicelib.identity.person import Person, phone_id
from chalicelib.intents import inbox, inviting
from chalicelib.table import account_key, invitation_key
from tests.bank import NOON, PROGRAMME, Bank
from tests.intents.past import customer

PHONE = "+33612000555"
PAGE = PROGRAMME.bots["facebook"].user_id
ZOE = invitation_id("facebook", PAGE, "zoe")


@pytest.fixture
def bank() -> Bank:
    """A bank with Zoé, who is on no network, and with Yves, who closed his account."""
    bank = Bank()
    customer(bank, "zoe", "Zoé Martin", phone=PHONE)
    customer(bank, "yves", "Yves Roux", phone="+33612000556")
    bank.table.items[account_key("yves")]["status"] = "closed"
    return bank


def asked(number: str = PHONE, *, network: str = "facebook") -> Event:
    """What the page queues."""
    return inviting.asked(network, number, received_at=NOON)


def test_what_the_page_queues_is_told_from_what_a_network_sends() -> None:
    """A digest under a name of its own, alone; with anything beside it, it is a network's."""
    event = asked()
    assert event == Event(network="facebook", payload={"asks_to_join": phone_id(PHONE)}, received_at=NOON)
    assert inviting.is_asked(event)
    assert not inviting.is_asked(replace(event, payload={**event.payload, "message": {}}))
    assert not inviting.is_asked(replace(event, payload={}))


def test_the_invitation_is_whole(bank: Bank) -> None:
    """For this person, this account and the chat of this page, in their language, for as long as any other."""
    assert inviting.invite(bank.services, asked()) == "invited"
    week, kept = PROGRAMME.durations.invitation_seconds, PROGRAMME.durations.remembered_seconds
    assert people.invitation(bank.table, ZOE) == Invitation(
        id=ZOE, person="zoe", account="zoe", network="facebook", page=PAGE, label="", language="fr",
        status="invited", created_at=NOON, expires_at=NOON + week, ttl=NOON + week + kept,
    )  # fmt: skip


def test_an_operators_invitation_is_for_an_at_name() -> None:
    """The same otherwise, under an id of its own."""
    zoe = Person(id="zoe", name="Zoé Martin", phone=PHONE, language="fr", account="zoe")
    found = inviting.invitation_of(Bank().services, zoe, "twitter", label="zoe_m")
    page = PROGRAMME.bots["twitter"].user_id
    assert (found.id, found.network, found.page) == (invitation_id("twitter", page, "zoe_m"), "twitter", page)
    assert (found.label, found.person, found.account, found.language) == ("zoe_m", "zoe", "zoe", "fr")


@pytest.mark.parametrize("number", ["+33699999999", "+33612000556"])
def test_a_number_of_nobody_invites_nobody(bank: Bank, number: str) -> None:
    """Nor does that of a closed account."""
    before = dict(bank.table.items)
    assert inviting.invite(bank.services, asked(number)) == "nobody"
    assert bank.table.items == before


def test_a_number_of_two_invites_neither(bank: Bank) -> None:
    """Until one of them has closed their account."""
    customer(bank, "zola", "Zola Martin", phone=PHONE)
    assert inviting.invite(bank.services, asked()) == "nobody"
    bank.table.items[account_key("zola")]["status"] = "closed"
    assert inviting.invite(bank.services, asked()) == "invited"
    assert people.invitation(bank.table, ZOE)


def test_nobody_is_invited_to_where_the_bank_is_not(bank: Bank) -> None:
    """The event came from a queue, and queues keep what was sent before a programme changed."""
    assert inviting.invite(bank.services, asked(network="line")) == "nobody"


def test_the_link_is_sent_again_as_often_as_its_own_page_would(bank: Bank) -> None:
    """By a number that the stream sees change; then it stays as it is."""
    inviting.invite(bank.services, asked())
    renewals = PROGRAMME.caps.link_renewals
    for number in range(1, renewals + 1):
        bank.time.move(1)
        assert inviting.invite(bank.services, asked()) == "again"
        assert bank.table.items[invitation_key(ZOE)]["link_number"] == number + 1
    before = dict(bank.table.items[invitation_key(ZOE)])
    assert inviting.invite(bank.services, asked()) == "links_too_many"
    assert bank.table.items[invitation_key(ZOE)] == before


def test_an_invitation_that_ended_meanwhile_is_not_sent_again(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zoé has just linked by another window, between the look and the write."""
    inviting.invite(bank.services, asked())
    look = people.invitation

    def looked(*arguments: Any) -> Invitation | None:
        found = look(*arguments)
        bank.table.items[invitation_key(ZOE)]["status"] = "paired"
        return found

    monkeypatch.setattr(people, "invitation", looked)
    assert inviting.invite(bank.services, asked()) == "refused"
    assert bank.table.items[invitation_key(ZOE)].get("link_number", 1) == 1


def test_an_invitation_that_is_not_there_any_more_is_not_sent_again(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time to live was over in that very moment."""
    inviting.invite(bank.services, asked())
    monkeypatch.setattr(people, "invitation", lambda *_: None)
    assert inviting.invite(bank.services, asked()) == "links_too_many"


def test_the_inbox_invites_and_counts_the_outcome(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One line and one count, with neither number nor digest; what is not for a person goes to no network's reader."""
    counted: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(inbox, "count", lambda name, **dimensions: counted.append((name, dimensions)))
    for event in (asked(), asked("+33699999999")):
        inbox.take(bank.services, event)
    told = [("asked_to_join", "invited"), ("asked_to_join", "nobody")]
    assert [(one.message, vars(one)["outcome"]) for one in caplog.records] == told
    assert counted == [
        ("InvitationsAsked", {"network": "facebook", "outcome": outcome}) for outcome in ("invited", "nobody")
    ]
    assert phone_id(PHONE) not in caplog.text


def test_a_table_that_is_down_leaves_it_in_the_queue(bank: Bank) -> None:
    """It is taken again."""
    bank.table.faults = ["down"] * 9
    with pytest.raises(Unavailable):
        inviting.invite(bank.services, asked())
