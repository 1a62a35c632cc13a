"""The edge: rates by address, throttling, what is logged of a request, and what the gateway answers by itself."""

import json
import re
from typing import Any

import pytest
from samtranslator.translator.transform import transform

from chalicelib.web.html import HSTS_SECONDS
from local.package import merge, package
from local.stages import LOCAL_STAGE
from tests.template.parts import of_type, template

API = template()["Resources"]["RestAPI"]["Properties"]
(FIREWALL,) = of_type("AWS::WAFv2::WebACL").values()
RULES = {rule["Name"]: rule["Statement"]["RateBasedStatement"] for rule in FIREWALL["Rules"]}
# Lengths of time that a rate rule knows, and the least limit that it takes (AWS WAF developer guide).
WINDOWS, LEAST = (60, 120, 300, 600), 10


def per_minute(name: str) -> float:
    """What a rule allows an address in a minute."""
    return float(RULES[name]["Limit"] * 60 / RULES[name]["EvaluationWindowSec"])


def test_rates_are_by_address_and_tightest_where_codes_are_typed() -> None:
    """Pages tight, everything looser, webhooks loosest: X sends all its posts from a few addresses."""
    assert list(RULES) == ["posts-to-pages", "all-but-webhooks", "webhooks"]
    assert per_minute("posts-to-pages") < per_minute("all-but-webhooks") < per_minute("webhooks")
    for rule in RULES.values():
        assert rule["AggregateKeyType"] == "IP"
        assert rule["EvaluationWindowSec"] in WINDOWS
        assert rule["Limit"] >= LEAST


def test_whoever_is_turned_away_is_told_to_wait() -> None:
    """429, not 403: the page and X try again."""
    assert {rule["Action"]["Block"]["CustomResponse"]["ResponseCode"] for rule in FIREWALL["Rules"]} == {429}


def test_no_rule_reads_what_customers_write() -> None:
    """A post that looks like an attack is somebody's order, and a page's body holds a code."""
    text = json.dumps(FIREWALL)
    assert '"Body"' not in text
    assert "ManagedRuleGroup" not in text
    assert '"SampledRequestsEnabled": true' not in text, "samples hold headers and query strings"


def test_the_firewall_stands_before_the_stage_of_the_api() -> None:
    """Not before another one."""
    (association,) = of_type("AWS::WAFv2::WebACLAssociation").values()
    assert association["WebACLArn"] == {"Fn::GetAtt": ["Firewall", "Arn"]}
    assert association["ResourceArn"]["Fn::Sub"].endswith("/restapis/${RestAPI}/stages/${RestAPI.Stage}")


def test_only_who_was_turned_away_is_in_the_firewalls_log() -> None:
    """And neither query strings nor headers that could hold a secret."""
    (logging,) = of_type("AWS::WAFv2::LoggingConfiguration").values()
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
    assert {"QueryString": {}} in logging["RedactedFields"]


