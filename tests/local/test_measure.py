"""`console measure` against a real endpoint: the local AWS, which never turns anybody away."""

import json
from pathlib import Path

import pytest

from tests.local.faults import console
from tests.local.town import Town

pytestmark = [pytest.mark.local]


def test_a_short_measurement_tells_and_leaves_nothing(town: Town, tmp_path: Path) -> None:
    """Figures of each operation, files to keep, and no table of its own afterwards."""
    out = tmp_path / "measured"
    ran = console(town.stack, "measure", "--seconds", "6", "--out", str(out), "--yes", "--json")
    assert ran.returncode == 0, ran.stderr
    rows = {row["what"]: row for row in json.loads(ran.stdout)}
    assert all(rows[name]["p50"] > 0 for name in ("get", "put", "update", "transaction of 3"))
    told = json.loads(out.with_suffix(".json").read_text())
    assert [one["conflicts"] for one in told["crowds"]] == [0, 0, 0, 0]
    assert told["checks_only"]["sent"] > 0
    assert told["failing_conditions"] == {"failed": 3, "flagged": 3}
    assert "<svg" in out.with_suffix(".svg").read_text()
    tables = town.stack.client("dynamodb").list_tables()["TableNames"]
    assert not [name for name in tables if name.startswith("envoi-measure")]


def test_nothing_is_measured_unasked(town: Town, tmp_path: Path) -> None:
    """It costs money on a real account."""
    ran = console(town.stack, "measure", "--out", str(tmp_path / "measured"))
    assert (ran.returncode, list(tmp_path.iterdir())) == (1, [])
