"""What the stage's functions have logged: read from CloudWatch Logs, merged, in order of time."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib import aws
from chalicelib.telemetry.redaction import redact, redact_text

# What Lambda and Powertools write into every line; the rest are the facts of the line.
_FRAME = frozenset(
    {"level", "location", "message", "timestamp", "service", "cold_start", "function_name", "function_memory_size"}
    | {"function_arn", "function_request_id", "xray_trace_id", "exception", "stack_trace", "_aws"}
)
_PLATFORM = ("START ", "END ", "REPORT ", "INIT_START ", "EXTENSION\t", "XRAY ")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One logged line; `at` is epoch seconds, `function` is `api` for the API's, `facts` are its ids and states."""

    at: float
    function: str
    level: str
    message: str
    facts: Mapping[str, Any]
    event: str

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
    found = {line.event: line for name in names for word in words for line in _lines(stage, name, span, word=word)}
    return sorted(found.values(), key=lambda line: line.at)


def parse(text: str, *, function: str, event: str, at: float) -> Line | None:
    """One event of a log as a line, redacted; None for metrics and for what the platform writes of its own."""
    text = text.strip()
    if not text or text.startswith(_PLATFORM):
        return None
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        level = "ERROR" if "Task timed out" in text or "[ERROR]" in text else ""
        return Line(at=at, function=function, level=level, message=redact_text(text), facts={}, event=event)
    if "message" not in said:
        return None
    facts = redact({name: value for name, value in said.items() if name not in _FRAME})
    return Line(
        at=_moment(str(said.get("timestamp", "")), otherwise=at),
        function=function,
        level=str(said.get("level", "")),
        message=redact_text(str(said["message"])),
        facts=facts,
        event=event,
    )


def _lines(stage: str, group: str, span: Span, *, word: str) -> Iterator[Line]:
    pattern = {"filterPattern": f'"{word}"'} if word else {}
    pages = aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group, **span.times, **pattern)
    whole = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])" if word else "")  # AWS also finds parts of words
    for page in pages:
        for event in page["events"]:
            if not whole.search(event["message"]):
                continue
            line = parse(
                event["message"],
                function=function_of(group, stage),
                event=str(event.get("eventId") or (group, event["timestamp"], event["message"])),
                at=event["timestamp"] / 1000,
            )
            if line:
                yield line


def _moment(text: str, *, otherwise: float) -> float:
    """When a line was written by its own words, which are finer than the log's."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S,%f%z").timestamp()
    except ValueError:
        return otherwise
