"""The join page over Chalice's own dispatch: from the SMS to the pairing code."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from app import app
from chalicelib import production
from chalicelib.identity import invitation
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation
from chalicelib.identity.person import Person
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import new_item
from chalicelib.notices import change
from chalicelib.notices.delivery import Told, send_sms
from chalicelib.ref import parse
from tests.bank import PROGRAMME, Bank

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
CODE = "739164"


class Joiner:
    """Zoe, who was invited to bind @zoe_m, with her phone and her browser."""

    def __init__(self, client: Client, language: str = "fr", *, network: str = "twitter") -> None:
        self.bank = Bank()
        self.client = client
        person = Person(id="zoe", name="Zoé Martin", phone="+33612000555", language=language, account="zoe")
        people.add_person(self.bank.table, person, clock=self.bank.services.clock)
        ledger.open_account(self.bank.table, new_item("zoe", person="zoe", kind="person", currency="EUR"))
        self.bank.table.images.clear()
        now, page = self.bank.services.clock.now(), PROGRAMME.bots[network].user_id
        label = "zoe_m" if network == "twitter" else ""
        invited = Invitation(
            id=invitation.invitation_id(network, page, label or "zoe"),
            person="zoe", account="zoe", network=network, page=page, label=label, language=language,
            status="invited", created_at=now, expires_at=now + 604_800,
        )  # fmt: skip
        people.invite(self.bank.table, invited, clock=self.bank.services.clock)

    def sms(self) -> list[str]:
        """Let the stream and the queue do their work; every SMS so far."""
        images, self.bank.table.images = self.bank.table.images, []
        notices = [notice for old, new in images for notice in change.notices(old, new, tries=5)]
        for number, notice in enumerate(notices):
            send_sms(self.bank.services, Told(notice=notice, message_id=f"{len(self.bank.sms.sent)}-{number}"))
        return [text for _, text in self.bank.sms.sent]

    def step(self, name: str, **fields: str) -> Any:
        """Post one step of the page."""
        with production.using(self.bank.services):
            return self.client.http.post(f"/j/{name}", headers=FORM, body=urlencode(fields).encode())


@pytest.fixture
def client() -> Iterator[Client]:
    """Chalice's own dispatch."""
    with Client(app, stage_name="local") as client:
        yield client


def words(answer: Any) -> str:
    """The visible words of a page."""
    body = re.sub(r"<(style|script).*?</\1>", " ", answer.body.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


@pytest.mark.parametrize(
    ("language", "title", "verb"),
    [("fr", "Bienvenue", "#associer"), ("en", "Welcome", "#pair"), ("ja", "ようこそ", "#連携")],
)
def test_an_invited_person_gets_a_pairing_code_from_the_screen_alone(
    client: Client, language: str, title: str, verb: str
) -> None:
    """SMS, terms, a code chosen twice, and the very message to post; in each language."""
    zoe = Joiner(client, language)
    [text] = zoe.sms()
    assert "https://pay.example/j#" in text
    link = text.split("#")[1]
    opened = zoe.step("open", link=link)
    assert title in words(opened)
    assert "@zoe_m" in words(opened)
    done = zoe.step("code", link=link, code=CODE, again=CODE, terms="yes")
    order = re.search(rf"@Smoneyfr {verb} (\d{{6}})", words(done))
    assert order
    assert zoe.bank.account("zoe")["code"]


@pytest.mark.parametrize(
    ("language", "button"), [("fr", "Ouvrir Messenger"), ("en", "Open Messenger"), ("ja", "Messengerを開く")]
)
def test_who_links_a_chat_gets_a_button_in_place_of_a_code(client: Client, language: str, button: str) -> None:
    """The page of the programme on m.me, with a ref of ours; no code is shown that somebody could be asked for."""
    zoe = Joiner(client, language, network="facebook")
    link = zoe.sms()[0].split("#")[1]
    opened = zoe.step("open", link=link)
    assert "Messenger" in words(opened)
    assert "@" not in words(opened)
    done = zoe.step("code", link=link, code=CODE, again=CODE, terms="yes")
    found = re.search(r'<a class="go" href="https://m\.me/smoneyfr\?ref=(p_[\w-]{39})">([^<]+)</a>', done.body.decode())
    assert found and found[2] == button
    assert not re.search(r"\d{6}", words(done))
    assert parse(found[1])
    assert "m.me" not in zoe.step("open", link=link).body.decode()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"code": "739165"}, "ne sont pas les mêmes"),
        ({"code": "123456", "again": "123456"}, "trop facile"),
        ({"terms": ""}, "Cochez la case"),
        ({"code": "12"}, "6 chiffres"),
    ],
)
def test_an_unfit_choice_comes_back_with_its_reason(client: Client, fields: dict[str, str], told: str) -> None:
    """The form again, the error in words, nothing stored."""
    zoe = Joiner(client)
    link = zoe.sms()[0].split("#")[1]
    answer = zoe.step("code", **{"link": link, "code": CODE, "again": CODE, "terms": "yes", **fields})
    assert answer.status_code == 200
    assert told in words(answer)
    marked = re.findall(r'<input[^>]* name="(\w+)"[^>]*aria-invalid="true"', answer.body.decode())
    assert marked == (["terms"] if "terms" in fields else ["code"])
    assert zoe.bank.account("zoe")["code"] == ""


def test_a_new_link_is_sent_to_the_bound_number(client: Client) -> None:
    """After ten minutes the page offers it; the next SMS opens the page again."""
    zoe = Joiner(client)
    link = zoe.sms()[0].split("#")[1]
    zoe.bank.time.move(601)
    assert "Recevoir un nouveau lien" in words(zoe.step("open", link=link))
    zoe.step("renew", link=link)
    renewed = zoe.sms()[1].split("#")[1]
    assert "Bienvenue" in words(zoe.step("open", link=renewed))


@pytest.mark.parametrize("step", ["open", "code", "renew"])
def test_without_a_genuine_link_every_step_is_the_same_403(client: Client, step: str) -> None:
    """The very page of a forged payment link."""
    zoe = Joiner(client)
    link = zoe.sms()[0].split("#")[1]
    answers = {
        (answer.status_code, words(answer))
        for answer in (
            zoe.step(step, link=bad, code=CODE, again=CODE, terms="yes") for bad in ("", "x", link[:-2] + "AA")
        )
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 403
