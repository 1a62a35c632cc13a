"""Secrets by name, from AWS Secrets Manager; two versions live while one is rotated."""

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib import aws
from chalicelib.errors import Unavailable

KEPT_SECONDS = 300
# A link of a new key takes longer than this to reach a phone and be opened, so nobody is ever refused in between.
FRESH_SECONDS = 5

Versions = tuple[Mapping[str, str], ...]


@dataclass
class _Kept:
    versions: Versions
    read_at: float
    freshened_at: float = -math.inf


_kept: dict[str, _Kept] = {}


class SecretMissing(Unavailable):
    """The stage has no such secret, or may not read it: an operator must act."""


def values(name: str) -> Versions:
    """Return a secret's JSON, the current version first, then the previous one if there is one.

    Kept for five minutes. Raises SecretMissing when there is no current version that holds JSON, and Unavailable when
    Secrets Manager cannot answer.
    """
    kept = _kept.get(name)
    if kept and time.monotonic() - kept.read_at < KEPT_SECONDS:
        return kept.versions
    return _read(name)


def fresh(name: str) -> Versions:
    """The same, as it was at most five seconds ago: for whoever meets a link or signature under no key that is kept.

    However often it is asked, the secret is read once in five seconds, so that forgers cost nothing. While Secrets
    Manager is down it returns what is kept, for as long as `values` would.
    """
    kept, now = _kept.get(name), time.monotonic()
    if kept is None or now - kept.read_at >= KEPT_SECONDS:
        return values(name)
    if now - kept.freshened_at < FRESH_SECONDS:
        return kept.versions
    kept.freshened_at = now
    try:
        versions = _read(name)
    except Unavailable:
        return kept.versions
    _kept[name].freshened_at = now
    return versions


def forget() -> None:
    """Read every secret again when it is next needed."""
    _kept.clear()


def _read(name: str) -> Versions:
    current = _version(name, "AWSCURRENT")
    if current is None:
        raise SecretMissing(f"secret {name} has no current version; create it, then try again")
    previous = _version(name, "AWSPREVIOUS")
    versions = (current,) if previous is None else (current, previous)
    _kept[name] = _Kept(versions, read_at=time.monotonic())
    return versions


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
