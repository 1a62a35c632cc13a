"""GET /health: what a load balancer is told, what it costs, and what it never tells."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import production
from chalicelib.conditions import Item
from chalicelib.table import Ambiguous, Busy, Key
from chalicelib.telemetry import metrics
from chalicelib.web import health, html
from tests.bank import Bank
from tests.memory_table import MemoryTable

TOLD_BY_A_FAILURE = ("dynamo", "table", "error", "envoi", "local", "traceback", "python")


@dataclass
class Table(MemoryTable):
    """A table that counts its reads; `fault` makes them fail."""

    reads: int = 0
    fault: Exception | None = None

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        """Read one item, or fail."""
        self.reads += 1
        if self.fault:
            raise self.fault
        return super().get(key, consistent=consistent)

    def get_many(self, keys: Iterable[Key]) -> Any:
        """No batch is read here."""
        raise AssertionError(keys)


@dataclass
class Time:
    """A clock that stands still until it is moved."""

    now: float = 1_000.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def table() -> Table:
    """The table behind the service."""
    return Table()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The time that passes between two questions."""
    time = Time()
    monkeypatch.setattr(health, "time", time)
    return time


@pytest.fixture
def client(table: Table) -> Iterator[Client]:
    """Somebody who asks."""
    services = replace(Bank().services, table=table)
    health.forget()
    metrics._counts.clear()
    with production.using(services), Client(app, stage_name="local") as asking:
        yield asking
    health.forget()


def asked(client: Client) -> tuple[int, Any]:
    """Status and JSON of one question."""
    answer = client.http.get("/health")
    return answer.status_code, json.loads(answer.body)


def test_a_stage_whose_table_answers_is_well(client: Client, table: Table) -> None:
    """One read of half a unit, of an item that need not be there."""
    assert asked(client) == (200, {"status": "ok"})
    assert table.reads == 1
    assert table.usage.read_units == 0.5


@pytest.mark.parametrize(
    "fault", [Ambiguous("DynamoDB get_item: EndpointConnectionError"), Busy("DynamoDB: Throttling")]
)
def test_a_stage_without_its_table_is_not(client: Client, table: Table, fault: Exception) -> None:
    """A load balancer reads 503; what is down is for the operator."""
    table.fault = fault
    answer = client.http.get("/health")
    assert (answer.status_code, json.loads(answer.body)) == (503, {"status": "unavailable"})
    told = (answer.body.decode() + json.dumps(dict(answer.headers))).lower()
    assert not [word for word in TOLD_BY_A_FAILURE if word in told]


def test_asking_all_the_time_costs_one_read_in_five_seconds(client: Client, table: Table, clock: Time) -> None:
    """Nobody can use up capacity with it, whether the stage is well or not."""
    for fault in (None, Busy("throttled")):
        table.fault, table.reads = fault, 0
        clock.now += health.KEPT_SECONDS
        for _ in range(100):
            asked(client)
            clock.now += 0.04
        assert table.reads == 1


def test_it_is_well_again_as_soon_as_it_looks_again(client: Client, table: Table, clock: Time) -> None:
    """An outage is told for five seconds more at the most."""
    table.fault = Busy("throttled")
    assert asked(client)[0] == 503
    table.fault = None
    clock.now += health.KEPT_SECONDS
    assert asked(client)[0] == 200


def test_every_look_is_counted_by_its_outcome(
    client: Client, table: Table, clock: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    """The alarm reads this, not the answers."""
    for fault in (None, None, Busy("throttled")):
        table.fault = fault
        asked(client)
        asked(client)
        clock.now += health.KEPT_SECONDS
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    looked = [(line["status"], line["HealthLooked"]) for line in lines if "HealthLooked" in line]
    assert looked == [("200", [1.0]), ("200", [1.0]), ("503", [1.0])]


def test_it_carries_the_headers_of_every_page(client: Client) -> None:
    """Not cached, not framed, not sniffed, https alone."""
    headers = {name.lower(): value for name, value in client.http.get("/health").headers.items()}
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert headers["content-security-policy"] == html.CLOSED
    assert headers["content-type"] == "application/json"


def test_a_head_is_answered_too(client: Client) -> None:
    """Some uptime checks ask for the status alone."""
    assert client.http.request("HEAD", "/health").status_code == 200


def test_a_bug_is_not_an_outage(client: Client, table: Table) -> None:
    """It raises, is logged as what it is, and the API answers 500."""
    table.fault = RuntimeError("a bug")
    assert client.http.get("/health").status_code == 500
