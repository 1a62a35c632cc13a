"""What the tests against the local AWS share."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib import aws
from chalicelib.ledger.books import balance
from console import everything
from local import people
from local.stack import Stack
from tests.local import faults
from tests.local.town import Town

Call = Callable[..., tuple[int, bytes]]
Drain = Callable[[], list[str]]
# What a payment and an answer are done by.
WARM = {
    "envoi-local",
    *(f"envoi-local-{name}" for name in ("read_orders", "publish_changes", "project_entries")),
    *(f"envoi-local-send_{name}" for name in ("links", "receipts", "replies")),
}


@pytest.fixture
def call(local_stack: Stack) -> Call:
    """Call the local API: `call(method, path, body, headers)` gives status and body."""

    def over_http(
        method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        url = urlsplit(local_stack.api_url)
        with closing(HTTPConnection(url.netloc, timeout=30)) as connection:
            connection.request(method, url.path + path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()

    return over_http


@pytest.fixture
def inbox(local_stack: Stack) -> Iterator[Drain]:
    """The inbox queue with its trigger paused: calling it takes out every message there is and gives their bodies."""
    sqs, functions = local_stack.client("sqs"), local_stack.client("lambda")
    attributes = sqs.get_queue_attributes(QueueUrl=local_stack.inbox_url, AttributeNames=["QueueArn"])["Attributes"]
    mappings = functions.list_event_source_mappings(EventSourceArn=attributes["QueueArn"])["EventSourceMappings"]
    _switch(functions, mappings, enabled=False)
    sqs.purge_queue(QueueUrl=local_stack.inbox_url)

    def drain() -> list[str]:
        found: list[str] = []
        while messages := sqs.receive_message(QueueUrl=local_stack.inbox_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                sqs.delete_message(QueueUrl=local_stack.inbox_url, ReceiptHandle=message["ReceiptHandle"])
                found.append(message["Body"])
        return found

    yield drain
    sqs.purge_queue(QueueUrl=local_stack.inbox_url)
    _switch(functions, mappings, enabled=True)


def _warm(town: Town) -> None:
    """Start every function: one that starts may outlast the short visibility here, and its SMS then comes twice.

    Nothing is done where the file of tests before has left all of them running.
    """
    if faults.running(town.stack) >= WARM:
        return
    payer, payee = town.resident(), town.resident(0)
    town.confirm(town.pays(payer, payee).link)
    body = town.tweet(f"@{town.bot.handle} #envoyer", payer)
    town.deliver(body)
    town.reply_to(body)
    town.told(payee, "vous a payé")


def _switch(functions: Any, mappings: list[dict[str, Any]], *, enabled: bool) -> None:
    for mapping in mappings:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
    if mappings and not enabled:
        time.sleep(0.1)  # a poll that had begun may still take a message


@pytest.fixture(scope="module")
def _reached(local_stack: Stack) -> Iterator[None]:
    """Make this process the root of the local AWS while the tests of a module run, and not afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "")  # so that what was there comes back
        patch.setenv("ENVOI_STAGE", "local")
        people.reach(local_stack.aws_endpoint_url, local_stack.region, table=local_stack.table)
        for name in (*faults.QUEUES, "changes"):  # a file counts its own dead letters, not those that another has left
            faults.taken(local_stack, f"{name}-dead")
        _warm(Town(local_stack))
        yield
    aws.client.cache_clear()


@pytest.fixture
def town(local_stack: Stack, _reached: None) -> Iterator[Town]:
    """The local AWS with people of the test's own; after the test every cent in the whole table is counted."""
    yield Town(local_stack)
    books = balance(everything.items())
    assert books.balanced, books.faults
