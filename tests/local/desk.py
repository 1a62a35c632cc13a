"""The support desk: commands of the console as programs of their own, and what they say."""

import json
from typing import Any

from tests.local.faults import console
from tests.local.town import Town


def told(town: Town, *arguments: str) -> list[dict[str, Any]]:
    """What a command prints as JSON when it does what it says."""
    ran = console(town.stack, *arguments, "--stage", "local", "--json")
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr
    rows: list[dict[str, Any]] = json.loads(ran.stdout)
    return rows


def refused(town: Town, *arguments: str) -> str:
    """What a command says that did nothing: one sentence on standard error, nothing on standard output, status 1."""
    ran = console(town.stack, *arguments, "--stage", "local")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "Traceback" not in ran.stderr
    return ran.stderr


def searched(town: Town, *arguments: str) -> list[dict[str, Any]]:
    """What a command prints that searches the whole table and says so on standard error."""
    ran = console(town.stack, *arguments, "--stage", "local", "--json")
    assert (ran.returncode, ran.stderr.startswith("looked at ")) == (0, True)
    rows: list[dict[str, Any]] = json.loads(ran.stdout)
    return rows


def unknown(town: Town, *arguments: str) -> str:
    """What a command says that found nothing, however it looked: status 1, no traceback, nothing else printed."""
    ran = console(town.stack, *arguments, "--stage", "local")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "Traceback" not in ran.stderr
    return ran.stderr.splitlines()[-1]


def read(town: Town, *arguments: str) -> str:
    """What a person reads of a command that does what it says."""
    ran = console(town.stack, *arguments, "--stage", "local")
    assert ran.returncode == 0
    return ran.stdout
