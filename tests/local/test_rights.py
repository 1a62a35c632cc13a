"""What each function's role may do, asked of an AWS that enforces it."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.package import render_policy
from local.stack import Stack
from local.stages import LOCAL_STAGE, ROOT

pytestmark = [pytest.mark.local]

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}
TABLE = f"envoi-{LOCAL_STAGE}"
KEY = {"PK": {"S": "rights"}, "SK": {"S": "rights"}}

Clients = Callable[[str], Any]
Deed = Callable[[Clients], Any]
Deeds = list[tuple[str, list[Deed]]]


def put_item(clients: Clients) -> Any:
    """Write an item."""
    return clients("dynamodb").put_item(TableName=TABLE, Item=KEY)


def get_item(clients: Clients) -> Any:
    """Read an item."""
    return clients("dynamodb").get_item(TableName=TABLE, Key=KEY)


def get_items(clients: Clients) -> Any:
    """Read several items at once."""
    return clients("dynamodb").batch_get_item(RequestItems={TABLE: {"Keys": [KEY]}})


def query(clients: Clients) -> Any:
    """Read a partition."""
    condition = {"KeyConditionExpression": "PK = :p", "ExpressionAttributeValues": {":p": {"S": "rights"}}}
    return clients("dynamodb").query(TableName=TABLE, **condition)


def update_item(clients: Clients) -> Any:
    """Change an item."""
    return clients("dynamodb").update_item(TableName=TABLE, Key=KEY)


def settle(clients: Clients) -> Any:
    """Change items in a transaction, as a confirmation does."""
    values = {"UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"N": "1"}}}
    return clients("dynamodb").transact_write_items(
        TransactItems=[{"Update": {"TableName": TABLE, "Key": KEY, **values}}]
    )


def transact(clients: Clients) -> Any:
    """Write an item in a transaction, as a cancellation does."""
    return clients("dynamodb").transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": KEY}}])


def delete_item(clients: Clients) -> Any:
    """Delete an item."""
    return clients("dynamodb").delete_item(TableName=TABLE, Key=KEY)


def scan(clients: Clients) -> Any:
    """Read the whole table."""
    return clients("dynamodb").scan(TableName=TABLE)


def make_mac(clients: Clients) -> Any:
    """Make the MAC of a security code."""
    return clients("kms").generate_mac(
        KeyId=f"alias/envoi-{LOCAL_STAGE}-code", Message=b"m", MacAlgorithm="HMAC_SHA_256"
    )


def read_link_key(clients: Clients) -> Any:
    """Read the key of the links."""
    return clients("secretsmanager").get_secret_value(SecretId=f"envoi-{LOCAL_STAGE}-link")


def read_claim_key(clients: Clients) -> Any:
    """Read the key of the links to held money."""
    return clients("secretsmanager").get_secret_value(SecretId=f"envoi-{LOCAL_STAGE}-claim")


def read_x_secret(clients: Clients) -> Any:
    """Read the secret of X."""
    return clients("secretsmanager").get_secret_value(SecretId=f"envoi-{LOCAL_STAGE}-x")


def read_meta_secret(clients: Clients) -> Any:
    """Read the secret of Meta."""
    return clients("secretsmanager").get_secret_value(SecretId=f"envoi-{LOCAL_STAGE}-meta")


def send_sms(clients: Clients) -> Any:
    """Send a text message."""
    return clients("sns").publish(PhoneNumber="+33700000000", Message="rights")


def publish(clients: Clients) -> Any:
    """Publish on the topic of events, on a road that leads nowhere."""
    topics = f"arn:aws:sns:eu-west-3:000000000000:envoi-{LOCAL_STAGE}-events"
    return clients("sns").publish(TopicArn=topics, Message="rights")


OF_NETWORKS: list[Deed] = [read_x_secret, read_meta_secret]
LINKS: list[Deed] = [read_link_key, read_claim_key]
MAY: Deeds = [
    # It puts claims; of leading keys the emulator knows nothing: tests/template/test_leading_keys.py.
    ("api_handler", [put_item, update_item, settle, make_mac, *LINKS, *OF_NETWORKS]),
    ("read_orders", [put_item, update_item, transact]),
    ("publish_changes", [put_item, publish]),
    ("project_entries", [put_item, get_item]),
    ("gather", [get_item, transact, settle]),
    ("send_links", [put_item, read_link_key, send_sms]),
    ("send_receipts", [put_item, send_sms]),
    ("send_replies", [put_item, get_item, get_items, query, read_claim_key, *OF_NETWORKS]),
]
MAY_NOT: Deeds = [
    ("api_handler", [delete_item, scan, query, send_sms, publish]),
    ("read_orders", [delete_item, scan, send_sms, publish, make_mac, *LINKS, *OF_NETWORKS]),
    ("publish_changes", [delete_item, scan, send_sms, make_mac, *LINKS, *OF_NETWORKS]),
    ("project_entries", [update_item, delete_item, scan, send_sms, publish, make_mac, *LINKS, *OF_NETWORKS]),
    ("gather", [delete_item, scan, send_sms, publish, make_mac, *LINKS, *OF_NETWORKS]),
    ("send_links", [delete_item, scan, publish, make_mac, read_claim_key, *OF_NETWORKS]),
    ("send_receipts", [delete_item, scan, publish, make_mac, *LINKS, *OF_NETWORKS]),
    ("send_replies", [update_item, delete_item, scan, send_sms, publish, make_mac, read_link_key]),
]


def cases(table: Deeds) -> list[Any]:
    """One case for each function and deed, named after both."""
    return [
        pytest.param(name, deed, id=f"{name}-{getattr(deed, '__name__', '')}")
        for name, deeds in table
        for deed in deeds
    ]


@pytest.fixture(scope="module")
def role_of(local_stack: Stack) -> Callable[[str], Clients]:
    """Clients with the rights that a function's policy gives, and no others."""
    made: dict[str, Clients] = {}

    def role(function: str) -> Clients:
        if function not in made:
            made[function] = _assumed(local_stack, function)
        return made[function]

    return role


@pytest.mark.parametrize(("function", "deed"), cases(MAY))
def test_a_function_may_do_its_work(role_of: Callable[[str], Clients], function: str, deed: Deed) -> None:
    """What a function needs is granted."""
    assert deed(role_of(function))["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(("function", "deed"), cases(MAY_NOT))
def test_a_function_may_do_no_more(role_of: Callable[[str], Clients], function: str, deed: Deed) -> None:
    """What another function is for, and what none may do, is refused by the role, whatever the code tries."""
    with pytest.raises(ClientError, match="not authorized"):
        deed(role_of(function))


def _assumed(stack: Stack, function: str) -> Clients:
    source = (ROOT / ".chalice" / "policies" / f"{function}.json").read_text()
    iam, name = stack.client("iam"), f"test-{function}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    policy = json.dumps(render_policy(source, LOCAL_STAGE))
    iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=policy)
    keys = stack.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], stack.region)
    return lambda service: session.client(service, endpoint_url=stack.aws_endpoint_url)  # type: ignore[call-overload]
