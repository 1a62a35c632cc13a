"""Replies on X: what is sent, how it is signed, and what each answer means."""

import gzip
import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from oauthlib.oauth1 import Client

from chalicelib.channels import outside
from chalicelib.channels.twitter_api import XClient
from chalicelib.services import Permanent, Posted, Posts, Retry, Sent
from tests.channels.golden import load
from tests.channels.http_server import Answer, Server
from tests.channels.x_server import KEYS, oauth_parameters, signature, x_server

NOW = 1_800_000_000
DUPLICATE = {
    "title": "Forbidden",
    "detail": "You are not allowed to create a Tweet with duplicate content.",
    "type": "about:blank",
    "status": 403,
}


@pytest.fixture
def x() -> Iterator[Server]:
    """A server of X that answers as told."""
    with x_server() as server:
        yield server


def reply(x: Server, answer: Answer, *, again: bool = False) -> Posted:
    """Reply once, with this answer of X."""
    x.answers.append(answer)
    client = XClient(KEYS, base_url=x.url, now=lambda: NOW)
    return client.reply("Lien envoyé par SMS (A7Q2)", to="2080765813578191303", again=again)


def test_reply(x: Server) -> None:
    """A reply is one signed JSON post to /2/tweets under the post that it answers."""
    assert reply(x, Answer(201, load("api_create_post_response"))) == Sent("1900000000000000002")
    (seen,) = x.seen
    assert seen.path == "/2/tweets"
    assert seen.body == {"text": "Lien envoyé par SMS (A7Q2)", "reply": {"in_reply_to_tweet_id": "2080765813578191303"}}
    assert seen.headers["content-type"] == "application/json"
    assert seen.genuine


def test_private_message(x: Server) -> None:
    """A private message is one signed JSON post to the conversation with a person; it is one of the service's ports."""
    x.answers.append(Answer(201, {"data": {"dm_conversation_id": "1-2", "dm_event_id": "1900000000000000003"}}))
    client: Posts = XClient(KEYS, base_url=x.url)
    assert client.message("bonjour", to="2222222222222222222") == Sent("1900000000000000003")
    (seen,) = x.seen
    assert (seen.path, seen.body) == ("/2/dm_conversations/with/2222222222222222222/messages", {"text": "bonjour"})
    assert seen.genuine


def test_private_message_that_a_person_does_not_take(x: Server) -> None:
    """A person who takes no messages is refused for good, without an alarm."""
    x.answers.append(Answer(403, {"errors": [{"code": 349, "message": "You cannot send messages to this user."}]}))
    assert XClient(KEYS, base_url=x.url).message("bonjour", to="5") == Permanent("forbidden")


def test_each_request_has_its_own_nonce(x: Server) -> None:
    """No two requests share a nonce, and a connection may be used again."""
    client = XClient(KEYS, base_url=x.url + "/")
    x.answers += [Answer(201, {"data": {"id": "1"}}), Answer(201, {"data": {"id": "2"}})]
    assert [client.reply("a", to="5"), client.reply("a", to="5")] == [Sent("1"), Sent("2")]
    nonces = {oauth_parameters(seen.headers["authorization"])["oauth_nonce"] for seen in x.seen}
    assert len(nonces) == 2
    assert all(seen.genuine for seen in x.seen)


def test_server_refuses_other_secrets(x: Server) -> None:
    """The server of these tests tells a wrong secret, so that `genuine` means something."""
    x.answers.append(Answer(401, {"title": "Unauthorized"}))
    client = XClient(KEYS | {"access_secret": "other"}, base_url=x.url)
    assert client.reply("a", to="5") == Permanent("unauthorized", alarm=True)
    assert not x.seen[0].genuine


