"""How a post or message on X is read: whose it is, what it says, whom it names, and when it is no order at all."""

import calendar
import json
from typing import Any

import pytest

from chalicelib.channels import Drop, Event, Mention, Named, Revocation
from chalicelib.channels.twitter import Twitter
from chalicelib.config import Bot
from tests.channels.golden import BOT_ID, account_activity, activity, load, tweet

BOT = Bot(handle="ExampleUser", user_id=BOT_ID)
SENT = calendar.timegm((2026, 7, 24, 21, 23, 23))
X = Twitter(BOT, max_age_seconds=86_400)
EVER = Twitter(BOT, max_age_seconds=10**10)
AUTHOR = "2222222222222222222"
PAYEE = Named(user_id="3333333333333333333", handle="superpipou")
BOT_NAMED = Named(user_id=BOT_ID, handle="ExampleUser")


def read(body: Any, *, received_at: int = SENT + 5, network: Twitter = X) -> Mention | Drop:
    """Read a parsed body of one event, through JSON as in the queue."""
    (event,) = network.split(json.dumps(body).encode(), received_at=received_at)
    assert isinstance(event, Event), event
    queued = Event(network="twitter", payload=json.loads(json.dumps(event.payload)), received_at=received_at)
    found = network.mention(queued)
    assert not isinstance(found, Revocation)
    return found


def taken(body: Any, **how: Any) -> Mention:
    """Read a body that is a mention."""
    found = read(body, **how)
    assert isinstance(found, Mention), found
    return found


def test_golden_mention() -> None:
    """X's own sample of a mention, in full."""
    assert taken(load("xaa_post_mention_create")) == Mention(
        network="twitter",
        page=BOT_ID,
        origin_id="2080765813578191303",
        message_id="2080765813578191303",
        author=Named(user_id=AUTHOR, handle="OtherUser"),
        text="hey @ExampleUser",
        named=(BOT_NAMED,),
        private=False,
        sent_at=SENT,
        received_at=SENT + 5,
        sent_millis=1_784_928_203_373,
        language=None,
        in_reply_to=None,
    )


def test_an_order() -> None:
    """An order names the bot and the payee, each by the id that X gives, in order of appearance."""
    mention = taken(activity("@ExampleUser #envoyer 10 euros @superpipou", lang="fr"))
    assert mention.text == "@ExampleUser #envoyer 10 euros @superpipou"
    assert mention.named == (BOT_NAMED, PAYEE)
    assert mention.language == "fr"


def test_named_follows_the_text_not_the_list() -> None:
    """The order of appearance counts, whatever the order of the entities."""
    body = activity("@superpipou @ExampleUser @lucie")
    body["data"]["payload"]["entities"]["mentions"].reverse()
    assert [one.handle for one in taken(body).named] == ["superpipou", "ExampleUser", "lucie"]


def test_handles_as_typed() -> None:
    """A name is given as typed, in full-width form too, and its id is the entity's."""
    body = activity("＠exampleuser #送金 1000円 @SUPERPIPOU")
    for entity, name in zip(
        body["data"]["payload"]["entities"]["mentions"], ("ExampleUser", "superpipou"), strict=True
    ):
        entity["username"] = name
    assert [one.handle for one in taken(body).named] == ["exampleuser", "SUPERPIPOU"]
    assert [one.user_id for one in taken(body).named] == [BOT_ID, PAYEE.user_id]


def test_same_post_twice_gives_one_mention() -> None:
    """A reply that names the bot comes as post.mention.create and as post.reply.create: both read the same."""
    reply = {
        "in_reply_to_tweet_id": "2080761390344937796",
        "in_reply_to_user_id": BOT_ID,
        "referenced_tweets": [{"type": "replied_to", "id": "2080761390344937796"}],
    }
    text = "@ExampleUser #envoyer 10€ @superpipou"
    one = activity(text, event_type="post.mention.create", **reply)
    other = activity(text, event_type="post.reply.create", **reply)
    other["data"]["event_uuid"] = "-17"
    assert taken(one) == taken(other)
    assert taken(one).in_reply_to == "2080761390344937796"


