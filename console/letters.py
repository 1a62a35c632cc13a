"""Dead letters: reading them without losing any, and what each is about."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalicelib import aws

ROADS = ("sms-links", "sms-receipts", "replies")
# Each queue's dead letters lie in the queue of this name with `-dead` behind it; what is parked has no other queue.
PARKED = ("changes", "entries")
QUEUES = ("inbox", *ROADS, *PARKED)
BATCH = 10
# How long a letter is hidden from others while a command looks at it; what is not moved comes back at once.
HIDDEN_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One dead letter. `sent_at` (epoch seconds) is when it came into its first queue."""

    queue: str
    id: str
    body: str
    handle: str
    sent_at: float
    received_count: int


@cache
def url(stage: str, queue: str) -> str:
    """The address of one of a stage's queues, such as `inbox` or `inbox-dead`."""
    return str(aws.client("sqs").get_queue_url(QueueName=f"envoi-{stage}-{queue}")["QueueUrl"])


def letters(stage: str, queue: str) -> Iterator[Letter]:
    """Every dead letter of a queue, each once; those that were not removed meanwhile are back when this ends."""
    dead = url(stage, f"{queue}-dead")
    held: dict[str, str] = {}
    try:
        while fresh := [one for one in _receive(dead) if one["MessageId"] not in held]:
            for one in fresh:
                held[one["MessageId"]] = one["ReceiptHandle"]
                yield _letter(queue, one)
    finally:
        _release(dead, list(held.values()))


def dead(stage: str) -> list[Letter]:
    """Every dead letter of every queue, the oldest first."""
    url(stage, "inbox")  # says before the threads start that there is no such stage
    with ThreadPoolExecutor(len(QUEUES)) as pool:
        found = pool.map(lambda queue: list(letters(stage, queue)), QUEUES)
        return sorted((letter for queue in found for letter in queue), key=lambda letter: letter.sent_at)


def again(letter: Letter, stage: str) -> str:
    """Put a letter back into its queue, then take it out of the dead ones; returns its new id.

    A crash in between only repeats it, which is harmless: orders and notices are known by their own ids.
    """
    sent = aws.client("sqs").send_message(QueueUrl=url(stage, letter.queue), MessageBody=letter.body)
    remove(letter, stage)
    return str(sent["MessageId"])


def remove(letter: Letter, stage: str) -> None:
    """Take a letter out of the dead ones, for good."""
    aws.client("sqs").delete_message(QueueUrl=url(stage, f"{letter.queue}-dead"), ReceiptHandle=letter.handle)


def redrive(stage: str, queue: str, *, only: str = "") -> int:
    """Put a queue's dead letters back, or the one with the id `only`; returns how many. What dies again stays dead."""
    moved: set[str] = set()
    for letter in letters(stage, queue):
        if letter.id not in moved and only in ("", letter.id):
            moved.add(again(letter, stage))
    return len(moved)


def subject(letter: Letter) -> Mapping[str, str]:
    """What a letter is about: ids and kinds alone, never what somebody wrote. Unreadable ones say so."""
    try:
        body = json.loads(letter.body)
        return {name: str(value) for name, value in _SUBJECTS[_shape(body)](body).items() if value}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"about": "unreadable: not one of ours"}


def keys(letter: Letter) -> Mapping[str, str]:
    """The keys of the item whose change a letter parks; empty for any other letter."""
    try:
        body = json.loads(letter.body)
        return {name: str(body[name]) for name in ("PK", "SK")}
    except (ValueError, KeyError, TypeError):
        return {}


def patience(stage: str, queue: str) -> int:
    """How many seconds pass at most until a letter that was put back is handled or dead again."""
    names = ["VisibilityTimeout", "RedrivePolicy"]
    told = aws.client("sqs").get_queue_attributes(QueueUrl=url(stage, queue), AttributeNames=names)["Attributes"]
    tries = int(json.loads(told.get("RedrivePolicy", "{}")).get("maxReceiveCount", 1))
    return tries * int(told.get("VisibilityTimeout", 0))


def depths(stage: str) -> dict[str, int]:
    """How many messages each queue and each of its dead ones hold now, those in work included; about right."""
    names = [name for queue in QUEUES for name in (queue, f"{queue}-dead") if name not in PARKED]
    return {name: _depth(url(stage, name)) for name in names}


def _depth(queue_url: str) -> int:
    names = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    ]
    told = aws.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return sum(int(told.get(name, 0)) for name in names)


def _receive(queue_url: str) -> list[dict[str, Any]]:
    answer = aws.client("sqs").receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=BATCH,
        VisibilityTimeout=HIDDEN_SECONDS,
        WaitTimeSeconds=1,  # asks every server of the queue; without it an answer may be empty by chance
        AttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
    )
    found: list[dict[str, Any]] = answer.get("Messages", [])
    return found


def _letter(queue: str, message: Mapping[str, Any]) -> Letter:
    attributes = message.get("Attributes", {})
    return Letter(
        queue=queue,
        id=message["MessageId"],
        body=message["Body"],
        handle=message["ReceiptHandle"],
        sent_at=int(attributes.get("SentTimestamp", 0)) / 1000,
        received_count=int(attributes.get("ApproximateReceiveCount", 0)),
    )


def _release(queue_url: str, handles: list[str]) -> None:
    for start in range(0, len(handles), BATCH):
        entries = [
            {"Id": str(place), "ReceiptHandle": handle, "VisibilityTimeout": 0}
            for place, handle in enumerate(handles[start : start + BATCH])
        ]
        # What was removed meanwhile comes back as Failed, entry by entry: that is no error.
        aws.client("sqs").change_message_visibility_batch(QueueUrl=queue_url, Entries=entries)


def _shape(body: Mapping[str, Any]) -> str:
    return next((name for name, mark in _MARKS.items() if mark in body), "")


def _event(body: Mapping[str, Any]) -> dict[str, Any]:
    payload = body["payload"]
    return {
        "about": f"an event of {body['network']}",
        "post": payload.get("id") or payload.get("id_str"),
        "correlation_id": body.get("id"),
    }


def _notice(body: Mapping[str, Any]) -> dict[str, Any]:
    told = json.loads(body["Message"])
    return {
        "about": f"the notice {told['kind']}",
        "subject": told["subject"],
        "correlation_id": told.get("correlation_id"),
    }


def _change(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"about": "a change that could not be published", "subject": f"{body['PK']} {body['SK']}"}


def _entry(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"about": "a leg without its entry", "subject": f"{body['PK']} {body.get('seq', '')}", "why": body["entry"]}


def _shards(body: Mapping[str, Any]) -> dict[str, Any]:
    batch = body["DDBStreamBatchInfo"]
    return {
        "about": f"{batch.get('batchSize', '?')} changes that Lambda gave up",
        "subject": f"{batch.get('shardId', '?')} from {batch.get('startSequenceNumber', '?')}",
    }


_MARKS = {"event": "payload", "notice": "Message", "entry": "entry", "change": "PK", "shards": "DDBStreamBatchInfo"}
_SUBJECTS = {"event": _event, "notice": _notice, "entry": _entry, "change": _change, "shards": _shards}
