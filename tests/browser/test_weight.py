"""A slow phone far from its mast: few bytes, one request a step, and a page that is there soon."""

import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page

from chalicelib.texts import LANGUAGES
from tests.bank import CODE
from tests.browser import states
from tests.browser.server import Site
from tests.browser.town import AMOUNT_MINOR, Town
from tests.browser.visit import PAGE_BYTES

PAYMENT = ["GET /p", "POST /p/open", "POST /p/confirm"]
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


@dataclass
class Meter:
    """The bytes of every answer that came over the wire, headers and all."""

    sizes: list[int] = field(default_factory=list)

    def loaded(self, event: dict[str, Any]) -> None:
        """An answer came whole."""
        self.sizes.append(int(event["encodedDataLength"]))


def metered(page: Page, *, slow: bool = False) -> Meter:
    """Count what a page loads, if wished at 400 ms and 50 kB a second."""
    meter, session = Meter(), page.context.new_cdp_session(page)
    session.on("Network.loadingFinished", meter.loaded)
    session.send("Network.enable")
    if slow:
        session.send("Network.emulateNetworkConditions", SLOW)
    return meter


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_payment_loads_three_light_pages_and_nothing_else(town: Town, page: Page, site: Site, language: str) -> None:
    """No icon, no font, no script beside them; as the browser itself counts what comes over the wire."""
    meter = metered(page)
    states.paid(town, page, language)
    while len(meter.sizes) < len(site.asked):
        page.wait_for_timeout(20)
    assert site.asked == PAYMENT
    assert len(meter.sizes) == len(PAYMENT)
    assert 1_000 < max(meter.sizes) < PAGE_BYTES


def test_a_slow_phone_pays_in_three_requests(town: Town, page: Page, site: Site) -> None:
    """Two delays of the network until the form is there, one until it is paid; each step is one request."""
    metered(page, slow=True)
    began = time.monotonic()
    states.form(town, page, "fr")
    opened = time.monotonic()
    states.confirm(page, CODE)
    page.wait_for_selector("h1.good")
    paid = time.monotonic()
    assert 0.8 < opened - began < 6
    assert 0.4 < paid - opened < 4
    assert site.asked == PAYMENT
    assert town.paid_minor() == AMOUNT_MINOR


def test_impatience_on_a_slow_phone_pays_once(town: Town, page: Page, site: Site) -> None:
    """Tapping Pay again and again while the answer is on its way sends nothing more, and neither does Decline."""
    states.form(town, page, "fr")
    metered(page, slow=True)
    page.fill("#code", CODE)
    pay, decline = (page.locator(button).bounding_box() for button in ("button:not(.quiet)", ".quiet"))
    assert pay and decline
    for box in (pay, pay, decline):
        page.mouse.click(box["x"] + 40, box["y"] + 20)
        page.wait_for_timeout(60)
    page.wait_for_selector("h1.good")
    assert site.asked == PAYMENT
    assert town.paid_minor() == AMOUNT_MINOR
