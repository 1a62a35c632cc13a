"""The sandbox's webhooks: shaped as X's own samples, and read by our channel as they were written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.channels import Drop, Event, Mention
from chalicelib.channels.twitter import Twitter
from chalicelib.config import Bot
from local.sandbox import envelopes
from local.sandbox.envelopes import ACCOUNT_ACTIVITY, ACTIVITY
from local.sandbox.network import Message, Post
from tests.sandbox.test_network import ALICE, BOB, BOT, NOW, posted, town

GOLDEN = Path(__file__).parents[1] / "events" / "x"
ORDER = "@Smoneyfr #envoyer 10 € @superpipou & merci <3"
# What X sends in some posts, and in none of the samples.
ELSEWHERE = {"hashtags", "edit_history", "in_reply_to_tweet_id", "referenced_tweets", "in_reply_to_user_id"}

# The sample is cut short itself.
MORE = ("user_mentions", "urls", "symbols")


def golden(name: str) -> Any:
    """A body or a tweet as X sent it."""
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def unlike(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Where ours has a key that theirs lacks, or a value of another type; lists by their first elements."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in ours.keys() - ELSEWHERE:
            yield from unlike(ours[key], theirs[key], f"{path}.{key}") if key in theirs else [f"{path}.{key}"]
    elif isinstance(ours, list) and isinstance(theirs, list):
        if ours and theirs:
            yield from unlike(ours[0], theirs[0], f"{path}[]")
    elif type(ours) is not type(theirs) and theirs is not None and ours is not None:
        yield f"{path}: {type(ours).__name__}"


def read(body: bytes) -> list[object]:
    """What our channel makes of a webhook."""
    channel = Twitter(Bot(handle=BOT.handle, user_id=BOT.user_id), max_age_seconds=86_400)
    found = channel.split(body, received_at=int(NOW) + 1)
    return [channel.mention(one) if isinstance(one, Event) else one for one in found]


def private(text: str) -> Message:
    """A private message of Alice's to the bot."""
    made = town().tell(ALICE, BOT, text=text, now=NOW)
    assert isinstance(made, Message)
    return made


def test_a_mention_is_shaped_as_x_shapes_it() -> None:
    """Every key of our `post.mention.create` is in X's own sample, with a value of the same type."""
    ours = envelopes.activity(posted(town(), ORDER), bot=BOT)
    assert list(unlike(ours, golden("xaa_post_mention_create"))) == []


@pytest.mark.parametrize(
    ("envelope", "name"), [(ACTIVITY, "xaa_dm_received"), (ACCOUNT_ACTIVITY, "aaa_v2_direct_message_events")]
)
def test_a_private_message_is_shaped_as_x_shapes_it(envelope: str, name: str) -> None:
    """Every key of a private message is in X's own sample, but for the ids of people as the envelope's keys."""
    ours = json.loads(envelopes.of_message(private("solde"), envelope=envelope).body)
    theirs = golden(name)
    for body in (ours, theirs):
        holder = body.get("data", {}).get("payload", body)
        holder["users"] = next(iter(holder["users"].values()))
        holder.pop("apps", None)
    strange = [path for path in unlike(ours, theirs) if not path.endswith((".id_str", ".id: int"))]
    assert strange == []


def test_a_tweet_is_shaped_as_x_shapes_it() -> None:
    """Every key of our v1.1 Tweet is in X's own sample, but for three that only some tweets have."""
    place = town()
    reply = posted(place, ORDER, kind="reply", target=posted(place, "@Smoneyfr salut").id)
    sometimes = {".timestamp_ms", ".display_text_range"}
    assert set(unlike(envelopes.v1(reply), golden("v11_tweet_reply"))) == sometimes


def test_a_long_tweet_is_cut_as_x_cuts_it() -> None:
    """Of a long v1.1 Tweet the head stands outside and the whole in `extended_tweet`, shaped as in X's own sample."""
    ours = envelopes.v1(posted(town(), "@Smoneyfr " + "é" * 200 + " #aide"))
    theirs = golden("v11_tweet_extended_short")
    assert (ours["truncated"], len(ours["text"]), ours["entities"]["hashtags"]) == (True, len(theirs["text"]), [])
    assert set(unlike(ours["extended_tweet"], theirs["extended_tweet"])) <= {f".entities.{key}" for key in MORE}


