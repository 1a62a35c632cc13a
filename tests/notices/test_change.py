"""Which change in the table tells whom what; and which changes tell nobody anything."""

from typing import Any

import pytest

from chalicelib.intents import lifecycle
from chalicelib.ledger import store as ledger
from chalicelib.notices import change
from tests.bank import CODE, Bank


@pytest.fixture
def bank() -> Bank:
    """A bank with Alice, Bob and a charity."""
    return Bank()


def told(bank: Bank) -> list[tuple[str, str]]:
    """Kind and road of every notice that the changes since the last look call for."""
    images, bank.table.images = bank.table.images, []
    return [(notice.kind, notice.road) for old, new in images for notice in change.notices(old, new, tries=5)]


def test_a_waiting_order_sends_its_link(bank: Bank) -> None:
    """One notice, by the road of links, with its number."""
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    [(old, new)] = bank.table.images
    assert change.notices(old, new, tries=5) == [
        change.Notice(kind="link", road="sms-links", subject=intent.id, link_number=1)
    ]


def test_a_payment_sends_a_receipt_to_each_side(bank: Bank) -> None:
    """The attempt on the account tells nobody; the paid intent tells both."""
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    told(bank)
    lifecycle.confirm(bank.services, bank.link(intent), CODE)
    assert told(bank) == [("receipt", "sms-receipts"), ("received", "sms-receipts")]


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("@Smoneyfr #envoyer @bob", ("refused", "replies")),
        ("@Smoneyfr #demander 10 € @bob", ("refused", "replies")),
        ("@Smoneyfr #aide", ("help", "replies")),
        ("@Smoneyfr #envoyer 10 € @nobody", ("refused", "sms-receipts")),
        ("@Smoneyfr #envoyer 251 € @bob", ("refused", "sms-receipts")),
        ("@Smoneyfr #annuler", ("refused", "sms-receipts")),
    ],
)
def test_only_what_the_message_itself_lacks_is_told_in_public(bank: Bank, text: str, notice: tuple[str, str]) -> None:
    """Funds, limits, and who is a customer go to the payer's phone."""
    bank.say(text)
    assert told(bank) == [notice]


def test_paid_is_told_under_the_post_only_to_who_asked_for_it(bank: Bank) -> None:
    """Opt-in, and never for a private order."""
    bank.table.items["L#twitter#1471859046#101", "0"]["paid_reply"] = True
    for private, expected in ((False, True), (True, False)):
        intent = bank.say("@Smoneyfr #envoyer 10 € @bob", private=private)
        told(bank)
        lifecycle.confirm(bank.services, bank.link(intent), CODE)
        assert (("paid", "replies") in told(bank)) is expected


def test_an_unlinked_author_is_told_in_public(bank: Bank) -> None:
    """There is no number to write to, and no secret in it."""
    bank.say("@Smoneyfr #envoyer 10 € @bob", author="zoe")
    assert told(bank) == [("refused", "replies")]


def test_public_answers_do_not_tell_funds_from_limits_from_nothing(bank: Bank) -> None:
    """To the public every readable order of a linked author looks alike: no reply at all."""
    bank.say("@Smoneyfr #envoyer 10 € @bob")
    ledger.set_status(bank.table, "alice", status="frozen", clock=bank.services.clock)
    bank.say("@Smoneyfr #envoyer 10 € @bob")
    bank.say("@Smoneyfr #envoyer 10 € @nobody")
    assert not [road for _, road in told(bank) if road == "replies"]


def test_a_new_link_is_sent_and_a_declined_intent_told(bank: Bank) -> None:
    """Renewing sends the next number; declining tells the payer that nothing was debited."""
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    told(bank)
    renewed = lifecycle.renew(bank.services, bank.link(intent)).intent
    assert renewed
    assert told(bank) == [("link", "sms-links")]
    lifecycle.decline(bank.services, bank.link(renewed))
    assert told(bank) == [("declined", "sms-receipts")]


def test_the_fifth_wrong_code_tells_of_the_block_once(bank: Bank) -> None:
    """Four tell nobody, the fifth tells the bound number, and a refused sixth tells nobody."""
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    told(bank)
    for _ in range(4):
        lifecycle.confirm(bank.services, bank.link(intent), "000000")
    assert told(bank) == []
    lifecycle.confirm(bank.services, bank.link(intent), "000000")
    lifecycle.confirm(bank.services, bank.link(intent), CODE)
    assert told(bank) == [("blocked", "sms-receipts")]


def test_funding_and_freezing_tell_nobody(bank: Bank) -> None:
    """The bank's own doings are not the stream's business."""
    funding = ledger.funding("fund-2", payee="bob", amount_minor=5, currency="EUR")
    ledger.fund(bank.table, funding, clock=bank.services.clock)
    ledger.set_status(bank.table, "bob", status="frozen", clock=bank.services.clock)
    assert told(bank) == []


def test_a_published_message_holds_no_name_note_or_number(bank: Bank) -> None:
    """Banks subscribe to the topic; what may be erased later never leaves the table."""
    bank.say("@Smoneyfr #envoyer 10 € @bob pour le cadeau")
    [(old, new)] = bank.table.images
    [notice] = change.notices(old, new, tries=5)
    message: dict[str, Any] = change.message(notice, new)
    text = repr(message)
    for private in ("cadeau", "Bob", "Alice", "+336"):
        assert private not in text
    assert message["amount_minor"] == 1_000
