"""X's webhook inside the function, with whatever a stranger can send: never a 500, never a message without a proof."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from chalice.local import LambdaContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import app
from chalicelib import secrets
from chalicelib.channels import Event, inbox
from local import x

CURRENT, PREVIOUS = "the-current-consumer-secret", "the-one-before"
CRC_TOKEN = "M2RkODJkZmMtYjlkYi00NmQ4LTk0MGUtM2JjYzkwM2Q4MjQ0"

CONTEXT = LambdaContext("api_handler", 512)


def read_secrets(patch: pytest.MonkeyPatch, read: Callable[[str], Sequence[Mapping[str, str]]]) -> None:
    """Answer in place of Secrets Manager, whether a secret is kept or read again."""
    patch.setattr(secrets, "values", read)
    patch.setattr(secrets, "fresh", read)


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Two live secrets, and an inbox that keeps what is put into it."""
    taken: list[Event] = []
    versions = ({"consumer_secret": CURRENT}, {"consumer_secret": PREVIOUS})
    read_secrets(monkeypatch, lambda _name: versions)
    monkeypatch.setattr(inbox, "put", taken.extend)
    return taken


def call(
    method: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, *, query: str | None = None
) -> dict[str, Any]:
    """Call the route as API Gateway does, the body in base64."""
    encoded = None if body is None else base64.b64encode(body).decode()
    return invoke(method, encoded, headers or {}, query)


def invoke(method: str, body: str | None, headers: Mapping[str, str], query: str | None = None) -> dict[str, Any]:
    """Call the route with a body that is said to be base64."""
    event = {
        "requestContext": {"httpMethod": method, "resourcePath": "/webhooks/twitter", "identity": {}},
        "multiValueQueryStringParameters": None if query is None else {"crc_token": [query]},
        "headers": dict(headers),
        "pathParameters": None,
        "stageVariables": None,
        "isBase64Encoded": body is not None,
        "body": body,
    }
    answer: dict[str, Any] = app(event, CONTEXT)
    return answer


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.none() | st.binary(max_size=200),
    signature=st.none() | st.text(max_size=80),
    content_type=st.sampled_from(["application/json", "application/json; charset=utf-8"]),
)
def test_a_stranger_learns_and_queues_nothing(
    queued: list[Event], body: bytes | None, signature: str | None, content_type: str
) -> None:
    """Without the secret, every body and every header, in whatever characters, is a bare 401."""
    headers = {"Content-Type": content_type}
    if signature is not None:
        headers["X-Twitter-Webhooks-Signature"] = signature
    answer = call("POST", body, headers)
    assert (answer["statusCode"], answer["body"]) == (401, "")
    assert queued == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=300) | st.recursive(st.none() | st.text(), st.lists).map(lambda value: repr(value).encode())
)
def test_signed_nonsense_is_no_error_of_ours(queued: list[Event], body: bytes) -> None:
    """Bytes that X would sign, whatever they are, are taken or refused, and are never a 500."""
    answer = call("POST", body, x.sign(body, CURRENT))
    assert answer["statusCode"] in {200, 400}
    assert queued == []


@pytest.mark.parametrize("body", ["%%%", "YQ=", "é", "\ud800"])
def test_a_body_that_is_no_base64_is_refused(queued: list[Event], body: str) -> None:
    """What is said to be base64 and is not is the sender's fault."""
    assert invoke("POST", body, {"Content-Type": "application/json"})["statusCode"] in {400, 401}
    assert queued == []


@pytest.mark.parametrize("secret", [CURRENT, PREVIOUS])
def test_two_secrets_verify_while_one_is_rotated(secret: str) -> None:
    """X signs with the old secret until the app's new one is known everywhere: both are genuine."""
    body = b'{"data": {}}'
    assert call("POST", body, x.sign(body, secret))["statusCode"] == 200


@pytest.mark.parametrize("versions", [({},), ({"consumer_secret": ""},)], ids=["absent", "empty"])
def test_a_missing_secret_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch, versions: Sequence[Mapping[str, str]]
) -> None:
    """A secret without a value is not a secret that everybody knows."""
    read_secrets(monkeypatch, lambda _name: versions)
    body = b'{"data": {}}'
    assert call("POST", body, x.sign(body, ""))["statusCode"] == 401
    assert call("GET", query=CRC_TOKEN)["statusCode"] == 503


def test_a_secret_that_cannot_be_read_asks_x_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A genuine webhook must survive an operator's mistake: 503, and X sends it again."""

    def missing(name: str) -> tuple[Mapping[str, str], ...]:
        raise secrets.SecretMissing(name)

    read_secrets(monkeypatch, missing)
    body = b'{"data": {}}'
    assert call("POST", body, x.sign(body, CURRENT))["statusCode"] == 503
    assert call("GET", query=CRC_TOKEN)["statusCode"] == 503


def test_a_programme_that_breaks_a_rule_is_our_fault(queued: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    """A genuine post is not called malformed then: 5xx, so that X sends it again when the programme is mended."""

    def broken(_name: str) -> None:
        raise ValueError("a limit is below zero")

    monkeypatch.setattr("chalicelib.web.taking.programme", broken)
    assert call("POST", b"{}", x.sign(b"{}", CURRENT))["statusCode"] == 500
    assert queued == []


@pytest.mark.parametrize(("status", "reason"), [(400, "no JSON object"), (401, "no genuine signature")])
def test_what_is_refused_is_logged_with_its_reason(
    status: int, reason: str, queued: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    """The operator sees why in `console tail`; the sender does not."""
    signed = x.sign(b"[]", CURRENT) if status == 400 else {"Content-Type": "application/json"}
    answer = call("POST", b"[]", signed)
    assert (answer["statusCode"], answer["body"]) == (status, "")
    assert [vars(record).get("reason") for record in caplog.records] == [reason]
    assert queued == []


def test_the_check_can_use_the_other_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """X's documentation names two keys for its check; the secret itself says which one is asked for."""
    versions = ({"consumer_secret": CURRENT, "client_secret": "other", "crc_key": "client_secret"},)
    read_secrets(monkeypatch, lambda _name: versions)
    expected = x.sign(CRC_TOKEN.encode(), "other")["x-twitter-webhooks-signature"]
    assert expected in call("GET", query=CRC_TOKEN)["body"]


@given(token=st.text(max_size=140).filter(lambda token: not token.isascii() or not token.isprintable() or "{" in token))
def test_no_other_token_is_signed(token: str) -> None:
    """Whatever could stand in a body is no token of X's."""
    with pytest.MonkeyPatch.context() as patch:
        read_secrets(patch, lambda _name: ({"consumer_secret": CURRENT},))
        answer = call("GET", query=token)
    assert (answer["statusCode"], answer["body"]) == (400, "")
