"""The runbook tells which alarms an operator will not find on the local AWS."""

import re

from local.stages import ROOT
from tests.template.parts import template

MARK = "only on a real account"


def test_alarms_that_only_real_accounts_have_are_marked_as_such() -> None:
    """By the template's condition; all others are there on every stage, but for one that watches X."""
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    sections = re.split(r"^### ", runbook, flags=re.MULTILINE)[1:]
    marked = {section.split("\n", 1)[0] for section in sections if MARK in section.lower()}
    resources = template()["Resources"]
    alarms = {name: one for name, one in resources.items() if one.get("Type") == "AWS::CloudWatch::Alarm"}
    conditions = {name: alarm.get("Condition") for name, alarm in alarms.items()}
    assert {*conditions.values()} == {None, "IsDeployed", "OnX"}
    assert marked == {name for name, condition in conditions.items() if condition == "IsDeployed"}
    assert [name for name, condition in conditions.items() if condition == "OnX"] == ["ChallengesMissingAlarm"]
    assert all(name in runbook.split("## First minute", 1)[0] for name in marked)
