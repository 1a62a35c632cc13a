"""The inbox queue: nothing is lost in the batches, and nothing that SQS refuses is called taken."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import aws
from chalicelib.channels import Event, inbox


class Sqs:
    """An SQS that keeps what it takes; `refuses` names places of a batch, `error` is raised at the second batch."""

    def __init__(self, *, refuses: tuple[str, ...] = (), error: Exception | None = None) -> None:
        self.refuses = refuses
        self.error = error
        self.batches: list[list[dict[str, str]]] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803  # AWS's names
        """Take a batch as SQS does."""
        assert isinstance(QueueUrl, str)
        if self.error and self.batches:
            raise self.error
        self.batches.append(Entries)
        return {"Failed": [{"Id": place, "Code": "InternalError"} for place in self.refuses]}


def event(text: str = "") -> Event:
    """An event of about the length of its text."""
    return Event(network="twitter", payload={"text": text}, received_at=1_795_000_000)


def sent(sqs: Sqs) -> list[str]:
    """Every body that was taken, in order."""
    return [entry["MessageBody"] for batch in sqs.batches for entry in batch]


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Sqs:
    """An SQS that takes everything."""
    return use(monkeypatch, Sqs())


def use(monkeypatch: pytest.MonkeyPatch, sqs: Sqs) -> Sqs:
    """Let the inbox speak to this SQS."""
    monkeypatch.setattr(aws, "client", {"sqs": sqs}.__getitem__)
    return sqs


@given(st.lists(st.text(max_size=60_000), max_size=25))
def test_every_event_is_in_one_batch_that_sqs_takes(texts: list[str]) -> None:
    """Whatever the events, all come out as they went in, in order, in batches within the limits of SQS."""
    with pytest.MonkeyPatch.context() as patch:
        sqs = use(patch, Sqs())
        events = [event(text) for text in texts]
        inbox.put(events)
    assert [inbox.read(body) for body in sent(sqs)] == events
    for batch in sqs.batches:
        assert 1 <= len(batch) <= 10
        assert len({entry["Id"] for entry in batch}) == len(batch)
        assert sum(len(entry["MessageBody"].encode()) for entry in batch) <= 262_144


def test_large_events_share_no_batch_that_is_too_large(sqs: Sqs) -> None:
    """Ten events may be more than SQS takes at once: 256 KiB is the limit of a batch, too."""
    inbox.put([event("é" * 16_000)] * 10)  # six characters each, escaped
    assert [len(batch) for batch in sqs.batches] == [2] * 5


def test_bodies_are_plain_ascii(sqs: Sqs) -> None:
    """SQS refuses some characters, NUL among them: they travel escaped."""
    inbox.put([event("nul \x00, accent é, half \ud800, 送る")])
    (body,) = sent(sqs)
    assert body.isascii()
    assert body.isprintable()


def test_no_events_are_no_call(sqs: Sqs) -> None:
    """SQS refuses an empty batch, so none is sent."""
    inbox.put([])
    assert sqs.batches == []


def test_one_refused_message_refuses_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQS answers 200 with a list of what it did not take: one entry in it means that X must send again."""
    use(monkeypatch, Sqs(refuses=("3",)))
    with pytest.raises(inbox.InboxUnavailable, match="1 of 5"):
        inbox.put([event()] * 5)


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://sqs"),
        ClientError(
            {"Error": {"Code": "AWS.SimpleQueueService.NonExistentQueue", "Message": "gone"}}, "SendMessageBatch"
        ),
    ],
    ids=["no network", "no queue"],
)
def test_a_queue_that_is_gone_is_unavailable(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Whatever goes wrong, even after a first batch was taken, the webhook is not called taken."""
    use(monkeypatch, Sqs(error=error))
    with pytest.raises(inbox.InboxUnavailable):
        inbox.put([event()] * 11)


@pytest.mark.parametrize("body", ["", "{}", "[1]", json.dumps({"network": "twitter", "payload": {}})])
def test_what_was_not_put_is_not_read(body: str) -> None:
    """A message that somebody else wrote into the queue is an error, so that it ends among the dead letters."""
    with pytest.raises((KeyError, ValueError, TypeError)):
        inbox.read(body)
