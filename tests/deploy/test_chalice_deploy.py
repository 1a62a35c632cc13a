"""`console resources deploy`, then `chalice deploy`: a stage of its own on the local AWS, tried like a real one."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from chalicelib.ledger.books import balance
from console import everything
from local import wire
from local.package import package
from local.project import prepare
from tests.deploy.conftest import STAGE, Trial, console_resources
from tests.deploy.versions import AFTER, BEFORE, Orders, next_text, next_version, settle
from tests.local.town import Town
from tests.test_template import FUNCTIONS, function_name

pytestmark = [pytest.mark.local]


def test_the_commands_say_what_they_did(trial: Trial) -> None:
    """Each resource is told before and after, and the answer is the next command."""
    assert "Add     Table  AWS::DynamoDB::Table" in trial.resources.stderr
    assert re.search(r"CREATE_COMPLETE +Table$", trial.resources.stderr, re.MULTILINE)
    (answer,) = json.loads(trial.resources.stdout)
    assert answer["stack"] == f"envoi-{STAGE}-resources"
    assert re.fullmatch(rf"cd {trial.project} && \S+/chalice deploy --stage {STAGE}", answer["next"])


def test_chalice_ships_the_checked_zip(trial: Trial) -> None:
    """Chalice finds the sealed zip where it would have put its own, and every function has its very bytes."""
    assert "Reusing existing deployment package" in trial.chalice.stdout
    wanted = base64.b64encode(hashlib.sha256(package(STAGE).code.read_bytes()).digest()).decode()
    functions = trial.stack.client("lambda").list_functions()["Functions"]
    assert {one["CodeSha256"] for one in functions} == {wanted}


def test_functions_and_log_groups_have_the_names_of_the_template(trial: Trial) -> None:
    """Policies and alarms name them; the API's log group comes with the resources, as Chalice makes another."""
    functions = {one["FunctionName"] for one in trial.stack.client("lambda").list_functions()["Functions"]}
    names = {function_name(name).replace("${Stage}", STAGE) for name in FUNCTIONS}
    assert functions <= names
    groups = trial.stack.client("logs").describe_log_groups()["logGroups"]
    kept = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    assert {kept.get(f"/aws/lambda/{name}") for name in functions} == {90}


