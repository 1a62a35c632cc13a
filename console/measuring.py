"""What no emulator can tell of DynamoDB, measured on a table of its own: latency, conflicts, how long an item waits."""

import math
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from botocore.exceptions import ClientError

THREADS = 16
# Offered transactions a second on one item: from hardly ever two at once to a crowd.
RATES = (5, 20, 60, 150)
SEED = 1


@dataclass(frozen=True)
class Crowd:
    """Transactions on one item at a rate: how many came, how many met another one, how busy the item was."""

    offered_a_second: int
    came_a_second: float
    sent: int
    conflicts: int

    @property
    def share(self) -> float:
        """The share of transactions that were turned away."""
        return self.conflicts / self.sent if self.sent else 0.0

    @property
    def busy_ms(self) -> float | None:
        """How long an item is busy, if arrivals are independent: 1 - e^(-rate × busy) of them meet another."""
        if not 0 < self.share < 1:
            return None
        return -1_000 * math.log(1 - self.share) / self.came_a_second


@contextmanager
def own_table(client: Any) -> Iterator[str]:
    """A table that is made for this and deleted afterwards; nothing of a stage is touched."""
    name = f"envoi-measure-{uuid.uuid4().hex[:8]}"
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
    )
    try:
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        yield name
    finally:
        client.delete_table(TableName=name)


def latencies(client: Any, table: str, *, seconds: float) -> dict[str, list[float]]:
    """Milliseconds of each operation that a payment is made of, one after the other, in turns."""
    taken: dict[str, list[float]] = {name: [] for name in ("get", "put", "update", "transaction of 3")}
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        number += 1
        works: Sequence[Callable[[], Any]] = (
            lambda: client.get_item(TableName=table, Key=_key("latency"), ConsistentRead=True),
            lambda number=number: client.put_item(TableName=table, Item={**_key(f"put{number}"), "n": {"N": "1"}}),  # type: ignore[misc]  # bound at once
            lambda: client.update_item(**_update(table, "latency")),
            lambda: client.transact_write_items(TransactItems=_transaction(table, ("a", "b", "c"))),
        )
        for name, work in zip(taken, works, strict=True):
            began = time.perf_counter()
            work()
            taken[name].append(1_000 * (time.perf_counter() - began))
    return taken


def crowd(client: Any, table: str, rate: int, *, seconds: float) -> Crowd:
    """Transactions at random instants, each with one shared item and one of its own."""
    random, due, at = Random(SEED), list[float](), 0.0  # noqa: S311  # arrivals, no secret
    while at < seconds:
        at += random.expovariate(rate)
        due.append(at)
    began = time.monotonic()

    def come(number: int) -> bool:
        time.sleep(max(0.0, began + due[number] - time.monotonic()))
        return _conflicts(client, _transaction(table, ("shared", f"own{number % 1_000}-{rate}")))

    with ThreadPoolExecutor(THREADS) as pool:
        met = list(pool.map(come, range(len(due))))
    return Crowd(rate, len(due) / (time.monotonic() - began), len(due), sum(met))


def checks_conflict(client: Any, table: str, *, seconds: float) -> dict[str, int]:
    """Whether transactions that only check a shared item turn each other away (undocumented)."""
    until, check = time.monotonic() + seconds, {"TableName": table, "Key": _key("latency")}
    checked = {"ConditionCheck": {**check, "ConditionExpression": "attribute_exists(PK)"}}

    def come(number: int) -> tuple[int, int]:
        sent = met = 0
        while time.monotonic() < until:
            sent += 1
            met += _conflicts(client, [checked, *_transaction(table, (f"check{number}",))])
        return sent, met

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(come, range(4)))
    return {"sent": sum(sent for sent, _ in told), "conflicts": sum(met for _, met in told)}


def flags(client: Any, table: str) -> dict[str, int]:
    """Of three conditions that fail at once, how many the service flags (undocumented)."""
    failing = [{"Update": {**_update(table, name), "ConditionExpression": "n < :one"}} for name in ("a", "b", "c")]
    try:
        client.transact_write_items(TransactItems=failing)
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", [])
        return {"failed": 3, "flagged": sum(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons)}
    return {"failed": 0, "flagged": 0}


def percentiles(ms: Sequence[float]) -> dict[str, float]:
    """p50, p90, p99 and the most, in milliseconds."""
    ordered = sorted(ms)
    places = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    found = {name: round(ordered[min(len(ordered) - 1, int(len(ordered) * at))], 2) for name, at in places.items()}
    return {**found, "most": round(ordered[-1], 2)}


def _conflicts(client: Any, writes: list[dict[str, Any]]) -> bool:
    try:
        client.transact_write_items(TransactItems=writes)
    except ClientError as error:
        codes = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
        if "TransactionConflict" in codes:
            return True
        raise
    return False


def _key(name: str) -> dict[str, Any]:
    return {"PK": {"S": name}}


def _update(table: str, name: str) -> dict[str, Any]:
    return {
        "TableName": table,
        "Key": _key(name),
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }


def _transaction(table: str, names: Sequence[str]) -> list[dict[str, Any]]:
    return [{"Update": _update(table, name)} for name in names]
