"""The sandbox's Messenger by hand: joining, ordering, paying, a closed window, and the pane for everybody."""

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from local import wire
from local.stack import Stack
from tests.browser import axe
from tests.browser.test_sandbox import CHOSEN, DESK, WAIT_MS, newest_link, phone
from tests.browser.visit import PHONE, visiting
from tests.local.faults import console

pytestmark = [pytest.mark.local]

PAYEE = "bob"
SIZES = ((375, 1400), (1280, 2400))
WIDTH = "document.documentElement.scrollWidth"
_numbers = itertools.count(10)


@dataclass(frozen=True)
class Person:
    """Somebody on the phone list, and who they are on Messenger."""

    name: str
    account: str
    psid: str


@pytest.fixture(scope="module")
def payee(local_stack: Stack) -> str:
    """Philippe has an @name on Messenger; his name as payers see it."""
    told = ("link", "philippe", "--network", "facebook", "--user-id", "8800000000000001", "--handle", PAYEE)
    assert console(local_stack, "person", *told, "--stage", "local").returncode == 0
    return local_stack.people[1]["name"]


@pytest.fixture
def pane(chromium: Browser, local_stack: Stack) -> Iterator[Page]:
    """The sandbox in a laptop's browser, with Messenger before it; nothing complains, and nobody else is asked."""
    with visiting(chromium, viewport=DESK) as (page, watch):
        page.goto(local_stack.sandbox_url)
        expect(page.locator("#stack-state")).to_have_attribute("data-state", "good", timeout=WAIT_MS)
        page.get_by_role("button", name="Messenger", exact=True).click()
        expect(page.locator("#composer")).to_be_hidden()
        yield page
    assert watch.foreign(local_stack.sandbox_url) == []
    assert [complaint for complaint in watch.complaints if "EventSource" not in complaint] == []


def added(stack: Stack, *options: str) -> Person:
    """A new customer with ten euros, by the console."""
    number = next(_numbers)
    name, mobile = f"Zoé Martin {number}", f"06 39 98 94 {number}"
    ran = console(stack, "person", "add", name, "--phone", mobile, *options, "--stage", "local", "--json")
    assert ran.returncode == 0, ran.stderr
    account = json.loads(ran.stdout)[0]["account"]
    funding = ("fund", account, "10", "--reference", f"welcome-{account}", "--yes")
    assert console(stack, "account", *funding, "--stage", "local").returncode == 0
    (psid,) = [one["psid"] for one in wire.sandbox(stack)["phones"] if one["name"] == name]
    return Person(name, account, psid)


def linked(stack: Stack) -> Person:
    """A new customer whose conversation the desk has linked."""
    new = added(stack)
    person = new.account.replace("a-", "p-", 1)
    told = ("link", person, "--network", "facebook", "--user-id", new.psid, "--stage", "local")
    assert console(stack, "person", *told).returncode == 0
    return new


def chosen(page: Page, person: Person) -> None:
    """Look at somebody's conversation."""
    page.locator("#chatters").get_by_role("button", name=person.name, exact=True).click(timeout=WAIT_MS)
    expect(page.locator("#chat-title")).to_have_text(f"{person.name} and smoneyfr")


def write(page: Page, text: str) -> None:
    """Write to the page."""
    page.fill("#chat-text", text)
    page.press("#chat-text", "Enter")


def hears(page: Page, words: str) -> Locator:
    """What the page has written, waited for."""
    bubble = page.locator("#chat .theirs", has_text=words)
    expect(bubble).to_be_visible(timeout=WAIT_MS)
    return bubble


