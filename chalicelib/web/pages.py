"""The confirm page. GET shows an empty shell and moves nothing; every step is a POST that carries the whole link."""

from chalice.app import Blueprint, Response

from chalicelib import production
from chalicelib.intents import lifecycle
from chalicelib.intents.lifecycle import Outcome
from chalicelib.services import Services
from chalicelib.telemetry.log import LOG, correlated
from chalicelib.telemetry.metrics import count
from chalicelib.web import steps, views
from chalicelib.web.steps import FORM, Form
from chalicelib.web.views import View

routes = Blueprint(__name__)


@routes.route("/p", methods=["GET"], content_types=[])
def shell() -> Response:
    """The page that a link opens: it has no secret and asks nothing; its script posts the fragment to /p/open."""
    services = production.services()
    spoken = steps.language(routes.current_request, services)
    return steps.show(views.plain("shell", 200, programme=services.programme, language=spoken))


@routes.route("/p/open", methods=["POST"], content_types=FORM)
def open_link() -> Response:
    """Show what a link would pay."""
    return steps.take(routes.current_request, "open", _open)


@routes.route("/p/confirm", methods=["POST"], content_types=FORM)
def confirm() -> Response:
    """Pay with link and code."""
    return steps.take(routes.current_request, "confirm", _confirm)


@routes.route("/p/decline", methods=["POST"], content_types=FORM)
def decline() -> Response:
    """Refuse to pay."""
    return steps.take(routes.current_request, "decline", _decline)


@routes.route("/p/renew", methods=["POST"], content_types=FORM)
def renew() -> Response:
    """Have a new link sent to the bound number."""
    return steps.take(routes.current_request, "renew", _renew)


def _open(services: Services, form: Form) -> View:
    return _view(services, "open", lifecycle.look(services, form.get("link", "")))


def _confirm(services: Services, form: Form) -> View:
    return _view(services, "confirm", lifecycle.confirm(services, form.get("link", ""), form.get("code", "")))


def _decline(services: Services, form: Form) -> View:
    return _view(services, "decline", lifecycle.decline(services, form.get("link", "")))


def _renew(services: Services, form: Form) -> View:
    return _view(services, "renew", lifecycle.renew(services, form.get("link", "")))


def _view(services: Services, name: str, outcome: Outcome) -> View:
    reason = outcome.refusal or (outcome.intent.status if outcome.intent else "forged")
    count("PagesShown", route=name, outcome=str(reason))
    if outcome.intent:
        with correlated(outcome.intent.correlation_id):
            LOG.info("page", extra={"step": name, "outcome": str(reason), "intent_id": outcome.intent.id})
    spoken = steps.language(routes.current_request, services)
    return views.view(outcome, programme=services.programme, language=spoken, renewed=name == "renew")
