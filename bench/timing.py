"""Measuring on a machine that others use too: side by side, in turns, and told by percentiles."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Clock = Callable[[], int]


@dataclass(frozen=True)
class Samples:
    """What was measured, in milliseconds."""

    ms: tuple[float, ...]

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.ms)

    @property
    def spread(self) -> tuple[float, float]:
        """The 10th and the 90th percentile."""
        return spread(self.ms)


def spread(values: Sequence[float]) -> tuple[float, float]:
    """The 10th and the 90th percentile."""
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    return tenths[0], tenths[-1]


def timed(work: Callable[[], object], *, clock: Clock = time.perf_counter_ns) -> float:
    """How long one call takes by a clock, in milliseconds."""
    began = clock()
    work()
    return (clock() - began) / 1e6


def each(works: Sequence[Callable[[], object]], *, warm_up: int, clock: Clock) -> Samples:
    """Time each call once; the first ones only warm up."""
    for work in works[:warm_up]:
        work()
    return Samples(tuple(timed(work, clock=clock) for work in works[warm_up:]))


def in_turns(rounds: Sequence[Sequence[Callable[[], object]]]) -> tuple[Samples, ...]:
    """Time the calls of each round right after one another, another one first each time; samples of each place."""
    taken: list[list[float]] = [[] for _ in rounds[0]]
    for turn, works in enumerate(rounds):
        for step in range(len(works)):
            place = (turn + step) % len(works)
            taken[place].append(timed(works[place]))
    return tuple(Samples(tuple(ms)) for ms in taken)


def ratios(above: Samples, below: Samples) -> tuple[float, tuple[float, float]]:
    """The ratio of two medians, and the spread of the ratios round by round."""
    by_round = [one / other for one, other in zip(above.ms, below.ms, strict=True)]
    return above.p50 / below.p50, spread(by_round)
