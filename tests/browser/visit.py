"""One person's visit: a phone's browser, watched for whatever it should not do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize

PHONE: ViewportSize = {"width": 375, "height": 740}
LOCALES = {"fr": "fr-FR", "en": "en-GB", "ja": "ja-JP"}
WAIT_MS = 20_000
# Of an answer as it is sent, headers and all, not compressed.
PAGE_BYTES = 15_000
# Told by the page itself, as the console may not tell of every kind.
TELL_VIOLATIONS = "addEventListener('securitypolicyviolation', e => told(`${e.violatedDirective} ${e.blockedURI}`))"


@dataclass
class Watch:
    """What a browser did besides showing pages: every request, and every complaint."""

    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, request: Request) -> None:
        """Keep a request."""
        self.requests.append(request)

    def complain(self, text: object) -> None:
        """Keep a complaint."""
        self.complaints.append(str(text))

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the console says, but for the statuses of answers (a 403 is a page of ours)."""
        if message.type in ("error", "warning") and "the server responded with a status" not in message.text:
            self.complain(message.text)

    def foreign(self, origin: str) -> list[str]:
        """The requests to anybody but us."""
        return [request.url for request in self.requests if not request.url.startswith(f"{origin}/")]


@contextmanager
def visiting(browser: Browser, *, language: str = "fr", **options: Any) -> Iterator[tuple[Page, Watch]]:
    """A fresh browser window of somebody's, closed after the block; options are those of a Playwright context."""
    wanted = {"viewport": PHONE, "locale": LOCALES[language]} | options
    context = browser.new_context(**wanted)
    context.set_default_timeout(WAIT_MS)
    watch = Watch()
    context.expose_function("told", watch.complain)
    context.add_init_script(TELL_VIOLATIONS)
    page = context.new_page()
    page.on("request", watch.ask)
    page.on("console", watch.hear)
    page.on("pageerror", watch.complain)
    try:
        yield page, watch
    finally:
        context.close()