def test_worked_example_of_x() -> None:
    """Both oauthlib and the server's own computation give the signature of X's page "Creating a signature"."""
    keys = {
        "consumer_key": "xvz1evFS4wEEPTGEFPHBog",
        "consumer_secret": "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "access_token": "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "access_secret": "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    }
    url, form = "https://api.twitter.com/1.1/statuses/update.json", "Hello Ladies + Gentlemen, a signed OAuth request!"
    client = Client(
        keys["consumer_key"],
        client_secret=keys["consumer_secret"],
        resource_owner_key=keys["access_token"],
        resource_owner_secret=keys["access_secret"],
        nonce="kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
        timestamp="1318622958",
    )
    body = {"status": form}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    _, signed, _ = client.sign(url + "?include_entities=true", http_method="POST", body=body, headers=headers)
    parameters = oauth_parameters(signed["Authorization"])
    assert parameters.pop("oauth_signature") == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="
    parameters |= {"include_entities": "true", "status": form}
    assert signature(url, parameters, keys) == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-rate-limit-reset": str(NOW + 120)}, 120),
        ({"x-rate-limit-reset": str(NOW - 5)}, 1),
        ({"x-rate-limit-reset": str(NOW + 86_400)}, 900),
        ({"Retry-After": "30", "x-rate-limit-reset": str(NOW + 120)}, 30),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "9" * 5_000}, 60),
        ({"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, 60),
        ({"x-rate-limit-reset": "-5"}, 60),
        ({"x-rate-limit-reset": "²"}, 60),
        ({}, 60),
    ],
)
def test_rate_limit(x: Server, headers: dict[str, str], seconds: int) -> None:
    """A 429 waits for as long as X says, between 1 second and 15 minutes."""
    assert reply(x, Answer(429, {}, headers)) == Retry(seconds, "rate_limited")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_x_is_down(x: Server, status: int) -> None:
    """Errors of X's side are tried again, after what it says if it says so."""
    assert reply(x, Answer(status, b"<html>")) == Retry(10, "unavailable")
    assert reply(x, Answer(status, {}, {"Retry-After": "77"})) == Retry(77, "unavailable")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(400, {"title": "Invalid Request"}), Permanent("bad_request", alarm=True)),
        (Answer(401, {"title": "Unauthorized"}), Permanent("unauthorized", alarm=True)),
        (Answer(404, {}), Permanent("not_found")),
        (Answer(402, {}), Permanent("status_402", alarm=True)),
        (Answer(403, {"detail": "You can only reply if you were mentioned."}), Permanent("forbidden")),
        (Answer(403, {"errors": [{"code": 433, "message": "restricted"}]}), Permanent("forbidden")),
        (Answer(403, b"not json"), Permanent("forbidden")),
        (Answer(403, {"errors": "x", "detail": None}), Permanent("forbidden")),
        (
            Answer(403, {"type": "https://api.twitter.com/2/problems/oauth1-permissions"}),
            Permanent("forbidden", alarm=True),
        ),
        (Answer(200, {"errors": [{"title": "x"}]}), Permanent("partial_errors", alarm=True)),
        (Answer(201, {"data": {"id": "7"}, "errors": [{"title": "x"}]}), Sent("7")),
        (Answer(201, b"[]"), Sent()),
        (Answer(201, {"data": {"id": 7}}), Sent()),
    ],
)
def test_final_answers(x: Server, answer: Answer, outcome: Posted) -> None:
    """Each refusal is final, and alarms if it would strike every other reply too."""
    assert reply(x, answer) == outcome


@pytest.mark.parametrize("body", [DUPLICATE, {"errors": [{"code": 187, "message": "Status is a duplicate."}]}])
def test_duplicates(x: Server, body: dict[str, Any]) -> None:
    """A duplicate means that the first try had arrived; on a first try, that the text is not unique."""
    assert reply(x, Answer(403, body)) == Permanent("duplicate")
    assert reply(x, Answer(403, body), again=True) == Sent()


def test_other_refusals_are_no_success_on_a_second_try(x: Server) -> None:
    """Only a duplicate counts as sent."""
    assert reply(x, Answer(403, {"detail": "restricted"}), again=True) == Permanent("forbidden")


def test_redirects_are_not_followed(x: Server) -> None:
    """A signed request goes nowhere else."""
    answer = Answer(307, {}, {"Location": x.url + "/elsewhere"})
    assert reply(x, answer) == Permanent("status_307", alarm=True)
    assert len(x.seen) == 1


def test_huge_answer(x: Server) -> None:
    """Of an answer only so much is read; the status still tells that it was posted."""
    assert reply(x, Answer(201, b'{"data":{"id":"1"},"x":"' + b"a" * 5_000_000 + b'"}')) == Sent()


def test_broken_answer(x: Server) -> None:
    """An answer that breaks off behind its status is known by its status."""
    assert reply(x, Answer(201, b"{}", {"Content-Length": "100", "Connection": "close"})) == Sent()


def test_compressed_answer_is_not_unpacked(x: Server) -> None:
    """An answer that is compressed unasked is not unpacked, whatever size it would have."""
    packed = gzip.compress(b'{"data":{"id":"1"}}')
    assert reply(x, Answer(201, packed, {"Content-Encoding": "gzip"})) == Sent()


def test_connection_errors(x: Server) -> None:
    """A connection that is refused or breaks off is tried again."""
    assert reply(x, Answer(cut=True)) == Retry(10, "unreachable")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert XClient(KEYS, base_url=f"http://127.0.0.1:{port}").reply("a", to="5") == Retry(10, "unreachable")


def test_timeout(x: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that never answers is left after the read timeout, and tried again."""
    monkeypatch.setattr(outside, "READ_SECONDS", 0.05)
    assert reply(x, Answer(silent=True)) == Retry(10, "timeout")


@pytest.mark.parametrize(
    "url",
    [
        *("http://api.x.com", "ftp://127.0.0.1", "api.x.com", "", "http://127.0.0.1.example.com", "https://"),
        *("https://user:word@api.x.com", "https://api.x.com?a=b", "http://10.0.0.1", "https://api.x.com#a"),
    ],
)
def test_unsafe_base_url(url: str) -> None:
    """The token goes only to https, except on this machine, and to no URL with a surprise in it."""
    with pytest.raises(ValueError, match="base URL"):
        XClient(KEYS, base_url=url)


def test_untrusted_certificate_is_refused() -> None:
    """TLS is verified: the pool demands certificates and fails on none."""
    pool = XClient(KEYS)._door.pool
    assert pool.connection_pool_kw["cert_reqs"] == "CERT_REQUIRED"


def test_nothing_is_logged_of_a_reply(x: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the text nor the keys nor the signature reach a log, even at debug level."""
    with caplog.at_level(logging.DEBUG):
        reply(x, Answer(500, {}))
    header = oauth_parameters(x.seen[0].headers["authorization"])
    for secret in (*KEYS.values(), "Lien envoy", header["oauth_signature"], header["oauth_nonce"]):
        assert secret not in caplog.text
