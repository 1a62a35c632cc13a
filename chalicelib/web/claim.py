"""The page of held money: each step is a POST that carries the whole link of the private message."""

from collections.abc import Callable, Mapping

from chalice.app import Request, Response

from chalicelib.intents import claim_page
from chalicelib.intents.claim_page import Held
from chalicelib.services import Services
from chalicelib.telemetry.log import LOG, correlated
from chalicelib.web import claim_views, steps
from chalicelib.web.steps import Form
from chalicelib.web.views import View

ABOUT = "claim"
_STEPS: Mapping[str, Callable[[Services, Form], Held]] = {
    "claim_open": lambda services, form: claim_page.look(services, form.get("link", "")),
    "claim_refuse": lambda services, form: claim_page.refuse(services, form.get("link", "")),
    "claim_account": lambda services, form: claim_page.name_account(services, form.get("link", ""), form),
}


def take(request: Request, name: str) -> Response:
    """Do one step: `claim_open`, `claim_refuse` or `claim_account`; the answers are those of `steps.take`."""

    def step(services: Services, form: Form, spoken: str) -> View:
        return _view(name, services, form, spoken=spoken)

    return steps.take(request, name, step, about=ABOUT)


def _view(name: str, services: Services, form: Form, *, spoken: str) -> View:
    held = _STEPS[name](services, form)
    outcome = str(held.refusal or claim_views.state(held))
    steps.counted(name, outcome)
    if held.claim:
        with correlated(held.claim.correlation_id):
            LOG.info("page", extra={"step": name, "outcome": outcome, "intent_id": held.claim.id})
    return claim_views.view(held, programme=services.programme, language=spoken, typed=form)
