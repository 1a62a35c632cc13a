"""The webhooks of Meta's networks inside the function: the check, the signature, and whose programme it is."""

import base64
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from chalice.local import LambdaContext

from app import app
from chalicelib import config, secrets
from chalicelib.channels import Event, inbox
from local import meta

OLD = {"app_secret": "the-old-app-secret", "verify_token": "the-old-verify-token"}
NEW = {"app_secret": "the-new-app-secret", "verify_token": "the-new-verify-token"}
PAGE = config.programme("smoney").bots["facebook"].user_id
TEXT = "Envoyer 10 € à @bob"
ORDER = meta.body(meta.written(TEXT, page=PAGE, by="4237571439620831"), page=PAGE)
CONTEXT = LambdaContext("api_handler", 512)
NETWORKS = ("facebook", "instagram", "whatsapp")


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """A function that has kept the old secrets while the new ones are written already, and an inbox that keeps all."""
    monkeypatch.setattr(secrets, "values", lambda _name: (OLD,))
    monkeypatch.setattr(secrets, "fresh", lambda _name: (NEW, OLD))
    taken: list[Event] = []
    monkeypatch.setattr(inbox, "put", taken.extend)
    return taken


def call(
    method: str, body: bytes | None = None, *, headers: Mapping[str, str] | None = None,
    network: str = "facebook", query: Mapping[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Call a route as API Gateway does, the body in base64."""
    event = {
        "requestContext": {"httpMethod": method, "resourcePath": f"/webhooks/{network}", "identity": {}},
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()},
        "headers": dict(headers or {}),
        "pathParameters": None,
        "stageVariables": None,
        "isBase64Encoded": body is not None,
        "body": None if body is None else base64.b64encode(body).decode(),
    }
    answer: dict[str, Any] = app(event, CONTEXT)
    return answer


def check(token: str, **changes: str) -> dict[str, str]:
    """The query of Meta's check."""
    query = {"mode": "subscribe", "verify_token": token, "challenge": "1158201444", **changes}
    return {f"hub.{name}": value for name, value in query.items()}


@pytest.mark.parametrize("token", [OLD["verify_token"], NEW["verify_token"]])
def test_the_check_is_answered_as_plain_text(token: str) -> None:
    """Whoever knows a live verify token gets the challenge back as it is."""
    answer = call("GET", query=check(token))
    assert (answer["statusCode"], answer["body"]) == (200, "1158201444")
    assert answer["multiValueHeaders"].get("Content-Type", [answer["headers"].get("Content-Type")]) == ["text/plain"]


@pytest.mark.parametrize(
    "query",
    [{}, check("somebody's guess"), check(""), check(NEW["verify_token"], mode="unsubscribe"),
     check(NEW["verify_token"], challenge="<script>")],
)  # fmt: skip
def test_nobody_else_gets_an_answer(query: Mapping[str, str]) -> None:
    """403 and not a word; a challenge that could be a page is not given back either."""
    answer = call("GET", query=query)
    assert (answer["statusCode"], answer["body"]) == (403, "")


def test_an_empty_verify_token_is_known_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until an operator has filled the secret, empty does not equal empty."""
    monkeypatch.setattr(secrets, "fresh", lambda _name: ({"app_secret": "x", "verify_token": ""},))
    assert call("GET", query=check(""))["statusCode"] == 403


@pytest.mark.parametrize("secret", [OLD["app_secret"], NEW["app_secret"]])
def test_two_app_secrets_are_genuine_while_one_is_rotated(queued: list[Event], secret: str) -> None:
    """Meta signs with the new one at once; what it signed with the old one is an order too."""
    assert call("POST", ORDER, headers=meta.sign(ORDER, secret))["statusCode"] == 200
    (event,) = queued
    assert (event.network, event.payload["text"]) == ("facebook", TEXT)


def test_a_body_that_was_parsed_and_written_again_is_forged(queued: list[Event]) -> None:
    """The bytes are signed with their escapes: accents as letters are another body."""
    body = ORDER
    assert b"\\u20ac" in body
    assert b"\\u0040" in body
    rewritten = body.decode().encode().replace(b"\\u20ac", "€".encode())
    assert call("POST", rewritten, headers=meta.sign(body, NEW["app_secret"]))["statusCode"] == 401
    assert queued == []


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b'{"object": "page"}', 200), (b" " * 1_048_577, 413)],
    ids=["cut off", "list", "no entry", "over 1 MiB"],
)
def test_what_is_signed_is_judged_as_on_x(queued: list[Event], body: bytes, status: int) -> None:
    """The same statuses, and nothing in the inbox."""
    answer = call("POST", body, headers=meta.sign(body, NEW["app_secret"]))
    assert (answer["statusCode"], answer["body"]) == (status, "")
    assert queued == []


@pytest.mark.parametrize("signature", [None, "", "sha256=", "sha1=abc", "sha256=é"])
def test_what_is_not_signed_is_refused(queued: list[Event], signature: str | None) -> None:
    """A bare 401, whatever stands in the header."""
    headers = {"Content-Type": "application/json"}
    headers |= {} if signature is None else {"X-Hub-Signature-256": signature}
    assert call("POST", ORDER, headers=headers)["statusCode"] == 401
    assert queued == []


def test_meta_comes_again_while_its_secret_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """503, not 401: the order is sent again when the operator has mended it."""

    def missing(name: str) -> tuple[Mapping[str, str], ...]:
        raise secrets.SecretMissing(name)

    monkeypatch.setattr(secrets, "values", missing)
    monkeypatch.setattr(secrets, "fresh", missing)
    assert call("POST", ORDER, headers=meta.sign(ORDER, "any"))["statusCode"] == 503
    assert call("GET", query=check("any"))["statusCode"] == 503


@pytest.mark.parametrize("network", ["instagram", "whatsapp"])
def test_a_network_that_the_programme_is_not_on_is_not_there(queued: list[Event], network: str) -> None:
    """A genuine signature changes nothing: this programme has no section for it."""
    headers = meta.sign(ORDER, NEW["app_secret"])
    assert call("POST", ORDER, headers=headers, network=network)["statusCode"] == 404
    assert call("GET", query=check(NEW["verify_token"]), network=network)["statusCode"] == 404
    assert queued == []


def test_x_is_not_there_on_a_programme_without_it(queued: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    """The bank in Japan is on Messenger alone."""
    monkeypatch.setenv("ENVOI_PROGRAMME", "rakuten")
    answer = call("POST", b"{}", headers={"Content-Type": "application/json"}, network="twitter")
    assert answer["statusCode"] == 404
    assert queued == []


def test_a_start_of_the_app_loads_nothing_of_meta() -> None:
    """X's webhook answers without reading a line of Meta's modules."""
    script = "import app, sys; print([one for one in sys.modules if 'meta' in one.split('.')[-1] or 'facebook' in one])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert [one for one in ("chalicelib.web.meta", "chalicelib.channels.facebook") if one in ran.stdout] == []
