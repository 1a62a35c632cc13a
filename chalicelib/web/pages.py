"""The confirm page. GET shows an empty shell and moves nothing; every step is a POST that carries the whole link."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from chalice.app import Blueprint, Response

from chalicelib import production
from chalicelib.errors import Unavailable
from chalicelib.intents import lifecycle
from chalicelib.intents.lifecycle import Outcome
from chalicelib.services import Services
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count
from chalicelib.web import html, views

FORM = ["application/x-www-form-urlencoded"]
FORM_BYTES = 4_096
FIELDS = 4

routes = Blueprint(__name__)

Step = Callable[[Services, str, str], Outcome]


@routes.route("/p", methods=["GET"])
def shell() -> Response:
    """The page that a link opens: it has no secret and asks nothing; its script posts the fragment to /p/open."""
    services = production.services()
    return _show(views.plain("shell", 200, programme=services.programme, language=_language(services)))


@routes.route("/p/open", methods=["POST"], content_types=FORM)
def open_link() -> Response:
    """Show what a link would pay."""
    return _step("open", lambda services, link, _: lifecycle.look(services, link))


@routes.route("/p/confirm", methods=["POST"], content_types=FORM)
def confirm() -> Response:
    """Pay with link and code."""
    return _step("confirm", lifecycle.confirm)


@routes.route("/p/decline", methods=["POST"], content_types=FORM)
def decline() -> Response:
    """Refuse to pay."""
    return _step("decline", lambda services, link, _: lifecycle.decline(services, link))


@routes.route("/p/renew", methods=["POST"], content_types=FORM)
def renew() -> Response:
    """Have a new link sent to the bound number."""
    return _step("renew", lambda services, link, _: lifecycle.renew(services, link))


def _step(name: str, step: Step) -> Response:
    """Do one step of the page: 403 for a foreign origin or anything but a genuine link, 503 when a service is down."""
    services = production.services()
    language = _language(services)
    form = _form()
    if form is None or not _from_our_page(services):
        count("PagesShown", route=name, outcome="foreign")
        return _show(views.plain("forged", 403, programme=services.programme, language=language))
    link, code = form
    try:
        outcome = step(services, link, code)
    except Unavailable as error:
        LOG.exception("a step of the page could not be done", extra={"step": name, "error": type(error).__name__})
        count("PagesShown", route=name, outcome="unavailable")
        return _show(views.plain("unavailable", 503, programme=services.programme, language=language))
    return _tell(services, name, outcome=outcome, link=link)


def _tell(services: Services, name: str, *, outcome: Outcome, link: str) -> Response:
    reason = outcome.refusal or (outcome.intent.status if outcome.intent else "forged")
    count("PagesShown", route=name, outcome=str(reason))
    if outcome.intent:
        LOG.info("page", extra={"step": name, "outcome": str(reason), "intent_id": outcome.intent.id})
    view = views.view(outcome, programme=services.programme, language=_language(services), renewed=name == "renew")
    return _show(view, link=link if outcome.intent else "")


def _show(view: views.View, *, link: str = "") -> Response:
    return html.page(view.template, status=view.status, language=view.language, tone=view.tone, link=link, **view.texts)


def _form() -> tuple[str, str] | None:
    """The posted link and code; None for a body that is no small form."""
    try:
        body = routes.current_request.raw_body
        text = body if isinstance(body, str) else body.decode("utf-8")
        fields = parse_qs(text, max_num_fields=FIELDS) if len(body) <= FORM_BYTES else None
    except ValueError:
        return None
    if fields is None:
        return None
    return fields.get("link", [""])[0], fields.get("code", [""])[0]


def _from_our_page(services: Services) -> bool:
    """Whether the browser says that our own page posted this; older ones that say nothing pass (no cookie is used).

    Under `Referrer-Policy: no-referrer` browsers send `Origin: null` even from our own page, so Sec-Fetch-Site decides.
    """
    sent = routes.current_request.headers
    site = sent.get("sec-fetch-site")
    if site is not None:
        return bool(site == "same-origin")
    origin = sent.get("origin")
    ours = urlsplit(services.stage.page_url)
    return origin in (None, "null", f"{ours.scheme}://{ours.netloc}")


def _language(services: Services) -> str:
    header = routes.current_request.headers.get("accept-language", "")
    return views.accepted(header) or services.programme.language
