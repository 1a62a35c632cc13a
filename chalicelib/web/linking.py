"""The page `/l` behind a chat's button that links an account: a mobile number, and the same answer to every one.

Meta calls it with a redirect address and a token, which are not read: whoever was sent an address with somebody else's
token would link that other one (linking CSRF). What links is the SMS, the security code, and Yes in the chat.
"""

import time

from chalice.app import Request, Response

from chalicelib.channels import inbox
from chalicelib.channels.meta_sending import LINKING
from chalicelib.channels.networks import TITLES
from chalicelib.config import Programme
from chalicelib.errors import Unavailable
from chalicelib.intents import inviting, phones
from chalicelib.services import Services
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count
from chalicelib.texts import say
from chalicelib.web import steps, views
from chalicelib.web.steps import Form
from chalicelib.web.views import View

_TYPED_CHARACTERS = 40
_LABELS = ("title", "intro", "phone", "help", "go")


def shell(request: Request) -> Response:
    """The form; 404 where the programme is on no network with such a button."""
    return steps.static(request, _form)


def ask(request: Request) -> Response:
    """Take a number; the answers are those of `steps.take`."""
    return steps.take(request, "link_ask", _asked)


def _asked(services: Services, form: Form, language: str) -> View:
    programme = services.programme
    if LINKING not in programme.bots:
        return _nowhere(programme, language)
    number = phones.e164(form.get("phone", "")[:_TYPED_CHARACTERS], programme.country)
    outcome = _queued(number) if number else "phone_malformed"
    count("PagesShown", route="link_ask", outcome=outcome)
    if outcome != "asked":
        return _form(programme, language, error=outcome, typed=form.get("phone", "")[:_TYPED_CHARACTERS])
    texts = {name: say(language, f"linking.sent_{name}", network=TITLES[LINKING]) for name in ("title", "body")}
    return View(
        template="result.html", status=200, language=language, texts={**texts, "brand": programme.brand, "renew": ""}
    )


def _queued(number: str) -> str:
    event = inbox.with_id(inviting.asked(LINKING, number, received_at=int(time.time())))
    try:
        inbox.put([event])
    except Unavailable as error:
        LOG.warning("inbox_unavailable", reason=str(error))
        return "unavailable"
    LOG.info("queued", correlation_id=event.id, network=event.network, message_id="")
    return "asked"


def _form(programme: Programme, language: str, *, error: str = "", typed: str = "") -> View:
    """The form, or the form again with its error and what was typed."""
    if LINKING not in programme.bots:
        return _nowhere(programme, language)
    example = {"example": phones.EXAMPLES.get(programme.country, "+44 7700 900123").replace(" ", "\u00a0")}
    said = {"brand": programme.brand, "network": TITLES[LINKING]}
    texts = {label: say(language, f"linking.{label}", **said) for label in _LABELS}
    texts |= {
        "brand": programme.brand,
        "action": "ask" if error else "l/ask",  # as seen from the address that shows it
        "typed": typed,
        "error": say(language, f"linking.{error}", **example) if error else "",
    }
    tone = "bad" if error else "calm"
    return View(template="linking.html", status=200, language=language, tone=tone, texts=texts)


def _nowhere(programme: Programme, language: str) -> View:
    return views.plain("forged", 404, programme=programme, language=language)
