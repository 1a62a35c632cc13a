"""The deployed API over HTTP, asked by schemathesis as docs/openapi.json describes it."""

from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chalicelib.channels.signature import LEGACY_HEADER, OAUTH2_HEADER
from local import x
from local.stack import Stack
from tests.fuzz import contract

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)


@dataclass(frozen=True)
class Signer:
    """Signs the very bytes that are sent, as X does."""

    secret: str

    def __call__(self, request: Any) -> Any:
        """Add the header to a prepared request."""
        body = request.body or b""
        raw = body if isinstance(body, bytes) else body.encode()
        request.headers.pop(OAUTH2_HEADER, None)  # where there is one, only that one is looked at
        request.headers[LEGACY_HEADER] = x.sign(raw, self.secret)[LEGACY_HEADER]
        return request


def asked(operation: Any, described: dict[str, Any]) -> Any:
    """What the description allows and, where there is anything to get wrong, what it does not."""
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if not (described.get("parameters") or described.get("requestBody")):
        return right
    return right | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


@pytest.mark.parametrize(
    ("method", "path", "genuine"),
    [(method, path, False) for method, path, _ in contract.operations()] + [("POST", "/webhooks/twitter", True)],
)
def test_every_operation_answers_as_described(local_stack: Stack, method: str, path: str, *, genuine: bool) -> None:
    """Status, content type, headers and body; a genuine webhook is never a 401, and any other no 200."""
    operation = schemathesis.openapi.from_path(contract.OPENAPI)[path][method]
    auth = Signer(local_stack.x_secret["consumer_secret"]) if genuine else None

    @BOUNDED
    @given(case=asked(operation, contract.document()["paths"][path][method.lower()]))
    def ask(case: Any) -> None:
        answer = case.call_and_validate(base_url=local_stack.api_url, checks=CHECKS, auth=auth, timeout=30)
        if path == "/webhooks/twitter" and method == "POST":
            assert answer.status_code != (401 if genuine and is_text(answer.request.body) else 200)

    ask()


def is_text(body: str | bytes | None) -> bool:
    """Whether a gateway passes a body on as it is: of what is no UTF-8 it makes text that nobody signed."""
    try:
        return (body if isinstance(body, bytes) else (body or "").encode()).decode() is not None
    except ValueError:
        return False
