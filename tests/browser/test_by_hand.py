"""A euro and a yen paid by hand in the sandbox's Messenger, by the screen alone, in each language (X: test_sandbox)."""

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from chalicelib.identity.kms import KmsCodes
from chalicelib.ledger import store as ledger
from local import people, schedule, wire
from local import stack as stacks
from local.stack import Stack
from tests.browser.test_sandbox import CHOSEN, DESK, WAIT_MS, links_on, newest_link, phone
from tests.browser.visit import visiting
from tests.local.faults import console

pytestmark = [pytest.mark.local]

MOBILES = {"smoney": "06 39 98 93 {}", "rakuten": "090 0000 01{}"}
_numbers = itertools.count(10)

PAID = {"fr": "C’est payé", "en": "Paid", "ja": "送金しました"}
EUROS = {
    "fr": ("Envoyer 1 € à @superpipou", "1,00"),
    "en": ("Send 1 euro to @superpipou", "1.00"),
    "ja": ("@superpipouさんに1ユーロを送る", "1.00"),
}
YEN = {
    "fr": ("Envoyer 1 000 yens à @ichiro", "1 000"),
    "en": ("Send ¥1,000 to @ichiro", "1,000"),
    "ja": ("@ichiroさんに１，０００円を送る", "1,000"),
}


