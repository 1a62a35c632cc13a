"""The checklist against answers in AWS's own shapes: what passes, what does not, and that no secret is seen."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib import aws, config
from console.checks import NOT_LOCALLY, Verdict, judge, remedy
from console.preflight import checks

KEY = "arn:aws:kms:eu-west-3:123456789012:key/k-1"
X = {
    "consumer_key": "A" * 25,
    "consumer_secret": "B" * 50,
    "access_token": "12345-" + "C" * 40,
    "access_secret": "D" * 45,
}
Say = Callable[..., None]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Iterator[Say]:
    """Let AWS answer: `say(service, operation, answer)`, checked against the service's model, in that order."""
    clients: dict[str, Any] = {}
    stubs: dict[str, Stubber] = {}

    def answer(service: str, operation: str, response: dict[str, Any]) -> None:
        if service not in clients:
            clients[service] = boto3.client(
                service, region_name="eu-west-3", aws_access_key_id="test", aws_secret_access_key="test"
            )  # type: ignore[call-overload]
            stubs[service] = Stubber(clients[service])
            stubs[service].activate()
        stubs[service].add_response(operation, response)

    monkeypatch.setattr(aws, "client", clients.__getitem__)
    yield answer
    for stub in stubs.values():
        stub.assert_no_pending_responses()


def verdict(name: str) -> Verdict:
    """What the check of this name finds on `prod`."""
    (check,) = [check for check in checks() if check.name == name]
    return judge(check, "prod")


@pytest.mark.parametrize(
    ("name", "operation", "good", "bad"),
    [
        ("SMS sandbox", "get_sms_sandbox_account_status", {"IsInSandbox": False}, {"IsInSandbox": True}),
        (
            "SMS spend limit",
            "get_sms_attributes",
            {"attributes": {"MonthlySpendLimit": "5000"}},
            {"attributes": {"MonthlySpendLimit": "1"}},
        ),
        ("SMS spend limit", "get_sms_attributes", {"attributes": {"MonthlySpendLimit": "2"}}, {"attributes": {}}),
    ],
)
def test_text_messages(say: Say, name: str, operation: str, *, good: dict[str, Any], bad: dict[str, Any]) -> None:
    """A new account sends to nobody, as nobody, and for a dollar a month."""
    for answer, told in ((good, "ok"), (bad, "missing")):
        say("sns", operation, answer)
        assert verdict(name).answer == told


@pytest.mark.parametrize(("sender", "told"), [("SMONEY", "ok"), ("", "missing")])
def test_phones_show_the_name_of_the_programme(monkeypatch: pytest.MonkeyPatch, sender: str, told: str) -> None:
    """Without one, SMS come from a number that nobody knows."""
    ours = config.programme("smoney")
    monkeypatch.setattr(config, "programme", lambda _: replace(ours, sms=replace(ours.sms, sender_id=sender)))
    assert verdict("SMS sender").answer == told
    assert "0.20 USD" in verdict("SMS price limit").seen


def test_the_account_s_root_is_no_operator(say: Say) -> None:
    """A role is."""
    for arn, told in (
        ("arn:aws:iam::123456789012:root", "missing"),
        ("arn:aws:sts::123456789012:assumed-role/ops/me", "ok"),
    ):
        say("sts", "get_caller_identity", {"Arn": arn, "Account": "1", "UserId": "u"})
        assert verdict("credentials and Region").answer == told


@pytest.mark.parametrize(
    ("change", "told"),
    [({}, "ok"), ({"access_token": ""}, "access_token is empty"), ({"consumer_key": "short"}, "consumer_key has not")],
)
def test_the_secret_of_x_is_told_by_its_names(say: Say, change: dict[str, str], told: str) -> None:
    """Which are filled and have X's shape; a value never."""
    say("secretsmanager", "get_secret_value", {"SecretString": json.dumps(X | change)})
    found = verdict("secret of X")
    assert told in (found.answer, found.seen) or told in found.seen
    assert not [value for value in X.values() if value in found.seen]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "ok"),
        ({"verify_token": ""}, "verify_token is empty"),
        ({"app_secret": "C0FFEE" * 5 + "00"}, "app_secret has not the shape of Meta's"),
        ({"facebook_access_token": "EAAJ"}, "facebook_access_token has not"),
    ],
)
def test_the_secret_of_meta_is_told_by_its_names(say: Say, change: dict[str, str], told: str) -> None:
    """For each network that the programme is on, and never a value."""
    good = {"app_secret": "c0ffee" * 5 + "00", "verify_token": "v" * 24, "facebook_access_token": "EAAJ" + "b" * 60}
    say("secretsmanager", "get_secret_value", {"SecretString": json.dumps(good | change)})
    found = verdict("secret of Meta")
    assert told in (found.answer, found.seen) or told in found.seen
    assert not [value for value in good.values() if value in found.seen]


