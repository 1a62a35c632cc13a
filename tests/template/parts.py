"""The template's own files, and the metrics that the code counts, read from its source."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from local.package import merge
from local.stages import ROOT

FILES = ("resources", "queues", "alarms", "signals", "dashboard", "edge", "overrides")
# Powertools and `metrics` give these to every metric of ours.
ALWAYS = frozenset({"service", "stage"})
# What AWS counts, as far as it is watched here, and by which dimensions (each service's CloudWatch reference).
OF_AWS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "AWS/SQS": (
        frozenset({"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}),
        frozenset({"QueueName"}),
    ),
    "AWS/Lambda": (frozenset({"Errors", "Duration", "Throttles", "IteratorAge"}), frozenset({"FunctionName"})),
    "AWS/ApiGateway": (frozenset({"Count", "Latency", "4XXError", "5XXError"}), frozenset({"ApiName"})),
    "AWS/DynamoDB": (
        frozenset(
            {
                "ReadThrottleEvents",
                "WriteThrottleEvents",
                "TransactionConflict",
                "ConsumedReadCapacityUnits",
                "ConsumedWriteCapacityUnits",
                "ConditionalCheckFailedRequests",
            }
        ),
        frozenset({"TableName"}),
    ),
    "AWS/WAFV2": (frozenset({"BlockedRequests"}), frozenset({"WebACL", "Rule", "Region"})),
}
# Metrics with other dimensions than the rest of their service.
OTHERS = frozenset(
    {
        ("AWS/SNS", "NumberOfNotificationsFailed", frozenset({"TopicName"})),
        ("AWS/SNS", "NumberOfNotificationsFailed", frozenset({"PhoneNumber"})),
        ("AWS/SNS", "SMSMonthToDateSpentUSD", frozenset[str]()),
        ("AWS/Lambda", "ConcurrentExecutions", frozenset[str]()),
    }
)

Metric = tuple[str, str, frozenset[str]]


@cache
def template() -> dict[str, Any]:
    """The files laid over one another."""
    merged: dict[str, Any] = {}
    for name in FILES:
        merged = merge(merged, json.loads((ROOT / ".chalice" / f"{name}.json").read_text()))
    return merged


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of a type."""
    return {name: one["Properties"] for name, one in template()["Resources"].items() if one.get("Type") == kind}


@cache
def counted() -> frozenset[tuple[str, frozenset[str]]]:
    """Each metric that the code counts, with the dimensions that it has, `service` and `stage` among them."""
    sources = [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]
    return frozenset(found for path in sources for found in _counts(path))


@cache
def unnamed() -> tuple[str, ...]:
    """Where the code counts by a name that is not written there, or writes a metric past `metrics.count`."""
    found = []
    for path in (ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if path.name != "metrics.py" and re.search(r"aws_lambda_powertools\.metrics|_aws\b|put_metric_data", source):
            found.append(f"{path.name}: writes metrics itself")
        imported = re.search(r"from chalicelib\.telemetry\.metrics import .*\bcount\b", source)
        for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
            said = ast.unparse(call.func)
            if (said == "metrics.count" or (said == "count" and imported)) and not _literal(call):
                found.append(f"{path.name}:{call.lineno}")
    return tuple(found)


def known(metric: Metric) -> bool:
    """Whether somebody writes this metric with these very dimensions: CloudWatch adds up none that differ."""
    namespace, name, dimensions = metric
    if namespace == "Envoi":
        return (name, dimensions) in counted()
    names, own = OF_AWS.get(namespace, (frozenset(), frozenset()))
    return metric in OTHERS or (name in names and dimensions == own)


def _counts(path: Path) -> Iterator[tuple[str, frozenset[str]]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if function == "count":
            yield str(node.args[0].value), ALWAYS | {keyword.arg or "" for keyword in node.keywords}


def _literal(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and all(one.arg for one in call.keywords)
