"""The packaged template: what the stack of a stage is made of, and what its functions may do."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.package import MERGED, merge, package, render_policy
from local.stages import LOCAL_STAGE, ROOT

SOURCES = ROOT / ".chalice"
POLICIES = sorted(SOURCES.glob("policies/*.json"))
FUNCTIONS = {
    "api_handler": "APIHandler",
    "read_orders": "ReadOrders",
    "publish_changes": "PublishChanges",
    "project_entries": "ProjectEntries",
    "send_links": "SendLinks",
    "send_receipts": "SendReceipts",
    "send_replies": "SendReplies",
    "sweep": "Sweep",
    "gather": "Gather",
    "audit": "Audit",
}
QUEUES = {"Inbox": "inbox", "SmsLinks": "sms-links", "SmsReceipts": "sms-receipts", "Replies": "replies"}

Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def packaged() -> Resources:
    """The resources of the packaged local stage."""
    resources: Resources = json.loads(package(LOCAL_STAGE).template.read_text())["Resources"]
    return resources


@pytest.fixture(scope="session")
def functions(packaged: Resources) -> Resources:
    """The properties of each function in the package."""
    return {
        name: resource["Properties"]
        for name, resource in packaged.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


@pytest.fixture(scope="session")
def source() -> Resources:
    """The resources as the project's own files state them, laid over one another."""
    merged: dict[str, Any] = {}
    for name in MERGED:
        merged = merge(merged, json.loads((SOURCES / name).read_text()))
    resources: Resources = merged["Resources"]
    return resources


def statements(policy: Path, stage: str = "prod") -> Iterator[dict[str, Any]]:
    """Each statement of a function's policy, rendered for a stage, its actions as a list."""
    for statement in render_policy(policy.read_text(), stage)["Statement"]:
        actions = statement["Action"]
        yield statement | {"Action": [actions] if isinstance(actions, str) else actions}


def function_name(name: str) -> str:
    """What `chalice deploy` calls a function: the API's is the app's and the stage's own."""
    return "envoi-${Stage}" if name == "api_handler" else f"envoi-${{Stage}}-{name}"


def granted(function: str) -> set[str]:
    """Every action that a function may take."""
    found = statements(SOURCES / "policies" / f"{function}.json")
    return {action for statement in found for action in statement["Action"]}


def test_every_handler_stands_in_app_py(functions: Resources) -> None:
    """A handler elsewhere would run without app.py and so without its middleware."""
    assert {properties["Handler"].split(".")[0] for properties in functions.values()} == {"app"}


def test_every_function_is_known_here(functions: Resources) -> None:
    """A function without a policy, an alarm and a place in these tests does not ship."""
    assert set(functions) <= set(FUNCTIONS.values())


def test_each_function_has_a_role_of_its_own(functions: Resources) -> None:
    """No two functions share rights; the routes are one function and share theirs."""
    roles = [properties["Role"]["Fn::GetAtt"][0] for properties in functions.values()]
    assert len(set(roles)) == len(functions)


def test_function_names_are_fixed(functions: Resources) -> None:
    """Logs, policies and alarms name the functions, whichever of the two ways of deploying is used."""
    names = {properties["FunctionName"]["Fn::Sub"] for properties in functions.values()}
    assert names == {function_name(name) for name, logical in FUNCTIONS.items() if logical in functions}


def test_no_secret_is_in_an_environment(functions: Resources) -> None:
    """Functions get names and addresses alone; a secret's value stays in Secrets Manager."""
    for properties in functions.values():
        for name, value in properties["Environment"]["Variables"].items():
            assert name.startswith("ENVOI_"), name
            text = json.dumps(value)
            assert re.fullmatch(r'"[a-z0-9-]{0,20}"|\{"(Ref|Fn::GetAtt)": .+\}', text), name
            assert "Secret" not in text, name


def test_the_api_answers_before_its_gateway_gives_up(functions: Resources) -> None:
    """API Gateway waits 29 seconds; a function that runs longer answers nobody."""
    assert functions["APIHandler"]["Timeout"] < 29


def test_the_api_is_regional(packaged: Resources) -> None:
    """One address in the stage's own Region, and one stage only."""
    api = packaged["RestAPI"]["Properties"]
    assert api["EndpointConfiguration"] == "REGIONAL"
    assert api["OpenApiVersion"] == "2.0"


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.stem)
def test_a_policy_names_what_it_grants(policy: Path) -> None:
    """No right to everything: no wildcard as an action, none as a resource, no stage left to fill in."""
    for statement in statements(policy):
        assert not any("*" in action for action in statement["Action"])
        assert statement.get("Resource", statement.get("NotResource")) != "*"
        assert "STAGE" not in json.dumps(statement)
        if "NotResource" in statement:
            assert statement["Sid"] == "TextMessages"


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.stem)
def test_every_resource_of_a_policy_is_of_its_stage(policy: Path) -> None:
    """A resource is fixed by its name; a key, which has none, by its alias."""
    for statement in statements(policy):
        if "NotResource" in statement:
            continue
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        named = "envoi-prod" in json.dumps(statement.get("Condition", {}))
        assert named or all("envoi-prod" in resource for resource in resources)


def test_nothing_is_ever_deleted() -> None:
    """No function may delete an item, whatever its code says."""
    every = set().union(*(granted(name) for name in FUNCTIONS))
    assert not {"dynamodb:DeleteItem", "dynamodb:BatchWriteItem"} & every


