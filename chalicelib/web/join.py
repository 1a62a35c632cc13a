"""The join page: GET shows an empty shell; each step is a POST that carries the whole link of the SMS."""

from chalice.app import Blueprint, Response

from chalicelib import production
from chalicelib.identity import joining
from chalicelib.identity.joining import Choice, Joining
from chalicelib.services import Services
from chalicelib.telemetry.metrics import count
from chalicelib.web import join_views, steps, views
from chalicelib.web.steps import FORM, Form
from chalicelib.web.views import View

routes = Blueprint(__name__)


@routes.route("/j", methods=["GET"], content_types=[])
def join_shell() -> Response:
    """The page that a join link opens; its script posts the fragment to /j/open."""
    services = production.services()
    spoken = steps.language(routes.current_request, services)
    return steps.show(views.plain("shell", 200, programme=services.programme, language=spoken))


@routes.route("/j/open", methods=["POST"], content_types=FORM)
def open_invitation() -> Response:
    """Show the terms and ask for a security code."""
    return steps.take(routes.current_request, "join_open", _open)


@routes.route("/j/code", methods=["POST"], content_types=FORM)
def choose_code() -> Response:
    """Store the security code and show the pairing code."""
    return steps.take(routes.current_request, "join_code", _choose)


@routes.route("/j/renew", methods=["POST"], content_types=FORM)
def renew_invitation() -> Response:
    """Have a new join link sent to the bound number."""
    return steps.take(routes.current_request, "join_renew", _renew)


def _open(services: Services, form: Form) -> View:
    return _view(services, "join_open", joining.look(services, form.get("link", "")))


def _choose(services: Services, form: Form) -> View:
    choice = Choice(digits=form.get("code", ""), again=form.get("again", ""), terms=form.get("terms") == "yes")
    return _view(services, "join_code", joining.choose(services, form.get("link", ""), choice))


def _renew(services: Services, form: Form) -> View:
    return _view(services, "join_renew", joining.renew(services, form.get("link", "")))


def _view(services: Services, name: str, joined: Joining) -> View:
    outcome = "forged" if joined.invitation is None else str(joined.refusal or "shown")
    count("PagesShown", route=name, outcome=outcome)
    spoken = steps.language(routes.current_request, services)
    return join_views.view(joined, programme=services.programme, language=spoken, renewed=name == "join_renew")
