"""What runs a stage and what watches it: functions, API, logs, alarms."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import aws
from console import stage as stages
from console.alarms import of_stage, short
from console.checks import DEPLOY, Check, Verdict, judged, listed, unsure
from local.stages import ROOT

RUNTIME, ARCHITECTURE = "python3.13", "arm64"
API_STAGE = "api"


def _functions(stage: str) -> list[Mapping[str, Any]]:
    pages = aws.client("lambda").get_paginator("list_functions").paginate()
    base = f"envoi-{stage}"
    every = [function for page in pages for function in page["Functions"]]
    return [one for one in every if one["FunctionName"] == base or one["FunctionName"].startswith(f"{base}-")]


def _runtime(stage: str) -> Verdict:
    found = _functions(stage)
    if not found:
        return judged(condition=False, seen="no function is deployed", remedy=DEPLOY)
    kinds: dict[str, list[str]] = {}
    for one in found:
        kind = f"{one['Runtime']} on {'/'.join(one.get('Architectures', ['x86_64']))}"
        kinds.setdefault(kind, []).append(one["FunctionName"].removeprefix(f"envoi-{stage}").removeprefix("-") or "api")
    wanted = f"{RUNTIME} on {ARCHITECTURE}"
    faults = [_running(names, kind, of=len(found)) for kind, names in kinds.items() if kind != wanted]
    return listed(faults, f"{len(found)} functions, {wanted}")


def _running(names: Sequence[str], kind: str, *, of: int) -> str:
    """Which functions run on something else; by name only if they are some of many."""
    return f"all {of} functions run {kind}" if len(names) == of else f"{', '.join(names)} run {kind}"


def _retention(stage: str) -> Verdict:
    from console import logs

    wanted = set(logs.groups(stage))
    pages = aws.client("logs").get_paginator("describe_log_groups")
    groups = [
        group
        for page in pages.paginate(logGroupNamePrefix=f"/aws/lambda/envoi-{stage}")
        for group in page["logGroups"]
        if group["logGroupName"] in wanted
    ]
    if not groups:
        return unsure(
            "no function has logged yet", remedy="Order something (a post that names the bot), then look again."
        )
    endless = [f"{group['logGroupName']} is kept for ever" for group in groups if not group.get("retentionInDays")]
    return listed(endless, f"{len(groups)} groups, each with an end")


def _api(stage: str) -> Mapping[str, Any]:
    """The API's deployed stage, with its API's id as `restApiId`; empty if there is none."""
    client = aws.client("apigateway")
    pages = client.get_paginator("get_rest_apis").paginate()
    named = {api["id"]: api["name"] for page in pages for api in page.get("items", [])}
    deployed = _deployed_by_chalice(stage)
    ids = [one for one, name in named.items() if one == deployed or (not deployed and name == f"envoi-{stage}")]
    for one in ids:
        for found in client.get_stages(restApiId=one)["item"]:
            if found["stageName"] == API_STAGE:
                return {**found, "restApiId": one}
    return {}


def _deployed_by_chalice(stage: str) -> str:
    """The id of the API that `chalice deploy` made, which is called `envoi` on every stage; else empty."""
    file = ROOT / ".chalice" / "deployed" / f"{stage}.json"
    if not file.exists():
        return ""
    resources = json.loads(file.read_text(encoding="utf-8")).get("resources", [])
    return next((str(one["rest_api_id"]) for one in resources if one.get("rest_api_id")), "")


def _bodies_in_logs(stage: str) -> Verdict:
    api = _api(stage)
    if not api:
        return judged(condition=False, seen="no API is deployed", remedy=DEPLOY)
    settings = api.get("methodSettings", {})
    faults = [f"{method} logs bodies" for method, one in settings.items() if one.get("dataTraceEnabled")]
    return listed(faults, "DataTrace off")


def _firewall(stage: str) -> Verdict:
    api = _api(stage)
    if not api:
        return judged(condition=False, seen="no API is deployed", remedy=DEPLOY)
    region = aws.client("apigateway").meta.region_name
    arn = f"arn:aws:apigateway:{region}::/restapis/{api['restApiId']}/stages/{API_STAGE}"
    told = aws.client("wafv2").get_web_acl_for_resource(ResourceArn=arn).get("WebACL")
    return judged(told, told["Name"] if told else "no web ACL")


def _actions(stage: str) -> Verdict:
    alarms = list(of_stage(stage))
    if not alarms:
        return judged(condition=False, seen="there are no alarms")
    silent = [
        f"{short(alarm['AlarmName'])} tells nobody"
        for alarm in alarms
        if not alarm.get("AlarmActions") or not alarm.get("ActionsEnabled", True)
    ]
    return listed(silent, f"{len(alarms)} alarms, each with an action")


def _subscribers(stage: str) -> Verdict:
    arn = stages.topic(stage, "alarms")
    if arn is None:
        return judged(condition=False, seen=f"there is no topic envoi-{stage}-alarms")
    pages = aws.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    found = [one["SubscriptionArn"] for page in pages for one in page["Subscriptions"]]
    confirmed = [one for one in found if one.startswith("arn:")]
    return judged(confirmed, f"{len(confirmed)} confirmed of {len(found)} subscriptions")


CHECKS = (
    Check(
        name="functions: runtime",
        look=_runtime,
        fix=f"Package on {RUNTIME} for {ARCHITECTURE} and deploy again (docs/deploying.md).",
        real_only=True,
    ),
    Check(
        name="logs: retention",
        look=_retention,
        fix="`aws logs put-retention-policy --retention-in-days 90` for each of them.",
    ),
    Check(name="API: bodies not logged", look=_bodies_in_logs, fix="Turn DataTrace off on the API's stage at once."),
    Check(
        name="API: firewall",
        look=_firewall,
        fix="Deploy the template's web ACL and attach it to the API's stage.",
        real_only=True,
    ),
    Check(
        name="alarms: actions", look=_actions, fix="Deploy the stage's alarms again; each tells envoi-<stage>-alarms."
    ),
    Check(
        name="alarms: subscribers",
        look=_subscribers,
        fix="Subscribe whoever is on call to envoi-<stage>-alarms, and have them confirm it.",
    ),
)
