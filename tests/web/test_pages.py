"""The confirm page over Chalice's own dispatch: what each step answers, and what it never tells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from chalice.test import Client

from app import app
from chalicelib import production
from chalicelib.intents.intent import Intent
from tests.bank import CODE, Bank

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
STEPS = ("open", "confirm", "decline", "renew")


@dataclass
class Browser:
    """Posts the steps of the page as its forms do."""

    client: Client
    bank: Bank

    def get(self, path: str = "/p", **headers: str) -> Any:
        """Open a page."""
        return self.client.http.get(path, headers=headers)

    def step(self, name: str, *, link: str = "", code: str = "", headers: dict[str, str] | None = None) -> Any:
        """Post one step."""
        body = urlencode({"link": link, "code": code}).encode()
        return self.post(name, body, headers=headers)

    def post(self, name: str, body: bytes, *, headers: dict[str, str] | None = None) -> Any:
        """Post any body."""
        return self.client.http.post(f"/p/{name}", headers={**FORM, **(headers or {})}, body=body)


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A browser in front of a bank."""
    bank = Bank()
    with production.using(bank.services), Client(app, stage_name="local") as client:
        yield Browser(client, bank)


@pytest.fixture
def intent(browser: Browser) -> Intent:
    """Alice's pending payment of 10 € to Bob."""
    found: Intent = browser.bank.say("@Smoneyfr #envoyer 10 € @bob pour la <b>pizza</b>")
    return found


def words(answer: Any) -> str:
    """The visible words of a page."""
    body = re.sub(r"<(style|script).*?</\1>", " ", answer.body.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def without_nonce(answer: Any) -> tuple[int, str]:
    """Status and body, the one thing that differs taken out."""
    return answer.status_code, re.sub(r'nonce="[^"]+"', "", answer.body.decode())


def test_the_shell_asks_nothing_and_tells_nothing(browser: Browser) -> None:
    """GET /p has no amount and no name; without JavaScript it says what to do."""
    answer = browser.get()
    assert answer.status_code == 200
    assert "noscript" in answer.body.decode()
    assert "location.hash" in answer.body.decode()


def test_opening_shows_what_the_payer_must_see(browser: Browser, intent: Intent) -> None:
    """Amount, the payee's verified name and @name, the note, escaped (RTS art. 5(1)(a))."""
    answer = browser.step("open", link=browser.bank.link(intent))
    text = words(answer)
    assert answer.status_code == 200
    for shown in ("10,00", "Sans frais", "Bob", "@bob", "&lt;b&gt;pizza&lt;/b&gt;"):
        assert shown in text
    assert "<b>" not in answer.body.decode()


def test_link_and_code_pay(browser: Browser, intent: Intent) -> None:
    """The paid page says so, and the money has moved."""
    answer = browser.step("confirm", link=browser.bank.link(intent), code=CODE)
    assert (answer.status_code, browser.bank.available("bob")) == (200, 1_000)
    assert "C’est payé" in words(answer)


def test_a_second_confirm_shows_the_same_paid_page(browser: Browser, intent: Intent) -> None:
    """A double click or a lost answer looks like the first."""
    link = browser.bank.link(intent)
    first = browser.step("confirm", link=link, code=CODE)
    again = browser.step("confirm", link=link, code=CODE)
    assert without_nonce(again) == without_nonce(first)
    assert browser.bank.available("bob") == 1_000


def test_a_wrong_code_and_a_blocked_account_look_the_same(browser: Browser, intent: Intent) -> None:
    """Six answers, one page: RTS art. 4(3)(a), and no oracle for a thief."""
    link = browser.bank.link(intent)
    pages = {without_nonce(browser.step("confirm", link=link, code="000000")) for _ in range(6)}
    blocked = without_nonce(browser.step("confirm", link=link, code=CODE))
    assert pages == {blocked}
    assert blocked[0] == 200
    assert "Ce code n’est pas accepté" in blocked[1]


def forged(browser: Browser, intent: Intent) -> list[bytes]:
    """Bodies without a genuine link."""
    link = browser.bank.link(intent)
    links = ["", "x", link[:-1] + ("A" if link[-1] != "A" else "B"), "B" * 16 + link[16:], link + "x" * 3_000]
    bodies = [urlencode({"link": each, "code": CODE}).encode() for each in links]
    return [*bodies, b"", b"\xff\xfe", b"link=%00", b"a=1&b=2&c=3&d=4&e=5&f=6", b"link=" + b"A" * 9_000]


@pytest.mark.parametrize("step", STEPS)
def test_without_a_genuine_link_everything_looks_the_same(browser: Browser, intent: Intent, step: str) -> None:
    """One status, one body, whatever was sent; nothing moves."""
    before = repr(browser.bank.table.items)
    answers = {without_nonce(browser.post(step, body)) for body in forged(browser, intent)}
    assert len(answers) == 1
    assert next(iter(answers))[0] == 403
    assert repr(browser.bank.table.items) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    ],
)
def test_another_site_cannot_post_for_the_payer(browser: Browser, intent: Intent, headers: dict[str, str]) -> None:
    """Even with link and code: 403, the same page as for a forged link."""
    link = browser.bank.link(intent)
    answer = browser.step("confirm", link=link, code=CODE, headers=headers)
    assert without_nonce(answer) == without_nonce(browser.step("confirm", link="x"))
    assert browser.bank.available("bob") == 0


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://pay.example", 200), ("null", 200), ("https://evil.example", 403), ("https://pay.example.evil", 403)],
)
def test_an_older_browser_is_judged_by_its_origin(browser: Browser, intent: Intent, origin: str, status: int) -> None:
    """Without Sec-Fetch-Site a foreign Origin is refused; `null` is what no-referrer makes of our own."""
    body = urlencode({"link": browser.bank.link(intent)}).encode()
    headers = {"Content-Type": FORM["Content-Type"], "Origin": origin}
    assert browser.client.http.post("/p/open", headers=headers, body=body).status_code == status