def test_a_programme_on_x_alone_needs_no_secret_of_meta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is even asked."""
    ours = config.programme("smoney")
    monkeypatch.setattr(config, "programme", lambda _: replace(ours, bots={"twitter": ours.bots["twitter"]}))
    assert verdict("secret of Meta").answer == "ok"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://pay.bank.example/p", "ok"),
        ("http://pay.bank.example/p", "missing"),
        ("https://abc.execute-api.eu-west-3.amazonaws.com/api/p", "missing"),
        ("", "missing"),
    ],
)
def test_the_page_has_a_short_address_of_its_own(say: Say, url: str, told: str) -> None:
    """Links are only as long as the SMS allows, and people see whose page it is."""
    say("lambda", "get_function_configuration", {"Environment": {"Variables": {"ENVOI_PAGE_URL": url}}})
    assert verdict("page address").answer == told


@pytest.mark.parametrize(
    ("name", "table", "told"),
    [
        ("table: deletion protection", {"DeletionProtectionEnabled": True}, "ok"),
        ("table: deletion protection", {}, "missing"),
        ("table: stream", {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}, "missing"),
        ("table: warm throughput", {"WarmThroughput": {"WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}}, "ok"),
        ("table: warm throughput", {"WarmThroughput": {"WriteUnitsPerSecond": 4000, "Status": "UPDATING"}}, "missing"),
        ("table: warm throughput", {}, "cannot tell"),
        ("table: encryption", {"SSEDescription": {"SSEType": "AES256"}}, "missing"),
    ],
)
def test_the_table(say: Say, name: str, table: dict[str, Any], told: str) -> None:
    """What is left out of DescribeTable is not there."""
    say("dynamodb", "describe_table", {"Table": table})
    assert verdict(name).answer == told


def test_the_table_is_under_the_stage_s_own_key(say: Say) -> None:
    """Another key of the account is not enough."""
    for arn, told in ((KEY, "ok"), (f"{KEY}-other", "missing")):
        say("dynamodb", "describe_table", {"Table": {"SSEDescription": {"SSEType": "KMS", "KMSMasterKeyArn": arn}}})
        say("kms", "describe_key", {"KeyMetadata": {"KeyId": "k-1", "Arn": KEY}})
        assert verdict("table: encryption").answer == told


def test_recovery_and_forgetting(say: Say) -> None:
    """Point-in-time recovery on, and time to live by the attribute `ttl` alone."""
    for status, told in (("ENABLED", "ok"), ("DISABLED", "missing")):
        recovery = {"PointInTimeRecoveryStatus": status}
        described = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}
        say("dynamodb", "describe_continuous_backups", {"ContinuousBackupsDescription": described})
        assert verdict("table: recovery").answer == told
    for attribute, told in (("ttl", "ok"), ("other", "missing")):
        described = {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}
        say("dynamodb", "describe_time_to_live", {"TimeToLiveDescription": described})
        assert verdict("table: time to live").answer == told


def test_functions_run_on_what_they_were_packaged_for(say: Say) -> None:
    """One that does not is named; other stages' functions do not count."""
    good = {"Runtime": "python3.13", "Architectures": ["arm64"]}
    other = {"FunctionName": "envoi-prod2", "Runtime": "python3.11"}
    for name, runtime, told in (
        ("envoi-prod", good, "ok"),
        ("envoi-prod-x", good | {"Runtime": "python3.12"}, "missing"),
    ):
        say("lambda", "list_functions", {"Functions": [{"FunctionName": name, **runtime}, other]})
        assert verdict("functions: runtime").answer == told
    say("lambda", "list_functions", {"Functions": [other]})
    assert verdict("functions: runtime").answer == "missing"


def test_functions_are_told_together_by_what_they_run(say: Say) -> None:
    """One clause for all of them, or the names of those that differ."""
    good: dict[str, Any] = {"Runtime": "python3.13", "Architectures": ["arm64"]}
    old: dict[str, Any] = {"Runtime": "python3.12"}
    names = ["envoi-prod", "envoi-prod-audit", "envoi-prod-sweep"]
    for kinds, told in (
        ((old, old, old), "all 3 functions run python3.12 on x86_64"),
        ((old, good, old), "api, sweep run python3.12 on x86_64"),
        ((good, good, good), "3 functions, python3.13 on arm64"),
    ):
        found = [{"FunctionName": name, **kind} for name, kind in zip(names, kinds, strict=True)]
        say("lambda", "list_functions", {"Functions": found})
        assert verdict("functions: runtime").seen == told


def api(say: Say, **stage: Any) -> None:
    """An API with one stage, as the two calls tell it."""
    say("apigateway", "get_rest_apis", {"items": [{"id": "a1", "name": "envoi-prod"}, {"id": "a2", "name": "else"}]})
    say("apigateway", "get_stages", {"item": [{"stageName": "api", **stage}]})