def test_edits_share_their_origin() -> None:
    """Every version of an edited post has the id of the first one as its origin."""
    edited = activity(
        "@ExampleUser hi",
        id="2080765813578191309",
        edit_history_tweet_ids=["2080765813578191303", "2080765813578191309"],
    )
    assert (taken(edited).origin_id, taken(edited).message_id) == ("2080765813578191303", "2080765813578191309")
    unknown = activity("@ExampleUser hi", edit_history_tweet_ids=None)
    assert taken(unknown).origin_id == taken(unknown).message_id
    old = account_activity(tweet("@ExampleUser hi", edit_history={"initial_tweet_id": "1296887316556980229"}))
    assert taken(old, network=EVER).origin_id == "1296887316556980229"


def test_origin_of_a_v1_post_is_its_string_id() -> None:
    """The numeric ids of v1.1 come rounded and are never read."""
    mention = taken(account_activity(tweet("@ExampleUser hi @superpipou")), network=EVER)
    assert mention.message_id == mention.origin_id == "1296887316556980230"
    assert mention.author == Named(user_id="2244994945", handle="XDevelopers")
    assert mention.named == (BOT_NAMED, PAYEE)


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("@ExampleUser a &amp; b &lt;3 @superpipou", "@ExampleUser a & b <3 @superpipou"),
        ("&lt;&lt;&amp;&gt; @ExampleUser @superpipou &amp;lt;", "<<&> @ExampleUser @superpipou &lt;"),
        ("😀🇫🇷 @ExampleUser 👨‍👩‍👧 &amp; @superpipou", "😀🇫🇷 @ExampleUser 👨‍👩‍👧 & @superpipou"),
        ("&amp;&amp;@ExampleUser&amp;@superpipou", "&&@ExampleUser&@superpipou"),
    ],
)
def test_escapes_and_code_points(escaped: str, text: str) -> None:
    """Places count code points of the escaped text; entities are decoded once, after cutting."""
    for body in (activity(escaped), account_activity(tweet(escaped))):
        mention = taken(body, network=EVER)
        assert mention.text == text
        assert mention.named == (BOT_NAMED, PAYEE)


def test_reply_prefix_does_not_count() -> None:
    """Names that X puts before a reply are cut off and name nobody, though their entities are there."""
    text = "@lucie @ExampleUser @ExampleUser #envoyer 10€ @superpipou"
    shown = [len("@lucie @ExampleUser "), len(text)]
    reply: dict[str, Any] = {
        "display_text_range": shown,
        "in_reply_to_tweet_id": "1",
        "in_reply_to_user_id": "4444444444444444444",
    }
    mention = taken(activity(text, **reply))
    assert mention.text == "@ExampleUser #envoyer 10€ @superpipou"
    assert mention.named == (BOT_NAMED, PAYEE)
    old = tweet(
        text, display_text_range=shown, in_reply_to_status_id_str="1", in_reply_to_user_id_str="4444444444444444444"
    )
    assert taken(account_activity(old), network=EVER).named == (BOT_NAMED, PAYEE)


def test_bot_only_in_the_prefix() -> None:
    """A bot that is merely among those replied to is not addressed."""
    text = "@lucie @ExampleUser #envoyer 10€ @superpipou"
    shown = [len("@lucie @ExampleUser "), len(text)]
    body = activity(text, display_text_range=shown, in_reply_to_tweet_id="1", in_reply_to_user_id="4444444444444444444")
    assert read(body) == Drop("not_addressed")


def test_prefix_after_escapes() -> None:
    """The start of the display range counts the escaped text too."""
    text = "@lucie &lt;&amp; @ExampleUser #aide"
    mention = taken(activity(text, display_text_range=[len("@lucie "), len(text)]))
    assert mention.text == "<& @ExampleUser #aide"
    assert mention.named == (BOT_NAMED,)


