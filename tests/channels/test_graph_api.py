"""Messages by Meta's Graph API: what is sent, how it is proved, and what each answer means."""

import json
import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.channels import outside
from chalicelib.channels.graph_api import GraphClient, Sender
from chalicelib.channels.graph_errors import UNKNOWN, outcome
from chalicelib.channels.meta_sending import FORMS, Button, Outgoing, instagram, messenger, whatsapp
from chalicelib.services import Permanent, Posted, Posts, Retry, Sent
from chalicelib.telemetry import metrics
from tests.channels.graph_server import KEYS, graph_server, proof
from tests.channels.http_server import Answer, Server
from tests.channels.meta_golden import BSUID, NUMBER, PAGE, PSID

SENT = {"recipient_id": PSID, "message_id": "m_AG5Hz2Uq7tuwNEhXfYYKj8mJEM_QPpz5jdCK48PnKAjSdjfipqxqMvK8ma6AC8fplwlqLP"}
TEXT = "Lien envoyé par SMS (A7Q2)"
MESSAGE = Outgoing(to=PSID, text=TEXT, metadata="5f2a9c#link#1#reply")
NOWHERE = Permanent("no_public_replies")


@pytest.fixture
def meta() -> Iterator[Server]:
    """A Graph API that answers as told."""
    with graph_server() as server:
        yield server


def client(meta: Server) -> GraphClient:
    """A client that writes as the page."""
    return GraphClient(KEYS, sender=Sender(id=PAGE), base_url=meta.url)


def send(meta: Server, answer: Answer) -> Posted:
    """Send once, with this answer of Meta."""
    meta.answers.append(answer)
    return client(meta).send(MESSAGE)


def error(code: Any, subcode: Any = None, **more: Any) -> dict[str, Any]:
    """The body of a refusal."""
    return {"error": {"message": "x", "type": "OAuthException", "code": code, "error_subcode": subcode, **more}}


def test_send(meta: Server) -> None:
    """A message is one JSON post to the page's messages, as a response, with our metadata and the proof."""
    assert send(meta, Answer(200, SENT)) == Sent(SENT["message_id"])
    (seen,) = meta.seen
    assert seen.path == f"/v25.0/{PAGE}/messages"
    assert seen.body == {
        "recipient": {"id": PSID},
        "messaging_type": "RESPONSE",
        "message": {"text": TEXT, "metadata": "5f2a9c#link#1#reply"},
        "appsecret_proof": proof(KEYS),
    }
    assert seen.headers["content-type"] == "application/json"
    assert seen.genuine


def test_the_port(meta: Server) -> None:
    """The client is one of the service's ports: a message is a text alone, and nothing is answered in public."""
    meta.answers.append(Answer(200, SENT))
    port: Posts = client(meta)
    assert port.message(TEXT, to=PSID) == Sent(SENT["message_id"])
    assert port.reply(TEXT, to="5") == NOWHERE
    assert [seen.body["message"] for seen in meta.seen] == [{"text": TEXT}]


def test_a_sender_cannot_leave_its_path(meta: Server) -> None:
    """The id of the sender is one step of the path, whatever it holds."""
    meta.answers.append(Answer(200, SENT))
    GraphClient(KEYS, sender=Sender(id="../me?x=1"), base_url=meta.url).send(MESSAGE)
    assert meta.seen[0].path == "/v25.0/..%2Fme%3Fx%3D1/messages"


def test_the_server_refuses_another_secret(meta: Server) -> None:
    """The server of these tests tells a wrong secret, so that `genuine` means something."""
    meta.answers.append(Answer(400, error(190)))
    wrong = GraphClient(KEYS | {"app_secret": "other"}, sender=Sender(id=PAGE), base_url=meta.url)
    assert wrong.send(MESSAGE) == Permanent("unauthorized", alarm=True)
    assert not meta.seen[0].genuine


def test_quick_replies() -> None:
    """Buttons are quick replies, which go when one is tapped, so that no old one is tapped later."""
    buttons = (Button("Confirmer", "confirm"), Button("Annuler", "cancel"))
    assert messenger(Outgoing(to=PSID, text=TEXT, buttons=buttons))["message"] == {
        "text": TEXT,
        "quick_replies": [
            {"content_type": "text", "title": "Confirmer", "payload": "confirm"},
            {"content_type": "text", "title": "Annuler", "payload": "cancel"},
        ],
    }


