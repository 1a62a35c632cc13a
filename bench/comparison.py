"""Envoi beside the alternatives, on the same endpoint in the same run: what one transfer costs."""

import itertools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench import rates
from bench.alternatives import account
from bench.alternatives.five_items import FiveItems
from bench.alternatives.idempotent import Idempotent
from bench.doubles import clients
from bench.timing import Samples, in_turns
from chalicelib import aws
from chalicelib.intents.inbox import take
from chalicelib.ledger import store as ledger
from local.stack import Stack
from tests.bank import CODE, FakeCodes

ROUNDS, WARM_UP = 60, 5
TABLE = "alternatives"
# us-east-1, on demand, in US$ a million units (July 2026), and what a payment costs besides DynamoDB.
WRITE_PRICE, READ_PRICE = 0.625, 0.125
UNITS = {"put_item": (1.0, 0.0), "update_item": (1.0, 0.0), "delete_item": (1.0, 0.0)}


@dataclass
class Metered:
    """A client of DynamoDB that counts round trips and units by DynamoDB's rules; all items here are small."""

    client: Any
    trips: int = 0
    writes: float = 0.0
    reads: float = 0.0
    exceptions: Any = field(init=False)

    def __post_init__(self) -> None:
        self.exceptions = self.client.exceptions

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        call = getattr(self.client, operation)

        def counted(**parameters: Any) -> Any:
            self.trips += 1
            writes, reads = UNITS.get(operation, (0.0, 0.0))
            if operation == "transact_write_items":
                writes = 2.0 * len(parameters["TransactItems"])
            if operation == "get_item":
                reads = 1.0 if parameters.get("ConsistentRead") else 0.5
            self.writes, self.reads = self.writes + writes, self.reads + reads
            return call(**parameters)

        return counted


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one transfer of a way costs; `does` says what it does beside moving the money."""

    way: str
    write_units: float
    read_units: float
    round_trips: float
    cpu_ms: float
    a_second: float
    does: str

    @property
    def dollars(self) -> float:
        """US$ a million transfers, DynamoDB alone."""
        return self.write_units * WRITE_PRICE + self.read_units * READ_PRICE


Work = Callable[[], object]


def measure(stack: Stack) -> Sequence[Row]:
    """Do transfers in turns, one of each way a round; the triggers must be off."""
    meters = {name: Metered(aws.client("dynamodb")) for name in ("Envoi's confirm", "five items", "Powertools")}
    with clients({"dynamodb": meters["Envoi's confirm"], "kms": None}):
        rounds = _rounds(stack, meters)
        in_turns(rounds[:WARM_UP])
        for meter in meters.values():
            meter.trips, meter.writes, meter.reads = 0, 0.0, 0.0
        cpu: list[list[float]] = [[] for _ in meters]
        timed = in_turns(
            [[_with_cpu(work, spent) for work, spent in zip(r, cpu, strict=True)] for r in rounds[WARM_UP:]]
        )
    return [
        _row(name, meter, ms, spent)
        for (name, meter), ms, spent in zip(meters.items(), timed, cpu, strict=True)
    ]  # fmt: skip


def tell(rows: Sequence[Row], file: Path) -> None:
    """Print the table, and keep it as JSON."""
    print(
        f"  {'a transfer':16} {'WCU':>5} {'RCU':>5} {'trips':>6} {'CPU ms':>7} {'a second':>9} {'$/million':>10}  does"
    )
    for row in rows:
        print(
            f"  {row.way:16} {row.write_units:5.1f} {row.read_units:5.1f} {row.round_trips:6.1f} {row.cpu_ms:7.2f} "
            f"{row.a_second:9.0f} {row.dollars:10.2f}  {row.does}"
        )
    file.write_text(json.dumps([vars(row) | {"dollars": row.dollars} for row in rows], indent=2) + "\n")


DOES = {
    "Envoi's confirm": "order, link, code's attempts, day and month limits, journal, resumable",
    "five items": "idempotency for a day, entries",
    "Powertools": "idempotency for an hour, transfer",
}


def _row(name: str, meter: Metered, ms: Samples, cpu: Sequence[float]) -> Row:
    count = len(ms.ms)
    return Row(
        way=name, write_units=meter.writes / count, read_units=meter.reads / count, round_trips=meter.trips / count,
        cpu_ms=sorted(cpu)[len(cpu) // 2], a_second=1_000 / ms.p50, does=DOES[name],
    )  # fmt: skip


def _with_cpu(work: Work, spent: list[float]) -> Work:
    def timed() -> None:
        began = time.process_time_ns()
        work()
        spent.append((time.process_time_ns() - began) / 1e6)

    return timed


def _rounds(stack: Stack, meters: dict[str, Metered]) -> list[tuple[Work, ...]]:
    _make_table(aws.client("dynamodb").client)
    _, five, powertools = meters.values()
    ways = (FiveItems(five, TABLE), Idempotent(powertools, TABLE))
    numbers = itertools.count()

    def other(way: Any) -> Work:
        name = f"t{next(numbers)}"
        return lambda: way.move(name, payer="alice", payee="bob", amount_minor=1)

    return [(confirm, *(other(way) for way in ways)) for confirm in _confirmations(stack, ROUNDS + WARM_UP)]


def _confirmations(stack: Stack, number: int) -> list[Work]:
    services = replace(rates.open_services(stack), codes=FakeCodes())
    payer = stack.people[0]["account"]
    ledger.set_code(services.table, payer, mac=services.codes.mac(payer, CODE))
    orders = [rates.new_order(stack) for _ in range(number)]
    for event, _ in orders:
        take(services, event)
    return [rates.confirming(services, rates.waiting(services, rates.id_of(post))) for _, post in orders]


def _make_table(client: Any) -> None:
    keys = [("PK", "HASH"), ("SK", "RANGE")]
    client.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
    )  # fmt: skip
    for name, available in (("alice", 1_000_000), ("bob", 0)):
        client.put_item(TableName=TABLE, Item=account(name, available))
