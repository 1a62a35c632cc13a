"""The doors to KMS, SNS and Secrets Manager, against moto: what they send, and what an outage looks like."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib import aws, secrets
from chalicelib.config import SmsSettings
from chalicelib.errors import Unavailable
from chalicelib.identity import code
from chalicelib.identity.kms import KmsCodes
from chalicelib.notices.sns import SnsSms, SnsTopic

REGION = "eu-west-3"
SETTINGS = SmsSettings(sender_id="SMONEY", max_price_usd="0.20")


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS account."""
    for name, value in {"AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        forget = aws.client.cache_clear
        forget()
        secrets.forget()
        yield
    forget()
    secrets.forget()


@pytest.fixture
def codes() -> KmsCodes:
    """The code service with a fresh key."""
    kms = boto3.client("kms", region_name=REGION)
    key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/envoi-test-code", TargetKeyId=key)
    return KmsCodes("alias/envoi-test-code")


def test_a_code_has_one_mac_for_an_account(codes: KmsCodes) -> None:
    """The same code again matches; another code or another account does not."""
    mac = codes.mac("alice", "482913")
    assert code.matches(mac, codes.candidates("alice", "482913"))
    assert not code.matches(mac, codes.candidates("alice", "482914"))
    assert not code.matches(mac, codes.candidates("bob", "482913"))
    assert not code.matches("", codes.candidates("alice", "482913"))


def test_a_key_that_cannot_be_used_is_an_outage() -> None:
    """Refuse and try later: never fail open."""
    with pytest.raises(Unavailable, match="KMS"):
        KmsCodes("alias/nobody").mac("alice", "482913")


def test_a_text_is_sent_as_transactional(monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments are no advertising: networks deliver them first."""
    sent: list[dict[str, Any]] = []

    class Client:
        def publish(self, **parameters: Any) -> None:
            sent.append(parameters)

    monkeypatch.setattr(aws, "client", lambda _: Client())
    SnsSms(SETTINGS).send("+33612345678", "Bonjour")
    attributes = {
        "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"},
        "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": "0.20"},
        "AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "SMONEY"},
    }
    assert sent == [{"PhoneNumber": "+33612345678", "Message": "Bonjour", "MessageAttributes": attributes}]
    SnsSms(replace(SETTINGS, sender_id="")).send("+33612345678", "Bonjour")
    assert "AWS.SNS.SMS.SenderID" not in sent[1]["MessageAttributes"]


@pytest.mark.parametrize("phone", ["", "0612345678", "+33 6 12 34 56 78", "+0612345678", "+33612345678\n", "arn:aws:x"])
def test_a_number_that_is_none_is_never_sent_to(phone: str) -> None:
    """SNS would take some of these, and an ARN would publish elsewhere."""
    with pytest.raises(ValueError, match="phone number"):
        SnsSms(SETTINGS).send(phone, "Bonjour")


def test_an_error_of_the_topic_is_an_outage() -> None:
    """The stream's batch comes again."""
    with pytest.raises(Unavailable, match="SNS"):
        SnsTopic(f"arn:aws:sns:{REGION}:123456789012:nobody").publish({"a": 1}, attributes={"road": "replies"})


def test_a_secret_has_two_versions_while_it_is_rotated() -> None:
    """The new one first; both are live until the next rotation."""
    manager = boto3.client("secretsmanager", region_name=REGION)
    manager.create_secret(Name="s", SecretString=json.dumps({"key": "old"}))
    assert secrets.values("s") == ({"key": "old"},)
    manager.put_secret_value(SecretId="s", SecretString=json.dumps({"key": "new"}))
    assert secrets.values("s") == ({"key": "old"},), "kept for five minutes"
    secrets.forget()
    assert secrets.values("s") == ({"key": "new"}, {"key": "old"})


@pytest.mark.parametrize("content", ["", "no json", "[]"])
def test_a_secret_that_holds_no_object_is_missing(content: str) -> None:
    """A stage whose operator has not filled it yet refuses to work, and says which secret."""
    manager = boto3.client("secretsmanager", region_name=REGION)
    manager.create_secret(Name="s", SecretString=content or " ")
    with pytest.raises(secrets.SecretMissing, match="secret s "):
        secrets.values("s")


def test_a_secret_that_is_not_there_is_missing() -> None:
    """The same, when there is none at all."""
    with pytest.raises(secrets.SecretMissing):
        secrets.values("nothing")
