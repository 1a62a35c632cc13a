"""From one version to the next and back while customers order and confirm: nothing is lost, nothing paid twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib import aws
from local import people
from local.deploy import deploy
from local.package import package
from local.stack import Stack
from local.stages import LOCAL_STAGE
from tests.deploy.conftest import REACHED
from tests.deploy.versions import AFTER, BEFORE, Orders, next_text, next_version, settle
from tests.local import faults
from tests.local.town import Town

pytestmark = [pytest.mark.local]


@pytest.fixture
def town(local_stack: Stack) -> Iterator[Town]:
    """The stage of one stack, reached as its root while a test runs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in REACHED:
            patch.setenv(name, "")
        patch.setenv("ENVOI_STAGE", LOCAL_STAGE)
        people.reach(local_stack.aws_endpoint_url, local_stack.region, table=local_stack.table)
        yield Town(local_stack)
    aws.client.cache_clear()


def test_an_upgrade_and_a_rollback_lose_nothing(town: Town, tmp_path: Path) -> None:
    """Each order that was taken is one intent with a link, and pays once; both versions have done their share."""
    old = package(LOCAL_STAGE)
    new = next_version(old, tmp_path)
    payers, payee = [town.resident() for _ in range(12)], town.resident(0)
    orders = Orders(town, payers, payee)
    played = {"XApiUrl": town.stack.x_api_url, "GraphUrl": town.stack.x_api_url}
    parameters = {"Stage": LOCAL_STAGE, "PageUrl": town.stack.page_url, **played}
    try:
        with orders.flowing():
            deploy(new, town.stack.client, parameters)
        assert AFTER in next_text(town, town.resident(), payee)
        upgraded = len(orders.sent)
    finally:
        with orders.flowing():
            deploy(old, town.stack.client, parameters)
    assert BEFORE in next_text(town, town.resident(), payee)
    assert 0 < upgraded < len(orders.sent)
    _put_back(town.stack)
    settle(town, orders, payee)


def _put_back(stack: Stack) -> None:
    """Move dead letters back, as an operator does: two receives are soon over here where an update kills functions."""
    faults.quiet(stack)
    for name in faults.QUEUES:
        for body in faults.taken(stack, f"{name}-dead"):
            stack.client("sqs").send_message(QueueUrl=faults.queue(stack, name), MessageBody=body)
