"""Laws of reading X's bodies, tried on mutated golden ones."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.channels import Drop, Event, Mention, Revocation
from chalicelib.channels.parts import EVENT_BYTES
from chalicelib.channels.twitter import Twitter
from chalicelib.config import Bot
from tests.channels.golden import BOT_ID, JUNK, activity, bodies, mutated, mutations, paths

EVER = Twitter(Bot(handle="ExampleUser", user_id=BOT_ID), max_age_seconds=10**10)
REASONS = {
    *("unknown_shape", "network_errors", "event_ignored", "encrypted_chat", "dm_sent", "malformed", "too_large"),
    *("own_post", "repost", "author_blocked", "too_old", "not_addressed"),
}


def check(body: Any) -> None:
    """Split and read a body: events are small JSON, mentions hold what they promise, drops have known names."""
    for one in EVER.split(json.dumps(body).encode(), received_at=1_784_928_300):
        if isinstance(one, Event):
            assert len(json.dumps(one.payload, allow_nan=False)) <= EVENT_BYTES
        read = EVER.mention(one) if isinstance(one, Event) else one
        assert read.reason in REASONS if isinstance(read, Drop) else holds(read)


def holds(mention: Mention | Revocation) -> bool:
    """Whether a mention can be stored and each name in it stands in its text; a revocation names an id."""
    if isinstance(mention, Revocation):
        return mention.user_id.isdigit()
    mention.text.encode()
    ids = [mention.origin_id, mention.message_id, mention.author.user_id, *(one.user_id for one in mention.named)]
    assert all(one.isascii() and one.isdigit() and len(one) <= 19 for one in ids)
    assert all(f"@{one.handle}" in mention.text.replace("＠", "@") for one in mention.named)
    return True


@given(mutations())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_mutation_raises(body: Any) -> None:
    """However the values of a body are mixed up, it is read or dropped by name, or it is no object."""
    if isinstance(body, dict):
        check(body)
    else:
        with pytest.raises(ValueError, match="not an object"):
            check(body)


def test_every_single_mutation() -> None:
    """Each value of each golden body, replaced by null, a number, a text, a list and an object in turn."""
    for body in bodies():
        for path in paths(body)[1:]:
            for value in (None, 7, "x", [3], {"a": 1}):
                check(mutated(body, path, value))


@given(path_number=st.integers(0, 10**6), value=st.sampled_from(JUNK))
@settings(max_examples=300, deadline=None)
def test_no_mutated_event_raises(path_number: int, value: Any) -> None:
    """An event whose payload was mixed up in the queue is read or dropped as malformed."""
    (event,) = EVER.split(json.dumps(activity("@ExampleUser #aide @lucie")).encode(), received_at=1_784_928_300)
    assert isinstance(event, Event)
    places = paths(event.payload)[1:]
    payload = mutated(event.payload, places[path_number % len(places)], value)
    read = EVER.mention(Event(network="twitter", payload=payload, received_at=1_784_928_300))
    assert read.reason in REASONS if isinstance(read, Drop) else holds(read)


@given(st.text(max_size=80))
@settings(deadline=None)
def test_any_text(words: str) -> None:
    """Whatever stands around the names, they keep their ids and their order."""
    separated = "".join(one for one in words if one not in "@＠&" and not "\ud800" <= one <= "\udfff")
    body = activity(f"@ExampleUser {separated} @superpipou")
    (event,) = EVER.split(json.dumps(body).encode(), received_at=1_784_928_300)
    assert isinstance(event, Event)
    mention = EVER.mention(event)
    assert isinstance(mention, Mention)
    assert [one.handle for one in mention.named] == ["ExampleUser", "superpipou"]


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    """Bytes that are no JSON object raise ValueError, and nothing else."""
    try:
        found = EVER.split(body, received_at=0)
    except ValueError:
        return
    assert all(isinstance(one, Drop) for one in found)
