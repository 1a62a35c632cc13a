"""The very AWS calls that Envoi makes, without Envoi: recorded once, then sent by boto3 alone with fresh ids."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.doubles import clients
from chalicelib import aws

SERVICES = ("dynamodb", "kms")
Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """One call: of which client, which operation, with what."""

    service: str
    operation: str
    parameters: Parameters


@dataclass
class _Recorder:
    service: str
    client: Any
    requests: list[Request] = field(default_factory=list)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            self.requests.append(Request(self.service, operation, parameters))
            return getattr(self.client, operation)(**parameters)

        return call


def recorded(work: Callable[[], object]) -> Sequence[Request]:
    """Do something and return the calls that it made, in their order."""
    requests: list[Request] = []
    with clients({service: _Recorder(service, aws.client(service), requests) for service in SERVICES}):
        work()
    return requests


def replay(requests: Sequence[Request], fresh: Mapping[str, str], *, instant: int = 0) -> Callable[[], None]:
    """The same calls with some texts put in place of others, ready to be sent.

    Where `instant` is given, the recorded one of this many microseconds becomes that of sending. Sending raises what
    boto3 raises: a call that is refused is no measure.
    """
    ready = [
        (getattr(aws.client(request.service), request.operation), _with(request.parameters, fresh))
        for request in requests
    ]
    instants = [place for _, parameters in ready for place in _places(parameters, str(instant))] if instant else []

    def send() -> None:
        for place in instants:
            place["N"] = str(time.time_ns() // 1_000)
        for operation, parameters in ready:
            operation(**parameters)

    return send


def _places(value: Any, number: str) -> Iterator[dict[str, str]]:
    """Every place of a request where a number stands."""
    if isinstance(value, dict):
        if value.get("N") == number:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _places(part, number)


def _with(value: Any, fresh: Mapping[str, str]) -> Any:
    match value:
        case str():
            for old, new in fresh.items():
                value = value.replace(old, new)
            return value
        case Mapping():
            return {name: _with(part, fresh) for name, part in value.items()}
        case list():
            return [_with(part, fresh) for part in value]
        case _:
            return value
