"""`python -m tests.simulation`: the simulator's command line."""

import argparse
import os
import secrets
import sys
from pathlib import Path

from tests.simulation import clause_mutants, crashpoints, fleet, recording, serializability
from tests.simulation.fleet import Total
from tests.simulation.history import run
from tests.simulation.story import Story
from tests.simulation.world import World

BAR = 30


def main() -> int:
    """Run many histories, or tell one; 1 when something bent."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Look for lost and doubled money.")
    parser.add_argument("--confirms", type=int, default=1_000_000, help="stop after so many typed codes")
    parser.add_argument("--seed", type=int, default=None, help="the first history; drawn if it is not given")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--replay", type=int, metavar="SEED", help="tell one history step by step")
    parser.add_argument("--about", nargs="*", default=[], metavar="WORD", help="only lines that hold one of these")
    parser.add_argument("--crash-points", action="store_true", help="every call of every use case with every fault")
    parser.add_argument("--mutants", type=Path, metavar="FILE", help="drop and weaken each clause; told in a page")
    parser.add_argument("--serializability", type=int, metavar="N", help="record N operations and look for a cycle")
    parser.add_argument("--check", type=Path, metavar="FILE", help="check a history of JSON lines from elsewhere")
    arguments = parser.parse_args()
    if arguments.crash_points:
        return 0 if crashpoints.table(tell=_say) else 1
    if arguments.mutants:
        return _mutants(arguments.mutants, workers=arguments.workers)
    if arguments.serializability:
        return 0 if recording.table(arguments.serializability, tell=_say) else 1
    if arguments.check:
        return _check(arguments.check)
    if arguments.replay is not None:
        return _replay(arguments.replay, arguments.about)
    seed = secrets.randbelow(10**9) if arguments.seed is None else arguments.seed
    total = fleet.sail(seed, confirms=arguments.confirms, workers=arguments.workers, tell=_bar(arguments.confirms))
    return _told(total)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


MUTANTS = """# Mutants of conditions

Every money write and every order states its conditions as clauses. Here each clause is dropped, and each comparison
that has a weaker one is weakened, one at a time, inside the simulator's table; then use cases, crash points and
histories are played until something bends. A mutant that survives would be a condition that no test needs. Where none
can tell it from the original, the reason stands in its place. `make mutants` writes this page, and that of the
[code mutants](code-mutants.md).

"""


def _mutants(page: Path, *, workers: int) -> int:
    """Judge all mutants; the page is written anew, the sum is said."""
    lines: list[str] = []
    fine = clause_mutants.table(workers=workers, tell=lines.append)
    page.write_text(MUTANTS + "\n".join(line for line in lines if not line.startswith("in ")) + "\n", encoding="utf-8")
    _say("".join(f"{line.strip()}\n" for line in lines[-2:]) + f"{page} is written.")
    return 0 if fine else 1


def _check(file: Path) -> int:
    """Whether somebody's recorded history is strictly serializable."""
    with file.open(encoding="utf-8") as lines:
        history = serializability.from_lines(lines)
    findings = serializability.check(history)
    for finding in findings:
        _say(f"{finding.kind}: {finding.words}")
    _say(f"{len(history):,} operations, {len(findings)} findings")
    return 1 if findings else 0


def _replay(seed: int, about: list[str]) -> int:
    result = run(seed, begun=lambda world: _begin(world, about))
    sys.stdout.write(f"{f'VIOLATION: {result.violation}' if result.violation else 'nothing bent'}, seed {seed}\n")
    return 1 if result.violation else 0


def _begin(world: World, about: list[str]) -> None:
    Story(world, sys.stdout, about=about)


class _bar:  # noqa: N801  # it is called like a function
    """A progress bar where there is a terminal."""

    def __init__(self, confirms: int) -> None:
        self._confirms = confirms

    def __call__(self, total: Total) -> None:
        if not sys.stderr.isatty():
            return
        share = min(1.0, total.confirms / self._confirms)
        bar = ("█" * int(BAR * share)).ljust(BAR, "·")
        rate = total.confirms / max(total.seconds, 0.001)
        end = "\n" if share == 1.0 else ""
        sys.stderr.write(f"\r{bar} {100 * share:3.0f} %  {total.confirms:,} confirms  {rate:,.0f}/s{end}")
        sys.stderr.flush()


def _told(total: Total) -> int:
    counted, faults = total.counted, total.faults
    days, rate = total.virtual_seconds / 86_400, total.confirms / total.seconds
    lines = [
        f"histories   {total.histories:,} from seed {total.first_seed}, {days:,.1f} days of their time",
        f"confirms    {total.confirms:,} codes typed, {counted['paid']:,} payments made; {rate:,.0f} a second",
        f"steps       {total.steps:,}, {total.steps / total.seconds:,.0f} a second, in {total.seconds:.0f} s",
        f"faults      {faults.total():,}: {_list(faults)}",
        f"orders      {_list(counted, 'order_')}",
        f"answers     {_list(counted, 'confirm_')}",
        f"reversals   {_list(counted, 'reversal_')}",
        f"use cases   {_list(counted, 'script_')}",
        f"close calls {_list(counted, 'attempts_')}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    for result in total.violations:
        sys.stdout.write(f"VIOLATION after {result.at_seconds:.3f} s of seed {result.seed}: {result.violation}\n")
        sys.stdout.write(f"  tell it:  python -m tests.simulation --replay {result.seed}\n")
    bent = f"{len(total.violations)} VIOLATIONS" if total.violations else "OK: nothing bent"
    sys.stdout.write(f"{bent} in {total.confirms:,} confirms with {faults.total():,} faults, seed {total.first_seed}\n")
    return 1 if total.violations else 0


def _list(counted: "dict[str, int]", prefix: str = "") -> str:
    names = sorted((name for name in counted if name.startswith(prefix)), key=lambda name: -counted[name])
    return ", ".join(f"{name.removeprefix(prefix)} {counted[name]:,}" for name in names)


if __name__ == "__main__":
    sys.exit(main())
