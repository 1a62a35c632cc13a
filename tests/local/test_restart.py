"""`python -m local` with STATE_DIR: stopped and started again, the local AWS has kept everything."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import wire
from local.stack import Stack
from local.stages import ROOT

pytestmark = [pytest.mark.local]

Ran = subprocess.CompletedProcess[str]


def run(home: Path, *arguments: str) -> Ran:
    """One command of `python -m local`, its state kept in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "local", *arguments],
        cwd=ROOT,
        env={**os.environ, "STATE_DIR": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder for a local AWS of the test's own, which is stopped in the end."""
    yield tmp_path
    run(tmp_path, "down")


def up(home: Path) -> dict[str, Any]:
    """Start, and tell where everything is."""
    ran = run(home, "up", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def stack_of(home: Path) -> Stack:
    """The stack as its state file has it."""
    kept = json.loads((home / "stack.json").read_text())
    return Stack(**{**kept, "people": tuple(kept["people"])})


def balances(stack: Stack) -> dict[str, int]:
    """What every account holds."""
    items = stack.client("dynamodb").scan(TableName=stack.table)["Items"]
    return {item["PK"]["S"]: int(item["available"]["N"]) for item in items if item["PK"]["S"].startswith("A#")}


def pay(stack: Stack, text: str) -> None:
    """Order by tweet and confirm, then wait for the receipt.

    Only what is new counts: a receipt that was under way when the stack went down is sent again when it is up.
    """
    payer, known = stack.people[0], set(texts(stack))
    assert wire.post(stack, text, author=payer["handle"]).status == 200
    link = wire.link_in(fresh(stack, known, holding="#"))
    assert "C’est payé" in wire.step(stack, "confirm", link=link, code=payer["code"]).text
    fresh(stack, known, holding="vous avez payé")


def fresh(stack: Stack, known: set[str], *, holding: str) -> str:
    """The payer's first SMS that was not known and holds these words, waited for."""
    return wire.wait_for(
        lambda: next((text for text in texts(stack) if text not in known and holding in text), None), what="an SMS"
    )


def texts(stack: Stack) -> list[str]:
    """Every SMS of the payer."""
    return wire.texts(stack, stack.people[0]["phone"])


def test_what_was_there_is_there_again(home: Path) -> None:
    """Balances, people, codes and keys outlive `down`; a repeat is still known, and the next payment works."""
    first = up(home)
    assert run(home, "status", "--json").returncode == 0
    before = stack_of(home)
    pay(before, "@Smoneyfr #envoyer 10 euros @superpipou")
    held = balances(before)
    assert (held["A#alice"], held["A#philippe"]) == (49_000, 6_000)
    assert run(home, "down").stdout == "Stopped.\n"
    assert run(home, "status").returncode == 1
    again = up(home)
    assert (again["people"], again["x_consumer_secret"]) == (first["people"], first["x_consumer_secret"])
    after = stack_of(home)
    assert after.pid != before.pid
    assert balances(after) == held
    pay(after, "@Smoneyfr #envoyer 5 euros @superpipou")
    assert balances(after) == held | {"A#alice": 48_500, "A#philippe": 6_500}
