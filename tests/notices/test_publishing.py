"""The outbox: every change is published at least once; a bug parks one change and no more."""

from typing import Any

import pytest

from chalicelib.errors import Unavailable
from chalicelib.expressions import encode_item, encode_key
from chalicelib.notices.publishing import publish_changes
from tests.bank import Bank


@pytest.fixture
def bank() -> Bank:
    """A bank with Alice, Bob and a charity."""
    return Bank()


def records(bank: Bank) -> list[dict[str, Any]]:
    """The stream records of every change since the last look."""
    images, bank.table.images = bank.table.images, []
    return [record(old, new) for old, new in images]


def record(old: Any, new: Any) -> dict[str, Any]:
    """One stream record, as DynamoDB writes it."""
    images: dict[str, Any] = {"Keys": encode_key((new["PK"], new["SK"])), "NewImage": encode_item(new)}
    if old:
        images["OldImage"] = encode_item(old)
    return {"eventName": "MODIFY" if old else "INSERT", "dynamodb": images}


def publish(bank: Bank, batch: list[dict[str, Any]]) -> list[Any]:
    """Publish a batch and return what was parked."""
    parked: list[Any] = []
    publish_changes(bank.services, batch, park=parked.append)
    return parked


def test_a_change_is_published_with_the_attributes_that_filters_need(bank: Bank) -> None:
    """`road` chooses the queue, `kind` is for a bank's own subscription."""
    bank.say("@Smoneyfr #envoyer 10 € @bob")
    assert publish(bank, records(bank)) == []
    [(message, attributes)] = bank.topic.published
    assert attributes == {"road": "sms-links", "kind": "link"}
    assert message["kind"] == "link"


def test_a_batch_that_comes_again_leaves_the_lists_as_they_are(bank: Bank) -> None:
    """The stream is at least once; a second run of the same records writes nothing new."""
    bank.say("@Smoneyfr #envoyer 10 € @bob")
    batch = records(bank)
    publish(bank, batch)
    lists = {key: dict(item) for key, item in bank.table.items.items() if key[0][:2] in ("W#", "D#")}
    assert {key[0][:2] for key in lists} == {"W#", "D#"}
    publish(bank, batch)
    assert lists == {key: dict(item) for key, item in bank.table.items.items() if key[0][:2] in ("W#", "D#")}


def test_the_topic_down_raises_so_that_the_batch_comes_again(bank: Bank) -> None:
    """Nothing is parked for an outage: the stream keeps the batch."""
    bank.say("@Smoneyfr #envoyer 10 € @bob")
    bank.topic.down = True
    with pytest.raises(Unavailable):
        publish(bank, records(bank))


def test_a_change_that_our_code_cannot_read_is_parked_and_the_batch_goes_on(bank: Bank) -> None:
    """Its keys go to an operator; the next order of the same batch is published."""
    poison = record(None, {"PK": "T#poison", "SK": "0", "order": "send", "status": "pending"})
    bank.say("@Smoneyfr #envoyer 10 € @bob")
    parked = publish(bank, [poison, *records(bank)])
    assert parked == [{"PK": "T#poison", "SK": "0"}]
    assert len(bank.topic.published) == 1


def test_what_the_ttl_deletes_is_skipped(bank: Bank) -> None:
    """A REMOVE record has no new image and tells nobody anything."""
    gone = {"eventName": "REMOVE", "dynamodb": {"Keys": encode_key(("T#x", "0"))}}
    assert publish(bank, [gone]) == []
    assert bank.topic.published == []
