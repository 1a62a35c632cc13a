"""What a command prints: JSON for programs, aligned lines for people."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


def tell(arguments: argparse.Namespace, rows: Sequence[Mapping[str, Any]], *, none: str = "") -> int:
    """Print rows: a JSON list, or a line each, or for no rows the sentence `none`; returns exit status 0."""
    if arguments.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print("  ".join(f"{name}={value}" for name, value in row.items()))
    if none and not rows:
        print(none)
    return 0


def refuse(sentence: str) -> int:
    """Say on standard error why a command did nothing; returns exit status 1."""
    print(sentence, file=sys.stderr)
    return 1


def progress(step: str) -> None:
    """Tell on standard error what is being done, where it takes long."""
    print(f"{step}...", file=sys.stderr, flush=True)


def masked(secret: str, *, reveal: bool = False) -> str:
    """The last two characters of a phone number or an IBAN, all of it with `reveal`; nothing of nothing."""
    return secret if reveal or not secret else f"***{secret[-2:]}"


def at(seconds: float, zone: str) -> str:
    """A moment (epoch seconds) as people of the programme's zone read it."""
    return datetime.fromtimestamp(seconds, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S %Z")


def count(number: float, noun: str) -> str:
    """So many of something: `1 link`, `2 links`."""
    return f"{number:.12g} {noun}{'' if number == 1 else 's'}"


def ago(seconds: float) -> str:
    """How long something took, in its largest unit."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
