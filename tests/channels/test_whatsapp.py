"""Messages on WhatsApp: its own envelope, and people who are known by an id that changes with their number."""

import json
import time
from typing import Any

import pytest

from chalicelib.channels import Drop, Echo, Event, Mention, Named, Reading, Revocation
from chalicelib.channels.whatsapp import WhatsApp
from chalicelib.config import Bot
from tests.channels.meta_golden import BSUID, NUMBER, NUMBER_ID, SENT, change, contact, load, written

TEST_NUMBER_ID = "000000000000000"


def network(number_id: str) -> WhatsApp:
    """The channel of one number."""
    return WhatsApp(Bot(handle="", user_id=number_id), max_age_seconds=86_400)


def outcomes(body: Any, *, number_id: str = NUMBER_ID, received_at: int = SENT) -> list[Reading]:
    """What each element of a body comes to, through JSON as in the queue."""
    ours = network(number_id)
    found = ours.split(json.dumps(body).encode(), received_at=received_at)
    return [ours.mention(one) if isinstance(one, Event) else one for one in found]


def taken(body: Any, **how: Any) -> Mention:
    """Read a body that is one message."""
    (found,) = outcomes(body, **how)
    assert isinstance(found, Mention), found
    return found


def test_golden_text() -> None:
    """A captured message, in full: its author is known by the user id of the contact."""
    assert taken(load("whatsapp_webhook_text"), received_at=1_697_043_300) == Mention(
        network="whatsapp",
        page=NUMBER_ID,
        origin_id="wamid.xyzxyz",
        message_id="wamid.xyzxyz",
        author=Named(user_id=BSUID, handle=""),
        text="Body Text",
        named=(),
        private=True,
        sent_at=1_697_043_223,
        received_at=1_697_043_300,
    )


def test_golden_text_with_a_user_id() -> None:
    """A message that names its author's user id itself."""
    mention = taken(load("whatsapp_webhook_text_bsuid"), number_id=TEST_NUMBER_ID, received_at=1_700_000_000)
    assert (mention.author.user_id, mention.text) == (BSUID, "Hello from a username user")


def test_golden_reply() -> None:
    """A reply has the id of what it answers."""
    assert taken(load("whatsapp_webhook_reply"), received_at=1_697_044_746).in_reply_to == "wamid.xyzxyz=="


def test_golden_button() -> None:
    """A tap has its payload, answers nothing else, and its author, here without a user id, has a number."""
    body = load("whatsapp_webhook_interactive_button_reply")
    mention = taken(body, number_id=TEST_NUMBER_ID, received_at=1_700_000_003)
    assert (mention.text, mention.button, mention.in_reply_to) == ("Approve", "btn_approve", None)
    assert mention.author.user_id == "15551234567"


def test_golden_row_of_a_list() -> None:
    """A row is a tap like a button: its id is what we wrote, its description is not read."""
    mention = taken(load("whatsapp_webhook_interactive_list_reply"), received_at=1_698_266_906)
    assert (mention.text, mention.button, mention.in_reply_to) == ("title", "callback_data", None)
    assert mention.author.user_id == BSUID


@pytest.mark.parametrize(
    "said",
    [
        {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "help", "title": "Aide"}}},
        {"type": "button", "button": {"payload": "help", "text": "Aide"}},
    ],
)
def test_other_buttons(said: dict[str, Any]) -> None:
    """A row of a list and a button of a template are taps too."""
    mention = taken(change(messages=[written("", **said)]))
    assert (mention.text, mention.button) == ("Aide", "help")


@pytest.mark.parametrize(
    ("message", "contacts", "user_id"),
    [
        ({"from_user_id": BSUID}, [], BSUID),
        ({"from_user_id": BSUID, "from": None}, [], BSUID),
        ({"from_user_id": BSUID}, [contact(user_id="FR.5")], BSUID),
        ({}, [contact()], BSUID),
        ({}, [contact(wa_id="5", user_id="FR.5"), contact()], BSUID),
        ({"from": None}, [contact(wa_id=None)], BSUID),
        ({"from": None}, [contact()], BSUID),
        ({}, [contact(wa_id="5")], NUMBER),
        ({}, [contact(), contact(user_id="FR.5")], NUMBER),
        ({}, [contact(user_id=None)], NUMBER),
        ({}, [], NUMBER),
    ],
)
def test_who_wrote(message: dict[str, Any], contacts: list[Any], user_id: str) -> None:
    """The user id is taken wherever it stands, as a number comes and goes; else the number."""
    body = change(messages=[written("aide", **message)], contacts=contacts)
    assert taken(body).author == Named(user_id=user_id, handle="")


