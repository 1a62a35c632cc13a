"""One set of cases on every table: the in-memory one of the tests and DynamoDB as MiniStack plays it."""

import itertools
import os
from collections.abc import Iterator

import boto3
import pytest

from chalicelib import aws
from chalicelib.conditions import Clause
from chalicelib.dynamodb import DynamoTable
from chalicelib.refusals import Refusal
from chalicelib.table import Part, Put, Rejection, Table, Write, absent, update
from local.stack import Stack
from tests.memory_table import MemoryTable

_numbers = itertools.count()
NOW = 1_790_000_000


@pytest.fixture(params=["memory", pytest.param("ministack", marks=[pytest.mark.local])])
def table(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """The same port over two implementations."""
    if request.param == "memory":
        yield MemoryTable()
        return
    stack: Stack = request.getfixturevalue("local_stack")
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.aws_endpoint_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", stack.region)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    boto3.setup_default_session()
    aws.client.cache_clear()
    yield DynamoTable(stack.table)
    aws.client.cache_clear()


def fresh() -> tuple[str, str]:
    """A key that nobody has used; its partition means nothing to the stream's consumer."""
    return f"X#{os.getpid()}-{next(_numbers)}", "0"


def put(key: tuple[str, str], **attributes: object) -> Put:
    """A put that refuses to overwrite."""
    return Put(item={"PK": key[0], "SK": key[1], **attributes}, clauses=(absent(Refusal.ALREADY_SEEN),))


def at_least(amount: int) -> Clause:
    """The funds clause."""
    return Clause(attribute="available", operator=">=", value=amount, means=Refusal.FUNDS_MISSING)


def test_a_put_is_read_back_with_its_types(table: Table) -> None:
    """Integers stay integers, also large ones, and maps and lists keep their shape."""
    key = fresh()
    values = {"n": 10**15, "s": "é🙂", "b": True, "none": None, "m": {"a": 1, "l": ["x", 2]}, "empty": ""}
    assert table.put(put(key, **values)) is None
    assert table.get(key) == {"PK": key[0], "SK": key[1], **values}


def test_a_second_put_is_refused_and_brings_the_first(table: Table) -> None:
    """The stored item comes back with the rejection, so that no read is needed."""
    key = fresh()
    table.put(put(key, n=1))
    rejection = table.put(put(key, n=2))
    assert rejection == Rejection(Refusal.ALREADY_SEEN, ({"PK": key[0], "SK": key[1], "n": 1},))


def test_an_update_returns_the_item_as_it_is_afterwards(table: Table) -> None:
    """Set, add and remove in one action."""
    key = fresh()
    table.put(put(key, available=10, ttl=5, day="x"))
    part = Part(clauses=(at_least(4),), assign={"day": "y"}, add={"available": -4}, remove=("ttl",))
    assert table.update(update(key, part)) == {"PK": key[0], "SK": key[1], "available": 6, "day": "y"}


def test_an_update_that_its_condition_refuses_changes_nothing(table: Table) -> None:
    """The refusal is named by its clause."""
    key = fresh()
    table.put(put(key, available=3))
    rejection = table.update(update(key, Part(clauses=(at_least(4),), add={"available": -4})))
    assert isinstance(rejection, Rejection)
    assert rejection.refusal is Refusal.FUNDS_MISSING
    assert table.get(key, consistent=True) == {"PK": key[0], "SK": key[1], "available": 3}


def test_an_update_of_a_missing_item_is_refused(table: Table) -> None:
    """A missing attribute fails the comparison, so nothing is created."""
    key = fresh()
    rejection = table.update(update(key, Part(clauses=(at_least(4),), assign={"day": "y"})))
    assert isinstance(rejection, Rejection)
    assert table.get(key, consistent=True) is None


def test_a_transaction_does_all_or_nothing(table: Table) -> None:
    """If one write is refused no other happens, and the refusal is that write's."""
    payer, payee, order = fresh(), fresh(), fresh()
    table.put(put(payer, available=5))
    table.put(put(payee, available=0))
    writes: list[Write] = [
        update(payer, Part(clauses=(at_least(6),), add={"available": -6})),
        update(payee, Part(clauses=(at_least(0),), add={"available": 6})),
        put(order, n=1),
    ]
    rejection = table.transact(writes, token=f"t-{next(_numbers)}-{os.getpid()}")
    assert rejection is not None
    assert rejection.refusal is Refusal.FUNDS_MISSING
    assert table.get(order, consistent=True) is None
    assert table.get(payee, consistent=True) == {"PK": payee[0], "SK": payee[1], "available": 0}


def test_the_same_token_does_a_transaction_once(table: Table) -> None:
    """A request sent again after a lost answer succeeds and changes nothing."""
    payer, token = fresh(), f"t-{next(_numbers)}-{os.getpid()}"
    table.put(put(payer, available=5))
    writes: list[Write] = [update(payer, Part(clauses=(at_least(2),), add={"available": -2}))]
    assert table.transact(writes, token=token) is None
    assert table.transact(writes, token=token) is None
    assert table.get(payer, consistent=True) == {"PK": payer[0], "SK": payer[1], "available": 3}


def test_many_items_are_read_in_one_trip(table: Table) -> None:
    """Missing ones are left out, duplicates are read once."""
    first, second, missing = fresh(), fresh(), fresh()
    table.put(put(first, n=1))
    table.put(put(second, n=2))
    found = table.get_many([first, missing, second, first])
    assert {key: item["n"] for key, item in found.items()} == {first: 1, second: 2}


def test_a_query_reads_a_partition_in_order(table: Table) -> None:
    """From a start, newest first, up to a limit."""
    partition, _ = fresh()
    for sort in ("003", "001", "002"):
        table.put(put((partition, sort)))
    assert [item["SK"] for item in table.query(partition, limit=9)] == ["001", "002", "003"]
    assert [item["SK"] for item in table.query(partition, start="002", limit=1, newest_first=True)] == ["003"]


def test_or_absent_lets_the_same_claim_pass_again(table: Table) -> None:
    """A notice is claimed by one message; the same message may claim it again, another may not."""
    key = fresh()

    def claim(message: str) -> Put:
        clause = Clause(attribute="message", operator="=", value=message, means=Refusal.ALREADY_SEEN, or_absent=True)
        return Put(item={"PK": key[0], "SK": key[1], "message": message}, clauses=(clause,))

    assert table.put(claim("a")) is None
    assert table.put(claim("a")) is None
    assert table.put(claim("b")) is not None
