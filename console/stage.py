"""Which stage a command works on, and how it reaches that stage's AWS."""

import argparse
import json
import os
import sys

from local.stages import ROOT, home_of, is_local

CHALICE_CONFIG = ROOT / ".chalice" / "config.json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give a command `--stage` and `--json`."""
    parser.add_argument("--stage", default=os.environ.get("ENVOI_STAGE", "local"), help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print JSON")


def use(stage: str) -> None:
    """Point this process at a stage: a local one by its state file, any other by the shell's AWS credentials.

    The programme is the one that the stage runs by `.chalice/config.json`. Exits with a sentence when the local stack
    is not there.
    """
    os.environ["ENVOI_STAGE"] = stage
    if programme := programme_of(stage):
        os.environ["ENVOI_PROGRAMME"] = programme
    if not is_local(stage) or "AWS_ENDPOINT_URL" in os.environ:
        return
    file = home_of(stage) / "stack.json"
    if not file.exists():
        sys.exit("The local stack is not running: start it with `python -m local up`, or name another --stage.")
    state = json.loads(file.read_text(encoding="utf-8"))
    os.environ |= {
        "AWS_ENDPOINT_URL": state["aws_endpoint_url"],
        "AWS_DEFAULT_REGION": state["region"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",  # what the emulator takes for root
        "ENVOI_PAGE_URL": state["page_url"],
    }


def add_table(parser: argparse.ArgumentParser) -> None:
    """Give a command `--table`, for a table that was restored beside the stage's own."""
    parser.add_argument("--table", default="", help="a restored table, such as envoi-prod-restored")


def use_table(name: str) -> None:
    """Point this process at another table than the stage's own; nothing for an empty name."""
    if name:
        os.environ["ENVOI_TABLE"] = name


def programme_of(stage: str) -> str:
    """The programme that a stage runs; empty for a stage that `.chalice/config.json` does not know."""
    settings = json.loads(CHALICE_CONFIG.read_text(encoding="utf-8"))
    ours = settings["stages"].get(stage, {}).get("environment_variables", {})
    return str(ours.get("ENVOI_PROGRAMME", ""))


def topic(stage: str, name: str) -> str | None:
    """The ARN of one of a stage's topics, such as `events`; None if there is none."""
    from chalicelib import aws

    pages = aws.client("sns").get_paginator("list_topics").paginate()
    arns = (found["TopicArn"] for page in pages for found in page["Topics"])
    return next((arn for arn in arns if arn.endswith(f":envoi-{stage}-{name}")), None)


def agreed(question: str, *, yes: bool) -> bool:
    """Ask before money moves or an account changes for good; `--yes` answers beforehand. Nobody to ask means no."""
    if yes:
        return True
    if not sys.stdin.isatty():
        print("Nothing done: add --yes to do this without being asked.", file=sys.stderr)
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
