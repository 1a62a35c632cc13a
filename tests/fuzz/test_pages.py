"""The people's door: any form, header or body is answered as described, and only a genuine link with its code pays."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import production
from chalicelib.channels import Named
from chalicelib.identity import invitation
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation
from chalicelib.identity.person import Person
from chalicelib.intents import claim_link
from chalicelib.ledger import claim as claims
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import new_item
from chalicelib.ledger.claim import Claim
from chalicelib.link import Link, seal
from chalicelib.table import claim_key
from chalicelib.web import health
from tests.bank import BOT, CLAIM_KEY, CODE, LINK_KEY, PAYING_OUT, PROGRAMME, Bank
from tests.fuzz import contract
from tests.fuzz.door import call

FORM = "application/x-www-form-urlencoded"
OURS = {"Content-Type": FORM, "Sec-Fetch-Site": "same-origin"}
STEPS = sorted(
    path for method, path, _ in contract.operations() if method == "POST" and path[:3] in ("/p/", "/j/", "/c/")
)
BOUNDED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
HOSTILE = "\x00\x7f\u202e\u200d\ud800é４８２９１３٤\r\n\t;&=+%#?/<>'\"{}$ 0123456789"


@dataclass(repr=False)
class Street:
    """A bank where Alice's payment to Bob waits, Zoe is invited, and money is held for Carol; the links are out."""

    bank: Bank
    payment: str
    joining: str
    claim: str

    @property
    def links(self) -> dict[str, str]:
        """The genuine link of each page."""
        return {"/p": self.payment, "/j": self.joining, "/c": self.claim}

    @property
    def funds(self) -> list[int]:
        """What each person has."""
        return [self.bank.available(one) for one in ("alice", "bob", "zoe")]

    @property
    def state(self) -> str:
        """Everything that is stored."""
        return repr(self.bank.table.items)


def street() -> Street:
    """A new one."""
    bank = Bank(programme=PAYING_OUT)
    now, table, clock = bank.services.clock.now(), bank.table, bank.services.clock
    zoe = Person(id="zoe", name="Zoé", phone="+33612000555", language="ja", account="zoe")
    assert people.add_person(table, zoe, clock=clock) is None
    assert ledger.open_account(table, new_item("zoe", person="zoe", kind="person", currency="EUR")) is None
    invited = Invitation(
        id=invitation.invitation_id("twitter", BOT.user_id, "zoe_m"), person="zoe", account="zoe", network="twitter",
        page=BOT.user_id, label="zoe_m", language="ja", status="invited", created_at=now, expires_at=now + 604_800,
    )  # fmt: skip
    assert people.invite(table, invited, clock=clock) is None
    unsealed = Link(id=invited.id, number=invited.link_number, expires_at=now + 600)
    post = {"origin_id": "7", "message_id": "7", "named": (Named(user_id="102", handle="bob"),)}
    intent = bank.say("@Smoneyfr #envoyer 10 € @bob <b>&amp;", **post)
    held = Claim(
        id="C" * 16, status="open", payer="bob", payer_person="bob", network="twitter", page=BOT.user_id, user_id="998",
        amount_minor=1_000, fee_minor=165, currency="EUR", opened_at=now, expires_at=now + 604_800,
    )  # fmt: skip
    table.items[claim_key(held.id)] = claims.to_item(held)
    joining = seal(unsealed, (*invited.covered, PROGRAMME.name), key=LINK_KEY)
    return Street(bank, bank.link(intent), joining, claim_link.make(CLAIM_KEY, PROGRAMME.name, held))


HEADERS = st.fixed_dictionaries(
    {"Content-Type": st.sampled_from([FORM, FORM + "; charset=utf-8", FORM.upper()])},
    optional={
        "Sec-Fetch-Site": st.just("same-origin") | st.sampled_from(["cross-site", "none", "", "same-origin, none"]),
        "Origin": st.sampled_from(["null", "https://pay.example", "https://pay.example.evil", "http://[", "é"]),
        "Accept-Language": st.text("fr-enja,;q=.0123456789* \ud800é", max_size=40) | st.just("en," * 5_000),
        "Content-Length": st.sampled_from(["0", "-1", "99999999999", "x"]),
        "Content-Encoding": st.sampled_from(["gzip", "br"]),
        "Accept": st.sampled_from(["*/*", "image/png", "application/octet-stream", "x"]),
        "Transfer-Encoding": st.just("chunked"),
        "X-Forwarded-Host": st.just("evil.example"),
    },
)
NAMES = st.sampled_from(["link", "code", "again", "terms", "LINK", "link[]", "", "é"])
ACCOUNT = {"bank": "0036", "branch": "251", "kind": "ordinary", "number": "1234567", "holder": "ﾔﾏﾀﾞ ﾊﾅｺ"}


