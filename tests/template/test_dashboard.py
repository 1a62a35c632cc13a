"""The dashboard: it is read top down, every line in it is drawn from something that is counted."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.template.parts import Metric, counted, known, of_type, unnamed

(DASHBOARD,) = of_type("AWS::CloudWatch::Dashboard").values()
# A dashboard is free of charge for its first fifty metrics; CloudWatch takes up to 500 widgets.
WIDE = 24
# What is counted and not drawn, and why.
NOT_DRAWN = {
    "MetaAnswered": "every answer is drawn by network as WebhooksAnswered; this is for one alarm over Meta's networks",
    "RepliesAlarming": "each is drawn by its reason as RepliesRefused; this is for one alarm over those that matter",
}
# What the parameter `ApiName` says: Chalice calls its API `envoi` in every stage.
API_NAME = "what ApiName says"
SEARCH = re.compile(r"SEARCH\('\{(?P<schema>[^}]+)\} (?P<filters>.+?)', '(?:Sum|Maximum)', \d+\)")


def substituted(value: Any) -> str:
    """A string of the template as CloudFormation would fill it in for the stage `prod`."""
    if isinstance(value, dict) and "Fn::Join" in value:
        glue, parts = value["Fn::Join"]
        return str(glue.join(map(substituted, parts)))
    if isinstance(value, dict) and "Fn::If" in value:
        assert value["Fn::If"][0] == "IsNamedOtherwise"
        return API_NAME
    text: str = value["Fn::Sub"] if isinstance(value, dict) else value
    return text.replace("${Stage}", "prod").replace("${AWS::Region}", "eu-west-3").replace("${!", "${")


def widgets() -> list[dict[str, Any]]:
    """The dashboard's widgets as CloudWatch gets them."""
    glue, lines = DASHBOARD["DashboardBody"]["Fn::Join"]
    body = glue.join(substituted(line) for line in lines)
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def drawn() -> Iterator[Metric]:
    """Every metric that some widget draws, with its dimensions."""
    for widget in widgets():
        before: list[str] = []
        for line in widget["properties"].get("metrics", []):
            if isinstance(line[0], dict):
                yield searched(line[0]["expression"])
                continue
            said = [one for one in line if isinstance(one, str)]
            before = [*before[: -len(said) + 1], *said[1:]] if said[0] == "..." else said
            namespace, name, *dimensions = before
            yield namespace, name, frozenset(dimensions[::2])


def searched(expression: str) -> Metric:
    """What a search looks for: its dimensions, and the name of the metric among its filters."""
    match = SEARCH.fullmatch(expression)
    assert match, expression
    namespace, *dimensions = match["schema"].split(",")
    (name,) = re.findall(r'MetricName="(\w+)"', match["filters"])
    assert 'stage="prod"' in match["filters"], "another stage's numbers would be among them"
    return namespace, name, frozenset(dimensions)


def test_the_dashboard_is_named_by_its_stage() -> None:
    """Two stages of one account do not share it."""
    assert DASHBOARD["DashboardName"] == {"Fn::Sub": "envoi-${Stage}"}


@pytest.mark.parametrize("metric", sorted(set(drawn()), key=str), ids=lambda metric: metric[1])
def test_what_is_drawn_is_counted(metric: Metric) -> None:
    """By this name and these dimensions: an empty graph looks like a quiet day."""
    assert known(metric), metric


def test_what_is_counted_is_drawn_or_left_out_for_a_reason() -> None:
    """Each name with each set of dimensions: what nobody sees might as well not be counted."""
    seen = {(name, dimensions) for namespace, name, dimensions in drawn() if namespace == "Envoi"}
    unseen = counted() - seen
    assert {name for name, _ in unseen} == {*NOT_DRAWN}


def test_every_metric_has_its_name_where_it_is_counted() -> None:
    """Or the search for names in the source, which every test here believes, would pass over it."""
    assert len(counted()) > 30
    assert not unnamed()


def test_the_api_is_drawn_under_the_name_that_it_has() -> None:
    """`chalice deploy` names it otherwise than the one stack; the alarms ask the same parameter."""
    lines = [line for widget in widgets() for line in widget["properties"].get("metrics", []) if API_NAME in line]
    assert len(lines) == 6


def test_rows_are_full() -> None:
    """Widgets are placed in their order: a row that is not full would pull up the next one's first."""
    width = 0
    for widget in widgets():
        width = (width + widget["width"]) % WIDE if width + widget["width"] <= WIDE else -1
        assert width >= 0, widget
    assert width == 0


def test_money_comes_first() -> None:
    """What was paid and what was not, before queues and machines."""
    headings = [one["properties"]["markdown"] for one in widgets() if one["type"] == "text"]
    assert headings == ["## Money", "## Ways in and out", "## What waits", "## Machines"]


def test_it_shows_what_an_operator_asks_for() -> None:
    """Everything that issue reports and runbooks point to is on the one screen."""
    names = {name for _, name, _ in drawn()}
    assert names >= {
        "OrdersTaken", "OrdersRefused", "PagesShown", "WebhooksAnswered", "ChallengesAnswered", "SmsByPrefix",
        "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "IteratorAge", "Errors", "Latency",
        "ConsumedWriteCapacityUnits", "WriteThrottleEvents", "TransactionConflict", "AuditsFinished", "AuditFaults",
        "SweepsFinished", "IntentsExpired", "OutsideDown", "GatheringsFinished", "SubBalancesEmptied",
        "PayoutsWaiting",
    }  # fmt: skip
