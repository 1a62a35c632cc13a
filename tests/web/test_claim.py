"""The page of held money over Chalice's own dispatch: from the private message to a refusal."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from app import app
from chalicelib import production
from chalicelib.config import Programme
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import Claim, Wish
from tests.bank import HOLDING, PAYING_OUT, Bank
from tests.claims.holding import HELD, claim_of, held, join, swept
from tests.claims.payee import link, told

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client() -> Iterator[Client]:
    """Chalice's own dispatch."""
    with Client(app, stage_name="local") as client:
        yield client


class Payee:
    """Carol, whom nobody knows, with the private message and her browser."""

    def __init__(self, client: Client, programme: Programme = PAYING_OUT) -> None:
        self.client = client
        self.bank = Bank(programme=programme)
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
    body = re.sub(r"</?span[^>]*>", "", body)
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("&#39;", "'").split())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "fr",
            (
                "De l’argent pour vous",
                "10,00 €",
                "De la part de Alice V.",
                "28/09/2026",
                "Devenez client de S-Money",
                "Refuser",
            ),
        ),
        (
            "en",
            (
                "Money for you",
                "€10.00",
                "From Alice V.",
                "28 September 2026",
                "Become a customer of S-Money",
                "Refuse this money",
            ),
        ),
        (
            "ja",
            (
                "お金が届いています",
                "€10.00",
                "送り主 Alice V.",
                "2026年9月28日",
                "S-Moneyの口座を開き",
                "受け取りを断る",
            ),
        ),
    ],
)
def test_the_page_tells_who_sends_how_much_and_what_to_do(client: Client, language: str, said: tuple[str]) -> None:
    """In the browser's language; of the payer the first name and an initial, and nothing else."""
    carol = Payee(client)
    answer = carol.step("open", language=language)
    page = words(answer)
    assert answer.status_code == 200
    assert all(part in page for part in said), page
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


@pytest.mark.parametrize("step", ["open", "refuse", "account"])
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


ACCOUNT = {"bank": "0036", "branch": "251", "kind": "current", "number": "1234567", "holder": "ヤマダ ハナコ"}


def test_naming_an_account_says_that_it_is_on_its_way(client: Client) -> None:
    """Then and later, with the last digits alone."""
    carol = Payee(client)
    answers = [carol.step("account", **ACCOUNT), carol.step("open")]
    carol.bank.stream()
    swept(carol.bank)
    for answer in (*answers, carol.step("open"), carol.step("account", **ACCOUNT)):
        assert "Les 10,00 € envoyés par Alice V. partent vers votre compte 0036-251 ••••567" in words(answer)
        assert not any(secret in answer.body.decode() for secret in ("1234567", "ﾔﾏﾀﾞ", "ヤマダ"))
    assert claim_of(carol.bank, carol.claim.id).said["kind"] == "current"


@pytest.mark.parametrize(
    ("change", "told", "wrong", "kept"),
    [
        ({"number": "12"}, "Vérifiez chaque chiffre", ["bank", "branch", "number"], True),
        ({"holder": "山田"}, "ne peut pas être écrit ainsi", ["holder"], True),
        ({"holder": "スズキ"}, "Essais restants : 2", ["holder"], True),
        ({"number": "0000000"}, "Nous ne pouvons pas vérifier", [], False),
    ],
)
def test_an_account_that_is_not_taken_comes_back_with_its_reason(
    client: Client, change: dict[str, str], told: str, wrong: list[str], *, kept: bool
) -> None:
    """In the form, what was typed in it again, the fault marked and told; nothing is stored."""
    carol = Payee(client)
    page = carol.step("account", **{**ACCOUNT, **change})
    assert told in words(page).replace("\xa0", " ")
    body = page.body.decode()
    assert re.findall(r'<input class="field" id="(\w+)"[^>]*aria-invalid="true"', body) == wrong
    assert ('value="0036"' in body, "selected" in body) == (kept, kept)
    assert not claim_of(carol.bank, carol.claim.id).said


def test_what_was_typed_is_escaped(client: Client) -> None:
    """It stands in an attribute."""
    body = Payee(client).step("account", **{**ACCOUNT, "bank": '"><script>x()</script>'}).body.decode()
    assert "<script>x" not in body and "&lt;script&gt;" in body


def test_after_three_names_the_form_is_gone(client: Client) -> None:
    """Linking and refusing are still there."""
    carol = Payee(client)
    pages = [carol.step("account", **{**ACCOUNT, "holder": "スズキ"}) for _ in range(3)]
    assert ["Trop de noms" in words(page) for page in pages] == [False, False, True]
    for page in (pages[-1], carol.step("open")):
        assert 'action="account"' not in page.body.decode()
        assert "Devenez client" in words(page) and 'action="refuse"' in page.body.decode()


def test_a_programme_without_payouts_has_no_form(client: Client) -> None:
    """And refuses one that is posted anyway, with a sentence."""
    carol = Payee(client, HOLDING)
    page = carol.step("account", **ACCOUNT)
    assert "ne peut pas être envoyé à un compte" in words(page)
    assert 'action="account"' not in page.body.decode()


def test_a_programme_with_ibans_asks_for_one(client: Client) -> None:
    """And for a name in any letters."""
    programme = replace(PAYING_OUT, claims=replace(PAYING_OUT.claims, payout="iban"))
    carol = Payee(client, programme)
    assert 'id="iban"' in carol.step("open").body.decode()
    page = carol.step("account", iban="FR14 2004 1010 0505 0001 3M02 606", holder="Carol Martin")
    assert "vers votre compte FR14 •••• 606" in words(page)


def test_a_name_check_that_is_down_says_so(client: Client) -> None:
    """503, no try lost, nothing asked for."""
    carol = Payee(client)
    carol.bank.holders.down = True
    answer = carol.step("account", **ACCOUNT)
    assert (answer.status_code, "Rien n’a changé" in words(answer)) == (503, True)
    assert claim_of(carol.bank, carol.claim.id) == carol.claim


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