def test_links_behind_the_text_are_cut() -> None:
    """A link that X puts behind the shown text is left out."""
    text = "@ExampleUser #envoyer 10€ @superpipou"
    mention = taken(activity(text + " https://t.co/abcDEF1234 https://t.co/x", display_text_range=[0, len(text)]))
    assert mention.text == text


def test_links_are_cut_before_decoding() -> None:
    """The end of the display range counts the escaped text, so decoding it first would leave a piece of the link."""
    text = "@ExampleUser a &lt;&lt;&amp;&gt;&gt; b"
    mention = taken(activity(text + " https://t.co/abcDEF1234", display_text_range=[0, len(text)]))
    assert mention.text == "@ExampleUser a <<&>> b"


def test_a_wrong_range_cuts_no_amount() -> None:
    """Words behind the display range stay: an amount is never cut to a smaller one."""
    text = "@ExampleUser @superpipou #envoyer 1000€"
    assert taken(activity(text, display_text_range=[0, len(text) - 3])).text == text
    assert taken(activity(text, display_text_range=[0, len(text) + 99])).text == text
    assert taken(activity(text, display_text_range=None)).text == text


def test_start_behind_the_end_of_the_text() -> None:
    """A range that starts behind the text shows nothing."""
    assert read(activity("@ExampleUser hi", display_text_range=[500, 600])) == Drop("not_addressed")


def test_entity_at_a_wrong_place() -> None:
    """An entity whose indices do not hold its name is looked for by name; its id stays."""
    body = activity("a &amp; b @ExampleUser 10€ ＠superpipou")
    for entity in body["data"]["payload"]["entities"]["mentions"]:
        entity["start"] -= 4
        entity["end"] -= 4
    assert taken(body).named == (BOT_NAMED, PAYEE)


@pytest.mark.parametrize(
    "glued", ["x@lucie", "_@lucie", "#@lucie", "a@lucie.fr", "@lucie2", "@lucieé", "@lucie@x", "@lucie://"]
)
def test_entity_that_no_text_bears_out(glued: str) -> None:
    """An entity whose @name does not stand alone in the text names nobody."""
    body = activity(f"@ExampleUser 10€ {glued} @superpipou")
    entity = {"start": 0, "end": 6, "username": "lucie", "id": "4444444444444444444"}
    names = [one for one in body["data"]["payload"]["entities"]["mentions"] if one["username"] != "lucie"]
    body["data"]["payload"]["entities"]["mentions"] = [entity, *names]
    assert [one.handle for one in taken(body).named] == ["ExampleUser", "superpipou"]


def test_lookalike_letters_are_another_name() -> None:
    """A Kelvin sign is no k and a long s no s, in or out of place."""
    body = activity("@ExampleUser 10€ @\u212ailo")
    body["data"]["payload"]["entities"]["mentions"].append({"start": 17, "end": 22, "username": "kilo", "id": "5"})
    assert taken(body).named == (BOT_NAMED,)


def test_starting_with_the_bot_is_no_reply() -> None:
    """The order form itself carries in_reply_to_user_id; without a post it replies to nothing."""
    mention = taken(activity("@ExampleUser #envoyer 10€ @superpipou", in_reply_to_user_id=BOT_ID))
    assert mention.in_reply_to is None
    prose = activity("hello there", in_reply_to_user_id=BOT_ID)
    assert read(prose) == Drop("not_addressed")


@pytest.mark.parametrize("fields", [{"in_reply_to_user_id": BOT_ID}, {}])
def test_reply_to_the_bot_without_its_name(fields: dict[str, str]) -> None:
    """A direct reply to a post of the bot is addressed to it, named or not."""
    referenced = [{"type": "replied_to", "id": "2080761390344937796"}]
    body = activity("#annuler", event_type="post.reply.create", referenced_tweets=referenced, **fields)
    mention = taken(body)
    assert (mention.text, mention.named, mention.in_reply_to) == ("#annuler", (), "2080761390344937796")


