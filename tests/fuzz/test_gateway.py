"""API Gateway's own event, with what it may leave out and with what it never would."""

import copy
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import app
from chalicelib import production, secrets
from chalicelib.channels import Event, inbox
from local import x
from local.sandbox import envelopes
from tests.bank import CODE
from tests.channels import golden
from tests.fuzz import bodies, contract
from tests.fuzz.door import CONTEXT, event
from tests.fuzz.test_pages import OURS, street

SECRET = "the-consumer-secret-of-a-fuzzer"
ASKED = [(method, path) for method, path, _ in contract.operations()]
BOUNDED = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
# What a REST API's proxy event has as null when there is none of it.
NULLABLE = ("multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "body")
ODD: tuple[Any, ...] = (None, "", "\ud800", {}, [], 0, True, "POST", "/p/confirm", {"crc_token": [""]}, {"link": ["x"]})


@pytest.fixture(scope="module")
def queued() -> Iterator[list[Event]]:
    """One live secret, and an inbox that keeps what is put into it."""
    taken: list[Event] = []
    with pytest.MonkeyPatch.context() as patch:
        for read in ("values", "fresh"):
            patch.setattr(secrets, read, lambda _name: ({"consumer_secret": SECRET},))
        patch.setattr(inbox, "put", taken.extend)
        yield taken


@BOUNDED
@given(
    asked=st.sampled_from(ASKED),
    absent=st.sets(st.sampled_from((*NULLABLE, "headers"))),
    query=st.none()
    | st.dictionaries(
        st.text(max_size=12) | st.just("crc_token"), st.lists(st.text(max_size=140), min_size=1), max_size=3
    ),
)
def test_what_the_gateway_may_leave_out_is_nothing_special(
    queued: list[Event],
    asked: tuple[str, str],
    absent: set[str],
    query: dict[str, list[str]] | None,
) -> None:
    """Nulls where it has them, and any query: an answer as described, on every route."""
    given = event(*asked, b"{}" if asked[0] == "POST" else None, {"Content-Type": "text/plain", "Accept": "*/*"})
    given |= dict.fromkeys(absent)
    if query is not None:
        given["multiValueQueryStringParameters"] = query
    with production.using(street().bank.services):
        assert contract.faults(*asked, app(given, CONTEXT)) == []
    assert queued == []


@BOUNDED
@given(data=st.data())
def test_what_the_gateway_never_sends_does_nothing(queued: list[Event], data: st.DataObject) -> None:
    """An event out of joint may fail, as a bug may, but fails closed: no message is queued, no money moves.

    Only API Gateway may invoke the function, so such an event is nobody's attack; a Lambda error is a 502 there.
    """
    queued.clear()
    here = street()
    method, path = data.draw(st.sampled_from(ASKED))
    form = urlencode({"link": here.payment, "code": CODE[:5]}).encode()
    given = event(method, path, form if path != "/webhooks/twitter" else b"{}", OURS)
    for _ in range(data.draw(st.integers(1, 3))):
        given = mangled(data, given)
    with production.using(here.bank.services):
        try:
            answer: Any = app(given, CONTEXT)
        except (AttributeError, KeyError, TypeError, ValueError):  # what Chalice's reading of an event raises
            answer = {"statusCode": 502}
        finally:
            _forget_unknown_paths()
    assert isinstance(answer["statusCode"], int)
    assert queued == []
    assert here.funds == [100_000, 0, 0]


def mangled(data: st.DataObject, given: Any) -> Any:
    """An event with one of its keys gone, or of another kind."""
    changed = copy.deepcopy(given)
    path = data.draw(st.sampled_from([one for one in golden.paths(changed) if one]))
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    if data.draw(st.booleans()):
        del holder[path[-1]]
    else:
        holder[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(ODD)))
    return changed


def test_a_genuine_webhook_comes_through_as_text_too(queued: list[Event]) -> None:
    """API Gateway sends a JSON body as text, not in base64."""
    queued.clear()
    raw = envelopes.encoded(bodies.order(bodies.ORDERS[0])[0])
    given = event("POST", "/webhooks/twitter", raw, x.sign(raw, SECRET))
    given |= {"body": raw.decode(), "isBase64Encoded": False}
    answer = app(given, CONTEXT)
    assert contract.faults("POST", "/webhooks/twitter", answer) == []
    assert (answer["statusCode"], len(queued)) == (200, 1)


def _forget_unknown_paths() -> None:
    """Chalice keeps each path that it is asked for in its routes."""
    for path in [path for path, methods in app.routes.items() if not methods]:
        del app.routes[path]
