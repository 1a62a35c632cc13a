"""What an order's item takes over from its message and its people, and the borders of what refuses it."""

from typing import Any

import pytest

from chalicelib.channels import Drop
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation, invitation_id
from chalicelib.intents.intent import intent_id
from chalicelib.ledger import sharding
from chalicelib.ledger import store as ledger
from chalicelib.refusals import Refusal
from chalicelib.table import account_key, handle_key
from tests.bank import BOT, IDS, NOON, PROGRAMME, Bank

PAY = "@Smoneyfr #envoyer 10 € @bob"


def handle(bank: Bank, name: str) -> dict[str, Any]:
    """A customer's handle as it is stored."""
    return bank.table.items[handle_key("twitter", BOT.user_id, IDS[name])]


def test_an_order_keeps_what_later_steps_need(bank: Bank) -> None:
    """Attribute by attribute: whoever confirms, notifies, lists or audits it reads nothing else of the message."""
    handle(bank, "alice").update(language="ja", paid_reply=True)
    bank.say(
        "@Smoneyfr #send 10 € @bob for pizza", origin_id="70", message_id="71", sent_at=NOON - 20,
        received_at=NOON - 10, correlation_id="abcdefghijklmnop",
    )  # fmt: skip
    key = f"T#{intent_id('twitter', BOT.user_id, '70')}", "0"
    assert bank.table.items[key] == {
        "PK": key[0],
        "SK": "0",
        "order": "send",
        "status": "pending",
        "network": "twitter",
        "page": BOT.user_id,
        "author_id": IDS["alice"],
        "message_id": "71",
        "language": "en",
        "private": False,
        "created_at": NOON - 20,
        "received_at": NOON - 10,
        "payer": "alice",
        "payer_person": "alice",
        "payer_language": "ja",
        "paid_reply": True,
        "payee": "bob",
        "payee_person": "bob",
        "payee_kind": "person",
        "amount_minor": 1_000,
        "currency": "EUR",
        "expires_at": NOON - 10 + 86_400,
        "link_number": 1,
        "correlation_id": "abcdefghijklmnop",
        "ttl": NOON - 10 + PROGRAMME.durations.remembered_seconds,
        "said": {"note": "for pizza", "payee_handle": "bob", "payee_name": "Bob", "author_handle": "alice"},
    }


def test_a_private_order_is_never_answered_in_public(bank: Bank) -> None:
    """Also of somebody who wants "paid" told under their posts."""
    handle(bank, "alice").update(paid_reply=True)
    private, public = bank.say(PAY, private=True), bank.say(PAY)
    assert [(intent.private, intent.paid_reply) for intent in (private, public)] == [(True, False), (False, True)]


def test_a_gift_knows_its_causes_kind_and_sub_balances(bank: Bank) -> None:
    """As they were when it was ordered."""
    account = ledger.account(bank.table, "croixbleue")
    assert account
    assert sharding.raise_to(bank.table, account, 4, clock=bank.services.clock) is None
    intent = bank.say("@Smoneyfr #donner 10 € @croixbleue")
    assert (intent.order, intent.payee_kind, intent.payee_shards) == ("give", "charity", 4)


def test_a_payee_without_an_account_has_no_kind(bank: Bank) -> None:
    """The order is refused, and says of the payee what is known."""
    del bank.table.items[account_key("bob")]
    intent = bank.say(PAY)
    assert (intent.status, intent.refusal) == ("refused", Refusal.PAYEE_UNKNOWN)
    assert (intent.payee, intent.payee_kind, intent.payee_shards, intent.expires_at) == ("bob", "", 0, 0)


@pytest.mark.parametrize(("text", "order"), [("solde", "balance"), ("historique", "history"), (PAY, "send")])
def test_what_is_asked_in_private_is_kept_with_its_payer(bank: Bank, text: str, order: str) -> None:
    """Balance and history are orders of who asked, and hold nothing of what is shown."""
    intent = bank.say(text, private=True)
    assert (intent.order, intent.refusal, intent.payer) == (order, None, "alice")


def test_the_last_cent_may_be_ordered_and_one_more_may_not(bank: Bank) -> None:
    """What is there is enough."""
    bank.table.items[account_key("alice")]["available"] = 1_000
    assert bank.say(PAY).status == "pending"
    bank.table.items[account_key("alice")]["available"] = 999
    assert bank.say(PAY).refusal is Refusal.FUNDS_MISSING


def test_the_twentieth_order_of_a_day_is_taken_and_the_next_is_not(bank: Bank) -> None:
    """Also when none of them waits any more; the tenth that waits is the last one likewise."""
    for number in range(20):
        intent = bank.say(PAY)
        assert intent.status == "pending", number
        bank.list(intent)
        line = next(item for (kind, sort), item in bank.table.items.items() if kind == "W#alice" and intent.id in sort)
        line["status"] = "declined"
    assert bank.say(PAY).refusal is Refusal.ORDERS_TOO_MANY


def test_an_order_that_is_read_in_its_last_second_still_waits(bank: Bank) -> None:
    """A second later its time is over before it began."""
    assert bank.say(PAY, received_at=NOON - 86_399).status == "pending"
    late = bank.say(PAY, received_at=NOON - 86_400)
    assert (late.refusal, late.expires_at) == (Refusal.EXPIRED, 0)


def test_help_is_answered_to_anybody_and_prose_in_private_too(bank: Bank) -> None:
    """A stranger's order to cancel is refused, as nothing could be theirs; public prose is none."""
    for author in ("alice", "stranger"):
        told = bank.say("@Smoneyfr #aide", author=author)
        assert (told.order, told.status, told.refusal) == ("help", "answered", None)
        prose = bank.say("merci beaucoup", private=True, author=author)
        assert (prose.order, prose.status) == ("help", "answered")
    assert bank.say("@Smoneyfr #annuler", author="stranger").refusal is Refusal.PAYER_UNKNOWN
    assert bank.say("@Smoneyfr merci") == Drop("no_order")


@pytest.mark.parametrize(
    ("text", "language", "answered_in"),
    [
        ("@Smoneyfr #envoyer 10 € @bob", "en", "fr"),
        ("@Smoneyfr #aide", "en", "fr"),
        ("merci", "en", "en"),
        ("merci", "de", "fr"),
        ("merci", None, "fr"),
    ],
)
def test_an_answer_is_in_the_writers_language(bank: Bank, text: str, language: str | None, answered_in: str) -> None:
    """The verb's, else what the network says of the post if we speak it, else the programme's."""
    assert bank.say(text, language=language, private=True).language == answered_in


@pytest.mark.parametrize(("left", "refusal"), [(1, Refusal.PAYEE_UNPAIRED), (0, Refusal.PAYEE_UNKNOWN)])
def test_an_invitation_counts_up_to_its_last_second(bank: Bank, left: int, refusal: Refusal) -> None:
    """Of somebody who is invited the payer hears that they have not joined yet; afterwards nobody knows them."""
    invited = Invitation(
        id=invitation_id("twitter", BOT.user_id, "nina"), person="nina", account="nina", network="twitter",
        page=BOT.user_id, label="nina", language="fr", status="invited", created_at=NOON - 10, expires_at=NOON + left,
    )  # fmt: skip
    assert people.invite(bank.table, invited, clock=bank.services.clock) is None
    assert bank.say("@Smoneyfr #envoyer 10 € @nina").refusal is refusal
