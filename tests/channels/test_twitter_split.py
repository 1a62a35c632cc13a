"""What becomes of a webhook body of X: one small event for each post or message, or a named drop."""

import json
from typing import Any

import pytest

from chalicelib.channels import Drop, Event, Revocation
from chalicelib.channels.parts import EVENT_BYTES
from chalicelib.channels.twitter import Twitter
from chalicelib.config import Bot
from tests.channels.golden import BOT_ID, account_activity, activity, load, tweet

BOT = Bot(handle="ExampleUser", user_id=BOT_ID)
X = Twitter(BOT, max_age_seconds=86_400)


def split(body: Any) -> list[Event | Drop]:
    """Split a parsed body."""
    return list(X.split(json.dumps(body).encode(), received_at=1_784_928_300))


@pytest.mark.parametrize("name", ["xaa_post_mention_create", "xaa_post_create", "xaa_dm_received"])
def test_activity_events(name: str) -> None:
    """A post or message of the X Activity API is one event, stamped with the time of receipt."""
    (event,) = split(load(name))
    assert isinstance(event, Event)
    assert (event.network, event.received_at) == ("twitter", 1_784_928_300)


def test_account_activity_events() -> None:
    """Each Tweet and each direct message of the Account Activity API is one event."""
    tweets = [load("v11_tweet_plain"), load("v11_tweet_reply"), load("v11_tweet_extended_short")]
    assert all(isinstance(one, Event) for one in split(account_activity(*tweets)))
    assert len(split(account_activity(*tweets))) == 3
    (message,) = split(load("aaa_v2_direct_message_events"))
    assert isinstance(message, Event)


def test_several_messages_in_one_body() -> None:
    """Every direct message of a delivery is an event of its own, in order."""
    body = load("xaa_dm_received")
    first = body["data"]["payload"]["direct_message_events"][0]
    body["data"]["payload"]["direct_message_events"].append(first | {"id": "2080765901528535097"})
    events = split(body)
    assert [event.payload["id"] for event in events if isinstance(event, Event)] == [first["id"], "2080765901528535097"]


def test_data_as_a_list() -> None:
    """`data` may be a list of events; a bad one costs only itself."""
    good = activity("@ExampleUser hi")["data"]
    found = split({"data": [good, 7, {"event_type": 3}, load("xaa_like_create")["data"], good]})
    assert [one.reason if isinstance(one, Drop) else "event" for one in found] == [
        "event",
        "malformed",
        "malformed",
        "event_ignored",
        "event",
    ]


def test_filtered_stream_event() -> None:
    """A post of the filtered stream, whose `includes` stand beside it, is an event with its author's name."""
    (event,) = split(load("v2_filtered_stream_webhook"))
    assert isinstance(event, Event)
    assert (event.payload["author_id"], event.payload["author_handle"]) == ("2244994945", "Xdevelopers")


def test_matching_rules_inside_a_tweet_mean_nothing() -> None:
    """A v1.1 Tweet carries `matching_rules` too, and is still read as one."""
    assert "matching_rules" in load("v11_tweet_plain")
    (event,) = split(account_activity(load("v11_tweet_plain")))
    assert isinstance(event, Event)


