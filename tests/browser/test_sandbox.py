"""The sandbox by hand, as a newcomer uses it: a payment made, and a person who joins and pays, in each language."""

import itertools
import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from local.stack import Stack
from tests.browser.visit import visiting
from tests.local.faults import console

pytestmark = [pytest.mark.local]

DESK = {"width": 1280, "height": 900}
CHOSEN = "739164"
WAIT_MS = 30_000
_numbers = itertools.count(10)

LANGUAGES = {
    "fr": ("Bienvenue", "@Smoneyfr #envoyer 1 euro @superpipou", "C’est payé"),
    "en": ("Welcome", "@Smoneyfr #send 1 euro @superpipou", "Paid"),
    "ja": ("ようこそ", "@Smoneyfr #送る 1 euro @superpipou", "送金しました"),
}


@pytest.fixture
def sandbox(chromium: Browser, local_stack: Stack) -> Iterator[Page]:
    """The sandbox in a browser of a laptop's size, once it shows that the stack is up."""
    with visiting(chromium, viewport=DESK) as (page, watch):
        page.goto(local_stack.sandbox_url)
        expect(page.locator("#stack-state")).to_have_attribute("data-state", "good", timeout=WAIT_MS)
        yield page
    assert [complaint for complaint in watch.complaints if "EventSource" not in complaint] == []


def phone(page: Page, name: str) -> Locator:
    """Somebody's phone."""
    return page.get_by_label(f"Phone of {name}", exact=True)


def write(page: Page, text: str, *, author: str) -> None:
    """Post a text as somebody."""
    page.fill("#author", author)
    page.fill("#text", text)
    page.click("#send")


def newest_link(page: Page, name: str, *, after: int) -> Page:
    """Open the link of the next SMS on a phone that had so many links before; the real page, in a new tab."""
    links = phone(page, name).locator(".bubble a")
    expect(links).to_have_count(after + 1, timeout=WAIT_MS)
    with page.context.expect_page() as opened:
        links.last.click()
    return opened.value


def links_on(page: Page, name: str) -> int:
    """How many links a phone has got."""
    return phone(page, name).locator(".bubble a").count()


def test_a_payment_is_made_by_hand(sandbox: Page, local_stack: Stack) -> None:
    """Compose, read the SMS, open its link, type the code that stands on the phone; the books stay balanced."""
    payer = local_stack.people[0]
    before = links_on(sandbox, payer["name"])
    write(sandbox, "@Smoneyfr #envoyer 2 euros @superpipou", author=payer["handle"])
    page = newest_link(sandbox, payer["name"], after=before)
    code = re.sub(r"\D", "", phone(sandbox, payer["name"]).locator(".code b").inner_text())
    assert code == payer["code"]
    page.fill("#code", code)
    page.press("#code", "Enter")
    expect(page.locator("h1.good")).to_have_text("C’est payé")
    expect(sandbox.locator("#books")).to_have_attribute("data-state", "good", timeout=WAIT_MS)
    receipt = phone(sandbox, payer["name"]).locator(".bubble", has_text="vous avez payé 2,00 EUR")
    expect(receipt.first).to_be_visible(timeout=WAIT_MS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_joins_and_pays_reading_nothing_but_the_screen(
    sandbox: Page, local_stack: Stack, language: str
) -> None:
    """Added by the console, then by SMS and screen alone: a code, the pairing message posted, a payment."""
    welcome, order, paid = LANGUAGES[language]
    number = next(_numbers)
    name, handle = f"Zoé {language} {number}", f"zoe_{language}_{number}"
    added = console(
        local_stack, "person", "add", name, "--phone", f"06 39 98 95 {number}", "--handle", handle,
        "--language", language, "--stage", "local", "--json",
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    account = json.loads(added.stdout)[0]["account"]
    reference = f"welcome-{account}"
    funded = console(
        local_stack, "account", "fund", account, "5", "--reference", reference, "--yes", "--stage", "local"
    )
    assert funded.returncode == 0, funded.stderr
    page = newest_link(sandbox, name, after=0)
    expect(page.locator("h1")).to_have_text(welcome)
    page.fill("#code", CHOSEN)
    page.fill("#again", CHOSEN)
    page.check("[name=terms]")
    page.click("button[type=submit]")
    message = page.locator(".order").inner_text()
    write(sandbox, message, author=handle)
    linked = phone(sandbox, name).locator(".bubble", has_text=f"@{handle}")
    expect(linked.first).to_be_visible(timeout=WAIT_MS)
    write(sandbox, order, author=handle)
    page = newest_link(sandbox, name, after=1)
    page.fill("#code", CHOSEN)
    page.press("#code", "Enter")
    expect(page.locator("h1.good")).to_have_text(paid)
    expect(sandbox.locator("#books")).to_have_attribute("data-state", "good", timeout=WAIT_MS)
