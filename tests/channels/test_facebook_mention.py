"""How an event of Messenger is read: a private message, a tap, news of a link, or the bot's own words told back."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.channels import OPENED, Drop, Echo, Event, Linking, Mention, Named, Reading, Revocation
from chalicelib.channels.facebook import Facebook
from chalicelib.config import Bot
from tests.channels.meta_golden import PAGE, PSID, SENT, element, load, page_body, said

DAY = 86_400


def read(one: Any, *, page: str = PAGE, received_at: int = SENT + 5, time: int = SENT, max_age: int = DAY) -> Reading:
    """Read one element, through JSON as in the queue."""
    network = Facebook(Bot(handle="smoneyfr", user_id=page), max_age_seconds=max_age)
    body = page_body(one, page=page, time=time * 1000)
    (event,) = network.split(json.dumps(body).encode(), received_at=received_at)
    assert isinstance(event, Event), event
    return network.mention(replace(event, payload=json.loads(json.dumps(event.payload))))


def taken(one: Any, **how: Any) -> Mention:
    """Read an element that is a message."""
    found = read(one, **how)
    assert isinstance(found, Mention), found
    return found


def test_golden_text() -> None:
    """A real message, in full: the person is known by page and scoped id, and has no @name."""
    (entry,) = load("messenger_webhook_text_nlp")["entry"]
    (one,) = entry["messaging"]
    mid = "m_J-gcviaJSGp427f7jzL2PBygi_iiuvCXf2eCu2qb-kr9onZGEYfSoC7TctL84humv0mbtH7GsQ0vmELAGS74Ew"
    assert taken(one, page="104610528288640", received_at=1_646_648_479) == Mention(
        network="facebook",
        page="104610528288640",
        origin_id=mid,
        message_id=mid,
        author=Named(user_id="4237571439620831", handle=""),
        text="hi",
        named=(),
        private=True,
        sent_at=1_646_647_205,
        sent_millis=1_646_647_205_156,
        received_at=1_646_648_479,
    )


@pytest.mark.parametrize(
    "text",
    [
        "Envoyer 12,50 € à Lucie",
        "Envoyer 5 € au 06 12 34 56 78",
        "１０００円 @lucie",
        "a\n#b <c> & \\ / % \" ' 😀",
        "x" * 2_000,
    ],
)
def test_texts_are_whole(text: str) -> None:
    """A text is what the person typed, and the @names in it name nobody yet."""
    mention = taken(said(text))
    assert (mention.text, mention.named, mention.button) == (text, (), None)


def test_a_quick_reply_is_a_tap() -> None:
    """The golden quick reply carries our payload beside the title that the person saw."""
    mention = taken(load("messenger_event_quick_reply"), page="404217156637689", max_age=10**10)
    assert (mention.text, mention.button) == ("Red", "DEVELOPER_DEFINED_PAYLOAD_FOR_PICKING_RED")
    assert mention.message_id == "mid.$cAAE1UUyiiwthh2BKL1bVhsBhVxvm"


def test_a_tap_may_have_no_words() -> None:
    """A button without a title is still the button that was tapped."""
    mention = taken(element(message={"mid": "m_1", "quick_reply": {"payload": "help"}}))
    assert (mention.text, mention.button) == ("", "help")


def test_space_around_a_text() -> None:
    """Blanks and line ends around the words are none of them."""
    assert taken(said("\n\u00a0 aide \u3000")).text == "aide"


def test_a_typed_payload_is_no_tap() -> None:
    """Whoever types what a button carries has typed it."""
    assert taken(said("CONFIRM")).button is None


def test_a_postback_is_a_tap() -> None:
    """A postback has our payload, and its title as its text; one with an id keeps it."""
    mention = taken(element(postback={"mid": "m_7", "title": "Solde", "payload": "balance"}))
    assert (mention.message_id, mention.text, mention.button) == ("m_7", "Solde", "balance")


def test_a_postback_without_an_id() -> None:
    """Its id is made of who tapped what and when: the same delivery twice is one order, another tap is another."""
    tap = element(postback={"title": "Solde", "payload": "balance"})
    made = taken(tap)
    assert made.origin_id == made.message_id == taken(tap, received_at=SENT + 99).message_id
    others = [
        element(at=SENT + 1, postback={"title": "Solde", "payload": "balance"}),
        element(by="5", postback={"title": "Solde", "payload": "balance"}),
        element(postback={"title": "Solde", "payload": "history"}),
        element(optin={"ref": "balance"}),
    ]
    ids = {made.message_id, *(taken(one).message_id for one in others)}
    assert len(ids) == 5
    assert all(one.startswith(("postback.", "optin.")) and len(one) < 60 for one in ids)


@pytest.mark.parametrize(
    "content",
    [
        {"optin": {"ref": "pair 482913"}},
        {"referral": {"ref": "pair 482913", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
    ],
)
def test_an_opened_chat_says_nothing_else(content: dict[str, Any]) -> None:
    """Anybody can write a link that opens the chat, so that what it carries is neither text nor button."""
    mention = taken(element(**content))
    assert (mention.text, mention.button) == ("", OPENED)
    assert "482913" not in repr(mention)


def test_a_reply_names_its_message() -> None:
    """A reply has the id of what it answers, a reply to anything else none, and a tap none."""
    assert taken(said("annuler", reply_to={"mid": "m_5"})).in_reply_to == "m_5"
    assert taken(said("annuler", reply_to={"story": {"id": "5"}})).in_reply_to is None
    assert taken(said("annuler", reply_to={"mid": "m_5"}, quick_reply={"payload": "cancel"})).in_reply_to is None


def test_too_old_is_judged_at_receipt() -> None:
    """A message of more than a day before its receipt is dropped, and one that waited in our queue is not."""
    assert isinstance(read(said("aide"), received_at=SENT + DAY), Mention)
    assert read(said("aide"), received_at=SENT + DAY + 1) == Drop("too_old")
    assert read(element(postback={"payload": "x"}), received_at=SENT + DAY + 1) == Drop("too_old")


def test_a_message_without_a_time_has_its_entrys() -> None:
    """The golden element without a timestamp was sent when its entry was."""
    one = load("messenger_event_text_modern_mid")
    assert taken(one, page="117172741761305", time=SENT - 7).sent_at == SENT - 7
    assert read(one, page="117172741761305", time=SENT - DAY - 7) == Drop("too_old")


def test_a_time_in_a_string() -> None:
    """Milliseconds may come as digits; they are kept."""
    mention = taken(said("aide") | {"timestamp": f"{SENT}999"})
    assert (mention.sent_at, mention.sent_millis) == (SENT, SENT * 1000 + 999)


def test_linking() -> None:
    """Who comes back from our link page is told by our own code, which is kept out of every log."""
    found = read(element(account_linking={"status": "linked", "authorization_code": "c0de-1"}))
    assert found == Linking(network="facebook", page=PAGE, user_id=PSID, authorization_code="c0de-1")
    assert "c0de-1" not in repr(found)


def test_unlinking() -> None:
    """Who unlinks is unlinked, however late we hear of it."""
    one = load("messenger_event_account_linking_unlinked") | {"sender": {"id": PSID}, "recipient": {"id": PAGE}}
    assert read(one, received_at=SENT + 9 * DAY) == Revocation(network="facebook", page=PAGE, user_id=PSID)


def test_an_echo_tells_what_has_arrived() -> None:
    """The golden echo with metadata tells of one message to one person, and of no other."""
    one = load("messenger_event_echo_with_metadata") | {"sender": {"id": PAGE}, "recipient": {"id": PSID}}
    metadata, mid = "<DEVELOPER_DEFINED_METADATA_STRING>", "mid.1457764197618:41d102a3e1ae206a38"
    found = read(one, received_at=SENT)
    assert found == Echo(network="facebook", page=PAGE, user_id=PSID, message_id=mid, metadata=metadata)
    assert found.tells_of(metadata, to=PSID)
    assert not found.tells_of(metadata, to="5")
    assert not found.tells_of("other", to=PSID)
    assert not replace(found, metadata="").tells_of("", to=PSID)


@pytest.mark.parametrize(
    "changed",
    [
        *({"kind": kind} for kind in (None, "", "other", 7, "linking", "echo")),
        *({"user_id": user_id} for user_id in (None, 7, "", "a b", "us.1", "1" * 20)),
        *({"id": mid} for mid in (None, 7, "", "a b", "é", "a" * 513)),
        *({"sent_at": moment} for moment in (None, "1", True, 1.5)),
        *({"sent_millis": moment} for moment in (None, "1", True, 1.5)),
        *({"text": text} for text in (None, 7, "\ud800")),
        *({"button": 7}, {"in_reply_to": []}),
    ],
)
def test_an_event_that_was_mixed_up(changed: dict[str, Any]) -> None:
    """An event whose payload is not as it was written is dropped as malformed."""
    network = Facebook(Bot(handle="smoneyfr", user_id=PAGE), max_age_seconds=DAY)
    (event,) = network.split(json.dumps(page_body(said("aide"))).encode(), received_at=SENT)
    assert isinstance(event, Event)
    assert network.mention(replace(event, payload={**event.payload, **changed})) == Drop("malformed")


def test_an_event_that_was_queued_without_milliseconds_is_read() -> None:
    """What waited in the queue before they were taken along is a message like any other."""
    network = Facebook(Bot(handle="smoneyfr", user_id=PAGE), max_age_seconds=DAY)
    (event,) = network.split(json.dumps(page_body(said("aide"))).encode(), received_at=SENT)
    assert isinstance(event, Event)
    older = {name: value for name, value in event.payload.items() if name != "sent_millis"}
    mention = network.mention(replace(event, payload=older))
    assert isinstance(mention, Mention)
    assert (mention.text, mention.sent_at, mention.sent_millis) == ("aide", SENT, 0)


REF = "p_oDTPRQjnPdO-Ndc2_WAAAbbbbCCCCddddEEEEff"


def opened(ref: Any, *, by: str) -> dict[str, Any]:
    """A chat that was opened by a link with a ref: told at once, or by the button that begins somebody's first chat."""
    referral = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
    if by == "referral":
        return element(referral=referral)
    return element(postback={"title": "Get Started", "payload": "GET_STARTED", "referral": referral})


