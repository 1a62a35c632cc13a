"""The inbox: the queue between a network's webhook and the reading of orders."""

import json
import secrets as randomness
import string
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from chalicelib import aws
from chalicelib.channels import Event
from chalicelib.config import stage
from chalicelib.errors import Unavailable

# Limits of SQS: messages in one SendMessageBatch, and bytes of all of them together.
BATCH_MESSAGES = 10
BATCH_BYTES = 262_144


class InboxUnavailable(Unavailable):
    """The queue did not take every event; the network must send the webhook again."""


def with_id(event: Event) -> Event:
    """Give an event its id: 91 bits of letters alone, so that no log line takes a part of it for a phone number."""
    return replace(event, id="".join(randomness.choice(string.ascii_letters) for _ in range(16)))


def put(events: Sequence[Event]) -> None:
    """Queue each event as one message; repeats are harmless, as the reader keeps one order a post.

    Raises InboxUnavailable as soon as a batch, or one message of it, is not taken.
    """
    for bodies in _batches([_body(event) for event in events]):
        _send([{"Id": str(place), "MessageBody": body} for place, body in enumerate(bodies)])


def read(body: str) -> Event:
    """Read a queued message; raises KeyError, TypeError or ValueError if `put` did not write it."""
    message = json.loads(body)
    return Event(
        network=message["network"],
        payload=message["payload"],
        received_at=message["received_at"],
        id=message.get("id", ""),
    )


def _body(event: Event) -> str:
    # ASCII on purpose: SQS refuses some characters, and a character is then a byte.
    message = {
        "network": event.network,
        "payload": event.payload,
        "received_at": event.received_at,
        "id": event.id,
    }
    return json.dumps(message, separators=(",", ":"))


def _batches(bodies: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for body in bodies:
        if batch and (len(batch) == BATCH_MESSAGES or size + len(body) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(body)
        size += len(body)
    if batch:
        yield batch


def _send(entries: list[dict[str, Any]]) -> None:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # comes with boto3: only when needed

    try:
        answer = aws.client("sqs").send_message_batch(QueueUrl=stage().inbox_url, Entries=entries)
    except (BotoCoreError, ClientError) as error:
        raise InboxUnavailable(str(error)) from error
    if refused := answer.get("Failed"):
        raise InboxUnavailable(f"{len(refused)} of {len(entries)} not taken: {refused[0].get('Code')}")
