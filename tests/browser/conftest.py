"""A browser, a bank behind the pages, and one visit a test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from chalicelib import production
from tests.browser.chromium import MISSING, launched, required
from tests.browser.server import Site, served
from tests.browser.town import Town
from tests.browser.visit import PAGE_BYTES, Watch, visiting


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all; without any the tests are skipped, or fail where CI=true."""
    with launched() as browser:
        if browser is None:
            (pytest.fail if required() else pytest.skip)(MISSING)
        yield browser


@pytest.fixture(scope="package")
def _server() -> Iterator[Site]:
    """The app on loopback."""
    with served() as site:
        yield site


@pytest.fixture
def site(_server: Site) -> Site:
    """The app on loopback, with nothing asked yet."""
    _server.asked.clear()
    _server.answered.clear()
    return _server


@pytest.fixture
def town(site: Site) -> Iterator[Town]:
    """People of the test's own, behind the pages."""
    town = Town(site.origin)
    with production.using(town.bank.services):
        yield town


@pytest.fixture
def language() -> str:
    """What the visitor speaks; tests of all three languages name it as a parameter."""
    return "fr"


@pytest.fixture
def visit(chromium: Browser, town: Town, site: Site, language: str) -> Iterator[tuple[Page, Watch]]:
    """A visit that asked nobody but us, of light pages, and of which neither browser nor policy complained."""
    with visiting(chromium, language=language) as (page, watch):
        yield page, watch
    assert watch.foreign(town.origin) == []
    assert watch.complaints == []
    assert max(site.answered) < PAGE_BYTES


@pytest.fixture
def page(visit: tuple[Page, Watch]) -> Page:
    """The page of the visit."""
    return visit[0]


@pytest.fixture
def watch(visit: tuple[Page, Watch]) -> Watch:
    """What the visit did."""
    return visit[1]