def test_bodies_of_requests_are_never_logged() -> None:
    """DataTrace would write codes and links into a log that nobody redacts."""
    (settings,) = API["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["DataTraceEnabled"] is False
    assert settings["LoggingLevel"] == "OFF"
    assert API["TracingEnabled"] is False


def test_the_api_is_throttled_as_a_whole() -> None:
    """A flood ends at the gateway, before functions and table are paid for it."""
    (settings,) = API["MethodSettings"]
    assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"] <= 5_000
    assert settings["MetricsEnabled"] is True


def test_the_access_log_holds_no_secret_and_nobody() -> None:
    """The route, not the path; no query string, no header, no address, no body."""
    said = json.loads(API["AccessLogSetting"]["Format"])
    used = set(re.findall(r"\$context\.([\w.]+)", " ".join(said.values())))
    assert "resourcePath" in used
    assert not used & {"path", "queryString", "protocol", "identity.sourceIp", "identity.userAgent", "error.message"}
    assert all(value.startswith("$context.") for value in said.values())


@pytest.mark.parametrize(
    "name",
    ["DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN", "REQUEST_TOO_LARGE", "THROTTLED", "WAF_FILTERED"],
)
def test_what_the_gateway_answers_by_itself_has_our_headers(name: str) -> None:
    """Not cached, not sniffed, https alone; a fixed sentence that repeats nothing of the request."""
    answer = API["GatewayResponses"][name]
    headers = answer["ResponseParameters"]["Headers"]
    assert headers["Cache-Control"] == "'no-store'"
    assert headers["X-Content-Type-Options"] == "'nosniff'"
    assert headers["Strict-Transport-Security"] == f"'max-age={HSTS_SECONDS}; includeSubDomains'"
    (body,) = answer["ResponseTemplates"].values()
    assert set(json.loads(body)) == {"message"}
    assert "$" not in body


def test_every_answer_of_the_gateway_is_told_with_its_own_status() -> None:
    """A path that is not there is 404, as anywhere else, not 403 for want of a token that nobody has."""
    statuses = {name: answer.get("StatusCode") for name, answer in API["GatewayResponses"].items()}
    assert statuses["MISSING_AUTHENTICATION_TOKEN"] == "404"
    assert statuses["REQUEST_TOO_LARGE"] == "413"
    assert statuses["UNSUPPORTED_MEDIA_TYPE"] == "415"
    assert statuses["THROTTLED"] == "429"


@pytest.mark.parametrize("name", sorted(of_type("AWS::Logs::LogGroup")))
def test_a_log_of_ours_ends_and_is_encrypted(name: str) -> None:
    """Ninety days, under the stage's own key."""
    properties = template()["Resources"][name]["Properties"]
    assert properties["RetentionInDays"] == 90
    assert properties["KmsKeyId"] == {"Fn::GetAtt": ["DataKey", "Arn"]}


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The whole packaged template after the SAM transform, as CloudFormation gets it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    packaged = merge(json.loads(package(LOCAL_STAGE).template.read_text()), template())
    for resource in packaged["Resources"].values():
        if "CodeUri" in resource["Properties"]:
            resource["Properties"]["CodeUri"] = "s3://bucket/key"

    class Policies:
        def load(self) -> dict[str, str]:
            return {}

    made: dict[str, Any] = transform(packaged, {}, Policies())
    return made


def test_every_functions_log_is_encrypted_and_ends(translated: dict[str, Any]) -> None:
    """Chalice makes the groups; the key is ours."""
    groups = [one["Properties"] for one in translated["Resources"].values() if one["Type"] == "AWS::Logs::LogGroup"]
    functions = [one for one in translated["Resources"].values() if one["Type"] == "AWS::Lambda::Function"]
    of_functions = [one for one in groups if "/aws/lambda/" in json.dumps(one["LogGroupName"])]
    assert len(of_functions) == len(functions)
    assert all(one["RetentionInDays"] == 90 and "KmsKeyId" in one for one in groups)


def test_the_settings_reach_the_stage_and_the_answers_the_api(translated: dict[str, Any]) -> None:
    """The SAM transform puts each where API Gateway reads it, and the firewall on the stage that it makes."""
    (stage,) = [one for one in translated["Resources"].values() if one["Type"] == "AWS::ApiGateway::Stage"]
    assert stage["Properties"]["MethodSettings"] == API["MethodSettings"]
    assert stage["Properties"]["AccessLogSetting"]["DestinationArn"] == {"Fn::GetAtt": ["AccessLog", "Arn"]}
    (api,) = [one for one in translated["Resources"].values() if one["Type"] == "AWS::ApiGateway::RestApi"]
    answers = api["Properties"]["Body"]["x-amazon-apigateway-gateway-responses"]
    assert set(answers) == set(API["GatewayResponses"])
    assert answers["THROTTLED"]["responseParameters"]["gatewayresponse.header.Retry-After"] == "'60'"
    target = translated["Resources"]["FirewallOnApi"]["Properties"]["ResourceArn"]["Fn::Sub"]
    assert target.endswith("/stages/${RestAPIapiStage}")