def test_the_api_logs_no_bodies(say: Say) -> None:
    """DataTrace would write links and codes into a log."""
    for on, told in ((False, "ok"), (True, "missing")):
        api(say, methodSettings={"*/*": {"dataTraceEnabled": on}})
        assert verdict("API: bodies not logged").answer == told
    say("apigateway", "get_rest_apis", {"items": []})
    assert verdict("API: bodies not logged").answer == "missing"


def test_the_firewall_is_attached(say: Say) -> None:
    """AWS answers without a WebACL where there is none."""
    acl = {
        "Name": "envoi-prod",
        "Id": "1",
        "ARN": "arn:aws:wafv2:eu-west-3:123456789012:regional/webacl/envoi-prod/1",
        "DefaultAction": {"Allow": {}},
    }
    acl["VisibilityConfig"] = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
    for answer, told in (({"WebACL": acl}, "ok"), ({}, "missing")):
        api(say)
        say("wafv2", "get_web_acl_for_resource", answer)
        assert verdict("API: firewall").answer == told


def test_somebody_hears_the_alarms(say: Say) -> None:
    """A subscription that was never confirmed is nobody; the topic is the stage's own."""
    topic = "arn:aws:sns:eu-west-3:1:envoi-prod-alarms"
    for subscription, told in (("PendingConfirmation", "missing"), (f"{topic}:1", "ok")):
        say("sns", "list_topics", {"Topics": [{"TopicArn": topic.replace("prod", "preprod")}, {"TopicArn": topic}]})
        say("sns", "list_subscriptions_by_topic", {"Subscriptions": [{"SubscriptionArn": subscription}]})
        assert verdict("alarms: subscribers").answer == told


def test_every_alarm_tells_somebody(say: Say) -> None:
    """One without an action, or with its actions off, is silent; other stages' do not count."""
    topic = "arn:aws:sns:eu-west-3:1:envoi-prod-alarms"
    good = {"AlarmName": "envoi-prod-AAlarm-1", "AlarmActions": [topic], "ActionsEnabled": True}
    silent = {"AlarmName": "envoi-prod-BAlarm-1", "AlarmActions": [], "ActionsEnabled": True}
    off = good | {"AlarmName": "envoi-prod-CAlarm-1", "ActionsEnabled": False}
    other = {"AlarmName": "envoi-dev-DAlarm-1", "AlarmActions": []}
    for alarms, told in (
        ([good, other], "ok"),
        ([good, silent], "missing"),
        ([good, off], "missing"),
        ([other], "missing"),
    ):
        say("cloudwatch", "describe_alarms", {"MetricAlarms": alarms})
        assert verdict("alarms: actions").answer == told


def test_what_can_be_mended_on_the_local_aws_says_how() -> None:
    """The secret of X, the pages' address and domain, the table's switches, and who is told of alarms."""
    mendable = {"secret of X", "page address", "page domain", "alarms: subscribers"}
    mendable |= {f"table: {name}" for name in ("recovery", "deletion protection", "time to live", "stream")}
    found = Verdict(answer="missing", seen="x")
    fixes = {check.name: remedy(check, found, "trial") for check in checks() if check.name in mendable}
    assert fixes.keys() == mendable
    assert NOT_LOCALLY not in fixes.values()
    assert "docs/deploying.md" in fixes["secret of X"] and "step 1" in fixes["secret of X"]
    assert "envoi-trial" in fixes["table: recovery"]


@pytest.mark.parametrize(("stage", "told"), [("trial", NOT_LOCALLY), ("local", NOT_LOCALLY), ("prod", "")])
def test_made_up_keys_of_x_are_good_enough_on_the_local_aws(say: Say, stage: str, told: str) -> None:
    """But not an empty one beside them, which is named until it is filled."""
    (check,) = [check for check in checks() if check.name == "secret of X"]
    say("secretsmanager", "get_secret_value", {"SecretString": json.dumps(X | {"consumer_key": "made-up"})})
    assert judge(check, stage).remedy == told
    partly = {"consumer_key": "made-up", "consumer_secret": "", "access_token": "x"}
    say("secretsmanager", "get_secret_value", {"SecretString": json.dumps(partly)})
    found = judge(check, stage)
    assert found.remedy == ""
    assert all(f"{name} is empty" in found.seen for name in ("consumer_secret", "access_secret"))


def test_pages_on_this_machine_need_no_domain(say: Say) -> None:
    """The one stack of the local AWS cannot have one; `trial` may."""
    (check,) = [check for check in checks() if check.name == "page domain"]
    url = {"Environment": {"Variables": {"ENVOI_PAGE_URL": "http://127.0.0.1:4566/api/p"}}}
    say("lambda", "get_function_configuration", url)
    assert judge(check, "local").remedy == NOT_LOCALLY
