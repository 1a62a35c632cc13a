"""Running the audit over a real stage: once a day by its schedule, or when the console asks."""

from collections.abc import Callable

from chalicelib import evidence, production
from chalicelib.ledger.audit import SCHEDULE, Evidence, Progress, Report, audit, is_due

# What putting a large audit aside may take.
LEFT_MILLISECONDS = 60_000


def run(tell: Callable[[Progress], bool], *, by: str = SCHEDULE) -> Report | None:
    """Go on with the audit that was put aside, or begin one; None if `tell` said to put it aside."""
    services = production.services()
    read = Evidence(scan=evidence.scan, lines=evidence.lines, dead=evidence.dead, by=by)
    return audit(services, read, evidence.Notes(services.table, services.clock.now), tell=tell)


def run_daily(remaining_milliseconds: Callable[[], int]) -> None:
    """Run today's audit if it is due, as far as the function's time reaches; the next run goes on."""
    services = production.services()
    if is_due(evidence.Notes(services.table, services.clock.now), now=services.clock.now()):
        run(lambda _: remaining_milliseconds() > LEFT_MILLISECONDS)
