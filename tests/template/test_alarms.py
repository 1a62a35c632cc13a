"""Every alarm: it says what it means, somebody hears it, and what it watches is really counted."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from local.stages import ROOT
from tests.template.parts import Metric, known, of_type, template

ALARMS = of_type("AWS::CloudWatch::Alarm")
QUEUES = ("Inbox", "SmsLinks", "SmsReceipts", "Replies")
FUNCTIONS = sorted(path.stem for path in (ROOT / ".chalice" / "policies").glob("*.json"))
OUTSIDE = ("dynamodb", "kms", "meta", "secretsmanager", "sns", "sqs", "x")
MATH = {"ConfirmRateAlarm"}

Properties = Mapping[str, Any]


def watched(alarm: Properties) -> list[Metric]:
    """What an alarm reads."""
    stats = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one]
    read = stats or [alarm]
    return [
        (one["Namespace"], one["MetricName"], frozenset(each["Name"] for each in one.get("Dimensions", [])))
        for one in read
    ]


def values(alarm: Properties) -> dict[str, Any]:
    """The dimensions of an alarm that reads one metric."""
    return {one["Name"]: one["Value"] for one in alarm.get("Dimensions", [])}


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_what_it_means_and_what_to_look_at_first(name: str) -> None:
    """Whoever is woken at night reads one line."""
    said = ALARMS[name]["AlarmDescription"]
    assert re.search(r"\. Look (at|for) .+\.$", said), said
    assert len(said) <= 160


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_is_heard(name: str) -> None:
    """Its action is the topic that operators subscribe to."""
    assert ALARMS[name]["AlarmActions"] == [{"Ref": "Alarms"}]


@pytest.mark.parametrize("name", ALARMS)
def test_what_an_alarm_watches_is_counted(name: str) -> None:
    """By this name and these dimensions, or it would be silent for ever."""
    for metric in watched(ALARMS[name]):
        assert known(metric), metric


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_names_what_is_in_the_template(name: str) -> None:
    """Its resources exist, and its functions have a policy."""
    text = json.dumps(ALARMS[name])
    resources = {*template()["Resources"], *template()["Parameters"]}
    named = re.findall(r'"(?:Ref|Fn::GetAtt)": (?:\[)?"([A-Za-z]+)"', text)
    assert set(named) <= resources
    function = values(ALARMS[name]).get("FunctionName")
    if function:
        assert function["Fn::Sub"].removeprefix("envoi-${Stage}").removeprefix("-") in ["", *FUNCTIONS]


@pytest.mark.parametrize("name", ALARMS)
def test_silence_is_no_alarm_unless_silence_is_the_fault(name: str) -> None:
    """What must happen rings when it does not; anything else is quiet while nothing happens."""
    missing = (
        "breaching" if ALARMS[name]["ComparisonOperator"].startswith("Less") and name not in MATH else "notBreaching"
    )
    assert ALARMS[name]["TreatMissingData"] == missing


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_looks_back_no_further_than_cloudwatch_allows(name: str) -> None:
    """A day, or a week where it counts by the hour."""
    alarm = ALARMS[name]
    period = alarm.get("Period", 3600)
    assert period * alarm["EvaluationPeriods"] <= (604_800 if period >= 3600 else 86_400)
    assert alarm.get("DatapointsToAlarm", 1) <= alarm["EvaluationPeriods"]


@pytest.mark.parametrize("queue", QUEUES)
def test_every_queue_is_watched_for_age_and_dead_letters(queue: str) -> None:
    """Each by its own alarm, so that its name says which."""
    age, dead = ALARMS[f"{queue}AgeAlarm"], ALARMS[f"{queue}DeadAlarm"]
    assert values(age) == {"QueueName": {"Fn::GetAtt": [f"{queue}Queue", "QueueName"]}}
    assert values(dead) == {"QueueName": {"Fn::GetAtt": [f"{queue}Dead", "QueueName"]}}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_bad_deploy_names_its_function(function: str) -> None:
    """Errors count a function that raises, runs out of time or cannot even be imported."""
    name = "".join(part.title() for part in function.split("_"))
    alarm = ALARMS[f"{name}ErrorsAlarm"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("Errors", 0)
    assert function in alarm["AlarmDescription"]


def test_an_alarm_rings_before_a_function_runs_out_of_time() -> None:
    """At four fifths of the time that it has."""
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    slow = {name: alarm for name, alarm in ALARMS.items() if alarm.get("MetricName") == "Duration"}
    assert slow
    for name, alarm in slow.items():
        function = values(alarm)["FunctionName"]["Fn::Sub"].removeprefix("envoi-${Stage}").removeprefix("-")
        own = config["lambda_functions"].get(function or "api_handler", {})
        assert alarm["Threshold"] == own.get("lambda_timeout", config["lambda_timeout"]) * 800, name


@pytest.mark.parametrize("outside", OUTSIDE)
def test_an_outage_names_the_service_that_is_out(outside: str) -> None:
    """One alarm for each door to the outside."""
    assert values(ALARMS[f"OutsideDown{outside.title()}Alarm"])["outside"] == outside


def test_an_alarm_by_formula_waits_for_a_real_account() -> None:
    """The local AWS knows no formulas."""
    by_formula = {name for name, alarm in ALARMS.items() if "Metrics" in alarm}
    assert by_formula == MATH
    assert all(template()["Resources"][name]["Condition"] == "IsDeployed" for name in by_formula)


def test_the_confirm_rate_is_of_links_and_receipts() -> None:
    """A payer who gets a receipt has confirmed: no read and no new metric is needed for the rate."""
    links, receipts, rate = ALARMS["ConfirmRateAlarm"]["Metrics"]
    kinds = [
        {each["Name"]: each["Value"] for each in one["MetricStat"]["Metric"]["Dimensions"]}["kind"]
        for one in (links, receipts)
    ]
    assert kinds == ["link", "receipt"]
    assert rate["Expression"] == "IF(links > 50, 100 * FILL(receipts, 0) / links, 100)"
