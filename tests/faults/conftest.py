"""The local AWS with a proxy before it that fails on purpose, and people of a test's own."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from chalicelib.ledger.books import balance
from console import everything
from local import faults
from local.stack import Stack
from tests.local.conftest import _reached
from tests.local.faults import QUEUES, kill_workers, quiet, taken, tries
from tests.local.town import Town

__all__ = ["_reached"]


# As on AWS. Here a queue gives up after two tries, which are over before an outage of a few seconds is.
TRIES = 5


@pytest.fixture(scope="package")
def proxy(local_stack: Stack) -> Iterator[faults.Proxy]:
    """What every function reaches AWS through; it passes everything on unless it is told to break it."""
    with faults.proxy(local_stack.aws_endpoint_url) as running:
        kill_workers(local_stack)  # what runs is replaced at once, instead of being waited for
        with ExitStack() as patient, faults.redirected(local_stack, {faults.REDIRECT: running.url}):
            for name in QUEUES:
                patient.enter_context(tries(local_stack, name, TRIES))
            yield running
            quiet(local_stack)
            kill_workers(local_stack)


@pytest.fixture
def town(local_stack: Stack, proxy: faults.Proxy, _reached: None) -> Iterator[Town]:
    """People on the far side of the proxy; afterwards no call is broken, no letter dead, and every cent is counted."""
    yield Town(local_stack)
    with proxy.broken():
        quiet(local_stack)
    dead = {name: taken(local_stack, f"{name}-dead") for name in (*QUEUES, "changes")}
    assert not any(dead.values()), dead
    books = balance(everything.items())
    assert books.balanced, books.faults