@pytest.mark.parametrize(
    ("message", "contacts"),
    [
        ({"from": None}, []),
        ({"from": None}, [contact(), contact(user_id="FR.5")]),
        ({"from": "+33612345678"}, []),
        ({"from": 33612345678}, []),
        ({"from_user_id": "x"}, []),
        ({"from_user_id": 5}, []),
        ({}, [contact(user_id=5)]),
        ({}, [7]),
        ({"timestamp": 1_800_000_000}, []),
        ({"timestamp": "1800000000000"}, []),
        ({"id": None}, []),
        ({"text": {"body": "\ud800"}}, []),
        ({"text": "x"}, []),
        ({"type": None}, []),
        ({"context": 7}, []),
        ({"type": "interactive", "interactive": {"type": "button_reply"}}, []),
        ({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"title": "x"}}}, []),
        ({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": 5, "title": "x"}}}, []),
    ],
)
def test_malformed_messages(message: dict[str, Any], contacts: list[Any]) -> None:
    """Nobody is guessed: a message without a sound author, time, id or text is dropped."""
    body = change(messages=[written("aide", **message)], contacts=contacts)
    assert outcomes(body) == [Drop("malformed")]


@pytest.mark.parametrize(
    ("name", "number_id", "reason"),
    [
        ("whatsapp_webhook_reaction", NUMBER_ID, "reaction"),
        ("whatsapp_webhook_unsupported", NUMBER_ID, "unsupported"),
        ("whatsapp_webhook_status_delivered", NUMBER_ID, "status"),
        ("whatsapp_webhook_text", "5", "other_page"),
        ("whatsapp_webhook_user_id_update", "5", "other_page"),
        ("messenger_webhook_text", NUMBER_ID, "other_object"),
    ],
)
def test_dropped_bodies(name: str, number_id: str, reason: str) -> None:
    """What is no message to our number is dropped by name."""
    assert outcomes(load(name), number_id=number_id) == [Drop(reason)]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        *(({"type": kind, kind: {"caption": "Envoyer 10 €"}}, "attachment") for kind in ("image", "video", "document")),
        *(({"type": kind}, "event_ignored") for kind in ("request_welcome", "new", "", "system")),
        ({"type": "system", "system": {"type": "customer_identity_changed"}}, "event_ignored"),
        ({"type": "interactive", "interactive": {"type": "nfm_reply"}}, "event_ignored"),
        ({"from": "972123456789"}, "own_message"),
        ({"group_id": "Y2FwaV9ncm91cDox"}, "group"),
        ({"context": {"forwarded": True}}, "forwarded"),
        ({"context": {"frequently_forwarded": True}}, "forwarded"),
    ],
)
def test_messages_that_are_no_orders(more: dict[str, Any], reason: str) -> None:
    """Pictures, our own words, words before others and words of others order nothing."""
    assert outcomes(change(messages=[written("Envoyer 10 € à Lucie", **more)])) == [Drop(reason)]


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        ({"object": "whatsapp_business_account"}, ["unknown_shape"]),
        ({"object": "whatsapp_business_account", "entry": [7, {"id": "1"}]}, ["malformed", "unknown_shape"]),
        ({"object": "whatsapp_business_account", "entry": [{"changes": [7, {}, {"value": []}]}]}, ["malformed"] * 3),
        (change("account_update", event="x"), ["event_ignored"]),
        (change("smb_message_echoes", messages=[written("10€")]), ["event_ignored"]),
        (change(messages=[7, written("a")] * 2, errors=[{}]), ["malformed", "m", "malformed", "m", "network_errors"]),
        (change(messages={"a": 1}), ["malformed"]),
        (change(metadata=None, messages=[written("10€")]), ["malformed"]),
        (change(to="5", messages=[written("10€"), written("20€")], statuses=[{}]), ["other_page"] * 3),
        (change() | {"entry": [{"id": "0", "changes": [{}, {}]}]}, ["dashboard_test"] * 2),
    ],
)
def test_unusual_bodies(body: Any, reasons: list[str]) -> None:
    """Every element of every change is a message or a named drop."""
    assert [one.reason if isinstance(one, Drop) else "m" for one in outcomes(body)] == reasons


