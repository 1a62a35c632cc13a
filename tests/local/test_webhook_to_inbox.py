"""From X's webhook to the inbox queue, through the local API Gateway, the packaged function and its own role."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chalicelib.channels import Named
from chalicelib.channels.inbox import read
from local import x
from local.stack import Stack
from tests.local.conftest import Call, Drain

pytestmark = [pytest.mark.local]

PATH = "/webhooks/twitter"
CRC_TOKEN = "M2RkODJkZmMtYjlkYi00NmQ4LTk0MGUtM2JjYzkwM2Q4MjQ0"
PAYER = Named(user_id="2222222222222222222", handle="superpayeur")
PAYEE = Named(user_id="3333333333333333333", handle="superpipou")


def order(stack: Stack, text: str = "@Smoneyfr #envoyer 10 euros @superpipou, à bientôt") -> bytes:
    """The body of a webhook with an order to pay."""
    bot = Named(user_id=stack.bot_user_id, handle=stack.bot_handle)
    return x.mention(text, author=PAYER, named=[bot, PAYEE])


def signed(stack: Stack, body: bytes) -> dict[str, str]:
    """The headers of a genuine webhook."""
    return x.sign(body, stack.x_secret["consumer_secret"])


def test_a_genuine_webhook_is_one_message(local_stack: Stack, call: Call, inbox: Drain) -> None:
    """A genuine webhook is answered 200 and lies in the inbox as one message with its text and its time."""
    body = order(local_stack)
    status, answer = call("POST", PATH, body, signed(local_stack, body))
    assert (status, answer) == (200, b"")
    (message,) = inbox()
    event = read(message)
    assert event.network == "twitter"
    assert event.received_at > 1_700_000_000
    assert "#envoyer 10 euros @superpipou, à bientôt" in json.dumps(event.payload, ensure_ascii=False)


def test_a_webhook_sent_twice_is_taken_twice(local_stack: Stack, call: Call, inbox: Drain) -> None:
    """The inbox decides nothing: X's own repeat is queued again, and the reader keeps one order."""
    body = order(local_stack)
    for _ in range(2):
        assert call("POST", PATH, body, signed(local_stack, body))[0] == 200
    assert len(inbox()) == 2


def test_an_ignored_event_is_answered_and_not_queued(local_stack: Stack, call: Call, inbox: Drain) -> None:
    """A signed event that is no message is a drop: 200, so that X does not send it again."""
    body = b'{"something": "new"}'
    assert call("POST", PATH, body, signed(local_stack, body))[0] == 200
    assert inbox() == []


@pytest.mark.parametrize("forgery", ["wrong key", "other body", "no header", "empty header", "non-ASCII header"])
def test_a_forgery_is_refused_without_a_word(local_stack: Stack, call: Call, inbox: Drain, forgery: str) -> None:
    """Whatever lacks a genuine signature is a bare 401 and reaches no queue."""
    body = order(local_stack)
    headers = signed(local_stack, body)
    name = "x-twitter-webhooks-signature"
    if forgery == "wrong key":
        headers = x.sign(body, "another secret")
    elif forgery == "other body":
        body = body.replace(b"10 euros", b"99 euros")
    elif forgery == "no header":
        del headers[name]
    else:
        headers[name] = "" if forgery == "empty header" else "sha256=é" + headers[name]
    assert call("POST", PATH, body, headers) == (401, b"")
    assert inbox() == []


@pytest.mark.parametrize(
    "body",
    [b"{" * 3, b'{"data": ', b'["data"]', b"[" * 100_000, b'"\\ud800"', b"\x00"],
    ids=["braces", "cut off", "list", "deep", "text", "NUL"],
)
def test_what_is_no_object_is_refused_even_if_signed(local_stack: Stack, call: Call, inbox: Drain, body: bytes) -> None:
    """A signed body that is no JSON object is a 400 and reaches no queue."""
    assert call("POST", PATH, body, signed(local_stack, body)) == (400, b"")
    assert inbox() == []


def test_a_body_over_a_mebibyte_is_refused(call: Call, inbox: Drain) -> None:
    """One byte over the limit is a 413, before its signature is looked at; the limit itself is no 413."""
    assert call("POST", PATH, b" " * 1_048_577, {"Content-Type": "application/json"}) == (413, b"")
    assert call("POST", PATH, b" " * 1_048_576, {"Content-Type": "application/json"}) == (401, b"")
    assert inbox() == []


def test_another_content_type_is_refused(local_stack: Stack, call: Call, inbox: Drain) -> None:
    """Only JSON is taken: 415 for what a form on a foreign page could send."""
    body = order(local_stack)
    headers = signed(local_stack, body) | {"Content-Type": "text/plain"}
    assert call("POST", PATH, body, headers)[0] == 415
    assert inbox() == []


def test_the_crc_is_answered(local_stack: Stack, call: Call) -> None:
    """A token of X's alphabet is signed with the consumer secret, in base64."""
    status, answer = call("GET", f"{PATH}?crc_token={CRC_TOKEN}&nonce=MTc2")
    expected = x.sign(CRC_TOKEN.encode(), local_stack.x_secret["consumer_secret"])["x-twitter-webhooks-signature"]
    assert (status, json.loads(answer)) == (200, {"response_token": expected})


@pytest.mark.parametrize(
    "query", ["", "?crc_token=", "?crc_token=%7B%22data%22%3A%7B%7D%7D", "?crc_token=" + "a" * 129]
)
def test_the_crc_signs_no_body(call: Call, query: str) -> None:
    """A token that could be a webhook's body is refused: its answer would be a forged signature."""
    assert call("GET", PATH + query) == (400, b"")


def test_x_sends_again_when_the_queue_refuses(local_stack: Stack, call: Call, inbox: Drain) -> None:
    """A queue that takes nothing means 503, never a 200; and with the right back the same webhook is taken."""
    body = order(local_stack)
    with denied(local_stack, "sqs:SendMessage*"):
        assert call("POST", PATH, body, signed(local_stack, body)) == (503, b"")
        assert inbox() == []
    assert call("POST", PATH, body, signed(local_stack, body))[0] == 200
    assert len(inbox()) == 1


@contextmanager
def denied(stack: Stack, action: str) -> Iterator[None]:
    """Take a right from the API's role for a while, which works only where roles are enforced."""
    role = stack.client("lambda").get_function_configuration(FunctionName="envoi-local")["Role"]
    name = role.rsplit("/", 1)[1]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
    iam = stack.client("iam")
    iam.put_role_policy(RoleName=name, PolicyName="denied", PolicyDocument=json.dumps(policy))
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="denied")