def test_the_button_that_links() -> None:
    """The link to our page is a button of the network's own, which adds its token to it."""
    found = messenger(Outgoing(to=PSID, text=TEXT, link_url="https://envoi.example/l", metadata="x"))["message"]
    assert found["attachment"]["payload"] == {
        "template_type": "button",
        "text": TEXT,
        "buttons": [{"type": "account_link", "url": "https://envoi.example/l"}],
    }
    assert found["metadata"] == "x"
    assert "text" not in found


def test_whatsapp(meta: Server) -> None:
    """On WhatsApp the number writes, to a user id as a recipient, and the metadata comes back in the statuses."""
    meta.answers.append(Answer(200, {"messaging_product": "whatsapp", "messages": [{"id": "wamid.x"}]}))
    number = GraphClient(KEYS, sender=Sender(id="1122334455667", form=FORMS["whatsapp"]), base_url=meta.url)
    assert number.send(Outgoing(to=BSUID, text=TEXT, metadata="m")) == Sent("wamid.x")
    (seen,) = meta.seen
    assert seen.genuine
    assert (seen.path, seen.body) == (
        "/v25.0/1122334455667/messages",
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "recipient": BSUID,
            "type": "text",
            "text": {"body": TEXT, "preview_url": False},
            "biz_opaque_callback_data": "m",
            "appsecret_proof": proof(KEYS),
        },
    )


def test_whatsapp_buttons_and_numbers() -> None:
    """Whoever has no user id goes by the number; buttons are replies."""
    found = whatsapp(Outgoing(to=NUMBER, text=TEXT, buttons=(Button("Aide", "help"),)))
    assert (found["to"], found["type"]) == (NUMBER, "interactive")
    assert "recipient" not in found
    assert found["interactive"] == {
        "type": "button",
        "body": {"text": TEXT},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "help", "title": "Aide"}}]},
    }


def test_a_list_of_whatsapp() -> None:
    """More answers than three are rows of one section, which one button opens."""
    four = tuple(Button(f"Philippe {n}", f"payee:{'A' * 16}:{n}") for n in range(4))
    found = whatsapp(Outgoing(to=NUMBER, text=TEXT, buttons=four, list_label="Choisir"))
    assert found["type"] == "interactive"
    assert found["interactive"] == {
        "type": "list",
        "body": {"text": TEXT},
        "action": {
            "button": "Choisir",
            "sections": [{"rows": [{"id": one.payload, "title": one.title} for one in four]}],
        },
    }


def test_messenger_has_no_list() -> None:
    """There every answer is a quick reply."""
    buttons = (Button("Aide", "help"),)
    listed = Outgoing(to=PSID, text=TEXT, buttons=buttons, list_label="Choisir")
    assert messenger(listed) == messenger(Outgoing(to=PSID, text=TEXT, buttons=buttons))


def test_instagram_has_messengers_form() -> None:
    """Instagram takes what Messenger takes."""
    assert instagram(MESSAGE) == messenger(MESSAGE)


LONG = "é" * 640
LISTED = {"list_label": "Choisir"}
MANY = tuple(Button(str(number), "x") for number in range(13))


