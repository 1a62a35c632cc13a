"""docs/openapi.json as a judge of answers."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

OPENAPI = Path(__file__).parents[2] / "docs" / "openapi.json"
Answer = Mapping[str, Any]


@cache
def document() -> dict[str, Any]:
    """The description with every reference replaced by what it names."""
    raw = json.loads(OPENAPI.read_text(encoding="utf-8"))
    return dict(_resolved(raw, raw))


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of everything that can be asked."""
    for path, item in document()["paths"].items():
        yield from ((method.upper(), path, described) for method, described in item.items())


def faults(method: str, path: str, answer: Answer) -> list[str]:
    """Where a gateway answer differs from its description: status, content type, headers, body."""
    described = document()["paths"][path][method.lower()]["responses"].get(str(answer["statusCode"]))
    if described is None:
        return [f"{method} {path}: {answer['statusCode']} is not described"]
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    found = [
        f"{name}: {headers.get(name.lower())!r}"
        for name, header in described["headers"].items()
        if not _valid(headers.get(name.lower()), header["schema"])
    ]
    media = headers.get("content-type", "").split(";")[0]
    if media not in described["content"]:
        return [*found, f"content type {media!r}"]
    body = json.loads(answer["body"]) if media == "application/json" else answer["body"]
    return found if _valid(body, described["content"][media]["schema"]) else [*found, f"body {answer['body']!r}"]


def _valid(value: Any, schema: dict[str, Any]) -> bool:
    return bool(Draft202012Validator(schema).is_valid(value))


def _resolved(node: Any, root: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_resolved(one, root) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        named: Any = root
        for key in node["$ref"].removeprefix("#/").split("/"):
            named = named[key]
        return _resolved(named, root)
    return {key: _resolved(value, root) for key, value in node.items()}
