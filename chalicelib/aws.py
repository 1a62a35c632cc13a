"""AWS clients, made when first needed and once in a process."""

import os
from functools import cache
from typing import Any

# Connecting takes milliseconds inside a Region; waiting longer than API Gateway's 29 s would answer nobody.
CONNECT_SECONDS = 1
READ_SECONDS = 3
ATTEMPTS = 3
# SNS knows no idempotency: an SMS whose answer is lost would be sent, and paid, again; its queue tries again anyway.
ATTEMPTS_OF = {"sns": 1}


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
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS_OF.get(service, ATTEMPTS)},
    )
    return boto3.client(service, config=settings, endpoint_url=endpoint)  # type: ignore[call-overload]
