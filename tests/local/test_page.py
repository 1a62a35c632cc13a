"""The page against cheaters: forged links, foreign sites, odd forms."""

import base64
import re
import time
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from local import wire
from local.wire import FORM, Answer
from tests.local.town import CODE, FUNDS_MINOR, PAID, WRONG, Ordered, Resident, Town, without_nonce

pytestmark = [pytest.mark.local]

STEPS = ("open", "confirm", "decline", "renew")
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def posted(town: Town, step: str, body: bytes, headers: Mapping[str, str] = FORM) -> Answer:
    """A step of the page with a body of one's own."""
    return wire.call(f"{town.stack.page_url}/{step}", method="POST", body=body, headers=headers)


def form(link: str, code: str = CODE) -> bytes:
    """What the page's form posts."""
    return urlencode({"link": link, "code": code}).encode()


def untouched(town: Town, payer: Resident, order: Ordered) -> bool:
    """Whether a payment still waits and its payer has neither paid nor spent an attempt."""
    account = town.account(payer)
    return (town.order(order.id)["status"], account["available"], account["attempts"]) == ("pending", FUNDS_MINOR, 0)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_only_a_post_moves_money(town: Town, method: str) -> None:
    """No other method does anything, with the link and the code in the query or the body: GET /p is the same shell."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    body = form(order.link)
    for path in ("", *(f"/{step}" for step in STEPS)):
        answer = wire.call(f"{town.stack.page_url}{path}?{body.decode()}", method=method, body=body, headers=FORM)
        assert answer.status == (200 if method == "GET" and not path else 403)
        assert payee.name not in answer.body
    assert untouched(town, payer, order)


def forgeries(link: str, other: str) -> list[str]:
    """Links that we have never sent, made from two that we have."""
    intent, number, expires_at, mac = link.split(".")
    other_intent, _, _, other_mac = other.split(".")
    raw = bytearray(base64.urlsafe_b64decode(mac + "=="))
    raw[0] ^= 1
    flipped = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    later = _base36(int(expires_at, 36) + 3_600)
    return [
        "",
        "x",
        "." * 3,
        f"{intent}.{number}.{expires_at}.{flipped}",
        f"{intent}.2.{expires_at}.{mac}",
        f"{intent}.{number}.{later}.{mac}",
        f"{intent}.{number}.{expires_at}.{other_mac}",
        f"{other_intent}.{number}.{expires_at}.{mac}",
        f"{'A' * 16}.{number}.{expires_at}.{mac}",
        f"{intent}.{number}.{expires_at.upper()}.{mac}",
        link[:-1],
        link + "=",
        link + " ",
        link + "\n",
        link.replace(".1.", ".１."),
        link.replace(".", "%2e"),
        f"#{link}",
        "T#" + link,
        link + "\x00",
        "é" * 48,
        link * 2,
    ]


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def test_every_forged_link_looks_the_same(town: Town) -> None:
    """Whatever is wrong with a link, each step answers 403 with the very same bytes, and nothing is spent or moved."""
    payer, payee = town.resident(), town.resident(0)
    order, other = town.pays(payer, payee), town.pays(payer, payee)
    forged = forgeries(order.link, other.link)
    pages = [posted(town, step, form(link)) for step in STEPS for link in forged]
    assert {page.status for page in pages} == {403}
    assert len({without_nonce(page) for page in pages}) == 1
    assert len({tuple(sorted(page.headers.keys() - {"date"})) for page in pages}) == 1
    assert untouched(town, payer, order)
    assert PAID in town.confirm(order.link).text


def test_a_forged_link_takes_as_long_as_a_true_one(town: Town) -> None:
    """Opening an intent that is there with a false MAC takes as long as one that is nowhere."""
    payer, payee = town.resident(), town.resident(0)
    link = town.pays(payer, payee).link
    known, unknown = f"{link[:-2]}AA", "B" * 16 + link[16:]
    seconds: dict[str, list[float]] = {known: [], unknown: []}
    for _ in range(15):
        for one, took in seconds.items():
            began = time.monotonic()
            assert town.step("open", one).status == 403
            took.append(time.monotonic() - began)
    fastest = [min(took) for took in seconds.values()]
    assert max(fastest) < min(fastest) * 2


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    ],
    ids=str,
)
def test_a_foreign_page_pays_nothing(town: Town, foreign: dict[str, str]) -> None:
    """A form on another site is refused like a forged link, even with the true link and code."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    headers = {"Content-Type": FORM["Content-Type"]} | foreign
    pages = [posted(town, step, form(order.link), headers) for step in STEPS]
    assert {page.status for page in pages} == {403}
    assert without_nonce(pages[0]) == without_nonce(posted(town, "open", form("x")))
    assert untouched(town, payer, order)