@st.composite
def links(draw: st.DrawFn, genuine: str) -> str:
    """A genuine link, or one that is nearly it."""
    place = draw(st.integers(0, len(genuine) - 1))
    other = draw(st.characters(codec="utf-8") | st.sampled_from("AB019.-_"))
    near = [
        genuine[:place] + other + genuine[place + 1 :], genuine[:place], genuine + other, other + genuine, genuine * 2,
        genuine.swapcase(), genuine.translate({ord(one): ord(one) + 0xFEE0 for one in "0123456789"}), "",
    ]  # fmt: skip
    return draw(st.just(genuine) | st.sampled_from(near))


@st.composite
def forms(draw: st.DrawFn, here: Street) -> bytes:
    """A body: a form with fields missing, doubled, renamed and ill encoded, or any bytes."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.binary(max_size=200) | st.binary(min_size=4_000, max_size=5_000))
    link = draw(links(draw(st.sampled_from(list(here.links.values())))))
    code = draw(st.text(HOSTILE, max_size=14) | st.sampled_from([CODE[:5], CODE + "0", CODE[::-1], "000000", "739164"]))
    fields = [("link", link), ("code", code), ("again", code), ("terms", draw(st.sampled_from(["yes", "no", ""])))]
    if link == here.claim:
        odd = st.text(HOSTILE, max_size=14)
        fields = [("link", link), *((name, draw(st.just(value) | odd)) for name, value in ACCOUNT.items())]
    fields += draw(st.lists(st.tuples(NAMES, st.text(HOSTILE, max_size=8)), max_size=4))
    fields = draw(st.permutations(fields)) if draw(st.booleans()) else fields
    fields = fields[: draw(st.integers(1, len(fields)))]
    body = urlencode(fields, errors="surrogatepass").encode()
    if draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, len(body)))
        spoilt = draw(st.sampled_from([b"%", b"%zz", b"\xff", b"%ff", b"%00", b"&", b";", b"="]))
        body = body[:place] + spoilt + body[place:]
    return body


@BOUNDED
@given(data=st.data())
def test_no_form_moves_money_without_the_code(data: st.DataObject) -> None:
    """Ten posts in a row, in any order: each answered as described, and nobody has a cent more or less."""
    here = street()
    with production.using(here.bank.services):
        for _ in range(data.draw(st.integers(1, 10))):
            body, headers = data.draw(forms(here)), data.draw(HEADERS)
            before = here.state
            fitting = next((page for page, link in here.links.items() if link.encode() in body), "/p")
            paths = st.sampled_from([one for one in STEPS if one.startswith(fitting)]) | st.sampled_from(STEPS)
            status = call("POST", data.draw(paths), body, headers)["statusCode"]
            if typed(body):
                return
            assert status in {200, 403}
            assert here.funds == [100_000, 0, 0]
            assert status == 200 or here.state == before


DIGITS = st.text("0123456789", min_size=6, max_size=6) | st.permutations(CODE).map("".join)
WIDE = {ord(one): ord(one) + 0xFEE0 for one in "0123456789"}
CODES = st.one_of(
    st.text(HOSTILE, max_size=14),
    DIGITS,
    DIGITS.map(" ".join),
    DIGITS.map("-".join),
    DIGITS.map(lambda code: code.translate(WIDE)),
)


@BOUNDED
@given(
    codes=st.lists(CODES),
    more=st.lists(st.tuples(NAMES, st.sampled_from(["", CODE, "x"])), max_size=3),
)
def test_a_genuine_link_and_another_code_never_pay(codes: list[str], more: list[tuple[str, str]]) -> None:
    """However it is typed, as often as one likes, also where the right one stands in a second field."""
    here = street()
    with production.using(here.bank.services):
        for code in [*codes, "000000"]:
            fields = [("link", here.payment), ("code", code), *more]
            body = urlencode(fields, errors="surrogatepass").encode()
            if code.strip() and not typed(urlencode({"code": code}, errors="surrogatepass").encode()):
                assert call("POST", "/p/confirm", body, OURS)["statusCode"] in {200, 403}
            assert here.funds == [100_000, 0, 0]


@BOUNDED
@given(data=st.data(), path=st.sampled_from(STEPS))
def test_without_a_genuine_link_all_answers_are_one(data: st.DataObject, path: str) -> None:
    """Byte for byte but the nonce, the headers too; nothing is written."""
    here = street()
    with production.using(here.bank.services):
        forged = call("POST", path, b"", OURS)
        body = data.draw(forms(here))
        for link in here.links.values():
            body = body.replace(link.encode(), link[:-1].encode())
        before = here.state
        answer = call("POST", path, body, OURS)
        assert without_nonce(answer) == without_nonce(forged)
        assert (answer["statusCode"], here.state) == (403, before)


@BOUNDED
@given(body=st.binary(max_size=300), path=st.sampled_from(STEPS), kind=st.text(max_size=40), site=st.text(max_size=20))
def test_another_type_or_another_site_is_refused(body: bytes, path: str, kind: str, site: str) -> None:
    """415 or 403, before anything is read."""
    here = street()
    before = here.state
    form = urlencode({"link": here.payment, "code": CODE}).encode()
    with production.using(here.bank.services):
        if kind.partition(";")[0].strip().lower() != FORM:
            assert call("POST", path, body, {**OURS, "Content-Type": kind})["statusCode"] in {403, 415}
        if site != "same-origin":
            assert call("POST", path, form, {**OURS, "Sec-Fetch-Site": site})["statusCode"] == 403
    assert here.state == before


@pytest.mark.parametrize("fault", ["down", "busy"])
def test_an_outage_is_described_too(fault: str) -> None:
    """503 at each step, when the table or the key service fails, and no cent moves."""
    for path in STEPS:
        here = street()
        here.bank.codes.down = True
        here.bank.table.faults = [fault] * 500
        fields = {"link": here.links[path[:2]], "code": "739164", "again": "739164", "terms": "yes"}
        fields = {"link": here.claim, **ACCOUNT} if path == "/c/account" else fields
        with production.using(here.bank.services):
            answer = call("POST", path, urlencode(fields).encode(), OURS)
        assert answer["statusCode"] == (200 if path.endswith("open") else 503)
        assert here.funds == [100_000, 0, 0]


@settings(BOUNDED, max_examples=60)
@given(headers=HEADERS, path=st.sampled_from(["/p", "/j", "/c", "/health"]))
def test_what_is_only_read_is_described_too(headers: dict[str, str], path: str) -> None:
    """Whatever a GET brings along."""
    here = street()
    health.forget()
    before = here.state
    with production.using(here.bank.services):
        assert call("GET", path, None, headers)["statusCode"] == 200
    assert here.state == before


@pytest.fixture(autouse=True)
def _health_forgets() -> Iterator[None]:
    """The next test's health is its own."""
    yield
    health.forget()


