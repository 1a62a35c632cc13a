"""The join page: each step is a POST that carries the whole link of the SMS."""

from collections.abc import Callable, Mapping

from chalice.app import Request, Response

from chalicelib.identity import joining
from chalicelib.identity.joining import Choice, Joining
from chalicelib.services import Services
from chalicelib.web import join_views, steps
from chalicelib.web.steps import Form
from chalicelib.web.views import FORGED, View

_STEPS: Mapping[str, Callable[[Services, Form], Joining]] = {
    "join_open": lambda services, form: joining.look(services, form.get("link", "")),
    "join_code": lambda services, form: joining.choose(services, form.get("link", ""), _choice(form)),
    "join_renew": lambda services, form: joining.renew(services, form.get("link", "")),
}


def take(request: Request, name: str) -> Response:
    """Do one step: `join_open`, `join_code` or `join_renew`; the answers are those of `steps.take`."""
    return steps.take(request, name, lambda services, form, spoken: _view(name, services, form, spoken=spoken))


def _choice(form: Form) -> Choice:
    return Choice(digits=form.get("code", ""), again=form.get("again", ""), terms=form.get("terms") == "yes")


def _view(name: str, services: Services, form: Form, *, spoken: str) -> View:
    joined = _STEPS[name](services, form)
    steps.counted(name, FORGED if joined.invitation is None else str(joined.refusal or "shown"))
    return join_views.view(joined, programme=services.programme, language=spoken, renewed=name == "join_renew")