def test_post_that_does_not_name_the_bot() -> None:
    """A post that names others, or the bot's name under another id, is not addressed to it."""
    assert read(activity("#envoyer 10€ @superpipou")) == Drop("not_addressed")
    body = activity("@ExampleUser #envoyer 10€ @superpipou")
    body["data"]["payload"]["entities"]["mentions"][0]["id"] = "999"
    assert read(body) == Drop("not_addressed")


def test_own_posts() -> None:
    """What the bot itself posts is never an order, even if it names itself."""
    assert read(load("xaa_post_create")) == Drop("own_post")
    own = tweet("@ExampleUser #envoyer 10€ @superpipou", user={"id_str": BOT_ID, "screen_name": "ExampleUser"})
    assert read(account_activity(own), network=EVER) == Drop("own_post")


def test_reposts() -> None:
    """A repost is no order, in either API and by any of its marks."""
    text = "RT @ExampleUser: @ExampleUser #envoyer 10€ @superpipou"
    named = activity(text, event_type="post.repost.create")
    for body in (load("xaa_post_repost_create"), account_activity(load("v11_tweet_retweet")), named):
        assert X.split(json.dumps(body).encode(), received_at=SENT) == [Drop("repost")]
    assert read(activity(text, referenced_tweets=[{"type": "retweeted", "id": "1"}])) == Drop("repost")


def test_quotes() -> None:
    """Of a quote only the author's own words count, never the quoted ones."""
    quoted = {"text": "@ExampleUser #envoyer 500€ @lucie", "id_str": "1", "user": {"id_str": "4", "screen_name": "x"}}
    own = tweet("@ExampleUser #envoyer 10€ @superpipou https://t.co/q", is_quote_status=True, quoted_status=quoted)
    own["display_text_range"] = [0, len("@ExampleUser #envoyer 10€ @superpipou")]
    assert taken(account_activity(own), network=EVER).text == "@ExampleUser #envoyer 10€ @superpipou"
    silent = tweet("look https://t.co/q", is_quote_status=True, quoted_status=quoted)
    assert read(account_activity(silent), network=EVER) == Drop("not_addressed")
    new = activity("look", event_type="post.quote.create", referenced_tweets=[{"type": "quoted", "id": "1"}])
    new["data"]["includes"]["tweets"] = [activity("@ExampleUser #envoyer 500€ @lucie")["data"]["payload"]]
    assert read(new) == Drop("not_addressed")


def test_truncated_tweet() -> None:
    """Of a truncated Tweet the extended text and its entities count; its own end before the amount."""
    full = "@ExampleUser " + "é" * 150 + " #envoyer 10€ @superpipou"
    entities = tweet(full)["entities"]
    extended = {"full_text": full, "display_text_range": [0, len(full)], "entities": entities}
    cut = tweet(full[:139] + "…", truncated=True, extended_tweet=extended, display_text_range=[0, 140])
    mention = taken(account_activity(cut), network=EVER)
    assert (mention.text, mention.named) == (full, (BOT_NAMED, PAYEE))


def test_truncated_tweet_without_its_rest() -> None:
    """A Tweet whose end is missing is not guessed at."""
    body = account_activity(tweet("@ExampleUser #envoyer 10…", truncated=True))
    assert X.split(json.dumps(body).encode(), received_at=0) == [Drop("malformed")]


def test_long_v2_post() -> None:
    """Of a long post the whole text counts, with its own entities."""
    full = "@ExampleUser " + "é" * 300 + " #envoyer 10€ @superpipou"
    note = {"text": full, "entities": activity(full)["data"]["payload"]["entities"]}
    mention = taken(activity(full[:279] + "…", note_tweet=note))
    assert (mention.text, mention.named) == (full, (BOT_NAMED, PAYEE))


