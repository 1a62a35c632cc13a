"""`python -m bench`: measure everything, show each figure as it comes, write bench/results.json and the plots."""

import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import capacity, chart, comparison, handlers, hot, hot_chart, imports, rates, results, webhooks
from bench.aws import local_aws
from bench.doubles import unheard
from bench.results import Result

ROOT = Path(__file__).resolve().parent.parent
JSON, SVG, HOT_SVG = ROOT / "bench" / "results.json", ROOT / "docs" / "bench.svg", ROOT / "docs" / "hot.svg"
COMPARED = ROOT / "bench" / "comparison.json"
Measure = Callable[[], Sequence[Result]]


def main() -> int:
    """Measure in order; 0 when everything was measured, whether or not its goal is met."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped then too
    began = time.monotonic()
    found = [
        *_step("capacity units and round trips", capacity.measure),
        *_step("CPU of the handlers", handlers.measure),
        *_step(f"CPU of imports, the least of {imports.RUNS} runs", imports.measure),
    ]
    found += _step("a hot payee in virtual time", hot.promised)
    hot_chart.write(hot.everything(), HOT_SVG)
    print("starting a local AWS...", flush=True)
    with local_aws() as (stack, home):
        found += _step("placing and confirming beside bare AWS calls", lambda: rates.measure(stack))
        print("beside the usual ways to move money, on this endpoint...", flush=True)
        with unheard():
            rows = comparison.measure(stack)
        comparison.tell(rows, COMPARED)
        found += _step("webhook beside bare routes", lambda: webhooks.measure(stack, home))
    results.write(found, JSON)
    chart.write(found, SVG)
    missed = [result for result in found if not result.ok]
    print(f"{len(found)} figures in {time.monotonic() - began:.0f} s; {len(missed)} miss their goal.")
    for result in missed:
        print(result.line())
    print(f"{JSON.relative_to(ROOT)} and {SVG.relative_to(ROOT)}, {HOT_SVG.relative_to(ROOT)} are written.")
    return 0


def _step(what: str, measure: Measure) -> Sequence[Result]:
    print(f"{what}...", flush=True)
    with unheard():
        found = measure()
    for result in found:
        print(result.line(), flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