@pytest.fixture(scope="module")
def yen_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The Japanese programme, on an AWS of its own beside the French one."""
    home = tmp_path_factory.mktemp("yen")
    try:
        yield stacks.up(home, programme="rakuten")
    finally:
        stacks.down(home)


@contextmanager
def sandbox(chromium: Browser, stack: Stack, language: str) -> Iterator[Page]:
    """The sandbox of a stack, with Messenger before it; nothing complains."""
    with visiting(chromium, viewport=DESK, language=language) as (page, watch):
        page.goto(f"{stack.sandbox_url}/?network=facebook")
        expect(page.locator("#stack-state")).to_have_attribute("data-state", "good", timeout=WAIT_MS)
        yield page
    assert [complaint for complaint in watch.complaints if "EventSource" not in complaint] == []


def customer(stack: Stack, language: str) -> str:
    """The name of a new customer of that language, with money and a code, whose conversation is linked."""
    number = next(_numbers)
    name, place = f"Léa {language} {number}", ("--stage", stack.stage)
    told = ("--phone", MOBILES[stack.programme].format(number), "--language", language)
    ran = console(stack, "person", "add", name, *told, *place, "--json")
    assert ran.returncode == 0, ran.stderr
    account = json.loads(ran.stdout)[0]["account"]
    (psid,) = [one["psid"] for one in wire.sandbox(stack)["phones"] if one["name"] == name]
    person = account.replace("a-", "p-", 1)
    for command in (
        ("account", "fund", account, "2000", "--reference", f"welcome-{account}", "--yes"),
        ("person", "link", person, "--network", "facebook", "--user-id", psid),
    ):
        ran = console(stack, *command, *place)
        assert ran.returncode == 0, ran.stderr
    table = people.reach(stack.aws_endpoint_url, stack.region, table=stack.table)
    mac = KmsCodes(f"alias/envoi-{stack.stage}-code").mac(account, CHOSEN)
    ledger.set_code(table, account, mac=mac)
    return name


def pays(page: Page, payer: str, text: str, *, amount: str) -> Page:
    """Write as somebody, open the link of the SMS that comes, and type their code."""
    expect(phone(page, payer)).to_be_visible(timeout=WAIT_MS)
    before = links_on(page, payer)
    page.locator("#chatters").get_by_role("button", name=payer, exact=True).click()
    page.fill("#chat-text", text)
    page.click("#chat-send")
    opened = newest_link(page, payer, after=before)
    expect(opened.locator("main")).to_contain_text(re.compile(re.escape(amount).replace(r"\ ", r"\s")))
    opened.fill("#code", CHOSEN)
    opened.press("#code", "Enter")
    return opened


@pytest.mark.parametrize("language", PAID)
def test_euros_are_paid_by_hand(chromium: Browser, local_stack: Stack, language: str) -> None:
    """Who is paid is named by their @name on X."""
    text, amount = EUROS[language]
    payer = customer(local_stack, language)
    with sandbox(chromium, local_stack, language) as page:
        paid = pays(page, payer, text, amount=amount)
        expect(paid.locator("h1.good")).to_have_text(PAID[language])
        expect(page.locator("#books")).to_have_attribute("data-state", "good", timeout=WAIT_MS)


@pytest.mark.parametrize("language", PAID)
def test_yen_are_paid_by_hand(chromium: Browser, yen_stack: Stack, language: str) -> None:
    """The pane has neither X nor euros; what is written is read in each language."""
    text, amount = YEN[language]
    payer = customer(yen_stack, language)
    with sandbox(chromium, yen_stack, language) as page:
        expect(page.get_by_role("button", name="X", exact=True)).to_be_hidden()
        expect(page.locator("#brand")).to_have_text("楽天銀行")
        paid = pays(page, payer, text, amount=amount)
        expect(paid.locator("h1.good")).to_have_text(PAID[language])
        expect(page.locator("#books")).to_have_attribute("data-state", "good", timeout=WAIT_MS)


def test_a_ready_message_is_an_order(chromium: Browser, yen_stack: Stack) -> None:
    """What the pane lays ready names somebody else whom the page knows, and needs no change."""
    with sandbox(chromium, yen_stack, "ja") as page:
        payer = yen_stack.people[0]["name"]
        page.locator("#chatters").get_by_role("button", name=payer, exact=True).click()
        before = links_on(page, payer)
        page.locator("#chat-orders button").first.click()
        page.click("#chat-send")
        expect(newest_link(page, payer, after=before).locator("#code")).to_be_visible()


def test_a_payee_has_it_sent_to_their_bank_account(chromium: Browser, yen_stack: Stack) -> None:
    """From the page of the private message, her name in her own letters; somebody else's first, which costs a try."""
    payer, payee = yen_stack.people[0], yen_stack.people[3]
    with sandbox(chromium, yen_stack, "ja") as page:
        before = links_on(page, payer["name"])
        page.locator("#chatters").get_by_role("button", name=payer["name"], exact=True).click()
        page.fill("#chat-text", f"@{payee['handle']}に3000円を送る")
        page.click("#chat-send")
        opened = newest_link(page, payer["name"], after=before)
        expect(opened.locator("main")).to_contain_text("165")
        opened.fill("#code", payer["code"])
        opened.press("#code", "Enter")
        expect(opened.locator("h1.good")).to_have_text("お預かりしました")
        page.locator("#chatters").get_by_role("button", name=payee["name"], exact=True).click()
        told = page.locator("#chat .theirs .words").last
        expect(told).to_contain_text("/c#", timeout=WAIT_MS)
        secret = re.findall(r"(http\S+/c#\S+)", told.inner_text())[0]
        claim = page.context.new_page()
        claim.goto(secret)
        for holder in ("すずき いちろう", "やまだ　はなこ"):
            named(claim, holder=holder)
        expect(claim.locator("h1.good")).to_be_visible(timeout=WAIT_MS)
        wire.wait_for(lambda: schedule.run(yen_stack, "sweep") or paid_out(yen_stack), what="the payout")
        expect(page.locator("#books")).to_have_attribute("data-state", "good", timeout=WAIT_MS)
        ran = console(yen_stack, "claim", "payouts", "--json", "--full", "--stage", yen_stack.stage)
    (sent,) = json.loads(ran.stdout)
    assert (sent["amount_minor"], sent["number"], sent["holder"]) == (3_000, "1234567", "ﾔﾏﾀﾞ ﾊﾅｺ")


def named(claim: Page, *, holder: str) -> None:
    """Name an account on the claim page."""
    claim.fill("[name=bank]", "0036")
    claim.fill("[name=branch]", "251")
    claim.fill("[name=number]", "１２３４５６７")
    claim.fill("[name=holder]", holder)
    claim.click("form[action=account] button")
    claim.wait_for_load_state()


def paid_out(stack: Stack) -> bool:
    """Whether the claim was claimed."""
    return any(one["status"] == "claimed" for one in wire.sandbox(stack)["held"])