@pytest.mark.parametrize("by", ["referral", "postback"])
def test_a_ref_of_our_own_form_is_taken_along(by: str) -> None:
    """Into the queue and out of it; the repr of a mention, which may be logged, does not hold it."""
    mention = taken(opened(REF, by=by))
    assert mention.ref == REF
    assert REF not in repr(mention)


@pytest.mark.parametrize("by", ["referral", "postback"])
@pytest.mark.parametrize("ref", ["", "summer-campaign", f"{REF}x", f" {REF}", REF.upper(), REF[:-1], None])
def test_any_other_ref_is_left_behind(ref: str | None, by: str) -> None:
    """Anybody writes links and advertisements; nothing of theirs reaches an order."""
    mention = taken(opened(ref, by=by))
    assert (mention.ref, mention.text in ("", "Get Started")) == (None, True)


@pytest.mark.parametrize("one", [said(REF), element(optin={"ref": REF}), said("x", referral={"ref": REF})])
def test_a_ref_elsewhere_is_no_ref(one: dict[str, Any]) -> None:
    """What somebody types, or a plugin of a website tells, opens nothing."""
    assert taken(one).ref is None


@pytest.mark.parametrize("ref", [7, [REF], {"ref": REF}])
def test_a_ref_that_is_no_text_is_malformed(ref: Any) -> None:
    """Dropped where the body is cut."""
    body = json.dumps(page_body(opened(ref, by="referral"))).encode()
    network = Facebook(Bot(handle="smoneyfr", user_id=PAGE), max_age_seconds=DAY)
    assert network.split(body, received_at=SENT) == [Drop("malformed")]