def test_v2_post_from_the_filtered_stream() -> None:
    """A streamed post reads the same as the event of the X Activity API."""
    order = activity("@ExampleUser #envoyer 10€ @superpipou")["data"]
    streamed = {"data": order["payload"], "includes": order["includes"], "matching_rules": [{"id": "1", "tag": "x"}]}
    assert taken(streamed) == taken({"data": order})


@pytest.mark.parametrize("includes", [{}, None, {"users": []}, {"users": [{"id": "5", "username": "other"}]}])
def test_author_without_a_name(includes: Any) -> None:
    """When the author is not among the included users, the handle is empty and the id is there."""
    body = activity("@ExampleUser hi")
    body["data"]["includes"] = includes
    assert taken(body).author == Named(user_id=AUTHOR, handle="")
    del body["data"]["includes"]
    assert taken(body).author == Named(user_id=AUTHOR, handle="")


def test_author_wrapped_in_data() -> None:
    """Included users may each be wrapped in `data`."""
    body = activity("@ExampleUser hi")
    body["data"]["includes"]["users"] = [{"data": user} for user in body["data"]["includes"]["users"]]
    assert taken(body).author == Named(user_id=AUTHOR, handle="OtherUser")


@pytest.mark.parametrize(
    ("name", "network", "author", "text"),
    [
        ("xaa_dm_received", X, Named(user_id=AUTHOR, handle="OtherUser"), "hello!"),
        (
            "aaa_v2_direct_message_events",
            Twitter(Bot(handle="Harris_0ff", user_id="4337869213"), max_age_seconds=10**10),
            Named(user_id="3001969357", handle="furiouscamper"),
            "Hello World!",
        ),
    ],
)
def test_direct_messages(name: str, network: Twitter, author: Named, text: str) -> None:
    """A direct message to the bot is private and needs no name in it; its time is in milliseconds."""
    mention = taken(load(name), network=network, received_at=1_784_928_300)
    assert (mention.private, mention.author, mention.text, mention.named) == (True, author, text, ())
    assert mention.sent_at in {1_784_928_224, 1_516_403_560}
    assert mention.page == network.bot.user_id


def test_direct_message_names() -> None:
    """A direct message names people as a v1.1 Tweet does."""
    body = load("xaa_dm_received")
    data = body["data"]["payload"]["direct_message_events"][0]["message_create"]["message_data"]
    data["text"] = "envoyer 10€ &amp; plus @superpipou"
    data["entities"]["user_mentions"] = tweet(data["text"])["entities"]["user_mentions"]
    assert taken(body).named == (PAYEE,)
    assert taken(body).text == "envoyer 10€ & plus @superpipou"


def test_direct_message_from_or_to_others() -> None:
    """The bot's own messages are dropped, and those that go to somebody else."""
    body = load("aaa_v2_direct_message_events")
    sender = Twitter(Bot(handle="x", user_id="3001969357"), max_age_seconds=10**10)
    assert read(body, network=sender) == Drop("dm_sent")
    assert read(body, network=EVER) == Drop("not_addressed")


@pytest.mark.parametrize(
    ("blocked", "drop"), [(True, True), ("true", True), (False, False), ("false", False), (None, False)]
)
def test_author_whom_the_bot_blocked(blocked: Any, *, drop: bool) -> None:
    """`user_has_blocked` may be a string, and "false" is false."""
    found = read(account_activity(tweet("@ExampleUser hi"), user_has_blocked=blocked), network=EVER)
    assert (found == Drop("author_blocked")) is drop
    assert isinstance(found, Mention) is not drop


def test_age_is_judged_at_receipt() -> None:
    """A post that was older than the limit when it came in is too old; one second less is not."""
    body = activity("@ExampleUser hi")
    assert isinstance(read(body, received_at=SENT + 86_400), Mention)
    assert read(body, received_at=SENT + 86_401) == Drop("too_old")


