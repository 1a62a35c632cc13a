"""The sandbox's Messenger: what people do there is what our channel reads, and Meta's clock shuts the page out."""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.channels import OPENED, Event, Mention, Reading, Revocation
from chalicelib.channels.facebook import Facebook
from chalicelib.channels.graph_errors import outcome
from chalicelib.channels.meta_sending import Button, Outgoing, messenger
from chalicelib.config import Bot
from chalicelib.services import Permanent, Sent
from local.sandbox.envelopes import Parcel
from local.sandbox.graph import Graph
from local.sandbox.messenger import CHARACTERS, WINDOW_SECONDS, Line, Messenger, psid
from local.sandbox.network import Refused

PAGE = Bot(handle="smoneyfr", user_id="104512345670014")
KEYS = {"app_secret": "an app's secret", "facebook_access_token": "a page's token"}
ALICE, BOB = psid("alice"), psid("bob")
REF = "p_0123456789abcdef_0123456789abcdefghijkl"
YES = Button("Oui", "pair_yes:0123456789abcdef")


@dataclass
class Place:
    """A page with its chats and its end of the Graph API; `parcels` are the webhooks that were sent."""

    parcels: list[Parcel] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.graph = Graph(PAGE.user_id, lambda: KEYS, lambda _: None)
        self.chats = Messenger(PAGE, self.parcels.append, self.graph.told)
        self.graph.reaches = self.chats.reaches

    def do(self, name: str, by: str = ALICE, **wish: object) -> Mapping[str, Any]:
        """Do something that Messenger lets a person do."""
        done = self.chats.do(name, {"by": by, **wish})
        assert not isinstance(done, Refused)
        return done

    def refused(self, name: str, by: str = ALICE, **wish: object) -> str:
        """Do something that it does not let them do, and that tells nobody; the sentence that says so."""
        before = len(self.parcels)
        done = self.chats.do(name, {"by": by, **wish})
        assert isinstance(done, Refused)
        assert len(self.parcels) == before
        return done.reason

    def read(self) -> Reading:
        """What our channel makes of the last webhook."""
        channel = Facebook(PAGE, max_age_seconds=86_400)
        (event,) = channel.split(self.parcels[-1].body, received_at=round(time.time()))
        assert isinstance(event, Event)
        return channel.mention(event)

    def mention(self) -> Mention:
        """The same, where it is a message."""
        found = self.read()
        assert isinstance(found, Mention)
        return found

    def answer(self, *buttons: Button, to: str = ALICE, link_url: str = "") -> tuple[int, Mapping[str, Any]]:
        """Have the page write, as our sender does."""
        token = KEYS["facebook_access_token"]
        proof = hmac.digest(KEYS["app_secret"].encode(), token.encode(), hashlib.sha256).hex()
        said = messenger(Outgoing(to=to, text="Oui ?", buttons=buttons, link_url=link_url))
        path = f"/v25.0/{PAGE.user_id}/messages"
        answer = self.graph.answer(path, f"Bearer {token}", said | {"appsecret_proof": proof})
        return answer.status, answer.content

    def lines(self, whom: str = ALICE) -> list[dict[str, Any]]:
        """Somebody's conversation as the page shows it."""
        return [line for line in self.chats.told()["lines"] if line["with"] == whom]


def test_what_somebody_writes_is_what_our_channel_reads() -> None:
    """The text as it was typed, by their id of this page, and the id under which its order is found again."""
    place = Place()
    told = place.do("write", text=" Envoyer 5 € à @bob <3 ")
    mention = place.mention()
    assert (mention.text, mention.author.user_id, mention.private) == ("Envoyer 5 € à @bob <3", ALICE, True)
    assert mention.message_id == told["id"] == place.parcels[0].about == place.lines()[0]["id"]
    assert (place.parcels[0].network, place.parcels[0].event) == ("facebook", "message")


@pytest.mark.parametrize("text", ["", "  \n", "x" * (CHARACTERS + 1)])
def test_what_messenger_does_not_take_goes_nowhere(text: str) -> None:
    """Nothing to say, or too much."""
    assert "characters" in Place().refused("write", text=text)


@pytest.mark.parametrize("by", ["", "alice", "1" * 20, "١٢٣"])
def test_people_are_known_by_digits(by: str) -> None:
    """Any other id is nobody's."""
    assert Place().refused("write", by=by, text="aide") == "There is no such person on Messenger."


def test_a_tap_brings_the_payload_of_the_button() -> None:
    """With its title as the text, as if the person had written it."""
    place = Place()
    place.do("write", text="associer")
    assert place.answer(YES, Button("Non", "pair_no:x"))[0] == 200
    shown = place.lines()[-1]
    assert [one["title"] for one in shown["buttons"]] == ["Oui", "Non"]
    place.do("tap", message=shown["id"], payload=YES.payload)
    mention = place.mention()
    assert (mention.text, mention.button) == (YES.title, YES.payload)


