"""Paying in a real browser: from the address in the SMS to the paid page, and whatever comes between."""

import pytest
from playwright.sync_api import Browser, Error, Page

from chalicelib.texts import LANGUAGES
from tests.bank import CODE
from tests.browser import states
from tests.browser.server import Site
from tests.browser.states import STATES
from tests.browser.town import AMOUNT_MINOR, LINK_SECONDS, Town
from tests.browser.visit import Watch, visiting

FOCUSED = """() => { const e = document.activeElement, s = getComputedStyle(e);
  return [e.id || e.innerText, s.outlineStyle, parseFloat(s.outlineWidth)]; }"""


def test_the_secret_leaves_the_address_bar(town: Town, page: Page, site: Site) -> None:
    """It is dropped before anything is sent; it is in no history entry, no referrer and no request line."""
    addresses: list[str] = []
    page.on("framenavigated", lambda frame: addresses.append(frame.url))
    link = town.order()
    page.goto(link)
    page.wait_for_selector("#code")
    secret = link.split("#")[1]
    assert addresses == [link, f"{town.origin}/p", f"{town.origin}/p/open"]
    assert page.evaluate("history.length") == 2
    assert page.evaluate("document.referrer") == ""
    assert site.asked == ["GET /p", "POST /p/open"]
    page.go_back()
    assert secret not in page.url


def test_what_the_payer_must_see_is_on_the_form(town: Town, page: Page) -> None:
    """Amount, the payee's verified name and @name, the note, and what is left today."""
    states.form(town, page, "fr")
    text = page.inner_text("main").replace("\u00a0", " ")
    for seen in ("25,50 €", "Philippe Dupont", "@superpipou", "pour la pizza de vendredi", "250,00 € aujourd"):
        assert seen in text


