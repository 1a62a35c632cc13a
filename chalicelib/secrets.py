"""Secrets by name, from AWS Secrets Manager; two versions live while one is rotated."""

import json
import time
from collections.abc import Mapping

from chalicelib import aws

KEPT_SECONDS = 300
_kept: dict[str, tuple[float, tuple[Mapping[str, str], ...]]] = {}


class SecretMissing(Exception):
    """The stage has no such secret, or may not read it: an operator must act."""


def values(name: str) -> tuple[Mapping[str, str], ...]:
    """Return a secret's JSON, the current version first, then the previous one if there is one.

    Kept for five minutes. Raises SecretMissing when even the current version cannot be read.
    """
    kept_until, versions = _kept.get(name, (0.0, ()))
    if time.monotonic() < kept_until:
        return versions
    current = _version(name, "AWSCURRENT")
    if current is None:
        raise SecretMissing(f"secret {name} has no current version; create it, then try again")
    previous = _version(name, "AWSPREVIOUS")
    versions = (current,) if previous is None else (current, previous)
    _kept[name] = (time.monotonic() + KEPT_SECONDS, versions)
    return versions


def _version(name: str, label: str) -> Mapping[str, str] | None:
    secretsmanager = aws.client("secretsmanager")
    try:
        answer = secretsmanager.get_secret_value(SecretId=name, VersionStage=label)
    except secretsmanager.exceptions.ResourceNotFoundException:
        return None
    value: Mapping[str, str] = json.loads(answer["SecretString"])
    return value
