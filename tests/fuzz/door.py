"""Calling the app as API Gateway does, the real dispatch and middleware included."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from chalice.local import LambdaContext

from app import app
from tests.fuzz import contract

CONTEXT = LambdaContext("api_handler", 512)


def event(method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
    """The proxy event of a REST API for a request; a body comes in base64."""
    given = dict(headers or {})
    return {
        "resource": path, "path": path, "httpMethod": method,
        "headers": given, "multiValueHeaders": {name: [value] for name, value in given.items()},
        "queryStringParameters": None, "multiValueQueryStringParameters": None,
        "pathParameters": None, "stageVariables": None,
        "requestContext": {
            "httpMethod": method, "resourcePath": path, "path": f"/api{path}", "stage": "api",
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "body": None if body is None else base64.b64encode(body).decode(),
        "isBase64Encoded": body is not None,
    }  # fmt: skip


def call(method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
    """Ask the app; the answer is as docs/openapi.json says, and one that API Gateway can pass on."""
    answer = app(event(method, path, body, headers), CONTEXT)
    assert contract.faults(method, path, answer) == []
    json.dumps(answer, allow_nan=False).encode()
    return answer