@pytest.mark.parametrize(
    ("name", "user_id"), [("xaa_oauth_revoke", "1111111111111111111"), ("aaa_v2_user_event", "63046977")]
)
def test_a_revocation_is_read_from_both_envelopes(name: str, user_id: str) -> None:
    """Who took the permission back is unlinked, by their id."""
    [event] = split(load(name))
    assert isinstance(event, Event)
    found = X.mention(event)
    assert isinstance(found, Revocation)
    assert found.user_id == user_id


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("xaa_chat_received", "encrypted_chat"),
        ("xaa_dm_sent", "dm_sent"),
        ("xaa_post_repost_create", "repost"),
        ("xaa_chat_sent", "event_ignored"),
        ("xaa_post_delete", "event_ignored"),
        ("xaa_like_create", "event_ignored"),
        ("xaa_profile_update_screenname", "event_ignored"),
        ("aaa_v2_tweet_delete_events", "event_ignored"),
        ("aaa_v2_direct_message_mark_read_events", "event_ignored"),
        ("api_create_post_response", "unknown_shape"),
    ],
)
def test_dropped_events(name: str, reason: str) -> None:
    """What is no post and no message is one drop, by its name."""
    assert split(load(name)) == [Drop(reason)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "unknown_shape"),
        ({"hello": 1}, "unknown_shape"),
        ({"data": "x"}, "unknown_shape"),
        ({"data": None, "errors": [{"title": "x"}]}, "network_errors"),
        ({"errors": []}, "network_errors"),
        ({"replay_job_status": {"job_state": "Complete"}}, "event_ignored"),
        ({"for_user_id": "1", "tweet_create_events": {"a": 1}}, "malformed"),
        ({"for_user_id": "1", "tweet_create_events": [None]}, "malformed"),
        ({"data": {"event_type": "dm.received", "payload": []}}, "malformed"),
        ({"data": {"event_type": "post.mention.create"}}, "malformed"),
        ({"data": {"event_type": ["post.mention.create"]}}, "malformed"),
        ({"data": {"event_type": "post.mention.retired", "payload": {}}}, "event_ignored"),
    ],
)
def test_unusual_bodies(body: Any, reason: str) -> None:
    """An object of any other shape is one drop, never an exception."""
    assert split(body) == [Drop(reason)]


def test_errors_beside_data() -> None:
    """Partial errors do not hide the event that came with them."""
    assert isinstance(split(activity("@ExampleUser hi") | {"errors": [{"title": "x"}]})[0], Event)


def test_a_direct_message_event_of_another_type() -> None:
    """Joining a conversation is no message."""
    body = load("aaa_v2_direct_message_events")
    body["direct_message_events"][0]["type"] = "participants_join"
    assert split(body) == [Drop("event_ignored")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nope",
        b'{"data":',
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe{}",
        '{"data":1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b'{"data":NaN}',
        b'{"data":-Infinity}',
        b'{"data":{},"data":{}}',
        b'{"data":{"event_type":"post.create","event_type":"dm.received"}}',
        b'{"a":' * 100_000,
        b"[" * 100_000,
        b'{"a":' + b"[" * 90_000 + b"]" * 90_000 + b"}",
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_not_a_json_object(body: bytes) -> None:
    """Anything but one JSON object in UTF-8, with each key once, raises ValueError and nothing else."""
    with pytest.raises(ValueError):  # noqa: PT011  # the contract names no message
        X.split(body, received_at=0)


def test_infinite_number() -> None:
    """A number beyond every float is no infinity in the queue."""
    body = json.dumps(activity("@ExampleUser hi")).replace("[0, 15]", "[0, 1e999]").encode()
    assert b"1e999" in body
    assert X.split(body, received_at=0) == [Drop("malformed")]


@pytest.mark.parametrize("filler", ["a", "é", "😀", "\x00", '"'])
def test_huge_posts(filler: str) -> None:
    """Whatever X sends, an event stays below its limit, or is dropped as too large."""
    for length in (1_000, 25_000, 400_000):
        for body in (activity(filler * length), account_activity(tweet(filler * length))):
            (one,) = split(body)
            assert one == Drop("too_large") if isinstance(one, Drop) else len(json.dumps(one.payload)) <= EVENT_BYTES
    assert split(activity(filler * 400_000)) == [Drop("too_large")]


def test_many_mentions() -> None:
    """Thousands of entities make no large event either."""
    post = activity("hi")
    post["data"]["payload"]["entities"]["mentions"] = (
        activity("@lucie ")["data"]["payload"]["entities"]["mentions"] * 9999
    )
    assert split(post) == [Drop("too_large")]


def test_an_event_is_small() -> None:
    """An ordinary order takes less than 1 kB, and survives the queue unchanged."""
    (event,) = split(activity("@ExampleUser #envoyer 10 euros @superpipou pour la pizza"))
    assert isinstance(event, Event)
    assert len(json.dumps(event.payload)) < 1000
    assert json.loads(json.dumps(event.payload)) == event.payload