@pytest.mark.parametrize(
    ("network", "fits", "does_not"),
    [
        ("facebook", {"text": "é" * 1_999}, {"text": "é" * 2_000}),
        ("facebook", {"text": LONG, "link_url": "https://x"}, {"text": LONG + "é", "link_url": "https://x"}),
        ("facebook", {"buttons": MANY}, {"buttons": (*MANY, Button("x", "x"))}),
        ("facebook", {"buttons": (Button("é" * 20, "x" * 256),)}, {"buttons": (Button("é" * 21, "x"),)}),
        ("facebook", {"metadata": "x" * 512}, {"metadata": "x" * 513}),
        ("facebook", {}, {"text": ""}),
        ("facebook", {}, {"buttons": (Button("x", ""),)}),
        ("facebook", {}, {"buttons": (Button("", "x"),)}),
        ("facebook", {}, {"buttons": (Button("x", "x" * 257),)}),
        ("instagram", {"text": "é" * 500}, {"text": "é" * 501}),
        ("instagram", {}, {"link_url": "https://x"}),
        ("whatsapp", {"text": "é" * 4_096}, {"text": "é" * 4_097}),
        ("whatsapp", {"text": "é" * 1_024, "buttons": MANY[:1]}, {"text": "é" * 1_025, "buttons": MANY[:1]}),
        ("whatsapp", {"buttons": MANY[:3]}, {"buttons": MANY[:4]}),
        ("whatsapp", {"buttons": MANY[:10], **LISTED}, {"buttons": MANY[:11], **LISTED}),
        ("whatsapp", {"buttons": MANY[:4], **LISTED}, {"buttons": MANY[:4]}),
        ("whatsapp", {"buttons": MANY[:4], "list_label": "é" * 20}, {"buttons": MANY[:4], "list_label": "é" * 21}),
        ("whatsapp", {}, LISTED),
        (
            "whatsapp",
            {"buttons": (Button("x", "x" * 200),), **LISTED},
            {"buttons": (Button("x", "x" * 201),), **LISTED},
        ),
        ("whatsapp", {}, {"link_url": "https://x"}),
    ],
)
def test_limits(network: str, fits: dict[str, Any], does_not: dict[str, Any]) -> None:
    """What the network would cut off or refuse is a bug of ours, and found before it is sent."""
    whole: dict[str, Any] = {"to": "5", "text": "x"}
    assert FORMS[network](Outgoing(**{**whole, **fits}))
    with pytest.raises(ValueError):  # noqa: PT011  # each network words its own
        FORMS[network](Outgoing(**{**whole, **does_not}))


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80007, 130429, 131048, 131056])
def test_rate_limits(meta: Server, code: int) -> None:
    """Too much at once waits a minute, or as long as Meta says."""
    assert send(meta, Answer(400, error(code))) == Retry(60, "rate_limited")
    assert send(meta, Answer(400, error(code), {"Retry-After": "7"})) == Retry(7, "rate_limited")
    assert send(meta, Answer(429, b"<html>", {"Retry-After": "9999"})) == Retry(900, "rate_limited")


@pytest.mark.parametrize(
    "answer",
    [
        *(Answer(500, error(code)) for code in (1, 2, 1200, 131000, 131016, 131057, 133004)),
        Answer(400, error(99_999, is_transient=True)),
        *(Answer(status, b"<html>") for status in (500, 502, 503, 408)),
        Answer(500, {"error": "x"}),
        Answer(503, error("2")),
    ],
)
def test_meta_is_down(meta: Server, answer: Answer) -> None:
    """Errors of Meta's side are tried again, and counted for the alarm."""
    metrics._counts.clear()
    assert send(meta, answer) == Retry(10, "unavailable")
    assert any(dict(dimensions).get("outside") == "meta" for dimensions in metrics._counts)


