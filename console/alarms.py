"""`console alarms`: which alarms of the stage ring now, since when, and what to read."""

import argparse
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from console import output, stage
from local.stages import EMULATED

_LOCAL = " The local AWS works out none by itself: here `console tail` is the alarm."
RUNBOOK = "docs/runbook.md"
# CloudFormation puts the stack's name before the name in the template and chance behind it.
_NAME = re.compile(r"(?:^|-)([A-Z][A-Za-z0-9]*Alarm)(?:-|$)")


def register(subparsers: Any) -> None:
    """Add the command to the console."""
    alarms = subparsers.add_parser("alarms", help="alarms that ring now, and what to read", description=__doc__)
    alarms.add_argument("--all", action="store_true", help="those that are silent too")
    alarms.set_defaults(run=_run)
    stage.add_options(alarms)


def _run(arguments: argparse.Namespace) -> int:
    from chalicelib import config

    stage.use(arguments.stage)
    zone = config.programme(config.stage().programme).zone
    found = sorted(of_stage(arguments.stage), key=lambda alarm: str(alarm["StateUpdatedTimestamp"]))
    ringing = [alarm for alarm in found if arguments.all or alarm["StateValue"] == "ALARM"]
    quiet = f"No alarm rings.{_LOCAL if arguments.stage in EMULATED else ''}"
    none = quiet if found else f"The stage {arguments.stage} has no alarms: is it deployed?"
    return output.tell(arguments, [row(alarm, zone) for alarm in ringing], none=none)


def of_stage(name: str) -> Iterator[Mapping[str, Any]]:
    """Every alarm that tells the stage's own topic, or is called after the stage."""
    from chalicelib import aws

    pages = aws.client("cloudwatch").get_paginator("describe_alarms").paginate()
    for page in pages:
        for alarm in page.get("MetricAlarms", []) + page.get("CompositeAlarms", []):
            told = any(action.endswith(f":envoi-{name}-alarms") for action in alarm.get("AlarmActions", []))
            if told or alarm["AlarmName"].startswith(f"envoi-{name}-"):
                yield alarm


def short(name: str) -> str:
    """An alarm's name in the template, which is its heading in the runbook; the whole name where it has none."""
    found = _NAME.search(name)
    return found[1] if found else name


def row(alarm: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """An alarm as an operator reads it: its state, since when in the programme's zone, and what to read."""
    since = alarm["StateUpdatedTimestamp"]
    return {
        "alarm": short(alarm["AlarmName"]),
        "state": alarm["StateValue"],
        "since": output.at(since.timestamp(), zone),
        "for": output.ago(time.time() - since.timestamp()),
        "means": alarm.get("AlarmDescription", ""),
        "read": f"{RUNBOOK}#{short(alarm['AlarmName']).lower()}",
    }