def test_every_page_carries_its_headers(town: Town) -> None:
    """The shell, the form, a wrong code, a forged link, a foreign site and a paid page are all shut tight."""
    payer, payee = town.resident(), town.resident(0)
    link = town.pays(payer, payee).link
    pages = [
        wire.call(town.stack.page_url),
        town.step("open", link),
        town.confirm(link, WRONG),
        posted(town, "open", form(link), {**FORM, "Sec-Fetch-Site": "cross-site"}),
        posted(town, "open", form("x")),
        posted(town, "open", b"\xff\x00"),
        town.confirm(link),
    ]
    assert [page.status for page in pages] == [200, 200, 200, 403, 403, 403, 200]
    nonces = set()
    for page in pages:
        assert HEADERS.items() <= page.headers.items()
        policy = page.headers["Content-Security-Policy"]
        assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"} <= set(policy.split("; "))
        assert "max-age=" in page.headers["Strict-Transport-Security"]
        assert "unsafe" not in policy
        (nonce,) = set(re.findall(r"'nonce-([^']+)'", policy))
        nonces.add(nonce)
    assert len(nonces) == len(pages)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"link=%00&code=%00", 403),
        (b"link=\x00&code=1", 403),
        (b"link=%ff%fe&code=\xff", 403),
        (b"code=271828", 403),
        (b"", 403),
        (b"link=x&" * 100, 403),
        (b"link=" + b"x" * 5_000, 403),
        (b"link=" + b"x" * 1_048_577, 403),
    ],
    ids=["nul", "raw nul", "not UTF-8", "no link", "empty", "many fields", "long", "over a mebibyte"],
)
def test_an_odd_form_is_a_forged_link(town: Town, body: bytes, status: int) -> None:
    """Whatever is no small form in UTF-8 is answered with the page of a forged link, never with an error of ours."""
    page = posted(town, "confirm", body)
    assert (page.status, without_nonce(page)) == (status, without_nonce(posted(town, "open", form("x"))))


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
def test_only_forms_are_taken(town: Town, kind: str) -> None:
    """Another content type is a 415, also with a true link and code inside."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    assert posted(town, "confirm", form(order.link), {**FORM, "Content-Type": kind}).status == 415
    assert untouched(town, payer, order)


@pytest.mark.parametrize("code", ["", "0", "12345", "1234567", "27182８9", "abcdef", "%00" * 6, "271828\x00"])
def test_a_code_is_six_digits(town: Town, code: str) -> None:
    """Anything else is told so and costs no attempt."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    page = posted(town, "confirm", form(order.link, code))
    assert (page.status, "Le code a 6 chiffres" in page.text) == (200, True)
    assert untouched(town, payer, order)


def test_html_in_a_name_or_a_note_is_text(town: Town) -> None:
    """What people write is shown as they wrote it and never runs."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee, note="<img src=x onerror=alert(1)> & {{ 7*7 }} \"'")
    page = town.step("open", order.link)
    assert "<img" not in page.body
    assert "<img src=x onerror=alert(1)> & {{ 7*7 }}" in page.text.replace("&lt;", "<")