WINDOW, NOBODY = Permanent("outside_window"), Permanent("unavailable_person")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        *((Answer(400, error(10, subcode)), WINDOW) for subcode in (2018278, 2018065, 2018108)),
        (Answer(400, error(131047)), WINDOW),
        (Answer(400, error(100, 2018001)), NOBODY),
        (Answer(400, error(100, 33)), NOBODY),
        (Answer(400, error(200, 1545041)), NOBODY),
        (Answer(400, error(551, 1545041)), NOBODY),
        (Answer(400, error(551)), NOBODY),
        (Answer(400, error(131026)), NOBODY),
        (Answer(400, error(230)), Permanent("forbidden")),
        (Answer(400, error(100)), Permanent("bad_request", alarm=True)),
        (Answer(400, error(100, 2018048)), Permanent("bad_request", alarm=True)),
        (Answer(401, error(190, 463)), Permanent("unauthorized", alarm=True)),
        (Answer(403, error(10)), Permanent("permission", alarm=True)),
        (Answer(403, error(200)), Permanent("permission", alarm=True)),
        (Answer(400, error(368)), Permanent("policy", alarm=True)),
        (Answer(400, error(131031)), Permanent("policy", alarm=True)),
        (Answer(400, error(131042)), Permanent("unpaid", alarm=True)),
        (Answer(400, error(99_999)), Permanent("status_400", alarm=True)),
        (Answer(400, error(code=True)), Permanent("status_400", alarm=True)),
        (Answer(400, error([1])), Permanent("status_400", alarm=True)),
        (Answer(401, b""), Permanent("unauthorized", alarm=True)),
        (Answer(404, {}), Permanent("status_404", alarm=True)),
        (Answer(200, error(190)), Permanent("unauthorized", alarm=True)),
        (Answer(200, error(99_999)), Permanent("status_200", alarm=True)),
        (Answer(200, {}), Sent()),
        (Answer(200, b"[]"), Sent()),
        (Answer(200, {"message_id": 7}), Sent()),
        (Answer(200, {"messages": [7]}), Sent()),
        (Answer(200, {"messages": []}), Sent()),
        (Answer(200, b"{}", {"Content-Length": "100", "Connection": "close"}), Sent()),
        (Answer(200, b'{"message_id":"1","x":"' + b"a" * 70_000 + b'"}'), Sent()),
    ],
)
def test_final_answers(meta: Server, answer: Answer, outcome: Posted) -> None:
    """Each refusal is final, and alarms if it would strike every other message too."""
    assert send(meta, answer) == outcome


def test_redirects_are_not_followed(meta: Server) -> None:
    """The token goes nowhere else."""
    answer = Answer(307, {}, {"Location": meta.url + "/elsewhere"})
    assert send(meta, answer) == Permanent("status_307", alarm=True)
    assert len(meta.seen) == 1


def test_what_may_have_arrived(meta: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timeout, a connection that breaks off and a gateway's timeout leave it open: the echo will tell."""
    assert send(meta, Answer(cut=True)) == Retry(30, UNKNOWN)
    assert send(meta, Answer(504, b"<html>")) == Retry(30, UNKNOWN)
    monkeypatch.setattr(outside, "READ_SECONDS", 0.05)
    assert send(meta, Answer(silent=True)) == Retry(30, UNKNOWN)


def test_what_has_not_arrived() -> None:
    """A connection that was never made has carried nothing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nobody = GraphClient(KEYS, sender=Sender(id=PAGE), base_url=f"http://127.0.0.1:{port}")
    assert nobody.send(MESSAGE) == Retry(10, "unreachable")


@pytest.mark.parametrize("url", ["http://graph.facebook.com", "https://graph.facebook.com?access_token=x", "x", ""])
def test_unsafe_base_url(url: str) -> None:
    """The token goes only to https, except on this machine."""
    with pytest.raises(ValueError, match="base URL of Meta's API"):
        GraphClient(KEYS, sender=Sender(id=PAGE), base_url=url)


def test_certificates_are_checked() -> None:
    """The pool demands certificates."""
    assert GraphClient(KEYS, sender=Sender(id=PAGE))._door.pool.connection_pool_kw["cert_reqs"] == "CERT_REQUIRED"


@pytest.mark.parametrize("answer", [Answer(500, error(2)), Answer(cut=True), Answer(200, SENT)])
def test_nothing_is_told_of_a_message(meta: Server, answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the text nor whom it goes to, neither the token nor its proof, reach a log, a URL or an answer."""
    with caplog.at_level(logging.DEBUG):
        posted = send(meta, answer)
    for secret in (*KEYS.values(), proof(KEYS), "Lien envoy", PSID):
        assert secret not in caplog.text + repr(posted) + meta.seen[0].path


@pytest.mark.parametrize("content", [{}, {"error": {}}, {"error": None}, {"error": []}, {"messages": {"id": "1"}}])
@pytest.mark.parametrize("status", [200, 204, 299, 300, 304, 400, 418, 429, 499, 500, 504, 599])
def test_every_status_has_a_meaning(status: int, content: dict[str, Any]) -> None:
    """Whatever a proxy between us answers, it is sent, tried again or given up."""
    assert isinstance(outcome(status, json.loads(json.dumps(content)), wait=None), Sent | Retry | Permanent)
