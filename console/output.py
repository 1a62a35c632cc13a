"""What a command prints: JSON for programs, aligned lines for people."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def tell(arguments: argparse.Namespace, rows: Sequence[Mapping[str, Any]]) -> int:
    """Print rows: a JSON list, or a line each; returns exit status 0."""
    if arguments.json:
        print(json.dumps(rows, ensure_ascii=False))
    for row in rows if not arguments.json else ():
        print("  ".join(f"{name}={value}" for name, value in row.items()))
    return 0


def refuse(sentence: str) -> int:
    """Say on standard error why a command did nothing; returns exit status 1."""
    print(sentence, file=sys.stderr)
    return 1