@given(
    words=st.lists(
        st.sampled_from(["10 €", "@superpipou", "R&D", "<b>", "😀", "#envoyer", "é" * 30, "&amp;"]), max_size=8
    ),
    envelope=st.sampled_from([ACTIVITY, ACCOUNT_ACTIVITY]),
)
def test_what_is_written_is_what_is_read(words: list[str], envelope: str) -> None:
    """In both envelopes our channel reads the very text, author, time and names of a post, long or short."""
    text = " ".join(["@Smoneyfr", *words])[:280]
    post = posted(town(), text)
    (parcel,) = envelopes.of_post(post, bot=BOT, envelope=envelope)
    (mention,) = read(parcel.body)
    assert isinstance(mention, Mention)
    assert (mention.text, mention.author, mention.sent_at) == (text.strip(), ALICE, int(NOW))
    assert [one.user_id for one in mention.named] == [one.user_id for one in post.mentions]


@pytest.mark.parametrize("envelope", [ACTIVITY, ACCOUNT_ACTIVITY])
def test_an_edit_is_the_same_order(envelope: str) -> None:
    """All versions of a post have one origin in both envelopes."""
    place = town()
    first = posted(place, ORDER)
    second = posted(place, ORDER.replace("10", "99"), kind="edit", target=first.id)
    (parcel,) = envelopes.of_post(second, bot=BOT, envelope=envelope)
    (mention,) = read(parcel.body)
    assert isinstance(mention, Mention)
    assert (mention.message_id, mention.origin_id) == (second.id, first.id)


@pytest.mark.parametrize("envelope", [ACTIVITY, ACCOUNT_ACTIVITY])
def test_a_private_message_is_read(envelope: str) -> None:
    """A private message comes with its text and names in both envelopes."""
    (mention,) = read(envelopes.of_message(private("envoyer 5€ @superpipou <3"), envelope=envelope).body)
    assert isinstance(mention, Mention)
    assert mention.private
    assert mention.text == "envoyer 5€ @superpipou <3"
    assert mention.named == (BOB,)


@pytest.mark.parametrize("envelope", [ACTIVITY, ACCOUNT_ACTIVITY])
def test_a_repost_of_an_order_is_a_drop(envelope: str) -> None:
    """A repost is told and dropped by its name: nobody pays by repeating an order."""
    place = town()
    repost = posted(place, "", BOB, kind="repost", target=posted(place, ORDER).id)
    (parcel,) = envelopes.of_post(repost, bot=BOT, envelope=envelope)
    assert read(parcel.body) == [Drop("repost")]


def test_which_posts_x_tells_of() -> None:
    """Prose, replies to others and the bot's own posts cause none; a reply to the bot that names it causes two."""
    place = town()
    order = posted(place, ORDER)
    answer = place.answer("Comment ?", to=order.id, now=NOW)
    assert events(posted(place, "bonjour @superpipou")) == []
    assert events(posted(place, "merci", BOB, kind="reply", target=order.id)) == []
    assert events(answer) == []
    assert events(posted(place, "oui", kind="reply", target=answer.id)) == ["post.reply.create"]
    both = posted(place, "@Smoneyfr #annuler", kind="reply", target=answer.id)
    assert events(both) == ["post.reply.create", "post.mention.create"]
    assert events(posted(place, "regarde", BOB, kind="quote", target=answer.id)) == ["post.quote.create"]


def test_the_older_api_tells_of_the_bots_own_posts() -> None:
    """The Account Activity API sends the bot's own posts back, and they are dropped by name."""
    place = town()
    (parcel,) = envelopes.of_post(place.answer("Bonjour", to="999", now=NOW), bot=BOT, envelope=ACCOUNT_ACTIVITY)
    assert read(parcel.body) == [Drop("own_post")]


def test_a_quote_shows_its_own_words_alone() -> None:
    """The link to the quoted post stands behind the shown words and is not read."""
    place = town()
    quote = posted(place, "@Smoneyfr #aide", BOB, kind="quote", target=posted(place, ORDER).id)
    (parcel,) = envelopes.of_post(quote, bot=BOT)
    (mention,) = read(parcel.body)
    assert isinstance(mention, Mention)
    assert mention.text == "@Smoneyfr #aide"


def events(post: Post) -> list[str]:
    """The events that a post causes."""
    return [parcel.event for parcel in envelopes.of_post(post, bot=BOT)]
