"""What every step of a page has in common: a small form from our own page, and an answer in the browser's language."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

from chalice.app import Request, Response

from chalicelib import production
from chalicelib.config import Programme
from chalicelib.errors import Unavailable
from chalicelib.services import Services
from chalicelib.table import Ambiguous
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count
from chalicelib.web import html, views
from chalicelib.web.views import FORGED, View

FORM_BYTES = 4_096
FIELDS = 6

Form = Mapping[str, str]
# What a step does with the form, and the page that it becomes in a language.
Step = Callable[[Services, Form, str], View]


def shell(request: Request, *, about: str = "page") -> Response:
    """The page that a link opens: it has no secret and asks nothing; its script posts the link's secret.

    `about` is the section of the texts that it speaks in.
    """
    services = production.services()
    spoken = _language(request, services)
    return _show(views.plain(f"{about}.shell", 200, programme=services.programme, language=spoken))


def static(request: Request, page: Callable[[Programme, str], View]) -> Response:
    """A page that asks nothing of anybody's, in the browser's language."""
    services = production.services()
    return _show(page(services.programme, _language(request, services)))


def take(request: Request, name: str, step: Step, *, about: str = "page") -> Response:
    """Do one step: 403 for a foreign origin or no small form, 503 when a service is down, else what the step shows."""
    services = production.services()
    programme, spoken = services.programme, _language(request, services)
    form = _form(request)
    if form is None or not _from_our_page(request, services):
        count("PagesShown", route=name, outcome="foreign")
        return _show(views.plain(f"{about}.forged", 403, programme=programme, language=spoken))
    try:
        view = step(services, form, spoken)
    except Unavailable as error:
        told = {"step": name, "error": f"{type(error).__name__}: {error}"}
        LOG.exception("a step of a page could not be done", extra=told)
        count("PagesShown", route=name, outcome="unavailable")
        page = "unknown" if isinstance(error, Ambiguous) else "unavailable"
        return _show(views.plain(f"{about}.{page}", 503, programme=programme, language=spoken))
    return _show(view, link=form.get("link", "") if view.status == 200 else "")


def counted(name: str, outcome: str) -> None:
    """Count what a step came to; a link that we did not make once more, for one alarm over every page."""
    count("PagesShown", route=name, outcome=outcome)
    if outcome == FORGED:
        count("LinksForged")


def _show(view: View, *, link: str = "") -> Response:
    """A view as an answer; `link` stands in its forms, so that each step carries the whole proof."""
    return html.page(view.template, status=view.status, language=view.language, tone=view.tone, link=link, **view.texts)


def _language(request: Request, services: Services) -> str:
    """The browser's language, else the programme's."""
    return views.accepted(request.headers.get("accept-language", "")) or services.programme.language


def _form(request: Request) -> Form | None:
    """The posted fields; None for a body that is no small form."""
    try:
        body = request.raw_body
        if len(body) > FORM_BYTES:
            return None
        text = body if isinstance(body, str) else body.decode("utf-8")
        return {name: values[0] for name, values in parse_qs(text, max_num_fields=FIELDS).items()}
    except ValueError:
        return None


def _from_our_page(request: Request, services: Services) -> bool:
    """Whether the browser says that our own page posted this; older ones that say nothing pass (no cookie is used).

    Under `Referrer-Policy: no-referrer` browsers send `Origin: null` even from our own page, so Sec-Fetch-Site decides.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return bool(site == "same-origin")
    origin = request.headers.get("origin")
    ours = urlsplit(services.stage.page_url)
    return origin in (None, "null", f"{ours.scheme}://{ours.netloc}")