def test_paying_by_keyboard_alone(town: Town, page: Page) -> None:
    """Tab goes from the code to Pay to Decline, each visibly focused; Enter in the code pays."""
    states.form(town, page, "fr")
    stops = []
    for _ in range(3):
        page.keyboard.press("Tab")
        name, style, width = page.evaluate(FOCUSED)
        assert (style, width >= 2) == ("solid", True)
        stops.append(name.replace("\u00a0", " "))
    assert stops == ["code", "Payer 25,50 €", "Refuser"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type(CODE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/confirm")
    assert "C’est payé" in page.inner_text("h1")
    assert town.paid_minor() == AMOUNT_MINOR


def test_after_a_wrong_code_the_right_one_pays(town: Town, page: Page) -> None:
    """One types on where the focus already is."""
    states.wrong_code(town, page, "fr")
    assert town.paid_minor() == 0
    page.keyboard.type(CODE)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1.good")
    assert town.paid_minor() == AMOUNT_MINOR


def test_declining_ends_it(town: Town, page: Page) -> None:
    """One tap and no code; the link then shows the same page."""
    link = town.order()
    states.show(page, link)
    page.click("text=Refuser")
    page.wait_for_url("**/p/decline")
    declined = page.inner_text("main")
    states.show(page, link)
    assert page.inner_text("main") == declined
    assert (town.paid_minor(), page.locator("form").count()) == (0, 0)


def test_an_old_link_gets_a_new_one_that_pays(town: Town, page: Page) -> None:
    """The new link comes by SMS alone, and the old one is dead."""
    old_link = town.order()
    town.bank.time.move(LINK_SECONDS)
    states.renew(page, old_link)
    new_link = town.newest_link()
    assert new_link != old_link
    assert new_link.split("#")[1] not in page.content()
    states.show(page, old_link)
    assert page.locator("#code").count() == 0
    states.show(page, new_link)
    states.confirm(page, CODE)
    page.wait_for_selector("h1.good")
    assert town.paid_minor() == AMOUNT_MINOR


def test_the_link_of_a_paid_payment_shows_that_it_is_paid(town: Town, page: Page) -> None:
    """A second click in the SMS asks nothing and moves nothing."""
    link = town.order()
    states.show(page, link)
    states.confirm(page, CODE)
    page.wait_for_selector("h1.good")
    paid = page.inner_text("main")
    states.show(page, link)
    assert page.inner_text("main") == paid
    assert (town.paid_minor(), page.locator("form").count()) == (AMOUNT_MINOR, 0)


def test_reloading_the_paid_page_pays_nothing_more(town: Town, page: Page) -> None:
    """The browser posts link and code again, and the same page comes."""
    states.paid(town, page, "fr")
    paid = page.inner_text("main")
    page.reload()
    assert page.inner_text("main") == paid
    assert town.paid_minor() == AMOUNT_MINOR


def test_a_double_click_is_one_payment_and_one_request(town: Town, page: Page, site: Site) -> None:
    """On any network; test_weight has the impatient on a slow one."""
    states.form(town, page, "fr")
    page.fill("#code", CODE)
    page.dblclick("button:not(.quiet)", no_wait_after=True)
    page.wait_for_selector("h1.good")
    assert site.asked.count("POST /p/confirm") == 1
    assert town.paid_minor() == AMOUNT_MINOR


def test_a_click_that_was_stopped_can_be_made_again(town: Town, page: Page, site: Site) -> None:
    """After ten seconds without an answer Pay works again."""
    page.clock.install()
    states.form(town, page, "fr")
    page.evaluate("addEventListener('submit', e => e.preventDefault(), {once: true, capture: true})")
    states.confirm(page, CODE)
    page.click("button:not(.quiet)")
    assert page.get_attribute("body", "aria-busy") == "true"
    assert "POST /p/confirm" not in site.asked
    page.clock.run_for(10_000)
    page.click("button:not(.quiet)")
    page.wait_for_selector("h1.good")


def test_back_after_paying_shows_no_form_to_pay_again(town: Town, page: Page) -> None:
    """Nothing of the form was kept: the browser says that it would have to ask again."""
    states.paid(town, page, "fr")
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()
    assert page.locator("#code").count() == 0
    assert town.paid_minor() == AMOUNT_MINOR


@pytest.mark.parametrize("state", ["form", "link_expired", "join"])
def test_a_page_that_a_browser_kept_asks_for_itself_anew(town: Town, page: Page, site: Site, state: str) -> None:
    """Browsers that ignore no-store for their back button show the present state, never the typed code."""
    STATES[state](town, page, "fr")
    asked = len(site.asked)
    with page.expect_navigation(url="**/open"):
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert site.asked[asked:] in (["POST /p/open"], ["POST /j/open"])


def test_a_whole_link_after_half_a_link_opens_in_the_same_tab(town: Town, page: Page) -> None:
    """Pasting what stands behind the # loads no new page by itself."""
    link = town.order()
    page.goto(f"{town.origin}/p")
    assert page.locator("#nothing").is_visible()
    page.evaluate("hash => { location.hash = hash }", link.split("#")[1])
    page.wait_for_selector("#code")
    assert "#" not in page.url


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_javascript_the_page_says_what_to_do(chromium: Browser, town: Town, site: Site, language: str) -> None:
    """The advice and nothing that would wait for ever; no secret is sent."""
    advice = {"fr": "Activez-le", "en": "Turn it on", "ja": "有効にして"}
    with visiting(chromium, language=language, java_script_enabled=False) as (page, watch):
        page.goto(town.order(language))
        assert advice[language] in page.inner_text("noscript")
        assert not page.locator("#state").is_visible()
        assert page.locator("form:visible").count() == 0
        assert watch.complaints == []
    assert site.asked == ["GET /p"]


def test_a_link_from_another_site_opens_and_its_form_does_not_post(town: Town, page: Page, watch: Watch) -> None:
    """A stranger's page may hold a whole form, with the true link and code: it is answered as a forged link."""
    secret = town.order().split("#")[1]
    page.set_content(
        f'<form method="post" action="{town.origin}/p/confirm"><input name="link" value="{secret}">'
        f'<input name="code" value="{CODE}"><button>Win</button></form>'
    )
    page.click("button")
    page.wait_for_url("**/p/confirm")
    assert "Ce lien n’est pas valable" in page.inner_text("h1")
    assert town.paid_minor() == 0
    assert watch.requests[-1].headers.get("origin") == "null"
