"""Messages on Instagram: the same reading as Messenger's, with its own ids and its own public noise."""

import json
from typing import Any

import pytest

from chalicelib.channels import Drop, Event, Mention, Named, Reading
from chalicelib.channels.instagram import Instagram
from chalicelib.config import Bot
from tests.channels.meta_golden import ACCOUNT, IGSID, load

SENT = 1_772_998_024


def outcomes(body: Any, *, account: str = ACCOUNT, received_at: int = SENT + 100) -> list[Reading]:
    """What each element of a body comes to."""
    network = Instagram(Bot(handle="smoneyfr", user_id=account), max_age_seconds=86_400)
    found = network.split(json.dumps(body).encode(), received_at=received_at)
    return [network.mention(one) if isinstance(one, Event) else one for one in found]


def test_golden_text() -> None:
    """A captured message, in full."""
    assert outcomes(load("instagram_webhook_text")) == [
        Mention(
            network="instagram",
            page=ACCOUNT,
            origin_id="mid.text.1",
            message_id="mid.text.1",
            author=Named(user_id=IGSID, handle=""),
            text="Do you ship to Córdoba?",
            named=(),
            private=True,
            sent_at=SENT,
            received_at=SENT + 100,
            sent_millis=SENT * 1000,
        )
    ]


@pytest.mark.parametrize(
    ("name", "text", "button"),
    [
        ("instagram_webhook_quick_reply", "Yes", 'chat:{"a":"confirm","v":"yes"}'),
        ("instagram_webhook_postback", "Track order", 'chat:{"a":"track"}'),
        ("instagram_webhook_story_reply", "Is this still available?", None),
    ],
)
def test_taps_and_replies(name: str, text: str, button: str | None) -> None:
    """A tap has its payload; a reply to a story is a message that replies to none."""
    (found,) = outcomes(load(name))
    assert isinstance(found, Mention)
    assert (found.text, found.button, found.in_reply_to) == (text, button, None)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("instagram_webhook_echo", "echo"),
        ("instagram_webhook_image", "attachment"),
        ("instagram_webhook_reaction", "reaction"),
        ("instagram_webhook_mention_in_comment", "page_change"),
        ("instagram_webhook_mention_in_media", "page_change"),
        ("instagram_entry_dashboard_test_text", "dashboard_test"),
        ("instagram_entry_message_text", "other_page"),
        ("instagram_entry_message_unsend", "other_page"),
        ("messenger_webhook_text", "other_object"),
    ],
)
def test_dropped_events(name: str, reason: str) -> None:
    """Echoes, pictures, reactions and all that is public are dropped by name."""
    assert outcomes({"object": "instagram", **load(name)}) == [Drop(reason)]


def test_a_change_of_the_other_login() -> None:
    """Comments of an Instagram login stand flat in their entry."""
    entry = {"id": ACCOUNT, "time": SENT, "field": "comments", "value": {"text": "Envoyer 10 € à @lucie"}}
    assert outcomes({"object": "instagram", "entry": [entry]}) == [Drop("page_change")]


def test_a_message_taken_back() -> None:
    """A message that its author took back is none."""
    body = load("instagram_webhook_text")
    body["entry"][0]["messaging"][0]["message"] = {"mid": "mid.text.1", "is_deleted": True}
    assert outcomes(body) == [Drop("unsent")]
