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
from local.package import ROOT
from local.stack import Stack

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]

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


def pay(stack: Stack, text: str, *, number: int) -> None:
    """Order by tweet and confirm; the payer's phone has got so many texts before."""
    payer = stack.people[0]
    assert wire.post(stack, text, author=payer["handle"]).status == 200
    link = wire.link_in(sms(stack, number))
    assert "C’est payé" in wire.step(stack, "confirm", link=link, code=payer["code"]).text
    sms(stack, number + 1)


def sms(stack: Stack, number: int) -> str:
    """The payer's SMS of this number, waited for."""
    phone = stack.people[0]["phone"]
    return wire.wait_for(lambda: next(iter(wire.texts(stack, phone)[number:]), None), what="an SMS")


def test_what_was_there_is_there_again(home: Path) -> None:
    """Balances, people, codes and keys outlive `down`; a repeat is still known, and the next payment works."""
    first = up(home)
    assert run(home, "status", "--json").returncode == 0
    before = stack_of(home)
    pay(before, "@Smoneyfr #envoyer 10 euros @superpipou", number=0)
    held = balances(before)
    assert (held["A#alice"], held["A#philippe"]) == (49_000, 6_000)
    assert run(home, "down").stdout == "Stopped.\n"
    assert run(home, "status").returncode == 1
    again = up(home)
    assert (again["people"], again["x_consumer_secret"]) == (first["people"], first["x_consumer_secret"])
    after = stack_of(home)
    assert after.pid != before.pid
    assert balances(after) == held
    pay(after, "@Smoneyfr #envoyer 5 euros @superpipou", number=len(wire.texts(after, after.people[0]["phone"])))
    assert balances(after) == held | {"A#alice": 48_500, "A#philippe": 6_500}
