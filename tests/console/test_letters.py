"""What a dead letter is about, and what the replay of a change publishes."""

import json
from typing import Any

import pytest

from chalicelib.channels import Event
from chalicelib.channels.inbox import _body
from chalicelib.intents import lifecycle
from chalicelib.intents.sweeping import LAG_SECONDS, sweep
from chalicelib.notices.change import Notice, message
from chalicelib.notices.publishing import publish_changes
from chalicelib.table import account_key, intent_key
from console.changes import expire_overdue, records
from console.letters import Letter, subject
from tests.bank import CODE, NOON, PROGRAMME, Bank

NOTE = "pour le cadeau de Rose"


@pytest.fixture
def bank() -> Bank:
    """A bank with Alice, Bob and a charity."""
    return Bank()


def letter(body: str) -> Letter:
    """A dead letter with this body."""
    return Letter(queue="inbox", id="m-1", body=body, handle="h", sent_at=NOON, received_count=2)


def published(bank: Bank, key: tuple[str, str]) -> list[str]:
    """The kinds of notices that a replay of the item under a key publishes."""
    parked: list[Any] = []
    bank.topic.published.clear()
    publish_changes(bank.services, records(bank.table.items[key]), park=parked.append)
    assert not parked
    return [attributes["kind"] for _, attributes in bank.topic.published]


def test_an_event_is_told_by_its_post_and_never_by_its_text() -> None:
    """The correlation id leads on to the log."""
    event = Event(network="twitter", payload={"id": "187", "text": NOTE}, received_at=NOON, id="qWeRtYuIoPaSdFgH")
    told = subject(letter(_body(event)))
    assert told == {"about": "an event of twitter", "post": "187", "correlation_id": "qWeRtYuIoPaSdFgH"}


def test_a_notice_is_told_by_its_kind_and_subject(bank: Bank) -> None:
    """As SNS wraps what we published."""
    intent = bank.say(f"@Smoneyfr #envoyer 10 euros @bob {NOTE}")
    item = bank.table.items[intent_key(intent.id)]
    body = message(Notice(kind="link", road="sms-links", subject=intent.id, link_number=1), item)
    told = subject(letter(json.dumps({"MessageId": "1", "Message": json.dumps(body)})))
    assert (told["about"], told["subject"]) == ("the notice link", intent.id)
    assert "cadeau" not in json.dumps(dict(told))


def test_a_range_that_lambda_gave_up_is_told_as_one() -> None:
    """It names a shard and a place in it, and no item."""
    record = {"DDBStreamBatchInfo": {"shardId": "shard-1", "startSequenceNumber": "7", "batchSize": 3}}
    told = subject(letter(json.dumps(record)))
    assert told == {"about": "3 changes that Lambda gave up", "subject": "shard-1 from 7"}


@pytest.mark.parametrize("body", ["", "x", "[]", "null", "{}", '{"Message": 5}', '{"Message": "x"}', '{"payload": 1}'])
def test_what_is_not_ours_is_told_as_unreadable(body: str) -> None:
    """No body of a queue ends the list with a traceback."""
    assert subject(letter(body)) == {"about": "unreadable: not one of ours"}


def test_a_replay_publishes_what_the_item_calls_for_now(bank: Bank) -> None:
    """A waiting order its link; a settled one, how it ended; a refused one, why; an account, its block."""
    waiting = bank.say("@Smoneyfr #envoyer 10 euros @bob")
    refused = bank.say("@Smoneyfr #envoyer @bob")
    assert published(bank, intent_key(waiting.id)) == ["link"]
    assert published(bank, intent_key(refused.id)) == ["refused"]
    item = bank.table.items[intent_key(waiting.id)]
    for status, kinds in (("paid", ["receipt", "received"]), ("expired", ["expired"]), ("cancelled", ["cancelled"])):
        item["status"] = status
        assert published(bank, intent_key(waiting.id)) == kinds
    assert published(bank, account_key("alice")) == []
    bank.table.items[account_key("alice")]["attempts"] = 5
    assert published(bank, account_key("alice")) == ["blocked"]


def test_a_replay_fills_the_lists_and_changes_no_line_that_is_there(bank: Bank) -> None:
    """The payer's list and what falls due come from the same changes as notices."""
    waiting = bank.say("@Smoneyfr #envoyer 10 euros @bob")
    assert not [key for key in bank.table.items if key[0][:2] in ("W#", "D#")]
    published(bank, intent_key(waiting.id))
    lines = {key: dict(item) for key, item in bank.table.items.items() if key[0][:2] in ("W#", "D#")}
    assert len(lines) == 2
    published(bank, intent_key(waiting.id))
    assert {key: dict(item) for key, item in bank.table.items.items() if key[0][:2] in ("W#", "D#")} == lines
    bank.table.items[intent_key(waiting.id)]["status"] = "paid"
    published(bank, intent_key(waiting.id))
    (line,) = [item for key, item in bank.table.items.items() if key[0][:2] == "W#"]
    assert line["status"] == "paid"


def test_a_replay_after_an_order_s_time_ends_it_as_the_sweep_never_will(bank: Bank) -> None:
    """Once, and not before its time; what is settled and what is no order stay as they are."""
    late, paid = (bank.say("@Smoneyfr #envoyer 10 euros @bob") for _ in range(2))
    assert lifecycle.confirm(bank.services, bank.link(paid), CODE).refusal is None
    orders = [dict(zip(("PK", "SK"), intent_key(intent.id), strict=True)) for intent in (late, paid)]
    assert [expire_overdue(bank.services, keys) for keys in orders] == [False, False]
    bank.time.move(PROGRAMME.durations.intent_seconds + LAG_SECONDS + 60)
    sweep(bank.services)
    published(bank, intent_key(late.id))  # its line of what falls due comes only now
    bank.time.move(60)
    assert sweep(bank.services) == 0
    assert [expire_overdue(bank.services, keys) for keys in orders] == [True, False]
    assert [bank.table.items[intent_key(intent.id)]["status"] for intent in (late, paid)] == ["expired", "paid"]
    assert not expire_overdue(bank.services, orders[0])
    assert not expire_overdue(bank.services, {"PK": "A#alice", "SK": "0"})
