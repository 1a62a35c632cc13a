"""Histories from fixed seeds hold every invariant; the same seed always tells the same history."""

import io
from functools import partial

import pytest

from tests.simulation import fleet
from tests.simulation.history import Result, run
from tests.simulation.story import Story
from tests.simulation.world import World

SEEDS = range(1, 13)


@pytest.fixture(scope="module")
def results() -> list[Result]:
    """A dozen histories."""
    return [run(seed) for seed in SEEDS]


def test_nothing_bends(results: list[Result]) -> None:
    """A dozen histories of two hundred payments end without a violation."""
    assert [(each.seed, each.violation) for each in results if each.violation] == []


def test_a_dozen_histories_meet_every_fault_and_every_answer(results: list[Result]) -> None:
    """A simulator that met no conflict and refused nothing would prove little."""
    total = fleet.Total(SEEDS.start)
    for each in results:
        total.add(each)
    assert not {"not_sent", "lost", "conflict_met", "throttled", "server", "crash_before", "crash_after", "stale"} - {
        fault for fault, count in total.faults.items() if count
    }
    assert not {"paid", "not_pending", "code_refused", "link_replaced", "link_expired", "payer_frozen", "expired"} - {
        name.removeprefix("confirm_") for name, count in total.counted.items() if count
    }
    assert total.confirms > 3_000
    assert total.counted["paid"] > 1_000


def _tell(out: io.StringIO, world: World) -> None:
    Story(world, out)


def test_a_seed_tells_the_same_history_again() -> None:
    """Step by step, to the last digit of virtual time."""
    told = []
    for _ in range(2):
        out = io.StringIO()
        result = run(7, payments=40, rate=0.03, begun=partial(_tell, out))
        assert not result.violation
        told.append(out.getvalue())
    assert told[0] == told[1]
    assert told[0].count("\n") > 500