def test_the_key_service_down_is_a_page_that_says_try_later(browser: Browser, intent: Intent) -> None:
    """503, nothing written, no attempt burnt."""
    browser.bank.codes.down = True
    answer = browser.step("confirm", link=browser.bank.link(intent), code=CODE)
    assert answer.status_code == 503
    assert "Réessayez dans un instant" in words(answer)
    assert browser.bank.account("alice")["attempts"] == 0


def test_a_payment_whose_answers_are_all_lost_is_not_called_undone(browser: Browser, intent: Intent) -> None:
    """The page says that it does not know and that nobody pays twice; opening the link again tells."""
    link = browser.bank.link(intent)
    browser.bank.table.faults = ["", "lost", *["down"] * 7]
    answer = browser.step("confirm", link=link, code=CODE)
    assert answer.status_code == 503
    assert "vous ne paierez pas deux fois" in words(answer)
    assert "C’est payé" in words(browser.step("open", link=link))
    assert browser.bank.available("bob") == 1_000
    assert browser.bank.account("alice")["attempts"] == 0


def test_a_first_payment_is_pointed_out_and_a_second_is_not(browser: Browser, intent: Intent) -> None:
    """A name that was never paid deserves a second look."""
    warning = "Premier paiement à cette personne"
    assert warning in words(browser.step("open", link=browser.bank.link(intent)))
    browser.step("confirm", link=browser.bank.link(intent), code=CODE)
    second = browser.bank.say("@Smoneyfr #envoyer 5 € @bob")
    other = browser.bank.say("@Smoneyfr #donner 5 € @croixbleue")
    assert warning not in words(browser.step("open", link=browser.bank.link(second)))
    assert warning in words(browser.step("open", link=browser.bank.link(other)))


@pytest.mark.parametrize("code", ["000000", "12"])
def test_the_form_keeps_what_it_showed_after_a_refused_code(browser: Browser, intent: Intent, code: str) -> None:
    """The warning and the room under the limits do not vanish because of a slip."""
    text = words(browser.step("confirm", link=browser.bank.link(intent), code=code))
    assert "Premier paiement à cette personne" in text
    assert "encore envoyer 250,00" in text


def test_the_page_speaks_the_payers_own_language(browser: Browser) -> None:
    """Alice's pages are English, whatever language her post was in."""
    browser.bank.table.items["L#twitter#1471859046#101", "0"]["language"] = "en"
    intent = browser.bank.say("@Smoneyfr #envoyer 10 € @bob")
    assert "Confirm this payment?" in words(browser.step("open", link=browser.bank.link(intent)))


def test_what_is_left_today_is_shown(browser: Browser, intent: Intent) -> None:
    """The payer sees the room under the limits, this payment included."""
    answer = browser.step("open", link=browser.bank.link(intent))
    assert "encore envoyer 250,00" in words(answer)


def test_declining_and_renewing_have_their_pages(browser: Browser, intent: Intent) -> None:
    """An expired link offers a new one, which goes to the bound number only; declining ends it."""
    old_link = browser.bank.link(intent)
    browser.bank.time.move(700)
    expired = browser.step("open", link=old_link)
    assert "Recevoir un nouveau lien" in words(expired)
    renewed = browser.step("renew", link=old_link)
    assert "Nouveau lien envoyé" in words(renewed)
    assert "p#" not in renewed.body.decode()
    current = Intent(**{**vars(intent), "link_number": 2})
    declined = browser.step("decline", link=browser.bank.link(current))
    assert "Paiement refusé" in words(declined)


