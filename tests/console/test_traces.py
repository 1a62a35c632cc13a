"""Tracebacks of a log as single events, and why a letter died."""

import json
from dataclasses import replace
from typing import Any

import pytest

from console import causes, tail
from console.letters import Letter
from console.logs import Line, parse
from console.traces import Event, error, folded

TRACE = (
    "Traceback (most recent call last):",
    '  File "store.py", line 1, in read',
    "    answer = call()",
    "botocore.exceptions.ClientError: refused",
    "",
    "The above exception was the direct cause of the following exception:",
    "",
    "Traceback (most recent call last):",
    '  File "app.py", line 2, in take',
    "    raise Busy from error",
    "chalicelib.table.Busy: DynamoDB: Throttled",
    "and a second line",
)
ONE = "[ERROR] ValueError: of one event\nTraceback (most recent call last):\n\u00a0\u00a0File app.py, line 2"


def events(*texts: str, stream: str = "s") -> list[Event]:
    """A stream's events, one a text."""
    return [Event(id=f"{stream}-{place}", stream=stream, text=text, at=100.0) for place, text in enumerate(texts)]


def ours(**facts: Any) -> str:
    """A line as Powertools writes it, of the invocation r-1 unless told otherwise."""
    return json.dumps({"level": "INFO", "message": "order", "function_request_id": "r-1", **facts})


def line(event: Event) -> Line:
    """An event as a line."""
    found = parse(event.text, function="send_links", event=event.id, at=event.at)
    assert found
    return found


def test_a_traceback_line_by_line_is_one_event() -> None:
    """Whatever other streams write in between; it ends where Lambda or a line of ours goes on."""
    first = events("START RequestId: r-1 Version: $LATEST", *TRACE, "END RequestId: r-1")
    second = events("START RequestId: r-2", *TRACE[:4], stream="t")
    mixed = [first[0], *second, *first[1:]]
    (one,) = [event for event in folded(mixed) if event.stream == "s" and "Traceback" in event.text]
    (other,) = [event for event in folded(mixed) if event.stream == "t" and "Traceback" in event.text]
    assert (one.text, one.request_id, one.id) == ("\n".join(TRACE), "r-1", "s-1")
    assert (other.text, other.request_id) == ("\n".join(TRACE[:4]), "r-2")
    assert error(one.text) == "Busy: DynamoDB: Throttled and a second line"


def test_an_error_has_the_correlation_id_of_its_own_invocation_alone() -> None:
    """The line before it told it; the invocation before did not."""
    told = ours(correlation_id="qWeRtYuI")
    start = "START RequestId: r-"
    found = list(folded(events(f"{start}1", told, ONE, f"{start}2", ONE, ours(function_request_id="r-3"), ONE)))
    assert [(event.correlation_id, event.request_id) for event in found if event.text == ONE] == [
        ("qWeRtYuI", "r-1"),
        ("", "r-2"),
        ("", "r-3"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ONE, "ValueError: of one event"),
        ("Traceback (most recent call last):\n  File x\nKeyError", "KeyError"),
        ("Traceback (most recent call last):", ""),
        ("2026-09-21 Task timed out after 30.00 seconds", ""),
        ("", ""),
    ],
)
def test_the_error_of_a_traceback_is_its_last_line(text: str, told: str) -> None:
    """Cut off, it has none; what is no traceback has none either."""
    assert error(text) == told


def test_a_traceback_is_one_line_and_folded_beneath_when_all_is_asked_for() -> None:
    """With its time, function, error and id; indented, without secrets."""
    found = replace(line(events("\n".join(TRACE).replace("second", "+33612345678"))[0]), facts={"request_id": "r-1"})
    short = tail.readable(tail.shown(found, "UTC"))
    message = "Busy: DynamoDB: Throttled and a ***78 line"
    assert short == f"00:01:40 UTC  send_links       ERROR    {message}  request_id=r-1"
    full = tail.readable(tail.shown(found, "UTC", full=True)).splitlines()
    assert (full[0], full[2], len(full)) == (short, '      File "store.py", line 1, in read', 1 + len(TRACE))
    assert "345678" not in "".join(full)


def letter(body: dict[str, Any], queue: str = "sms-links") -> Letter:
    """A letter that came at the moment 90."""
    return Letter(queue=queue, id="m-1", body=json.dumps(body), handle="h", sent_at=90, received_count=2)


def notice(correlation: str) -> dict[str, Any]:
    """The body of a notice, as SNS wraps it."""
    told = {"kind": "link", "subject": "i-1", "correlation_id": correlation}
    return {"Message": json.dumps(told)}


def failed(message: str, **facts: Any) -> Line:
    """An error at the moment 100."""
    return Line(at=100, function="send_links", level="ERROR", message=message, facts=facts, event="e")


def cause(dead: Letter, *errors: Line) -> str:
    """Why the letter died, by these errors."""
    return causes.cause(dead, errors, stage="prod", now=290)


def test_a_cause_is_found_by_the_correlation_id() -> None:
    """The last try counts; errors of others are not its own."""
    mine, other = (failed("Busy: a", correlation_id="me"), failed("Busy: b", correlation_id="me")), failed("Boom: c")
    assert cause(letter(notice("me")), other, *mine) == "Busy: b"
    assert cause(letter(notice("me")), failed("x" * 200, correlation_id="me")) == "x" * 160 + "…"


def test_a_cause_that_no_id_tells_is_told_if_it_can_be_but_one() -> None:
    """All failures of its function since it came are alike; else the command that shows them, to be pasted."""
    dead, other = letter(notice("me")), failed("Busy: a", correlation_id="other")
    assert cause(dead, other, failed("Boom: c"), failed("Boom: c")) == (
        "Boom: c (all that send_links failed with since then)"
    )
    asked = "not told: `python -m console tail --stage prod --function send_links --minutes 4 --full`"
    for errors in ((), (other,), (failed("Boom: c"), failed("Bang: d")), (replace(failed("Old: e"), at=10),)):
        assert cause(dead, *errors) == asked


def test_a_parked_change_is_found_by_its_keys() -> None:
    """What could not publish it stands in the line's traceback."""
    parked = {"PK": "T#i-1", "SK": "0"}
    said = replace(failed("it was parked", change=parked, correlation_id=None), trace="\n".join(TRACE))
    assert cause(letter(parked, "changes"), said, failed("Boom: c")).startswith("Busy: DynamoDB")
    assert "not told" in cause(letter(parked | {"SK": "1"}, "changes"), said, failed("Boom: c"))
