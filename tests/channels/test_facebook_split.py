"""What becomes of a webhook body of Messenger or Instagram: each element is one small event, or a named drop."""

import json
from typing import Any

import pytest

from chalicelib.channels import Drop, Event
from chalicelib.channels.facebook import Facebook
from chalicelib.channels.parts import EVENT_BYTES
from chalicelib.config import Bot
from tests.channels.meta_golden import PAGE, PSID, SENT, element, load, page_body, said

MESSENGER = Facebook(Bot(handle="smoneyfr", user_id=PAGE), max_age_seconds=86_400)


def split(body: Any, *, page: str = PAGE) -> list[Event | Drop]:
    """Split a parsed body, as the page that it was sent to."""
    network = Facebook(Bot(handle="smoneyfr", user_id=page), max_age_seconds=86_400)
    return list(network.split(json.dumps(body).encode(), received_at=SENT + 5))


def told(found: list[Event | Drop]) -> list[str]:
    """The reason of each drop, and the kind of each event."""
    return [one.reason if isinstance(one, Drop) else one.payload["kind"] for one in found]


@pytest.mark.parametrize(
    ("name", "page", "outcome"),
    [
        ("messenger_webhook_text", "510249619162304", "message"),
        ("messenger_webhook_text_nlp", "104610528288640", "message"),
        ("messenger_webhook_postback", "510249619162304", "message"),
        ("messenger_webhook_optin_ref", "510249619162304", "message"),
        ("messenger_webhook_delivery", "510249619162304", "delivery"),
        ("messenger_webhook_read", "510249619162304", "read"),
        ("messenger_webhook_echo", "1134713619900975", "echo"),
        ("messenger_webhook_shared_reel_PARTIAL", "1211134082089748", "malformed"),
        ("page_mention_in_comment_PARTIAL", PAGE, "page_change"),
        ("webhook_generic_user_photos_sample", PAGE, "other_object"),
    ],
)
def test_golden_bodies(name: str, page: str, outcome: str) -> None:
    """Each whole body is one event or one named drop."""
    assert told(split(load(name), page=page)) == [outcome]


@pytest.mark.parametrize(
    ("name", "page", "outcome"),
    [
        ("messenger_event_quick_reply", "404217156637689", "message"),
        ("messenger_event_text_customer_chat_plugin_tags", "404217156637689", "message"),
        ("messenger_event_text_modern_mid", "117172741761305", "message"),
        ("messenger_event_postback_referral", "707356222221168", "message"),
        ("messenger_event_image_attachment", "404217156637689", "attachment"),
        ("messenger_event_location_attachment", "404217156637689", "attachment"),
        ("messenger_event_pass_thread_control", "1423587017700273", "thread_control"),
        ("messenger_event_policy_enforcement", "404217156637689", "policy_enforcement"),
        ("messenger_event_echo_text", "404217156637689", "echo"),
        ("messenger_event_account_linking_unlinked", PAGE, "malformed"),
        ("messenger_event_echo_with_metadata", PAGE, "malformed"),
    ],
)
def test_golden_elements(name: str, page: str, outcome: str) -> None:
    """Each element is one event or one named drop; the samples whose ids are placeholders are malformed."""
    assert told(split(page_body(load(name), page=page), page=page)) == [outcome]


@pytest.mark.parametrize("name", ["page_feed_change_comment_add_PARTIAL", "page_feed_change_status_add"])
def test_the_page_itself_orders_nothing(name: str) -> None:
    """Posts, comments and mentions on the page are dropped, whatever they say."""
    body = {"object": "page", "entry": [{"id": PAGE, "time": 1, "changes": [load(name), load(name)]}]}
    assert told(split(body)) == ["page_change", "page_change"]


def test_every_entry_and_every_element() -> None:
    """A batch of 1,000 elements in several entries is 1,000 outcomes, in order; a bad one costs only itself."""
    first = [said(str(number)) for number in range(500)]
    second: list[Any] = [element(read={"watermark": 1}), 7, *(said(str(number)) for number in range(500, 998))]
    body = page_body(*first)
    body["entry"] += page_body(*second)["entry"]
    found = split(body)
    assert told(found) == ["message"] * 500 + ["read", "malformed"] + ["message"] * 498
    texts = [one.payload["text"] for one in found if isinstance(one, Event)]
    assert texts == [str(number) for number in range(998)]


def test_events_are_stamped() -> None:
    """An event has its network, the time of receipt and, for the log, the network's id of the message."""
    (event,) = split(page_body(said("aide")))
    assert isinstance(event, Event)
    assert (event.network, event.received_at) == ("facebook", SENT + 5)
    assert event.message_id == "m_KXGKDUpO6xbVdAmZFBVpzU1AhKVJdAIU"


