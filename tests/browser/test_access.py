"""Every page and state for everybody: axe-core finds nothing, small screens and large letters fit, dark is dark."""

import pytest
from playwright.sync_api import Page

from chalicelib.texts import LANGUAGES
from tests.browser import axe
from tests.browser.states import STATES
from tests.browser.town import Town
from tests.browser.visit import PHONE

# What would have to be scrolled sideways, or is cut off.
OVERFLOWING = """() => [...document.querySelectorAll('html, body *')]
  .filter(e => e.scrollWidth > e.clientWidth && e.clientWidth && getComputedStyle(e).display != 'inline')
  .map(e => `${e.tagName}.${e.className} ${e.scrollWidth} > ${e.clientWidth}`)"""
# Brands and numbers that go over two lines.
BROKEN = """() => [...document.querySelectorAll('.whole')].filter(e => e.getClientRects().length > 1)
  .map(e => e.textContent)"""
TWICE = """() => { document.documentElement.style.fontSize = '200%';
  return parseFloat(getComputedStyle(document.querySelector('h1')).fontSize); }"""
TARGETS = """() => [...document.querySelectorAll('button, a, input:not([type=hidden]):not([type=checkbox]), .check')]
  .map(e => e.getBoundingClientRect()).map(r => Math.min(r.width, r.height))"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_for_everybody(town: Town, page: Page, state: str, language: str) -> None:
    """No finding of axe by day or by night, no sideways scroll at 320 px, nothing cut off with letters twice as large.

    WCAG 2.2 AA as far as a machine can tell, 1.4.10 (reflow) and 1.4.4 (text size) among it; in each language.
    """
    STATES[state](town, page, language)
    assert page.get_attribute("html", "lang") == language
    assert axe.findings(page) == []
    page.emulate_media(color_scheme="dark")
    assert axe.findings(page) == []
    page.set_viewport_size({"width": 320, "height": 568})
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate(BROKEN) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate(TWICE) >= 40
    assert page.evaluate(OVERFLOWING) == []


@pytest.mark.parametrize("state", ["form", "link_expired", "join", "joined_chat", "claim_account"])
def test_whatever_is_touched_is_large_enough_for_a_thumb(town: Town, page: Page, state: str) -> None:
    """44 CSS px in each direction, which is more than WCAG 2.5.8 asks."""
    STATES[state](town, page, "fr")
    sizes = page.evaluate(TARGETS)
    assert sizes
    assert min(sizes) >= 44


def test_at_night_the_page_is_dark(town: Town, page: Page) -> None:
    """The device's wish is followed, also by the browser's own parts."""
    page.emulate_media(color_scheme="dark")
    STATES["form"](town, page, "fr")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 19, 34)"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark"


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("form", "Confirmer ce paiement\u00a0?"),
        ("wrong_code", "Ce code n’est pas accepté."),
        ("paid", "C’est payé"),
        ("declined", "Paiement refusé"),
        ("link_expired", "Ce lien a expiré"),
        ("forged", "Ce lien n’est pas valable"),
        ("join", "Bienvenue"),
        ("join_mismatch", "Les deux codes ne sont pas les mêmes."),
        ("joined", "Dernière étape"),
        ("joined_chat", "Dernière étape"),
        ("claim", "De l’argent pour vous"),
        ("claim_wrong_name", "Ce nom n’est pas celui du titulaire"),
        ("claim_unchecked", "Nous ne pouvons pas vérifier"),
        ("claim_names_too_many", "Trop de noms différents"),
        ("claim_sent", "C’est en route"),
        ("claim_refused", "Argent refusé"),
        ("claim_gone", "Il n’y a plus rien à recevoir"),
        ("claim_received", "C’est à vous"),
        ("claim_forged", "Ce lien n’est pas valable"),
    ],
)
def test_the_title_says_the_state(town: Town, page: Page, state: str, title: str) -> None:
    """It is what a screen reader says first and what a tab shows: the state, then the bank."""
    STATES[state](town, page, "fr")
    assert page.title().startswith(title)
    assert page.title().endswith(" · S-Money")


@pytest.mark.parametrize(("state", "error"), [("wrong_code", "Ce code n’est pas"), ("join_mismatch", "Les deux codes")])
def test_an_error_is_announced_where_it_is_mended(town: Town, page: Page, state: str, error: str) -> None:
    """Focus stands in the code: empty, said to be invalid, and described by the error, which is an alert."""
    STATES[state](town, page, "fr")
    alert = page.get_by_role("alert")
    assert alert.inner_text().startswith(error)
    code = page.locator("#code")
    page.wait_for_function("document.activeElement.id == 'code'")
    assert (code.input_value(), code.get_attribute("aria-invalid")) == ("", "true")
    described = (code.get_attribute("aria-describedby") or "").split()
    assert described[0] == alert.get_attribute("id")
    assert all(page.locator(f"#{name}").is_visible() for name in described)


def test_an_error_that_no_field_is_to_blame_for_is_brought_into_view(town: Town, page: Page) -> None:
    """The form stands low on the page: focus is in its first field, which the error describes and does not blame."""
    STATES["claim_unchecked"](town, page, "fr")
    page.wait_for_function("document.activeElement.id == 'bank'")
    first = page.locator("#bank")
    assert (first.get_attribute("aria-describedby"), first.get_attribute("aria-invalid")) == ("error", None)
    box = page.get_by_role("alert").bounding_box()
    assert box and box["y"] >= 0 and box["y"] + box["height"] <= PHONE["height"]


def test_a_name_with_a_hyphen_is_on_one_line(town: Town, page: Page) -> None:
    """The brand in the text of a small phone's page, wherever the line would have ended."""
    STATES["linking"](town, page, "fr")
    assert page.locator(".whole").all_inner_texts() == ["S-Money"]
    for width in range(280, 420, 10):
        page.set_viewport_size({"width": width, "height": 600})
        assert page.evaluate(BROKEN) == []


def test_the_code_field_brings_up_digits_and_is_not_focused_before_the_amount_is_seen(town: Town, page: Page) -> None:
    """A phone's keyboard would hide the amount and the payee (RTS art. 5(1)(a)); neither is the code filled in."""
    STATES["form"](town, page, "fr")
    code = page.locator("#code")
    wanted = {"type": "password", "inputmode": "numeric", "autocomplete": "off"}
    assert {name: code.get_attribute(name) for name in wanted} == wanted
    assert page.evaluate("document.activeElement == document.body")
    for seen in (".amount", "dd"):
        box = page.locator(seen).first.bounding_box()
        assert box
        assert box["y"] + box["height"] < PHONE["height"]