def test_somebody_joins_orders_and_pays_by_the_screen_alone(pane: Page, local_stack: Stack, payee: str) -> None:
    """The invitation's SMS, the join page, its button's address, a tap on Yes; an order, its SMS, the code."""
    zoe = added(local_stack, "--network", "facebook")
    chosen(pane, zoe)
    join = newest_link(pane, zoe.name, after=0)
    for field in ("#code", "#again"):
        join.fill(field, CHOSEN)
    join.check("[name=terms]")
    join.click("button[type=submit]")
    pane.fill("#chat-link", join.locator("a.go").get_attribute("href") or "")
    pane.press("#chat-link", "Enter")
    asked = hears(pane, "Associer cette conversation au compte de Zoé")
    asked.get_by_role("button", name="Oui, associer").click()
    hears(pane, "votre compte est associé")
    expect(asked.get_by_role("button")).to_have_count(0)
    expect(pane.locator("#chat-linked")).to_have_text("linked", timeout=WAIT_MS)
    write(pane, f"Envoyer 5 € à @{PAYEE}")
    page = newest_link(pane, zoe.name, after=1)
    expect(page.locator("main")).to_contain_text(payee)
    page.fill("#code", CHOSEN)
    page.press("#code", "Enter")
    expect(page.locator("h1.good")).to_have_text("C’est payé")
    order = pane.locator("#chat .mine", has_text="Envoyer 5 €")
    expect(order).to_contain_text(re.compile("send €5.00 · paid"), timeout=WAIT_MS)
    expect(pane.locator("#books")).to_have_attribute("data-state", "good", timeout=WAIT_MS)


def test_a_day_later_the_answer_comes_by_sms(pane: Page, local_stack: Stack) -> None:
    """Meta refuses the answer and the conversation says so; the customer's phone says that nothing was paid."""
    zoe = linked(local_stack)
    chosen(pane, zoe)
    pane.get_by_role("switch", name="24 h later").check()
    expect(pane.locator("#chat-window")).to_have_text("24 h are over")
    write(pane, "Envoyer beaucoup à Bob")
    expect(pane.locator("#chat .event")).to_contain_text("10 / 2018278", timeout=WAIT_MS)
    told = phone(pane, zoe.name).locator(".bubble", has_text="Messenger n'a pas accepté notre réponse")
    expect(told).to_be_visible(timeout=WAIT_MS)
    expect(pane.locator("#chat .theirs")).to_have_count(0)
    pane.get_by_role("switch", name="24 h later").uncheck()
    expect(pane.locator("#chat-window")).to_have_text("within 24 h")
    write(pane, "Envoyer beaucoup à Bob")
    hears(pane, "montant")


def test_a_forged_message_is_refused(pane: Page) -> None:
    """The courier's switches are Messenger's as well: 401, no order, no answer; the next genuine one is taken."""
    pane.locator("#chatters").get_by_role("button", name="Croix-Bleue", exact=True).click()
    with forging(pane):
        write(pane, "aide")
        expect(pane.locator("#chat .mine .badge")).to_have_text(re.compile(r"webhook 401"), timeout=WAIT_MS)
    write(pane, "aide")
    expect(pane.locator("#chat .mine").last).to_contain_text("help · answered", timeout=WAIT_MS)


@contextmanager
def forging(page: Page) -> Iterator[None]:
    """Somebody else signs for a while."""
    switch = page.get_by_role("switch", name="Forge")
    with page.expect_response("**/do/switch"):
        switch.check()
    try:
        yield
    finally:
        with page.expect_response("**/do/switch"):
            switch.uncheck()


def test_an_account_is_unlinked(pane: Page, local_stack: Stack) -> None:
    """The pane says so, and the next order from that conversation is nobody's."""
    chosen(pane, linked(local_stack))
    expect(pane.locator("#chat-linked")).to_have_text("linked")
    pane.get_by_role("button", name="Unlink the account").click()
    expect(pane.locator("#chat-linked")).to_have_text("not linked", timeout=WAIT_MS)
    write(pane, f"Envoyer 5 € à @{PAYEE}")
    hears(pane, "n'est pas encore associé")


