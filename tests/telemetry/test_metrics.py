"""Counted events."""

import json
from typing import Any

import pytest

from chalicelib.telemetry import metrics


@pytest.fixture(autouse=True)
def _nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVOI_STAGE", "test")
    metrics._counts.clear()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines in embedded metric format written so far."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_counts_are_summed_and_flushed(capsys: pytest.CaptureFixture[str]) -> None:
    """At the end of a block each set of dimensions is one line with its sums."""
    with metrics.counting():
        metrics.count("Dropped", reason="own_post", network="twitter")
        metrics.count("Dropped", network="twitter", reason="own_post")
        metrics.count("Dropped", network="twitter", reason="repost")
        metrics.count("Orders")
        assert written(capsys) == []
    first, second, third = written(capsys)
    assert (first["Dropped"], first["reason"], first["network"]) == ([2.0], "own_post", "twitter")
    assert (second["Dropped"], second["reason"]) == ([1.0], "repost")
    assert third["Orders"] == [1.0]
    (directive,) = first["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Envoi"
    assert directive["Metrics"] == [{"Name": "Dropped", "Unit": "Count"}]
    assert [sorted(one) for one in directive["Dimensions"]] == [["network", "reason", "service", "stage"]]
    assert (first["service"], first["stage"]) == ("envoi", "test")


def test_flushing_starts_from_zero(capsys: pytest.CaptureFixture[str]) -> None:
    """What was written once is not written again, and nothing counted is no line."""
    metrics.count("Orders")
    metrics.flush()
    assert len(written(capsys)) == 1
    metrics.flush()
    assert written(capsys) == []


def test_a_failing_handler_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Around a function, counts are written even if it raises, each time that it is called."""

    @metrics.counting()
    def handler() -> None:
        metrics.count("Failed", function="deliver")
        raise KeyError("x")

    for _ in range(2):
        with pytest.raises(KeyError):
            handler()
        assert [line["Failed"] for line in written(capsys)] == [[1.0]]


def test_unknown_dimensions_are_refused() -> None:
    """A dimension outside the list is a bug, found at once."""
    with pytest.raises(ValueError, match="person_id"):
        metrics.count("Orders", person_id="1")


@pytest.mark.parametrize(
    "value", ["2080765813578191303", "+33612345678", "", "a b", "é", "a" * 65, "intent123456", "1"]
)
def test_values_stay_few(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A value that could be an id or a person's text is counted as `other`."""
    with metrics.counting():
        metrics.count("Dropped", reason=value)
    assert written(capsys)[0]["reason"] == "other"


@pytest.mark.parametrize("value", ["own_post", "503", "POST:/p/confirm", "sms-links"])
def test_short_words_are_values(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Names, statuses and routes are values."""
    with metrics.counting():
        metrics.count("Answered", status=value)
    assert written(capsys)[0]["status"] == value


def test_many_sets_of_names(capsys: pytest.CaptureFixture[str]) -> None:
    """More than a hundred names, the most of one line, lose no count."""
    with metrics.counting():
        for number in range(250):
            metrics.count(f"Event{number}")
    names = [name for line in written(capsys) for name in line if name.startswith("Event")]
    assert sorted(names) == sorted(f"Event{number}" for number in range(250))
