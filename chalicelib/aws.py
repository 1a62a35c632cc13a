"""AWS clients, made when first needed and once in a process; each counts the calls that its service failed."""

import os
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from chalicelib.telemetry.metrics import count

# Connecting takes milliseconds inside a Region; waiting longer than API Gateway's 29 s would answer nobody.
CONNECT_SECONDS = 1
READ_SECONDS = 3
# Searching a large log takes its time, and nobody waits for it but the audit and the console.
READ_SECONDS_OF = {"logs": 20}
ATTEMPTS = 3
# SNS knows no idempotency: an SMS whose answer is lost would be sent, and paid, again; its queue tries again anyway.
# X waits ten seconds for the answer to a webhook, which needs a secret and the queue; after 503 it sends it again.
ATTEMPTS_OF = {"sns": 1, "sqs": 2, "secretsmanager": 2, "lambda": 2}
# Answers that tell of our data or our bugs, not of the service: a condition failed, no version or key from before.
ORDINARY = frozenset(
    {
        "ConditionalCheckFailedException",
        "NotFoundException",
        "TransactionCanceledException",
        "ResourceNotFoundException",
        "ValidationException",
    }
)


@cache
def client(service: str) -> Any:
    """Return this process's client of an AWS service; boto3 is imported here, so that what needs no AWS stays fast.

    `ENVOI_DYNAMODB_ENDPOINT` names another DynamoDB, such as Amazon's own DynamoDB Local.
    """
    import boto3  # noqa: PLC0415  # half of a cold start: only when a client is needed
    from botocore.config import Config  # noqa: PLC0415

    endpoint = os.environ.get("ENVOI_DYNAMODB_ENDPOINT") if service == "dynamodb" else None
    settings = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS_OF.get(service, READ_SECONDS),
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS_OF.get(service, ATTEMPTS)},
    )
    made: Any = boto3.client(service, config=settings, endpoint_url=endpoint)  # type: ignore[call-overload]
    # Both are told once a call, when its last attempt is over.
    made.meta.events.register("after-call", partial(_answered, service))
    made.meta.events.register("after-call-error", partial(_failed, service))
    return made


def _answered(service: str, *, parsed: Mapping[str, Any], **_: object) -> None:
    code = parsed.get("Error", {}).get("Code", "")
    if code and code not in ORDINARY:
        count("OutsideDown", outside=service)


def _failed(service: str, **_: object) -> None:
    count("OutsideDown", outside=service)
