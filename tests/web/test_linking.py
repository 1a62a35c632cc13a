"""The page behind a chat's button that links an account: a number typed, one answer for everybody, an SMS for some."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from app import app
from chalicelib import config, production
from chalicelib.channels import Event, inbox
from chalicelib.errors import Unavailable
from chalicelib.identity import store as people
from chalicelib.identity.invitation import invitation_id
from chalicelib.identity.person import Person, phone_id
from chalicelib.intents.inbox import take
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import new_item
from chalicelib.table import account_key
from tests.bank import PROGRAMME, Bank

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
PAGE = PROGRAMME.bots["facebook"].user_id
ZOE = Person(id="zoe", name="Zoé Martin", phone="+33612000555", language="fr", account="zoe")


class Visitor:
    """Somebody with the page before them, and the queue behind it."""

    def __init__(self, client: Client) -> None:
        self.bank, self.client = Bank(), client
        self.queued: list[Event] = []
        people.add_person(self.bank.table, ZOE, clock=self.bank.services.clock)
        ledger.open_account(self.bank.table, new_item("zoe", person="zoe", kind="person", currency="EUR"))

    def opens(self, query: str = "") -> Any:
        """Ask for the page as Messenger does."""
        with production.using(self.bank.services):
            return self.client.http.get(f"/l{query}", headers={"Accept-Language": "en"})

    def types(self, phone: str, **headers: str) -> Any:
        """Send the form."""
        with production.using(self.bank.services):
            wanted = {**FORM, "Accept-Language": "en", **headers}
            return self.client.http.post("/l/ask", headers=wanted, body=urlencode({"phone": phone}).encode())

    def read(self) -> None:
        """Let the inbox's reader do its work."""
        for event in self.queued:
            take(self.bank.services, event)
        self.queued.clear()

    def invited(self) -> Any:
        """Zoe's invitation to Messenger."""
        return people.invitation(self.bank.table, invitation_id("facebook", PAGE, "zoe"))


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    """A visitor of the page, over Chalice's own dispatch."""
    with Client(app, stage_name="local") as client:
        new = Visitor(client)
        monkeypatch.setattr(inbox, "put", new.queued.extend)
        yield new


def words(answer: Any) -> str:
    """The visible words of a page."""
    body = re.sub(r"<(style|script).*?</\1>", " ", answer.body.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_whoever_types_their_number_is_invited(visitor: Visitor) -> None:
    """However they write it; the invitation is the one that the bank would send, to the bound number."""
    shown = visitor.opens()
    assert (shown.status_code, "Your mobile number" in words(shown)) == (200, True)
    assert "Look at your SMS" in words(visitor.types("06 12 00 05 55"))
    visitor.read()
    found = visitor.invited()
    assert (found.person, found.status, found.label, found.language) == ("zoe", "invited", "", "fr")


def test_the_page_says_the_same_to_everybody(visitor: Visitor) -> None:
    """Byte for byte but for the nonce: nobody learns whose number is a customer's."""
    answers = [visitor.types(number).body.decode() for number in ("+33 6 12 00 05 55", "06 99 99 99 99")]
    plain = [re.sub(r'nonce="[^"]+"', "", answer) for answer in answers]
    assert plain[0] == plain[1]
    assert [len(event.payload) for event in visitor.queued] == [1, 1]


def test_the_number_itself_is_not_queued(visitor: Visitor) -> None:
    """Queues and dead letters hold its digest."""
    visitor.types("0612000555")
    (event,) = visitor.queued
    assert "612000555" not in repr(event)
    assert phone_id(ZOE.phone) in repr(event)


def test_a_number_of_nobody_or_of_two_invites_nobody(visitor: Visitor) -> None:
    """A shared number says nothing of who has typed it."""
    people.add_person(visitor.bank.table, replace(ZOE, id="yves"), clock=visitor.bank.services.clock)
    for number in (ZOE.phone, "0699999999"):
        visitor.types(number)
    visitor.read()
    assert visitor.invited() is None


def test_a_closed_account_is_nobodys(visitor: Visitor) -> None:
    """Its number may be somebody else's by now."""
    visitor.bank.table.items[account_key("zoe")]["status"] = "closed"
    visitor.types(ZOE.phone)
    visitor.read()
    assert visitor.invited() is None


def test_a_second_wish_sends_the_link_again_and_not_for_ever(visitor: Visitor) -> None:
    """As often as the join page itself would: whoever types somebody else's number costs them four SMS a week."""
    for _ in range(9):
        visitor.types(ZOE.phone)
        visitor.read()
    assert visitor.invited().link_number == PROGRAMME.caps.link_renewals + 1


@pytest.mark.parametrize("typed", ["", "12", "call me", "01 44 00 00 00", "0612000555 0612000556", "6" * 500, "<b>"])
def test_what_is_no_mobile_number_is_told_and_queues_nothing(visitor: Visitor, typed: str) -> None:
    """The form again, which goes to the same place, without what was typed."""
    shown = visitor.types(typed)
    assert "This is no mobile number" in words(shown)
    assert (shown.status_code, visitor.queued) == (200, [])
    assert 'action="ask"' in shown.body.decode()


@pytest.mark.parametrize("query", ["?redirect_uri=https://evil.example/&account_linking_token=x", "?a=" + "b" * 3_000])
def test_what_messenger_or_anybody_puts_into_the_address_is_not_read(visitor: Visitor, query: str) -> None:
    """Nobody is sent anywhere, and nobody else's token links them."""
    shown = visitor.opens(query)
    assert shown.status_code == 200
    assert "evil" not in shown.body.decode()


def test_another_site_cannot_ask_for_somebody(visitor: Visitor) -> None:
    """The page's own form alone is taken."""
    assert visitor.types(ZOE.phone, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert visitor.queued == []


def test_a_queue_that_is_down_is_told(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was sent, and it can be tried again."""

    def down(_: object) -> None:
        raise Unavailable("no queue")

    monkeypatch.setattr(inbox, "put", down)
    assert "nothing was sent" in words(visitor.types(ZOE.phone))


def test_a_programme_that_is_not_on_messenger_has_no_such_page(visitor: Visitor) -> None:
    """It is not there."""
    bots = {"twitter": PROGRAMME.bots["twitter"]}
    visitor.bank.services = replace(visitor.bank.services, programme=replace(config.programme("smoney"), bots=bots))
    assert visitor.opens().status_code == 404
    assert visitor.types(ZOE.phone).status_code == 404
    assert visitor.queued == []


def test_what_is_no_number_comes_back_to_be_mended(visitor: Visitor) -> None:
    """Escaped, in its field; what was taken stands nowhere."""
    body = visitor.types('06 12 "><b>').body.decode()
    assert 'value="06 12 &#34;&gt;&lt;b&gt;"' in body
    assert "612000555" not in visitor.types("0612000555").body.decode()