def test_the_fuzzers_links_are_genuine() -> None:
    """Unchanged they open, pay and join: else the laws above would hold of nothing."""
    here = street()
    with production.using(here.bank.services):
        paid = call("POST", "/p/confirm", urlencode({"link": here.payment, "code": CODE}).encode(), OURS)
        fields = {"link": here.joining, "code": "739164", "again": "739164", "terms": "yes"}
        joined = call("POST", "/j/code", urlencode(fields).encode(), OURS)
        named = call("POST", "/c/account", urlencode({"link": here.claim, **ACCOUNT}).encode(), OURS)
    assert (paid["statusCode"], joined["statusCode"], named["statusCode"]) == (200, 200, 200)
    assert here.bank.table.items[claim_key("C" * 16)]["said"] == ACCOUNT
    assert here.funds == [99_000, 1_000, 0]
    assert "#連携" in joined["body"]


def typed(body: bytes) -> bool:
    """Whether the right code may be read in a body, in whatever letters."""
    text = unicodedata.normalize("NFKC", unquote_to_bytes(body).decode("utf-8", "ignore"))
    return CODE in re.sub(r"[\s+-]", "", text)


def without_nonce(answer: Any) -> tuple[int, str, str]:
    """An answer, the one thing that differs taken out."""
    nonce = r"nonce[-=]\"?[\w-]+"
    return answer["statusCode"], re.sub(nonce, "", answer["body"]), re.sub(nonce, "", repr(answer["headers"]))
