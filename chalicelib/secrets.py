"""Secrets by name, from AWS Secrets Manager; two versions live while one is rotated."""

import json
import time
from collections.abc import Mapping

from chalicelib import aws
from chalicelib.errors import Unavailable

KEPT_SECONDS = 300
_kept: dict[str, tuple[float, tuple[Mapping[str, str], ...]]] = {}


class SecretMissing(Unavailable):
    """The stage has no such secret, or may not read it: an operator must act."""


def values(name: str) -> tuple[Mapping[str, str], ...]:
    """Return a secret's JSON, the current version first, then the previous one if there is one.

    Kept for five minutes. Raises SecretMissing when there is no current version that holds JSON, and Unavailable when
    Secrets Manager cannot answer.
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


def forget() -> None:
    """Read every secret again when it is next needed."""
    _kept.clear()


def _version(name: str, label: str) -> Mapping[str, str] | None:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # loaded with the client

    secretsmanager = aws.client("secretsmanager")
    try:
        answer = secretsmanager.get_secret_value(SecretId=name, VersionStage=label)
    except secretsmanager.exceptions.ResourceNotFoundException:
        return None
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"Secrets Manager: {type(error).__name__}") from error
    return _object(answer.get("SecretString", ""))


def _object(text: str) -> Mapping[str, str] | None:
    """The JSON object of a version; an empty version, as a secret has before it is filled, counts as none."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
