"""Every failed call to the outside is counted under the service that failed it, and nothing else is."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from chalicelib import aws
from chalicelib.channels.twitter_api import XClient
from chalicelib.services import Retry
from chalicelib.telemetry import metrics

REGION = "eu-west-3"
KEY = {"PK": {"S": "x"}, "SK": {"S": "0"}}
TABLE = {"TableName": "t", "Key": KEY}


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty AWS account, nothing counted."""
    for name, value in {"AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    metrics._counts.clear()
    forget = aws.client.cache_clear
    forget()
    yield
    forget()
    metrics._counts.clear()


def counted() -> dict[str, int]:
    """How many calls each service has failed."""
    return {dict(key)["outside"]: names["OutsideDown"] for key, names in metrics._counts.items()}


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("dynamodb", "get_item", TABLE, "ThrottlingException"),
        ("dynamodb", "get_item", TABLE, "AccessDeniedException"),
        ("kms", "describe_key", {"KeyId": "alias/x"}, "DisabledException"),
        ("sns", "publish", {"PhoneNumber": "+33600000000", "Message": "x"}, "InternalErrorException"),
        (
            "sqs",
            "send_message",
            {"QueueUrl": "https://q", "MessageBody": "x"},
            "AWS.SimpleQueueService.NonExistentQueue",
        ),
        ("secretsmanager", "get_secret_value", {"SecretId": "s"}, "InternalServiceError"),
    ],
)
def test_an_error_answer_is_counted_under_its_service(
    service: str, operation: str, parameters: dict[str, Any], code: str
) -> None:
    """Throttled, forbidden, disabled or broken: the alarm's name says where to look."""
    client = aws.client(service)
    with Stubber(client) as stub:
        stub.add_client_error(operation, code)
        with pytest.raises(ClientError):
            getattr(client, operation)(**parameters)
    assert counted() == {service: 1}


@pytest.mark.parametrize("code", sorted(aws.ORDINARY))
def test_what_tells_of_our_own_data_is_no_outage(code: str) -> None:
    """A refused condition is a customer's daily life."""
    client = aws.client("dynamodb")
    with Stubber(client) as stub:
        stub.add_client_error("get_item", code)
        with pytest.raises(ClientError):
            client.get_item(**TABLE)
    assert counted() == {}


def test_a_service_that_cannot_be_reached_is_counted_once_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three attempts on the wire are one failed call."""
    client = aws.client("dynamodb")

    def refuse(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.test")

    monkeypatch.setattr(client._endpoint.http_session, "send", refuse)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(EndpointConnectionError):
        client.get_item(**TABLE)
    assert counted() == {"dynamodb": 1}


def test_an_answer_is_no_outage() -> None:
    """What goes well is not counted."""
    client = aws.client("dynamodb")
    with Stubber(client) as stub:
        stub.add_response("get_item", {"Item": KEY})
        client.get_item(**TABLE)
    assert counted() == {}


@pytest.mark.parametrize(
    ("phone", "block"), [("+33612345678", "p3361"), ("+8190123456789", "p8190"), ("+4179", "p4179")]
)
def test_a_prefix_is_a_value_and_no_phone(phone: str, block: str) -> None:
    """Pumping shows in the block of numbers that it uses; nobody's number is told."""
    assert metrics.prefix(phone) == block
    metrics.count("SmsByPrefix", kind="link", prefix=metrics.prefix(phone))
    ((dimensions, _),) = metrics._counts.items()
    assert dict(dimensions)["prefix"] == block


def test_x_out_of_reach_is_counted_too() -> None:
    """Replies wait, and the alarm says for whom."""
    keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_secret"), "k")
    assert isinstance(XClient(keys, base_url="http://127.0.0.1:1").reply("x", to="1"), Retry)
    assert counted() == {"x": 1}
