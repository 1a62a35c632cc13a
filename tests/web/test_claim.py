"""The page of held money over Chalice's own dispatch: from the private message to a refusal."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from app import app
from chalicelib import production
from chalicelib.intents import claim_page
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import Claim, Wish
from tests.bank import Bank
from tests.claims.holding import HELD, claim_of, held, holding_bank, join, swept
from tests.claims.payee import link, told

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client() -> Iterator[Client]:
    """Chalice's own dispatch."""
    with Client(app, stage_name="local") as client:
        yield client


class Payee:
    """Carol, whom nobody knows, with the private message and her browser."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.bank: Bank = holding_bank()
        self.bank.table.items["P#alice", "0"]["name"] = "Alice de Vigny"
        self.claim: Claim = held(self.bank)
        (text,) = told(self.bank)
        self.link = text.split("/c#")[1].split()[0]

    def step(self, name: str, *, language: str = "fr", **fields: str) -> Any:
        """Post one step of the page."""
        headers = {**FORM, "Accept-Language": language}
        body = urlencode({"link": self.link, **fields}).encode()
        with production.using(self.bank.services):
            return self.client.http.post(f"/c/{name}", headers=headers, body=body)


def words(answer: Any) -> str:
    """The visible words of a page."""
    body = re.sub(r"<(style|script).*?</\1>", " ", answer.body.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("&#39;", "'").split())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ("De l’argent pour vous", "10,00 €", "De la part de Alice V.", "Devenez client de S-Money", "Refuser")),
        ("en", ("Money for you", "€10.00", "From Alice V.", "Become a customer of S-Money", "Refuse this money")),
        ("ja", ("お金が届いています", "€10.00", "送り主 Alice V.", "S-Moneyの口座を開き", "受け取りを断る")),
    ],
)
def test_the_page_tells_who_sends_how_much_and_what_to_do(client: Client, language: str, said: tuple[str]) -> None:
    """In the browser's language; of the payer the first name and an initial, and nothing else."""
    carol = Payee(client)
    answer = carol.step("open", language=language)
    page = words(answer)
    assert answer.status_code == 200
    assert all(part in page for part in (*said, "2026-09-28")), page
    assert not any(secret in answer.body.decode() for secret in ("Vigny", "+336", "alice", "11,65", "988"))


def test_one_button_refuses(client: Client) -> None:
    """The page says that it goes back; opened again it says the same."""
    carol = Payee(client)
    assert "L’argent est rendu à Alice V." in words(carol.step("refuse"))
    assert "Argent refusé" in words(carol.step("open"))
    carol.bank.stream()
    swept(carol.bank)
    assert claim_of(carol.bank, carol.claim.id).status == "refused"
    assert "Argent refusé" in words(carol.step("refuse"))


def test_the_page_says_what_became_of_it(client: Client) -> None:
    """Taken back, or in the account of who has joined."""
    carol, other = Payee(client), Payee(client)
    wish = Wish(end="cancelled", by="alice")
    claiming.ask(carol.bank.table, carol.claim.id, wish, clock=carol.bank.services.clock)
    for _ in range(2):
        assert "plus rien à recevoir" in words(carol.step("open"))
        carol.bank.stream()
        swept(carol.bank)
    join(other.bank)
    swept(other.bank)
    assert "C’est à vous" in words(other.step("open"))


@pytest.mark.parametrize("step", ["open", "refuse"])
def test_a_wrong_and_an_old_link_look_the_same(client: Client, step: str) -> None:
    """One 403 for all of them, in words that fit a private message; nothing is written."""
    carol = Payee(client)
    answers = {words(carol.step(step, link=bad)) for bad in ("", "x", carol.link[:-1], link(carol.claim, key=b"other"))}
    before = dict(carol.bank.table.items)
    carol.bank.time.move(HELD)
    late = carol.step(step)
    assert late.status_code == 403
    assert {*answers, words(late)} == {words(late)}
    assert "message privé" in words(late) and "SMS" not in words(late)
    assert carol.bank.table.items == before


def test_another_site_may_not_refuse(client: Client) -> None:
    """As no step of any page."""
    carol = Payee(client)
    with production.using(carol.bank.services):
        body = urlencode({"link": carol.link}).encode()
        answer = client.http.post("/c/refuse", headers={**FORM, "Sec-Fetch-Site": "cross-site"}, body=body)
    assert answer.status_code == 403
    assert claim_of(carol.bank, carol.claim.id).wish == ""


def test_an_outage_says_so_and_changes_nothing(client: Client) -> None:
    """503, in the words of this page; an answer that was lost says that nobody knows yet."""
    carol = Payee(client)
    carol.bank.table.faults = ["busy"] * 50
    assert "Rien n’a changé" in words(carol.step("refuse"))
    assert claim_of(carol.bank, carol.claim.id).wish == ""
    carol.bank.table.faults = ["lost", *["down"] * 50]
    answer = carol.step("refuse")
    assert (answer.status_code, "Nous ne savons pas encore" in words(answer)) == (503, True)
    carol.bank.table.faults = []
    assert "Argent refusé" in words(carol.step("open"))


def test_the_shell_speaks_of_the_message(client: Client) -> None:
    """No word of an SMS or a payment, and nothing that depends on the link."""
    carol = Payee(client)
    with production.using(carol.bank.services):
        answer = client.http.get("/c", headers={"Accept-Language": "fr"})
    assert (answer.status_code, "SMS" in words(answer), "message" in words(answer)) == (200, False, True)


def test_whoever_sends_has_no_name_when_their_item_is_gone() -> None:
    """The programme's brand stands for them."""
    bank = holding_bank()
    claim = held(bank)
    del bank.table.items["P#alice", "0"]
    assert claim_page.look(bank.services, link(claim)).payer == ""
