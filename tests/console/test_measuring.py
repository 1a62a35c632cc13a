"""What `console measure` works out of what it has counted."""

import json
import math

import pytest

from console.measured_chart import drawn
from console.measuring import Crowd, percentiles


def test_how_long_an_item_is_busy_follows_from_who_was_turned_away() -> None:
    """At independent arrivals, 1 - e^(-rate × busy) of them meet another."""
    share = 1 - math.exp(-50 * 0.012)
    crowd = Crowd(offered_a_second=50, came_a_second=50.0, sent=100_000, conflicts=round(100_000 * share))
    assert crowd.busy_ms == pytest.approx(12, rel=0.01)


@pytest.mark.parametrize("conflicts", [0, 10])
def test_nothing_is_said_where_nothing_can_be_told(conflicts: int) -> None:
    """None turned away, or all of them: the item may be busy for any time."""
    assert Crowd(offered_a_second=5, came_a_second=5.0, sent=10, conflicts=conflicts).busy_ms is None


def test_percentiles_are_of_what_was_measured() -> None:
    """The value that so many are not above."""
    assert percentiles([float(n) for n in range(1, 101)]) == {"p50": 51.0, "p90": 91.0, "p99": 100.0, "most": 100.0}


def test_the_plot_says_every_figure() -> None:
    """Each operation and each crowd has its bar."""
    latency = {"put": {"p50": 3.0, "p99": 9.0}, "get": {"p50": 2.0, "p99": 4.0}}
    told = {"where": "eu-west-3 <&>", "latency_ms": latency, "crowds": [{"offered_a_second": 60, "share": 0.5}]}
    picture = drawn(json.loads(json.dumps(told)))
    assert "3.0 / 9.0 ms" in picture
    assert "50.0 %" in picture
    assert "<&>" not in picture
