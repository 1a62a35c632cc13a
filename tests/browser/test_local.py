"""Whole payments on the local AWS, as the production template makes it, with a real browser for the payer."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from local import wire
from local.stack import Stack
from tests.browser import states
from tests.browser.states import WRONG
from tests.browser.visit import visiting

pytestmark = [pytest.mark.local]


@pytest.fixture
def page(chromium: Browser, local_stack: Stack) -> Iterator[Page]:
    """A visit to the local AWS that asks nobody else and of which nobody complains."""
    with visiting(chromium) as (page, watch):
        yield page
    assert watch.foreign(local_stack.api_url) == []
    assert watch.complaints == []


def ordered(stack: Stack) -> str:
    """Have Alice post an order; the address in her SMS."""
    phone = stack.people[0]["phone"]
    before = len(texts(stack, phone))
    assert wire.post(stack, "@Smoneyfr #envoyer 1 euro @superpipou", author="alicemartin").status == 200
    return wire.wait_for(lambda: texts(stack, phone)[before:], what="the SMS")[0].split()[-1]


def texts(stack: Stack, phone: str) -> list[str]:
    """The SMS with a link on a phone that may have got none yet."""
    try:
        return [text for text in wire.texts(stack, phone) if "#" in text]
    except KeyError:
        return []


def test_a_tweet_is_paid_in_the_browser(local_stack: Stack, page: Page) -> None:
    """The SMS's address, a wrong code, the right one, a second click; and the receipt by SMS."""
    payer, payee = local_stack.people[:2]
    link = ordered(local_stack)
    page.goto(link)
    page.wait_for_selector("#code")
    assert payee["name"] in page.inner_text("main")
    states.confirm(page, WRONG)
    page.wait_for_selector("#error")
    states.confirm(page, payer["code"])
    page.wait_for_selector("h1.good")
    paid = page.inner_text("main")
    states.show(page, link)
    assert page.inner_text("main") == paid
    reference = page.inner_text(".small").split()[-1]
    wire.wait_for(lambda: [sms for sms in wire.texts(local_stack, payee["phone"]) if reference in sms], what="receipt")


def test_a_tweet_is_declined_in_the_browser(local_stack: Stack, page: Page) -> None:
    """Declining is one tap; the link then says so."""
    link = ordered(local_stack)
    states.show(page, link)
    page.click(".quiet")
    page.wait_for_url("**/p/decline")
    assert page.inner_text("h1") == "Paiement refusé"
    states.show(page, link)
    assert page.inner_text("h1") == "Paiement refusé"