@pytest.mark.parametrize(
    ("fields", "sent_at"),
    [
        ({"timestamp_ms": "1598037005123", "created_at": "Fri Aug 21 00:00:00 +0000 2020"}, 1_598_037_005),
        ({"created_at": "Fri Aug 21 19:10:05 +0000 2020"}, 1_598_037_005),
        ({"created_at": "Sat Feb 29 23:59:59 +0000 2020"}, 1_583_020_799),
        ({"created_at": None, "id_str": "1296887316556980230"}, 1_598_037_005),
    ],
)
def test_times_of_a_tweet(fields: dict[str, Any], sent_at: int) -> None:
    """The time is timestamp_ms, else created_at with its English month, else the one inside the id: they agree."""
    assert taken(account_activity(tweet("@ExampleUser hi", **fields)), network=EVER).sent_at == sent_at


@pytest.mark.parametrize(
    ("created_at", "sent_at"),
    [
        ("2026-07-24T21:23:23.000Z", SENT),
        ("2026-07-24T21:23:23.999Z", SENT),
        ("2026-07-24T21:23:23Z", SENT),
        (None, SENT),
    ],
)
def test_times_of_a_v2_post(created_at: str | None, sent_at: int) -> None:
    """ISO times with or without milliseconds are read to the second; without one the id tells it."""
    assert taken(activity("@ExampleUser hi", created_at=created_at)).sent_at == sent_at


@pytest.mark.parametrize(
    "fields",
    [
        {"id": 2080765813578191303},
        {"id": "20807658135781913030"},
        {"id": ""},
        {"id": "１２"},
        {"id": "12\n"},
        {"id": "-12"},
        {"author_id": None},
        {"author_id": "OtherUser"},
        {"text": None},
        {"text": "@ExampleUser \ud800"},
        {"display_text_range": [3, 1]},
        {"display_text_range": [0]},
        {"display_text_range": [True, 9]},
        {"entities": {"mentions": {}}},
        {"entities": {"mentions": [{"start": 0, "end": 12, "username": "ExampleUser"}]}},
        {"entities": {"mentions": [{"start": 0, "end": 12, "username": "a" * 16, "id": "1"}]}},
        {"entities": {"mentions": [{"start": 0, "end": 12, "username": "", "id": "1"}]}},
        {"entities": {"mentions": [{"start": 0, "end": 12, "username": "a.b", "id": "1"}]}},
        {"entities": []},
        {"edit_history_tweet_ids": "2080765813578191303"},
        {"edit_history_tweet_ids": [2080765813578191303]},
        {"referenced_tweets": ["x"]},
        {"in_reply_to_user_id": 7},
        {"created_at": "yesterday"},
        {"created_at": "2026-13-24T21:23:23.000Z"},
        {"created_at": "Ven Aoû 21 19:10:05 +0000 2020"},
        {"created_at": "2026-07-24T21:23:23"},
        {"lang": 5},
        {"note_tweet": "x"},
    ],
)
def test_malformed_posts(fields: dict[str, Any]) -> None:
    """A value of the wrong kind makes a post malformed: nothing of it is guessed."""
    body = json.dumps(activity("@ExampleUser hi") | {}).encode()
    assert isinstance(X.split(body, received_at=SENT)[0], Event)
    changed = activity("@ExampleUser hi")
    changed["data"]["payload"] |= fields
    assert X.split(json.dumps(changed).encode(), received_at=SENT) == [Drop("malformed")]


def test_malformed_author_handle() -> None:
    """A name that X does not allow is malformed."""
    body = activity("@ExampleUser hi")
    body["data"]["includes"]["users"][0]["username"] = "bad name"
    assert X.split(json.dumps(body).encode(), received_at=SENT) == [Drop("malformed")]
