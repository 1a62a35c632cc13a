"""Rotating X's secret without losing an order: webhooks and checks between the change and the functions' next look."""

import json
from typing import Any

import pytest
from chalice.local import LambdaContext

from app import app
from chalicelib import secrets
from chalicelib.channels import Event, inbox, signature
from local.sandbox.webhook import sign

OLD, NEW = {"consumer_secret": "the-old-consumer-secret"}, {"consumer_secret": "the-new-consumer-secret"}
BODY = b'{"data": {"event_type": "post.create"}}'
CRC_TOKEN = "M2RkODJkZmMtYjlkYi00NmQ4LTk0MGUtM2JjYzkwM2Q4MjQ0"
CONTEXT = LambdaContext("api_handler", 512)


@pytest.fixture(autouse=True)
def _kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that has kept the old secret, while Secrets Manager has the new one already."""
    monkeypatch.setattr(secrets, "values", lambda _name: (OLD,))
    monkeypatch.setattr(secrets, "fresh", lambda _name: (NEW, OLD))
    taken: list[Event] = []
    monkeypatch.setattr(inbox, "put", taken.extend)


def call(method: str, body: str | None = None, *, headers: dict[str, str] | None = None, crc: str = "") -> Any:
    """Call the route as API Gateway does."""
    event = {
        "requestContext": {"httpMethod": method, "resourcePath": "/webhooks/twitter", "identity": {}},
        "multiValueQueryStringParameters": {"crc_token": [crc]},
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "pathParameters": None,
        "stageVariables": None,
        "isBase64Encoded": False,
        "body": body,
    }
    return app(event, CONTEXT)


@pytest.mark.parametrize("signer", [OLD, NEW])
def test_a_webhook_signed_with_either_secret_is_taken(signer: dict[str, str]) -> None:
    """X signs with the new secret as soon as it is made; 401 would send the order away."""
    headers = sign(BODY, signer["consumer_secret"])
    assert call("POST", BODY.decode(), headers=headers)["statusCode"] == 200


def test_a_webhook_signed_with_neither_is_refused() -> None:
    """Asking again proves nothing by itself."""
    headers = sign(BODY, "a-secret-of-somebody-else")
    assert call("POST", BODY.decode(), headers=headers)["statusCode"] == 401


def test_the_check_is_answered_with_the_secret_of_now() -> None:
    """A check answered with the old one makes X mark the webhook invalid at once, and send nothing more."""
    answer = call("GET", crc=CRC_TOKEN)
    expected = signature.x_response_token(CRC_TOKEN, NEW["consumer_secret"])
    assert json.loads(answer["body"]) == {"response_token": expected}
