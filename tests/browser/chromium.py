"""Any Chromium of this machine, held to this machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "no browser: `apt-get install chromium fonts-noto-cjk`, or `.venv/bin/playwright install chromium`"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@contextmanager
def launched() -> Iterator[Browser | None]:
    """A headless Chromium for the block, or None where there is none; it finds no host but this one."""
    with sync_playwright() as playwright:
        path = _path(playwright)
        if path is None:
            yield None
            return
        # Playwright switches off the cache of whole pages behind the back button; people have it.
        browser = playwright.chromium.launch(
            executable_path=path, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        try:
            yield browser
        finally:
            browser.close()


def required() -> bool:
    """Whether a missing browser is a failure: where CI says so."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def _path(playwright: Playwright) -> str | None:
    own = playwright.chromium.executable_path
    return next(filter(None, map(shutil.which, COMMANDS)), own if Path(own).exists() else None)