@pytest.mark.parametrize(
    ("action", "holders"),
    [
        ("kms:GenerateMac", {"api_handler"}),
        ("dynamodb:Scan", {"audit"}),
        ("lambda:InvokeFunction", {"api_handler"}),
        ("logs:FilterLogEvents", {"audit"}),
        ("secretsmanager:GetSecretValue", {"api_handler", "send_links", "send_replies"}),
        ("sns:Publish", {"publish_changes", "send_links", "send_receipts"}),
        ("sqs:SendMessage", {"api_handler", "publish_changes", "project_entries"}),
        ("dynamodb:GetRecords", {"publish_changes", "project_entries"}),
    ],
)
def test_a_right_is_held_by_those_who_need_it(action: str, holders: set[str]) -> None:
    """The rights that money and secrets hang on are held by exactly these functions."""
    assert {name for name in FUNCTIONS if action in granted(name)} == holders


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_gives_up_into_its_own_dead_letters(source: Resources, name: str) -> None:
    """A message is tried five times (a reply, which X may tell to wait, thirty; locally twice), then kept two weeks."""
    queue, dead = source[f"{name}Queue"]["Properties"], source[f"{name}Dead"]["Properties"]
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [f"{name}Dead", "Arn"]},
        "maxReceiveCount": {"Fn::If": ["IsLocal", 2, 30 if name == "Replies" else 5]},
    }
    assert queue["QueueName"] == {"Fn::Sub": f"envoi-${{Stage}}-{QUEUES[name]}"}
    assert dead["MessageRetentionPeriod"] == 1_209_600
    assert source[f"{name}DeadAlarm"]["Properties"]["Threshold"] == 0


@pytest.mark.parametrize("name", [name for name in QUEUES if name != "Inbox"])
def test_a_road_takes_its_own_messages_with_their_id(source: Resources, name: str) -> None:
    """The topic's filter sorts the messages; raw delivery would hide the MessageId that a notice is claimed by."""
    subscription = source[f"{name}Subscription"]["Properties"]
    assert subscription["FilterPolicy"] == {"road": [QUEUES[name]]}
    assert subscription["RawMessageDelivery"] is False
    assert subscription["RedrivePolicy"] == {"deadLetterTargetArn": {"Fn::GetAtt": [f"{name}Dead", "Arn"]}}


@pytest.mark.parametrize("queue", ["Inbox", "SmsLinks", "SmsReceipts", "Replies"])
def test_a_queue_is_read_longer_than_its_function_runs(source: Resources, queue: str) -> None:
    """Six times the function's time, as Lambda asks, so that no message is read twice while it is handled."""
    timeout = json.loads((SOURCES / "config.json").read_text())["lambda_timeout"]
    assert source[f"{queue}Queue"]["Properties"]["VisibilityTimeout"]["Fn::If"][2] >= 6 * timeout


@pytest.mark.parametrize(("function", "dead"), [("PublishChanges", "ChangesDead"), ("ProjectEntries", "EntriesDead")])
def test_a_change_that_fails_is_parked_and_the_stream_goes_on(source: Resources, function: str, dead: str) -> None:
    """Our code parks what it cannot read; an outage is tried again until the stream forgets, after 24 hours."""
    (event,) = source[function]["Properties"]["Events"].values()
    mapping = event["Properties"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["MaximumRetryAttempts"] == -1
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": [dead, "Arn"]}
    assert "FunctionResponseTypes" not in mapping


def test_the_table_is_kept_encrypted_and_recoverable(source: Resources) -> None:
    """Balances survive a deleted stack, a wrong write and a stolen disk."""
    table = source["Table"]
    properties = table["Properties"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert properties["DeletionProtectionEnabled"] == {"Fn::If": ["IsLocal", False, True]}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"]["SSEType"] == "KMS"
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert properties["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("kind", ["AWS::SQS::Queue", "AWS::SNS::Topic"])
def test_what_carries_messages_is_encrypted(source: Resources, kind: str) -> None:
    """Every queue and topic has the stage's own key, but for the alarms, which hold names alone."""
    open_ones = {
        name
        for name, resource in source.items()
        if resource.get("Type") == kind and "KmsMasterKeyId" not in resource["Properties"]
    }
    assert open_ones == ({"Alarms"} if kind == "AWS::SNS::Topic" else set())


def test_every_function_has_an_alarm(source: Resources) -> None:
    """An error of any function is seen."""
    watched = {
        dimension["Value"]["Fn::Sub"]
        for resource in source.values()
        if resource.get("Type") == "AWS::CloudWatch::Alarm"
        for dimension in resource["Properties"].get("Dimensions", [])
        if dimension["Name"] == "FunctionName"
    }
    assert watched == {function_name(name) for name in FUNCTIONS}


def test_the_package_holds_no_more_than_the_app() -> None:
    """No tests, no local code, no environment file and no boto3 reach Lambda."""
    with zipfile.ZipFile(package(LOCAL_STAGE).code) as code:
        names = code.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {"app.py", "chalicelib", "chalice"} <= tops
    assert not tops & {"tests", "local", "console", "bench", "boto3", "botocore", ".env"}
    assert not [name for name in names if name.endswith(".env")]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.stem)
def test_a_function_logs_where_its_name_says(policy: Path) -> None:
    """A function may write to its own log group alone."""
    (logs,) = [statement for statement in statements(policy, "prod") if statement["Sid"] == "Logs"]
    name = function_name(policy.stem).replace("${Stage}", "prod")
    assert logs["Resource"] == f"arn:aws:logs:*:*:log-group:/aws/lambda/{name}:*"
