"""The confirm page: each step is a POST that carries the whole link."""

from collections.abc import Callable, Mapping

from chalice.app import Request, Response

from chalicelib.intents import lifecycle
from chalicelib.intents.lifecycle import Outcome
from chalicelib.services import Services
from chalicelib.telemetry.log import LOG, correlated
from chalicelib.web import steps, views
from chalicelib.web.steps import Form
from chalicelib.web.views import FORGED, View

_STEPS: Mapping[str, Callable[[Services, Form], Outcome]] = {
    "open": lambda services, form: lifecycle.look(services, form.get("link", "")),
    "confirm": lambda services, form: lifecycle.confirm(services, form.get("link", ""), form.get("code", "")),
    "decline": lambda services, form: lifecycle.decline(services, form.get("link", "")),
    "renew": lambda services, form: lifecycle.renew(services, form.get("link", "")),
}


def take(request: Request, name: str) -> Response:
    """Do one step: `open`, `confirm`, `decline` or `renew`; the answers are those of `steps.take`."""
    return steps.take(request, name, lambda services, form, spoken: _view(name, services, form, spoken=spoken))


def _view(name: str, services: Services, form: Form, *, spoken: str) -> View:
    outcome = _STEPS[name](services, form)
    reason = outcome.refusal or (outcome.intent.status if outcome.intent else FORGED)
    steps.counted(name, str(reason))
    if outcome.intent:
        with correlated(outcome.intent.correlation_id):
            LOG.info("page", extra={"step": name, "outcome": str(reason), "intent_id": outcome.intent.id})
    return views.view(outcome, programme=services.programme, language=spoken, renewed=name == "renew")
