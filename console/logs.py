"""What the stage's functions have logged: read from CloudWatch Logs, merged, in order of time."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib import aws
from chalicelib.telemetry.redaction import redact, redact_text
from console import traces
from console.traces import Event

# What Lambda and Powertools write into every line; the rest are the facts of the line.
_FRAME = frozenset(
    {"level", "location", "message", "timestamp", "service", "cold_start", "function_name", "function_memory_size"}
    | {"function_arn", "function_request_id", "xray_trace_id", "exception", "stack_trace", "_aws"}
)
# How far before an error its invocation may have begun: the longest that a function of ours may take.
INVOCATION_SECONDS = 900
# Of so many streams with errors, the newest, all is read; more would make whoever is woken wait.
STREAMS = 20


@dataclass(frozen=True, kw_only=True)
class Line:
    """One logged line; `at` is epoch seconds, `function` is `api` for the API's, `facts` are its ids and states.

    The message of a traceback is its error, `Name: message`; the traceback itself is `trace`, empty for other lines.
    """

    at: float
    function: str
    level: str
    message: str
    facts: Mapping[str, Any]
    event: str
    trace: str = ""

    @property
    def text(self) -> str:
        """The facts, readable."""
        return " ".join(f"{name}={value}" for name, value in self.facts.items() if value not in (None, ""))


def groups(stage: str, function: str = "") -> list[str]:
    """The log groups of a stage's functions, or of one: `api`, `read_orders` and so on."""
    base = f"/aws/lambda/envoi-{stage}"
    pages = aws.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=base)
    names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    ours = [name for name in names if name == base or name.startswith(f"{base}-")]
    return [name for name in ours if function in ("", function_of(name, stage))]


def function_of(group: str, stage: str) -> str:
    """The function that a log group is of."""
    return group.removeprefix(f"/aws/lambda/envoi-{stage}").removeprefix("-") or "api"


@dataclass(frozen=True, kw_only=True)
class Span:
    """From when until when to read, in epoch seconds; without an end, until now."""

    since: float
    until: float | None = None

    @property
    def times(self) -> dict[str, int]:
        """As CloudWatch wants it."""
        end = {} if self.until is None else {"endTime": int(self.until * 1000)}
        return {"startTime": int(self.since * 1000), **end}


def read(stage: str, names: Iterable[str], span: Span, *, words: Iterable[str] = ("",)) -> list[Line]:
    """The lines of some log groups in a span that hold at least one of the words, each once, the oldest first."""
    wanted = list(words)
    found = {
        line.event: line
        for name in names
        for word in wanted
        for line in _lines(stage, name, _with_word(word, _events(name, span, pattern=word)))
    }
    return sorted(found.values(), key=lambda line: line.at)


def failures(stage: str, function: str, span: Span) -> list[Line]:
    """The errors that ended an invocation of a function in a span, or that it logged with a traceback, oldest first.

    Those of its newest twenty streams with errors, each with the ids of its invocation where they were told.
    """
    found: list[Line] = []
    for group in groups(stage, function):
        hits = [event for word in (traces.BEGIN, traces.TIMED_OUT) for event in _events(group, span, pattern=word)]
        newest = sorted({event.stream: event.at for event in hits}.items(), key=lambda one: one[1])[-STREAMS:]
        earlier = replace(span, since=span.since - INVOCATION_SECONDS)
        for stream, _ in newest:
            lines = _lines(stage, group, _events(group, earlier, stream=stream))
            found += [line for line in lines if line.level == "ERROR" and line.at >= span.since]
    return sorted(found, key=lambda line: line.at)


def parse(text: str, *, function: str, event: str, at: float) -> Line | None:
    """One event of a log as a line, redacted; None for metrics and for what the platform writes of its own."""
    text = text.strip()
    if not text or text.startswith(traces.PLATFORM):
        return None
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        error, failed = traces.error(text), traces.TIMED_OUT in text
        level = "ERROR" if error or failed else ""
        trace = redact_text(text) if error else ""
        message = redact_text(error or text)
        return Line(at=at, function=function, level=level, message=message, facts={}, event=event, trace=trace)
    if "message" not in said:
        return None
    return Line(
        at=_moment(str(said.get("timestamp", "")), otherwise=at),
        function=function,
        level=str(said.get("level", "")),
        message=redact_text(str(said["message"])),
        facts=redact({name: value for name, value in said.items() if name not in _FRAME}),
        event=event,
        trace=redact_text(str(said.get("exception") or "")),
    )


def _lines(stage: str, group: str, events: Iterable[Event]) -> Iterator[Line]:
    """Folded and parsed; an error without a correlation id of its own gets that of its invocation, or its request."""
    for event in traces.folded(events):
        line = parse(event.text, function=function_of(group, stage), event=event.id, at=event.at)
        if line and line.level == "ERROR" and not line.facts.get("correlation_id"):
            known = "correlation_id" if event.correlation_id else "request_id"
            line = replace(line, facts={**line.facts, known: event.correlation_id or event.request_id})
        if line:
            yield line


def _events(group: str, span: Span, *, pattern: str = "", stream: str = "") -> Iterator[Event]:
    """The events of a log group, of one stream or all, that hold a word or any; in order of time."""
    wanted: dict[str, Any] = {"filterPattern": f'"{pattern}"'} if pattern else {}
    wanted |= {"logStreamNames": [stream]} if stream else {}
    pages = aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group, **span.times, **wanted)
    for page in pages:
        for event in page["events"]:
            at, text, name = event["timestamp"] / 1000, event["message"], event.get("logStreamName", "")
            # The local AWS gives events no id: many lines of one moment may be alike.
            told = event.get("eventId") or f"{group} {name} {at} {text}"
            yield Event(id=str(told), stream=name, text=text, at=at)


def _with_word(word: str, events: Iterable[Event]) -> Iterator[Event]:
    """AWS also finds parts of words."""
    whole = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])" if word else "")
    return (event for event in events if whole.search(event.text))


def _moment(text: str, *, otherwise: float) -> float:
    """When a line was written by its own words, which are finer than the log's."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S,%f%z").timestamp()
    except ValueError:
        return otherwise