def test_every_change_and_every_message() -> None:
    """A batch of 1,000 messages in several changes is 1,000 messages, in order."""
    body = change(messages=[written(str(number)) for number in range(600)])
    body["entry"][0]["changes"] += change(messages=[written(str(one)) for one in range(600, 1000)])["entry"][0][
        "changes"
    ]
    assert [one.text for one in outcomes(body) if isinstance(one, Mention)] == [str(number) for number in range(1000)]


def test_neither_number_is_told() -> None:
    """An author without a number is not taken for us where our own number is not told either."""
    body = change(metadata={"phone_number_id": NUMBER_ID}, messages=[written("aide", from_user_id=BSUID)])
    del body["entry"][0]["changes"][0]["value"]["messages"][0]["from"]
    assert taken(body).author.user_id == BSUID


def test_another_number_is_another_person() -> None:
    """Whose number has changed is unlinked by the old number, and by the previous user id: either may be known."""
    (by_number,) = outcomes(load("whatsapp_webhook_system_user_changed_number"), number_id=TEST_NUMBER_ID)
    (by_id,) = outcomes(load("whatsapp_webhook_user_id_update"), number_id=TEST_NUMBER_ID)
    assert by_number == Revocation(network="whatsapp", page=TEST_NUMBER_ID, user_id="15551234567")
    assert by_id == Revocation(network="whatsapp", page=TEST_NUMBER_ID, user_id=BSUID)


def test_a_status_tells_what_has_arrived() -> None:
    """A status with the data of ours is WhatsApp's echo; a failure is none."""
    body = load("whatsapp_webhook_status_delivered")
    status = body["entry"][0]["changes"][0]["value"]["statuses"][0]
    status["biz_opaque_callback_data"] = "intent-1"
    (found,) = outcomes(body)
    arrived = Echo(network="whatsapp", page=NUMBER_ID, user_id=BSUID, message_id="wamid.xyzxyz", metadata="intent-1")
    assert found == arrived
    del body["entry"][0]["changes"][0]["value"]["contacts"]
    assert outcomes(body) == [Echo(**{**vars(arrived), "user_id": NUMBER})]
    status["recipient_user_id"] = BSUID
    assert outcomes(body) == [arrived]
    status["status"] = "failed"
    assert outcomes(body) == [Drop("status")]


def test_too_old_is_judged_at_receipt() -> None:
    """WhatsApp tries again for days: what is older than a day when it comes is dropped."""
    assert isinstance(taken(change(messages=[written("aide")]), received_at=SENT + 86_400), Mention)
    assert outcomes(change(messages=[written("aide")]), received_at=SENT + 86_401) == [Drop("too_old")]


def test_an_id_that_holds_a_number_is_not_logged() -> None:
    """A message's id is the author's phone number in base64, so that the log gets none."""
    (event,) = network(NUMBER_ID).split(json.dumps(change(messages=[written("aide")])).encode(), received_at=SENT)
    assert isinstance(event, Event)
    assert (event.message_id, event.payload["id"]) == ("", "wamid.HBgMOTcyOTg3NjU0MzIxAA==")


def test_a_full_body_is_read_at_once() -> None:
    """The largest body that is taken, all contacts and messages, is split in well under the network's patience."""
    body = change(messages=[written("x")] * 3_500, contacts=[{"wa_id": "1"}] * 30_000)
    raw = json.dumps(body).encode()
    started = time.process_time()
    found = network(NUMBER_ID).split(raw, received_at=SENT)
    assert (len(found), len(raw) > 900_000) == (3_500, True)
    assert time.process_time() - started < 2
