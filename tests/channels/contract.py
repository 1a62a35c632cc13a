"""What the contract of channels needs of each network: one entry in CONTRACTS."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chalicelib.channels.graph_api import GraphClient, Sender
from chalicelib.channels.meta_sending import FORMS
from chalicelib.channels.meta_signature import hub_challenge, meta_valid
from chalicelib.channels.signature import x_response_token, x_valid
from chalicelib.channels.twitter_api import XClient
from chalicelib.services import Posts
from tests.channels import golden, graph_server, meta_golden, x_server
from tests.channels.http_server import Answer, Server
from tests.channels.meta_golden import ACCOUNT, IGSID, NUMBER_ID, PAGE, PSID

TOKEN = "M2RkODJkZmMtYjlkYi00NmQ4LTk0MGUtM2JjYzkwM2Q4MjQ0"


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One network: how it signs and asks, what it sends, and how it answers what we send.

    `modules` matches the files that serve it, `asked` is the query of the network's own check and `strange` are others.
    `said` makes the body of a message with a text, sent at a time, as JSON sees it; `prefix` is what the text starts
    with beside. `millis` says whether the network tells milliseconds. `own` are bodies of what the bot wrote. `refused`
    are answers that are final, by whether they alarm.
    """

    modules: str
    bot_id: str
    author_id: str
    header: str
    sign: Callable[[bytes, str], str]
    valid: Callable[[Mapping[str, str], bytes, Sequence[str]], bool]
    challenge: Callable[[Mapping[str, str], str], str | None]
    asked: Mapping[str, str]
    answered: Callable[[str], str]
    strange: Sequence[Mapping[str, str]]
    bodies: Sequence[Any]
    said: Callable[[str, int], Any]
    own: Sequence[Any]
    server: Callable[[], AbstractContextManager[Server]]
    client: Callable[[str], Posts]
    sent: Answer
    limited: Answer
    refused: Mapping[bool, Answer]
    lost: str
    prefix: str = ""
    millis: bool = True
    unknown: Sequence[Any] = field(default=({}, {"hello": 1}, {"object": "new", "entry": []}))


def _x_said(text: str, at: int) -> Any:
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return golden.activity(f"@ExampleUser {text}", created_at=moment)


def _x_signature(body: bytes, secret: str) -> str:
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


X = Contract(
    modules="twitter.*",
    bot_id=golden.BOT_ID,
    author_id="2222222222222222222",
    header="x-twitter-webhooks-signature",
    sign=_x_signature,
    valid=x_valid,
    challenge=lambda query, secret: x_response_token(query.get("crc_token", ""), secret),
    asked={"crc_token": TOKEN, "nonce": "1"},
    answered=lambda secret: _x_signature(TOKEN.encode(), secret),
    strange=[{"crc_token": text} for text in ("", "short", '{"data":{"a":"aaaaaaaa"}}', TOKEN + "\n")],
    bodies=golden.bodies(),
    said=_x_said,
    own=[golden.load("xaa_post_create"), golden.load("xaa_dm_sent")],
    server=x_server.x_server,
    client=lambda url: XClient(x_server.KEYS, base_url=url),
    sent=Answer(201, {"data": {"dm_conversation_id": "1-2", "dm_event_id": "1900000000000000003"}}),
    limited=Answer(429, {}),
    refused={False: Answer(403, {"detail": "no messages to this user"}), True: Answer(401, {})},
    lost="timeout",
    prefix="@ExampleUser ",
)


def _of_meta(name: str, *, bot_id: str, sender_id: str, **its_own: Any) -> Contract:
    """What every network of Meta has alike."""
    query: dict[str, str] = meta_golden.load("hub_verification_query")["query"]
    changes = [("hub.mode", "unsubscribe"), ("hub.verify_token", "other"), ("hub.challenge", "<b>")]
    return Contract(
        modules=f"meta.*|{name}.*",
        bot_id=bot_id,
        header="X-Hub-Signature-256",
        sign=lambda body, secret: "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        valid=meta_valid,
        challenge=lambda asked, secret: hub_challenge(asked, [secret]),
        asked={**query, "hub.verify_token": "exemple-secret"},
        answered=lambda _: query["hub.challenge"],
        strange=[{**query, "hub.verify_token": "exemple-secret", key: text} for key, text in changes],
        bodies=meta_golden.bodies(name),
        server=graph_server.graph_server,
        client=lambda url: GraphClient(graph_server.KEYS, sender=Sender(id=sender_id, form=FORMS[name]), base_url=url),
        limited=Answer(400, {"error": {"code": 613}}),
        refused={False: Answer(400, {"error": {"code": 551}}), True: Answer(401, {"error": {"code": 190}})},
        lost="unknown",
        **its_own,
    )


def _chat(kind: str, page: str, person: str) -> dict[str, Any]:
    """What Messenger and Instagram have alike."""

    def said(text: str, at: int) -> Any:
        written = meta_golden.element(at=at, by=person, to=page, message={"mid": "m_1", "text": text})
        return meta_golden.page_body(written, kind=kind, page=page)

    def told_back(**more: Any) -> Any:
        content = {"mid": "m_2", "text": "Envoyer 10 € à Lucie", **more}
        return meta_golden.page_body(meta_golden.element(by=page, to=person, message=content), kind=kind, page=page)

    return {
        "author_id": person,
        "said": said,
        "own": [told_back(is_echo=True, app_id=5), told_back()],
        "sent": Answer(200, {"recipient_id": person, "message_id": "m_3"}),
    }


CONTRACTS: Mapping[str, Contract] = {
    "twitter": X,
    "facebook": _of_meta("facebook", bot_id=PAGE, sender_id=PAGE, **_chat("page", PAGE, PSID)),
    "instagram": _of_meta("instagram", bot_id=ACCOUNT, sender_id=PAGE, **_chat("instagram", ACCOUNT, IGSID)),
    "whatsapp": _of_meta(
        "whatsapp",
        bot_id=NUMBER_ID,
        sender_id=NUMBER_ID,
        millis=False,
        author_id=meta_golden.BSUID,
        said=lambda text, at: meta_golden.change(
            messages=[meta_golden.written(text, at=at)], contacts=[meta_golden.contact()]
        ),
        own=[
            meta_golden.change(messages=[{**meta_golden.written("10 €"), "from": "972123456789"}]),
            meta_golden.load("whatsapp_webhook_status_delivered"),
        ],
        sent=Answer(200, {"messaging_product": "whatsapp", "messages": [{"id": "wamid.x"}]}),
    ),
}