def test_each_function_has_its_policy(trial: Trial) -> None:
    """The rights of the rendered file, and of this stage alone."""
    iam = trial.stack.client("iam")
    roles = [one["RoleName"] for one in iam.list_roles()["Roles"] if one["RoleName"].startswith(f"envoi-{STAGE}")]
    assert len(roles) == len(trial.stack.client("lambda").list_functions()["Functions"])
    for role in roles:
        policy = json.dumps(iam.get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"])
        rendered = trial.project / ".chalice" / "policies" / f"{role.removeprefix(f'envoi-{STAGE}-')}.json"
        assert policy == json.dumps(json.loads(rendered.read_text()))
        assert "STAGE" not in policy


def test_a_payment_is_made(reached: Trial) -> None:
    """Signed webhook, queue, stream, topic, SMS, page and code: every trigger runs, and the books balance."""
    stack = reached.stack
    payer, payee = stack.people[0], stack.people[1]
    assert (
        wire.post(stack, f"@{stack.bot_handle} #envoyer 10 euros @{payee['handle']}", author=payer["handle"]).status
        == 200
    )
    (sms,) = wire.wait_for(lambda: wire.texts(stack, payer["phone"]), what="the SMS with the link")
    assert sms.split("#")[0].endswith(f"{stack.page_url}")
    link = wire.link_in(sms)
    assert payee["name"] in wire.step(stack, "open", link=link).text
    assert "C’est payé" in wire.step(stack, "confirm", link=link, code=payer["code"]).text
    (receipt,) = wire.wait_for(lambda: wire.texts(stack, payee["phone"]), what="the payee's receipt")
    assert "vous a payé" in receipt
    funds = {item["PK"]: item["available"] for item in everything.items() if "available" in item}
    assert (funds[f"A#{payer['account']}"], funds[f"A#{payee['account']}"]) == (49_000, 6_000)
    assert balance(everything.items()).balanced


def test_a_forged_webhook_is_refused(reached: Trial) -> None:
    """The door is as shut as in the other way of deploying."""
    signed = {"Content-Type": "application/json", "x-twitter-webhooks-signature": "sha256=AAAA"}
    url = f"{reached.stack.api_url}/webhooks/twitter"
    assert wire.call(url, method="POST", body=b"{}", headers=signed).status == 401


def test_a_second_time_changes_nothing(trial: Trial) -> None:
    """The resources are as they should be: no change set is run, and the page's address is kept without being said."""
    again = trial.resources_again("--json")
    assert again.returncode == 0
    assert [line for line in again.stderr.splitlines() if not line.startswith("Not in this way")] == []
    settings = json.loads((trial.project / ".chalice" / "config.json").read_text())["stages"][STAGE]
    assert settings["environment_variables"]["ENVOI_PAGE_URL"] == trial.stack.page_url


def test_what_would_lose_money_is_refused(trial: Trial) -> None:
    """A parameter that is none, and one of another form, change nothing."""
    for wrong in ("Nothing=1", "PageUrl"):
        said = trial.resources_again("--set", wrong)
        assert (said.returncode, "parameters are NAME=VALUE" in said.stderr) == (1, True)
    said = trial.resources_again("--set", "PageUrl=http://pay.example/p")
    assert said.returncode == 1
    assert "PageUrl" in said.stderr


def test_the_stack_is_protected_from_deletion(trial: Trial) -> None:
    """Table, keys and secrets are not deleted with one click."""
    stacks = trial.stack.client("cloudformation").describe_stacks(StackName=f"envoi-{STAGE}-resources")["Stacks"]
    assert stacks[0]["EnableTerminationProtection"] is True


def test_an_upgrade_and_a_rollback_lose_nothing(reached: Trial, tmp_path: Path) -> None:
    """The next version and the one before are prepared and deployed while orders come: each pays once, none is lost."""
    town, old = Town(reached.stack), package(STAGE)
    payee = town.resident(0)
    orders = Orders(town, [town.resident() for _ in range(12)], payee)
    variables = json.loads((reached.project / ".chalice" / "config.json").read_text())["stages"][STAGE]
    record = json.loads((reached.records / f"{STAGE}.json").read_text())
    for made, words in ((next_version(old, tmp_path), AFTER), (old, BEFORE)):
        project = tmp_path / made.digest
        prepare(made, variables["environment_variables"], to=project, records=reached.records)
        with orders.flowing(at_once=2, every_seconds=0.6):
            ran = reached.chalice_again(project)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "Reusing existing deployment package" in ran.stdout
        assert words in next_text(town, town.resident(), payee)
    assert json.loads((reached.records / f"{STAGE}.json").read_text()) == record
    settle(town, orders, payee)


def test_the_schedules_run(reached: Trial) -> None:
    """Each rule calls its function; the one of every minute does so within this test."""
    events = reached.stack.client("events")
    rules = {rule["Name"]: rule["ScheduleExpression"] for rule in events.list_rules()["Rules"]}
    for name in rules:
        (target,) = events.list_targets_by_rule(Rule=name)["Targets"]
        assert target["Arn"].rsplit(":", 1)[1] == name.removesuffix("-event")
    assert "rate(1 minute)" in rules.values()
    logs, group = reached.stack.client("logs"), f"/aws/lambda/envoi-{STAGE}-sweep"

    def runs() -> object:
        return logs.describe_log_streams(logGroupName=group)["logStreams"]

    wire.wait_for(runs, what="a run of sweep", seconds=90)


def test_a_stage_of_one_stack_keeps_its_way(trial: Trial) -> None:
    """Where the template's stack stands, no resource stack is made beside it."""
    cloudformation = trial.stack.client("cloudformation")
    queue = {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}
    cloudformation.create_stack(StackName=f"envoi-{STAGE}", TemplateBody=json.dumps(queue))
    try:
        said = console_resources(trial.stack.aws_endpoint_url)
        assert said.returncode == 1
        assert "is one stack, and keeps that way" in said.stderr
    finally:
        cloudformation.delete_stack(StackName=f"envoi-{STAGE}")