def test_a_wrong_link_is_told_where_it_was_typed(pane: Page) -> None:
    """An alert; the field keeps what is in it, and the focus, so that it can be mended."""
    pane.fill("#chat-link", "https://m.me/another?ref=x")
    pane.press("#chat-link", "Enter")
    expect(pane.locator("#chat-error")).to_have_text("That is no link to https://m.me/smoneyfr.")
    expect(pane.locator("#chat-link")).to_be_focused()
    expect(pane.locator("#chat-link")).to_have_value("https://m.me/another?ref=x")


def test_two_people_have_two_conversations(pane: Page, local_stack: Stack) -> None:
    """Each sees their own alone."""
    first, second = added(local_stack), added(local_stack)
    chosen(pane, first)
    write(pane, "aide")
    expect(pane.locator("#chat .mine")).to_have_count(1)
    chosen(pane, second)
    expect(pane.locator("#chat .bubble")).to_have_count(0)
    chosen(pane, first)
    hears(pane, "service automatique")


def test_the_keyboard_is_enough(pane: Page, local_stack: Stack) -> None:
    """Everything is reached by Tab; a tapped button leaves the focus in the message; answers are read out."""
    zoe = added(local_stack, "--network", "facebook")
    pane.get_by_role("button", name="Messenger", exact=True).focus()
    tab_to(pane, f'[data-key="{zoe.psid}"]')
    pane.keyboard.press("Enter")
    tab_to(pane, "#chat-text")
    pane.keyboard.press("Control+a")
    pane.keyboard.type("aide")
    pane.keyboard.press("Enter")
    hears(pane, "service automatique")
    expect(pane.get_by_role("status")).to_contain_text("On Messenger: ")
    expect(pane.locator("#chat-text")).to_be_focused()
    for name in ("chat-link", "chat-later", "chat-unlink"):
        tab_to(pane, f"#{name}")


def tab_to(page: Page, place: str) -> None:
    """Press Tab until the focus is there; fails if it never is."""
    for _ in range(1_000):  # everybody of the run has a button
        page.keyboard.press("Tab")
        if page.evaluate("place => document.activeElement.matches(place)", place):
            return
    pytest.fail(f"{place} is not reached by Tab")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pane_is_for_everybody(chromium: Browser, local_stack: Stack, scheme: Any) -> None:
    """No finding of axe on a phone or a laptop, by day or by night.

    No sideways scroll at 320 px (WCAG 1.4.10), nor on a phone with letters twice as large (1.4.4).
    """
    told = spoken(local_stack)
    with visiting(chromium, viewport=DESK, color_scheme=scheme) as (page, watch):
        page.route("**/snapshot", lambda route: route.fulfill(json=told))
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{local_stack.sandbox_url}/?snapshot&network=facebook")
            expect(page.locator("#chat .chips button")).to_have_count(2)
            page.wait_for_timeout(100)  # the conversation scrolls to its end
            assert axe.findings(page) == []
        page.set_viewport_size({"width": 320, "height": 568})
        assert page.evaluate(WIDTH) == 320
        page.set_viewport_size(PHONE)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate(WIDTH) == PHONE["width"]
    assert watch.complaints == []


def spoken(stack: Stack) -> dict[str, Any]:
    """What the page shows, of one person with a conversation of every kind of line."""
    shown = dict(wire.sandbox(stack))
    one = {"with": shown["messenger"]["stranger"], "at": 1_795_000_000.0, "buttons": []}
    texts = {"open": "Opened the link", "text": "Envoyer 5 € à @bob", "answer": "Oui ?", "refused": "Meta refused: 10"}
    lines = [{**one, "id": f"m_{kind}", "kind": kind, "text": text} for kind, text in texts.items()]
    lines[2] |= {"buttons": [{"title": "Oui", "payload": "yes"}, {"title": "Non", "payload": "no"}]}
    shown |= {"phones": [], "accounts": shown["accounts"][:2], "messenger": {**shown["messenger"], "lines": lines}}
    delivery = {"number": 1, "at": one["at"], "event": "message", "about": "m_text", "note": "", "ms": 12}
    return shown | {"deliveries": [{**delivery, "status": 200, "state": "answered"}], "notices": [], "intents": []}
