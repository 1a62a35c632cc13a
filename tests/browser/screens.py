"""`python -m tests.browser.screens [STATE ...]`: pictures of the pages in every language, for docs/screens.

All of them anew, or those of a few states: then the sheet of the main pages stays as it is.
"""

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from chalicelib import production
from tests.browser.chromium import MISSING, launched
from tests.browser.server import Site, served
from tests.browser.states import STATES
from tests.browser.town import Town
from tests.browser.visit import LOCALES, visiting

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
PAGES = ("form", "wrong_code", "paid", "link_expired", "forged", "join", "joined", "claim_account")
# Taken on a phone alone.
ON_PHONES = (
    *("form_held", "held", "joined_chat", "linking", "linking_malformed", "linking_sent"),
    *("claim", "claim_iban", "claim_wrong_name", "claim_unchecked", "claim_names_too_many"),
    *("claim_sent", "claim_refused", "claim_received", "claim_gone"),
)
HEIGHTS = {375: 740, 1280: 800}
SHEET_PAGES, SHEET_WIDTH = ("form", "paid"), 375
GAP = 20
GROUND = "#8792ab"
COLOURS = 64


def main() -> int:
    """Take the pictures anew; 1 if there is no browser."""
    wanted = sys.argv[1:] or [*PAGES, *ON_PHONES]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with launched() as browser, served() as site:
        if browser is None:
            print(MISSING, file=sys.stderr)
            return 1
        taken = {name: picture for width in HEIGHTS for name, picture in _pictures(browser, site, width, wanted)}
    if {*SHEET_PAGES} <= {*wanted}:
        taken["pages"] = sheet(taken)
    for name, picture in taken.items():
        _small(picture).save(FOLDER / f"{name}.png", optimize=True)
    print(f"{len(taken)} pictures in {FOLDER}, {sum(file.stat().st_size for file in FOLDER.iterdir()) // 1024} KiB")
    return 0


def sheet(taken: dict[str, Image.Image]) -> Image.Image:
    """One picture: a row for each page of the sheet, a column for each language."""
    rows = [[taken[f"{language}-{SHEET_WIDTH}-{page}"] for language in LOCALES] for page in SHEET_PAGES]
    heights = [max(picture.height for picture in row) for row in rows]
    width = GAP + len(LOCALES) * (SHEET_WIDTH + GAP)
    whole = Image.new("RGB", (width, GAP + sum(height + GAP for height in heights)), GROUND)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, picture in enumerate(row):
            whole.paste(picture, (GAP + column * (SHEET_WIDTH + GAP), top))
        top += height + GAP
    return whole


def _pictures(browser: Browser, site: Site, width: int, wanted: Sequence[str]) -> Iterator[tuple[str, Image.Image]]:
    for language in LOCALES:
        for name in (one for one in wanted if width == SHEET_WIDTH or one in PAGES):
            town = Town(site.origin)
            size = {"width": width, "height": HEIGHTS[width]}
            with production.using(town.bank.services), visiting(browser, language=language, viewport=size) as (page, _):
                STATES[name](town, page, language)
                yield f"{language}-{width}-{name}", _picture(page, width)


def _picture(page: Page, width: int) -> Image.Image:
    """The page as far as it has something to show."""
    bottom = page.evaluate("document.querySelector('.card').getBoundingClientRect().bottom + scrollY") + 24
    page.evaluate("scrollTo(0, 0)")
    taken = page.screenshot(
        full_page=True, clip={"x": 0, "y": 0, "width": width, "height": bottom}, caret="hide", scale="css"
    )
    return Image.open(io.BytesIO(taken)).convert("RGB")


def _small(picture: Image.Image) -> Image.Image:
    return picture.quantize(COLOURS, dither=Image.Dither.NONE)


if __name__ == "__main__":
    sys.exit(main())
