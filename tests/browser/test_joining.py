"""Joining in a real browser: from the invitation's SMS to the message to post."""

import pytest
from playwright.sync_api import Page

from tests.browser import states
from tests.browser.town import CHOSEN, INVITED, Town


@pytest.mark.parametrize(
    ("language", "verb"),
    [("fr", "#associer"), ("en", "#pair"), ("ja", "#連携")],
)
def test_choosing_a_code_shows_the_message_to_post(town: Town, page: Page, language: str, verb: str) -> None:
    """Its pairing code binds the handle when it is posted."""
    states.joined(town, page, language)
    bot, order, code = page.inner_text(".order").split()
    assert (bot, order) == ("@Smoneyfr", verb)
    assert f"@{INVITED}" in page.inner_text("main")
    town.pair(code)
    states.show(page, town.newest_link())
    assert page.locator("form").count() == 0
    assert page.locator("h1.good").count() == 1


def test_joining_by_keyboard_alone(town: Town, page: Page) -> None:
    """Tab goes from code to code to terms to the button; Space agrees, Enter goes on."""
    states.join(town, page, "fr")
    for keys in (CHOSEN, CHOSEN, " "):
        page.keyboard.press("Tab")
        page.keyboard.type(keys)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Continuer"
    page.keyboard.press("Enter")
    page.wait_for_selector(".order")


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ((CHOSEN, "739165"), "ne sont pas les mêmes"),
        (("123456", "123456"), "trop facile"),
        (("12", "12"), "6 chiffres"),
    ],
)
def test_an_unfit_code_is_asked_for_again(town: Town, page: Page, codes: tuple[str, str], told: str) -> None:
    """With the reason, both fields empty, and the right one goes through."""
    states.join(town, page, "fr")
    states.choose(page, codes[0], again=codes[1])
    page.wait_for_selector("#error")
    assert told in page.inner_text("#error")
    assert [page.input_value("#code"), page.input_value("#again")] == ["", ""]
    assert town.bank.account("zoe")["code"] == ""
    states.choose(page, CHOSEN)
    page.wait_for_selector(".order")


def test_without_the_terms_nothing_is_sent(town: Town, page: Page) -> None:
    """The browser says which box lacks its tick, and its words are the box's whole target."""
    states.join(town, page, "fr")
    page.fill("#code", CHOSEN)
    page.fill("#again", CHOSEN)
    page.click("button")
    assert page.evaluate("document.activeElement.name") == "terms"
    assert page.url.endswith("/j/open")
    page.click(".check span")
    page.click("button")
    page.wait_for_selector(".order")


def test_terms_that_a_browser_did_not_insist_on_are_asked_for(town: Town, page: Page) -> None:
    """The service itself refuses to go on without them."""
    states.join(town, page, "fr")
    page.evaluate("document.forms[0].noValidate = true")
    page.fill("#code", CHOSEN)
    page.fill("#again", CHOSEN)
    page.click("button")
    page.wait_for_selector("#error")
    assert "Cochez la case" in page.inner_text("#error")


def test_who_has_a_code_proves_it_and_chooses_no_other(town: Town, page: Page) -> None:
    """A link alone must not replace a code: the second time there is one field and no terms."""
    states.join_again(town, page, "fr")
    assert page.locator("#again, [name=terms]").count() == 0
    states.confirm(page, states.WRONG)
    page.wait_for_selector("#error")
    states.confirm(page, CHOSEN)
    page.wait_for_selector(".order")


def test_an_old_invitation_link_gets_a_new_one(town: Town, page: Page) -> None:
    """It comes by SMS, and it opens."""
    states.join_renewed(town, page, "fr")
    states.show(page, town.newest_link())
    assert page.inner_text("h1") == "Bienvenue"