@pytest.mark.parametrize(
    ("entry", "reasons"),
    [
        ({"id": "0", "time": 1, "changes": [{"field": "feed", "value": {}}]}, ["dashboard_test"]),
        ({"id": "0", "time": 1, "messaging": [said("10€")]}, ["dashboard_test"]),
        ({"id": "0", "time": 1, "field": "messages", "value": {}}, ["dashboard_test"]),
        ({"id": PAGE, "standby": [said("10€"), said("20€")]}, ["standby", "standby"]),
        ({"id": PAGE, "standby": [said("10€")], "messaging": [said("x")]}, ["message", "standby"]),
        ({"id": "5", "messaging": [said("10€")]}, ["other_page"]),
        ({"messaging": [said("10€")]}, ["other_page"]),
        ({"id": int(PAGE), "messaging": [said("10€")]}, ["other_page"]),
        ({"id": PAGE}, ["unknown_shape"]),
        ({"id": PAGE, "messaging": []}, ["unknown_shape"]),
        ({"id": PAGE, "messaging": None, "hello": 1}, ["unknown_shape"]),
        ({"id": PAGE, "messaging": said("10€")}, ["malformed"]),
        ({"id": PAGE, "messaging": "x"}, ["malformed"]),
        (7, ["malformed"]),
        (None, ["malformed"]),
    ],
)
def test_unusual_entries(entry: Any, reasons: list[str]) -> None:
    """The dashboard's test, another app's threads, other pages and what has another shape are dropped by name."""
    assert told(split({"object": "page", "entry": [entry]})) == reasons


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "other_object"),
        ({"object": "instagram", "entry": []}, "other_object"),
        ({"object": ["page"], "entry": []}, "other_object"),
        ({"object": "page"}, "unknown_shape"),
        ({"object": "page", "entry": []}, "unknown_shape"),
        ({"object": "page", "entry": "x"}, "malformed"),
        ({"object": "page", "entry": {"id": PAGE}}, "malformed"),
    ],
)
def test_unusual_bodies(body: Any, reason: str) -> None:
    """An object of any other shape is one drop, never an exception."""
    assert split(body) == [Drop(reason)]


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (element(hello={}), "event_ignored"),
        (element(), "event_ignored"),
        (element(optin={"type": "notification_messages", "payload": "x"}), "event_ignored"),
        (element(app_roles={}), "thread_control"),
        (element(message={"mid": "m_1", "is_deleted": True}), "unsent"),
        (element(message={"mid": "m_1", "text": "10€", "is_deleted": True}), "unsent"),
        (element(message={"mid": "m_1", "is_unsupported": True}), "unsupported"),
        (element(message={"mid": "m_1"}), "event_ignored"),
        (element(message={"mid": "m_1", "text": ""}), "event_ignored"),
        (element(message=None), "event_ignored"),
        (element(message="x"), "malformed"),
        (element(message={"text": "10€"}), "malformed"),
        (element(message={"mid": "m 1", "text": "10€"}), "malformed"),
        (element(message={"mid": 7, "text": "10€"}), "malformed"),
        (element(message={"mid": "m_1", "text": "10€ \ud800"}), "malformed"),
        (element(message={"mid": "m_1", "text": "x", "quick_reply": {"payload": 7}}), "malformed"),
        (element(message={"mid": "m_1", "text": "x", "is_echo": "perhaps"}), "malformed"),
        (element(postback={"title": "x"}), "malformed"),
        (element(account_linking={"status": "linked"}), "malformed"),
        (element(account_linking={"status": "other"}), "event_ignored"),
        (element(by=PAGE, to=PSID, message={"mid": "m_1", "text": "10€"}), "own_message"),
        (element(by=PAGE, message={"mid": "m_1", "text": "10€"}), "own_message"),
        (element(to="5", message={"mid": "m_1", "text": "10€"}), "other_page"),
        (element(by="5", to=PSID, message={"mid": "m_1", "is_echo": True, "metadata": "x"}), "other_page"),
        (element(by=PAGE, to=PSID, message={"mid": "m_1", "is_echo": True, "text": "10€"}), "echo"),
        (element(by=PAGE, to=PSID, message={"mid": "m_1", "is_echo": True, "metadata": ""}), "echo"),
        (element(by="12a", message={"mid": "m_1", "text": "10€"}), "malformed"),
        (
            {"sender": {"user_ref": "x"}, "recipient": {"id": PAGE}, "timestamp": SENT, "optin": {"ref": "a"}},
            "malformed",
        ),
        (said("10€") | {"timestamp": None}, "malformed"),
        (said("10€") | {"timestamp": True}, "malformed"),
        (said("10€") | {"timestamp": SENT}, "malformed"),
        (said("10€") | {"timestamp": 1.8e12}, "malformed"),
        (said("10€") | {"timestamp": "2021-09-08T06:34:04+0000"}, "malformed"),
    ],
)
def test_unusual_elements(one: Any, reason: str) -> None:
    """What is no message of a person to our page is dropped by name, and what has another shape is malformed."""
    assert split(page_body(one)) == [Drop(reason)]


def test_a_message_beside_unknown_keys() -> None:
    """Keys of tomorrow do not hide a message."""
    body = page_body(said("aide", hello={"a": 1}) | {"new": [1]}, hello=2) | {"more": {}}
    assert told(split(body)) == ["message"]


def test_texts_beside_attachments_are_read() -> None:
    """A link that is shared with words keeps the words."""
    (event,) = split(page_body(said("aide", attachments=[{"type": "fallback"}])))
    assert isinstance(event, Event)
    assert event.payload["text"] == "aide"


@pytest.mark.parametrize("filler", ["a", "é", "😀", "\x00", '"'])
def test_huge_texts(filler: str) -> None:
    """Whatever is sent, an event stays below its limit, or is dropped as too large."""
    for length in (1_000, 20_000, 400_000):
        (one,) = split(page_body(said(filler * length)))
        assert one == Drop("too_large") if isinstance(one, Drop) else len(json.dumps(one.payload)) <= EVENT_BYTES
    assert split(page_body(said(filler * 400_000))) == [Drop("too_large")]


def test_an_event_is_small() -> None:
    """An ordinary order takes less than 400 bytes, and survives the queue unchanged."""
    (event,) = split(page_body(said("Envoyer 10 euros à Lucie pour la pizza")))
    assert isinstance(event, Event)
    assert len(json.dumps(event.payload)) < 400
    assert json.loads(json.dumps(event.payload)) == event.payload
