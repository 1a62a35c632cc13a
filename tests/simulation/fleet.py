"""Many histories on every core, until enough codes were typed or something bent."""

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field

from tests.simulation.history import Result, run

# Histories that a worker runs between two words to the others.
CHUNK = 5


@dataclass
class Total:
    """What a run of many histories adds up to."""

    first_seed: int
    histories: int = 0
    seconds: float = 0.0
    steps: int = 0
    virtual_seconds: float = 0.0
    counted: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[Result] = field(default_factory=list)

    @property
    def confirms(self) -> int:
        """How often a code was typed."""
        return self.counted["confirms"]

    def add(self, result: Result) -> None:
        """Count one history in."""
        self.histories += 1
        self.steps += result.steps
        self.virtual_seconds += result.at_seconds
        self.counted.update(result.counted)
        self.faults.update(result.faults)
        if result.violation:
            self.violations.append(result)


def sail(first_seed: int, *, confirms: int, workers: int, tell: Callable[[Total], None] = lambda _: None) -> Total:
    """Run histories from this seed on, until so many codes were typed or a history ended in a violation."""
    total, began = Total(first_seed), time.monotonic()
    chunks = _chunks(first_seed)
    with ProcessPoolExecutor(workers, initializer=_begin) as pool:
        under_way: set[Future[list[Result]]] = {pool.submit(_run, next(chunks)) for _ in range(2 * workers)}
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                for result in future.result():
                    total.add(result)
                if total.confirms < confirms and not total.violations:
                    under_way.add(pool.submit(_run, next(chunks)))
            total.seconds = time.monotonic() - began
            tell(total)
    return total


def _begin() -> None:
    """Leave out of every collection what a worker has loaded, and collect between histories alone."""
    gc.disable()
    gc.collect()
    gc.freeze()


def _run(seeds: range) -> list[Result]:
    """A worker's turn."""
    results = []
    for seed in seeds:
        results.append(run(seed))
        gc.collect()
    return results


def _chunks(first_seed: int) -> Iterator[range]:
    while True:
        yield range(first_seed, first_seed + CHUNK)
        first_seed += CHUNK