def test_a_refused_payment_says_why(browser: Browser, intent: Intent) -> None:
    """With a genuine link and a right code the payer may know."""
    browser.bank.table.items["A#alice", "0"]["available"] = 1
    answer = browser.step("confirm", link=browser.bank.link(intent), code=CODE)
    assert "Rien n’a été payé" in words(answer)
    assert "ne suffit pas" in words(answer)


HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
    "content-type": "text/html; charset=utf-8",
}


def test_every_page_carries_the_headers(browser: Browser, intent: Intent) -> None:
    """The shell, a form, a result, a 403 and a 503 alike."""
    link = browser.bank.link(intent)
    answers = [browser.get(), browser.step("open", link=link), browser.step("open", link="x")]
    browser.bank.codes.down = True
    answers.append(browser.step("confirm", link=link, code=CODE))
    assert [answer.status_code for answer in answers] == [200, 200, 403, 503]
    for answer in answers:
        sent = {name.lower(): value for name, value in answer.headers.items()}
        assert HEADERS.items() <= sent.items()
        assert "max-age=63072000; includeSubDomains" in sent["strict-transport-security"]
        policy = sent["content-security-policy"]
        for directive in ("default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert directive in policy
        assert "unsafe" not in policy


def test_a_nonce_is_used_once(browser: Browser) -> None:
    """Two pages never share theirs, and the page's own style and script carry it."""
    first, second = browser.get(), browser.get()
    nonces = [re.findall(r'nonce="([^"]+)"', answer.body.decode()) for answer in (first, second)]
    assert len(set(nonces[0])) == len(set(nonces[1])) == 1
    assert nonces[0][0] != nonces[1][0]
    assert f"'nonce-{nonces[0][0]}'" in first.headers["Content-Security-Policy"]


def test_a_page_loads_nothing_from_elsewhere_and_is_small(browser: Browser, intent: Intent) -> None:
    """No request to anybody else, and below 15 kB."""
    for answer in (browser.get(), browser.step("open", link=browser.bank.link(intent))):
        body = answer.body.decode()
        assert not re.findall(r"(?:src|href)=", body)
        assert "http" not in body
        assert len(answer.body) < 15_000


def test_a_json_body_is_refused(browser: Browser) -> None:
    """415: a form is the only way in, so no other site can post JSON here."""
    answer = browser.client.http.post("/p/confirm", headers={"Content-Type": "application/json"}, body=b"{}")
    assert answer.status_code == 415


@pytest.mark.parametrize("path", ["/p", "/j", "/health"])
def test_a_get_may_name_any_content_type(browser: Browser, path: str) -> None:
    """Some checkers and old proxies name one, though there is no body: it is not refused with 415."""
    assert browser.get(path, **{"Content-Type": "text/plain"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/p/open", 415), ("POST", "/webhooks/twitter", 415), ("POST", "/j/code", 415), ("GET", "/p/open", 405)],
)
def test_what_chalice_refuses_by_itself_has_the_headers_too(
    browser: Browser, method: str, path: str, status: int
) -> None:
    """Its own JSON is not cached, framed or sniffed either, and says what it is."""
    answer = browser.client.http.request(method, path, headers={"Content-Type": "text/plain"})
    sent = {name.lower(): value for name, value in answer.headers.items()}
    assert answer.status_code == status
    assert (HEADERS | {"content-type": "application/json"}).items() <= sent.items()
    assert sent["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("en-GB,en;q=0.9", "Confirm a payment"),
        ("ja", "送金の確認"),
        ("de,fr;q=0.5,en;q=0.8", "Confirm a payment"),
        ("de", "Confirmer un paiement"),
        ("*;q=x,,;", "Confirmer un paiement"),
    ],
)
def test_the_shell_speaks_the_browsers_language(browser: Browser, header: str, title: str) -> None:
    """By Accept-Language, else the programme's."""
    answer = browser.get(**{"Accept-Language": header})
    assert title in words(answer)


def test_the_note_cannot_break_out_of_the_page(browser: Browser) -> None:
    """Whatever a stranger writes is text, in the page and in its hidden field."""
    evil = '"><script>alert(1)</script> ' + quote("é")
    intent = browser.bank.say(f"@Smoneyfr #envoyer 10 € @bob {evil}")
    body = browser.step("open", link=browser.bank.link(intent)).body.decode()
    assert "<script>alert" not in body