def test_buttons_go_when_something_comes_after_them() -> None:
    """As on Messenger: a quick reply can be tapped under the last line alone, once, and only by whom it was sent to."""
    place = Place()
    place.answer(YES)
    asked = place.lines()[-1]["id"]
    place.refused("tap", by=BOB, message=asked, payload=YES.payload)
    place.refused("tap", message=asked, payload="pair_yes:another")
    place.do("tap", message=asked, payload=YES.payload)
    assert [line["buttons"] for line in place.lines()] == [[], []]
    assert place.refused("tap", message=asked, payload=YES.payload) == "That button is gone."


def test_a_button_that_links_stays_and_is_not_tapped() -> None:
    """It opens our page; nothing is told by it."""
    place = Place()
    place.answer(link_url="https://pay.example/link")
    place.do("write", text="aide")
    shown = place.lines()[0]
    assert (shown["text"], shown["buttons"][0]["url"]) == ("Oui ?", "https://pay.example/link")
    place.refused("tap", message=shown["id"], payload="")


@pytest.mark.parametrize(
    "link",
    [
        REF,
        f"https://m.me/smoneyfr?ref={REF}",
        f" https://m.me/{PAGE.user_id}/?ref={REF} ",
        f"m.me/smoneyfr?text=bonjour&ref={REF}",
    ],
)
def test_an_opened_link_brings_its_ref(link: str) -> None:
    """By Get Started into a first conversation, as a referral into one that exists."""
    place = Place()
    for event in ("postback", "referral"):
        place.do("open", link=link)
        assert (place.mention().ref, place.parcels[-1].event) == (REF, event)
    assert place.mention().button == OPENED


@pytest.mark.parametrize(
    "link",
    ["", "https://m.me/another?ref=x", "https://m.me/smoneyfr", f"https://m.me.example/smoneyfr?ref={REF}"],
)
def test_a_link_to_somewhere_else_opens_nothing(link: str) -> None:
    """Another page, another site, no ref."""
    assert Place().refused("open", link=link)


def test_an_account_is_unlinked() -> None:
    """Our channel hears whose link was taken back."""
    place = Place()
    place.do("unlink")
    assert place.read() == Revocation(network="facebook", page=PAGE.user_id, user_id=ALICE)


def test_a_day_later_the_page_is_not_let_in() -> None:
    """Meta's error is what our sender takes for a closed window; nobody else is struck, and it can be undone."""
    place = Place()
    for whom in (ALICE, BOB):
        place.do("write", by=whom, text="aide")
    place.do("later", on=True)
    status, told = place.answer()
    assert outcome(status, told, wait=None) == Permanent("outside_window")
    assert (status, len(place.lines())) == (400, 1)
    assert place.answer(to=BOB)[0] == 200
    place.do("later", on=False)
    assert isinstance(outcome(*place.answer(), wait=None), Sent)
    place.refused("later", on="yes")


def test_the_window_shuts_by_itself() -> None:
    """24 hours after the person's last line, whatever the page has written since."""
    place, now = Place(), time.time()
    place.chats.said.append(Line(id="m_1", by=ALICE, at=now - WINDOW_SECONDS + 60, text="aide", kind="text"))
    place.chats.said.append(Line(id="m_2", by=BOB, at=now - WINDOW_SECONDS - 1, text="aide", kind="text"))
    assert (place.answer()[0], place.answer(to=BOB)[0]) == (200, 400)


def test_everybody_has_a_conversation_of_their_own() -> None:
    """In order, with who wrote each line."""
    place = Place()
    place.do("write", text="aide")
    place.answer()
    place.do("write", by=BOB, text="solde")
    assert [(line["kind"], line["text"]) for line in place.lines()] == [("text", "aide"), ("answer", "Oui ?")]
    assert [line["text"] for line in place.lines(BOB)] == ["solde"]
    assert len({psid("alice"), psid("bob"), place.chats.told()["stranger"]}) == 3


def test_a_refused_answer_is_told_and_leaves_the_buttons() -> None:
    """The person has not seen it: what they could tap they still can, and their window stays as it was."""
    place = Place()
    place.do("write", text="associer")
    place.answer(YES)
    place.chats.refuse(ALICE, "10 / 2018278")
    shown = place.lines()
    assert [line["kind"] for line in shown] == ["text", "answer", "refused"]
    assert shown[-1]["text"] == "Meta refused an answer: 10 / 2018278"
    place.do("tap", message=shown[1]["id"], payload=YES.payload)


def test_somebody_who_has_only_a_refused_answer_is_shown_with_it() -> None:
    """They wrote by another way than the pane: the page must not fall over them."""
    place = Place()
    place.chats.refuse(ALICE, "10 / 2018278")
    assert [(line["kind"], line["buttons"]) for line in place.lines()] == [("refused", [])]
