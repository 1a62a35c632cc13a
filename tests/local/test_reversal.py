"""Money goes back on the local AWS: two operators with credentials of their own, and an SMS to both customers."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from chalicelib.intents.intent import reference
from local.stack import Stack
from local.stages import ROOT
from tests.local.desk import told
from tests.local.town import FUNDS_MINOR, Resident, Town, at_once

pytestmark = [pytest.mark.local]

# All that a reversal asks of an operator's rights; nothing is ever deleted.
RIGHTS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Scan"],
            "Resource": "arn:aws:dynamodb:*:*:table/envoi-local",
        },
        {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"},
    ],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
Keys = Mapping[str, str]
Ran = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def user(local_stack: Stack) -> Keys:
    """The access key of an IAM user."""
    iam, name = local_stack.client("iam"), f"odile-{secrets.token_hex(3)}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=json.dumps(RIGHTS))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}


@pytest.fixture(scope="module")
def session(local_stack: Stack) -> Callable[[str], Keys]:
    """The credentials of a session of one role, by the session's name."""
    iam, name = local_stack.client("iam"), f"support-{secrets.token_hex(3)}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=json.dumps(RIGHTS))

    def assume(who: str) -> Keys:
        made = local_stack.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName=who)["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
            "AWS_SESSION_TOKEN": made["SessionToken"],
        }

    return assume


def types(stack: Stack, keys: Keys, *words: str) -> Ran:
    """Run `console reversal` as a program with somebody's credentials."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ENVOI_"))}
    there = {"AWS_ENDPOINT_URL": stack.aws_endpoint_url, "AWS_DEFAULT_REGION": stack.region}
    command = [sys.executable, "-m", "console", "reversal", *words, "--stage", "local", "--json"]
    return subprocess.run(
        command, cwd=ROOT, env=ours | there | dict(keys), capture_output=True, text=True, timeout=60, check=False
    )


def row(ran: Ran) -> dict[str, Any]:
    """The one row that a command prints that does what it says."""
    assert ran.returncode == 0, ran.stderr
    (printed,) = json.loads(ran.stdout)
    assert isinstance(printed, dict)
    return printed


def paid(town: Town) -> tuple[Resident, Resident, str]:
    """A payment of ten euros: who paid whom, and its id."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    assert town.confirm(order.link).status == 200
    return payer, payee, order.id


def test_an_operator_asks_another_agrees_and_both_customers_are_told(
    town: Town, user: Keys, session: Callable[[str], Keys]
) -> None:
    """Four euros of ten; who asked cannot agree, and twice agreed is once moved."""
    payer, payee, original = paid(town)
    ask = ("request", original, "--amount", "4", "--reason", "paid twice")
    asked = row(types(town.stack, user, *ask))
    assert ":user/odile-" in asked["requested_by"]
    alone = types(town.stack, user, "approve", asked["reversal"], "--yes")
    assert (alone.returncode, alone.stdout, "another operator agrees" in alone.stderr) == (1, "", True)
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR - 1_000, 1_000)
    rachid = session("rachid")
    agreed = [lambda: row(types(town.stack, rachid, "approve", asked["reversal"], "--yes"))] * 2
    done, _ = at_once(agreed)
    assert (done["status"], done["decided_by"].endswith("/rachid")) == ("paid", True)
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR - 600, 600)
    words = (reference(original), "4,00 EUR")
    assert len(town.told(payer, "remboursement", payee.name, *words)) == 1
    assert len(town.told(payee, "remboursement", payer.name, "débité de votre compte", *words)) == 1
    payment, back = told(town, "intent", "show", original)
    assert (payment["reversed_minor"], back["intent"]) == (400, asked["reversal"])


def test_two_sessions_of_a_role_are_two_people_and_one_is_one(town: Town, session: Callable[[str], Keys]) -> None:
    """The session's name is the person, also with other keys a moment later."""
    _, payee, original = paid(town)
    asked = row(types(town.stack, session("odile"), "request", original, "--reason", "fraud"))
    assert types(town.stack, session("odile"), "approve", asked["reversal"], "--yes").returncode == 1
    assert row(types(town.stack, session("rachid"), "approve", asked["reversal"], "--yes"))["status"] == "paid"
    assert town.funds(payee) == 0
    again = types(town.stack, session("odile"), "request", original, "--amount", "0.01", "--reason", "more")
    assert (again.returncode, "€0.00 of this payment is left" in again.stderr) == (1, True)
