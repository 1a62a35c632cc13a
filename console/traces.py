"""Tracebacks in a log: one event each, whichever way the platform writes them. Pure.

Lambda writes an error that nobody caught as one event (`[ERROR] Name: message`, then the traceback); the local AWS
writes a traceback line by line, as events of one stream.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

BEGIN = "Traceback (most recent call last)"
TIMED_OUT = "Task timed out"
# What Lambda says of an invocation of its own accord.
PLATFORM = ("START ", "END ", "REPORT ", "INIT_START ", "EXTENSION\t", "XRAY ")

_STARTED = re.compile(r"START RequestId: ([\w-]+)")
_REQUEST = re.compile(r'"function_request_id": ?"([\w-]+)"')
_CORRELATED = re.compile(r'"correlation_id": ?"([\w-]+)"')


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event of a log group; `at` is epoch seconds, the ids are empty where the stream has not told them before."""

    id: str
    stream: str
    text: str
    at: float
    request_id: str = ""
    correlation_id: str = ""


def folded(events: Iterable[Event]) -> Iterator[Event]:
    """The events in their order, each traceback as one, each with the request and correlation id it was written under.

    A traceback comes where it ends: with the first event of its stream that is no part of it.
    """
    latest: dict[str, Event] = {}
    open_ones: dict[str, Event] = {}
    for event in events:
        begun = open_ones.get(event.stream)
        if begun and not _breaks(event.text):
            open_ones[event.stream] = replace(begun, text=f"{begun.text}\n{event.text.rstrip()}")
            continue
        if begun:
            yield open_ones.pop(event.stream)
        latest[event.stream] = named = _named(event, latest.get(event.stream))
        if event.text.startswith(BEGIN):
            open_ones[event.stream] = named
        else:
            yield named
    yield from open_ones.values()


def error(text: str) -> str:
    """The error that a traceback ends with, `Name: message` without its module, in one line; empty for no traceback."""
    if text.startswith("[ERROR]"):
        return _short(text.removeprefix("[ERROR]").split(BEGIN)[0])
    if BEGIN not in text:
        return ""
    lines = text.rstrip().splitlines()
    inner = max(place for place, line in enumerate(lines) if line[:1].isspace() or BEGIN in line)
    return _short(" ".join(lines[inner + 1 :]))


def _named(event: Event, before: Event | None) -> Event:
    """The event with its ids: its own, else those of the same invocation before it."""
    told = _STARTED.match(event.text) or _REQUEST.search(event.text)
    if before is None or (told and told[1] != before.request_id):
        before = replace(event, request_id=told[1] if told else "", correlation_id="")
    correlated = _CORRELATED.search(event.text)
    return replace(
        event,
        request_id=before.request_id,
        correlation_id=correlated[1] if correlated else before.correlation_id,
    )


def _breaks(text: str) -> bool:
    return text.startswith(("{", "[ERROR]", *PLATFORM))


def _short(said: str) -> str:
    """Without the module of the error's class."""
    name, colon, message = " ".join(said.split()).partition(":")
    return f"{name.rsplit('.', 1)[-1]}{colon}{message}"
