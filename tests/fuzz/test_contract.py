"""docs/openapi.json is a valid description, and it is of this app."""

import json

import pytest
import schemathesis

from app import app
from tests.fuzz import contract

WITH_BODY = {"POST", "PUT", "PATCH"}


def test_the_description_is_valid() -> None:
    """OpenAPI 3.1, as its own schema has it."""
    schemathesis.openapi.from_path(contract.OPENAPI).validate()


def test_every_route_is_described_and_no_other() -> None:
    """Method by method."""
    routes = {(method, path) for path, methods in app.routes.items() for method in methods}
    assert {(method, path) for method, path, _ in contract.operations()} == routes


@pytest.mark.parametrize(
    ("method", "path"), [(method, path) for method, path, _ in contract.operations() if method in WITH_BODY]
)
def test_each_body_has_the_types_that_its_route_takes(method: str, path: str) -> None:
    """What is described is let in, and all that is let in is described; anything else is a described 415."""
    described = contract.document()["paths"][path][method.lower()]
    assert sorted(described["requestBody"]["content"]) == sorted(app.routes[path][method].content_types)
    assert "415" in described["responses"]


def test_nothing_in_the_description_is_unused() -> None:
    """Each component is named by something."""
    text = contract.OPENAPI.read_text(encoding="utf-8")
    components = json.loads(text)["components"]
    named = [f"#/components/{kind}/{name}" for kind in components for name in components[kind]]
    unused = [one for one in named if f'"{one}"' not in text]
    schemes = ("signature", "oauth2Signature", "hubSignature")
    assert unused == [f"#/components/securitySchemes/{name}" for name in schemes]


def test_no_answer_is_undescribed_in_its_headers() -> None:
    """Every answer says how long it may be kept, by whom framed, and what it may load."""
    for _, _, described in contract.operations():
        for answer in described["responses"].values():
            assert {"Cache-Control", "Content-Security-Policy", "Strict-Transport-Security"} <= answer["headers"].keys()
