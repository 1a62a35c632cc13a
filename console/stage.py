"""Which stage a command works on, and how it reaches that stage's AWS."""

import argparse
import json
import os
import sys
from pathlib import Path

LOCAL_STATE = Path(__file__).parents[1] / ".local" / "stack.json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give a command `--stage` and `--json`."""
    parser.add_argument("--stage", default=os.environ.get("ENVOI_STAGE", "local"), help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print JSON")


def use(stage: str) -> None:
    """Point this process at a stage: the local one by its state file, any other by the shell's AWS credentials.

    Exits with a sentence when the local stack is not there.
    """
    os.environ["ENVOI_STAGE"] = stage
    if stage != "local" or "AWS_ENDPOINT_URL" in os.environ:
        return
    if not LOCAL_STATE.exists():
        sys.exit("The local stack is not running: start it with `python -m local up`, or name another --stage.")
    state = json.loads(LOCAL_STATE.read_text(encoding="utf-8"))
    os.environ |= {
        "AWS_ENDPOINT_URL": state["aws_endpoint_url"],
        "AWS_DEFAULT_REGION": state["region"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",  # what the emulator takes for root
        "ENVOI_PAGE_URL": state["page_url"],
    }


def agreed(question: str, *, yes: bool) -> bool:
    """Ask before money moves; `--yes` answers beforehand. Nobody to ask means no."""
    if yes:
        return True
    if not sys.stdin.isatty():
        print("Nothing done: add --yes to do this without being asked.", file=sys.stderr)
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
