"""What stands in for Lambda and for AWS while only our own CPU is measured."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from logging import StreamHandler
from pathlib import Path
from typing import Any

from chalicelib import aws
from chalicelib.telemetry.log import LOG


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function of its invocation, as far as the log wants it."""

    function_name: str = "bench"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-3:000000000000:function:bench"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"


@dataclass
class FakeQueue:
    """SQS that takes everything and remembers the bodies."""

    bodies: list[str] = field(default_factory=list)

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: ARG002, N803  # boto3's names
        """Take a batch."""
        self.bodies += [entry["MessageBody"] for entry in Entries]
        return {"Successful": Entries}


class FakeSecrets:
    """Secrets Manager with one secret that has one version; other versions do not exist."""

    class exceptions:  # noqa: N801  # boto3's name
        """The errors that a client names."""

        class ResourceNotFoundException(Exception):  # boto3's name
            """There is no such version."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> dict[str, str]:  # noqa: N803  # boto3's names
        """The current version."""
        if VersionStage != "AWSCURRENT":
            raise self.exceptions.ResourceNotFoundException(SecretId)
        return {"SecretString": self._text}


@contextmanager
def clients(doubles: Mapping[str, Any]) -> Iterator[None]:
    """Use these as the clients of AWS inside the block; any other service raises KeyError."""
    real: Callable[[str], Any] = aws.client
    aws.client = doubles.__getitem__  # type: ignore[assignment]  # the cache is not asked meanwhile
    try:
        yield
    finally:
        aws.client = real  # type: ignore[assignment]


@contextmanager
def unheard() -> Iterator[None]:
    """Write log lines and metrics inside the block to nowhere, at the full cost of making them."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        _log_to(nowhere)
        try:
            yield
        finally:
            _log_to(sys.__stdout__)


def _log_to(stream: Any) -> None:
    for handler in LOG.handlers:
        if isinstance(handler, StreamHandler):
            handler.setStream(stream)
