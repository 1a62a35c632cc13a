"""What watches a deployed stage is there: health, alarms, dashboard, and logs that end and are encrypted."""

import json

import pytest

from local.stack import Stack
from tests.local.conftest import Call
from tests.template.parts import of_type, template

pytestmark = [pytest.mark.local]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_deployed_stage_is_well(call: Call, method: str) -> None:
    """Its role may read the table, and API Gateway routes both methods."""
    status, body = call(method, "/health")
    assert status == 200
    assert body in (b'{"status":"ok"}', b"")


def test_every_alarm_is_there_and_heard(local_stack: Stack) -> None:
    """All but those by formula, which the local AWS does not know."""
    here = (None, "OnX")  # the programme of this stage is on X
    wanted = [
        name for name in of_type("AWS::CloudWatch::Alarm") if template()["Resources"][name].get("Condition") in here
    ]
    pages = local_stack.client("cloudwatch").get_paginator("describe_alarms").paginate()
    found = [alarm for page in pages for alarm in page["MetricAlarms"]]
    assert len(found) == len(wanted)
    assert all(alarm["AlarmActions"] for alarm in found)


def test_the_dashboard_is_there_with_the_stage_filled_in(local_stack: Stack) -> None:
    """CloudFormation has made valid JSON of it, and nothing is left to substitute but CloudWatch's own labels."""
    body = local_stack.client("cloudwatch").get_dashboard(DashboardName="envoi-local")["DashboardBody"]
    assert json.loads(body)["widgets"]
    assert "envoi-local-inbox-dead" in body
    assert "${" not in body.replace("${PROP(", "")


def test_no_body_of_a_request_is_logged(local_stack: Stack) -> None:
    """On the stage as it is deployed."""
    gateway = local_stack.client("apigateway")
    (api,) = gateway.get_rest_apis()["items"]
    (stage,) = gateway.get_stages(restApiId=api["id"])["item"]
    assert stage["methodSettings"]["*/*"]["dataTraceEnabled"] is False


def test_every_log_ends_and_is_encrypted(local_stack: Stack) -> None:
    """The functions' and the access log."""
    groups = local_stack.client("logs").describe_log_groups()["logGroups"]
    ours = [group for group in groups if "envoi" in group["logGroupName"]]
    assert "/envoi/local/access" in {group["logGroupName"] for group in ours}
    assert all(group["retentionInDays"] == 90 and group["kmsKeyId"] for group in ours)
