"""The audit: reads the whole table and the day's log lines, and proves the books or names what disagrees.

It may stop between any two pages and go on later. Only what is older than fifteen minutes is judged.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Protocol

from chalicelib.conditions import Item
from chalicelib.ledger.books import Tally
from chalicelib.services import Services
from chalicelib.table import Key, account_key
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count
from chalicelib.telemetry.outcomes import ALLOWED_SECONDS, Outcomes, ids

SETTLED_SECONDS = 900
DAY_SECONDS = 86_400
# A scan is not isolated from transactions: those that an account was read with are all there a moment later.
SETTLING_SECONDS = 1
# What an audit that is killed loses.
SAVED_SECONDS = 120
SCHEDULE = "schedule"
TOLD_FAULTS = 100
OUTCOMES = ("order", "dropped", "revoked", "asked_to_join")


class Scan(Protocol):
    """Pages of the whole table."""

    def __call__(self, start: Key | None, *, consistent: bool = False) -> tuple[Sequence[Item], Key | None]:
        """One page, and where the next one starts."""


class Lines(Protocol):
    """Log lines of a function that hold a term."""

    def __call__(self, function: str, term: str, *, since: int, until: int) -> Iterable[str]:
        """Read them; `""` is the API's function, times are epoch seconds."""


class Notes(Protocol):
    """Where an unfinished audit is put aside, and reports are kept."""

    def load(self) -> dict[str, Any] | None:
        """What was put aside."""

    def save(self, state: dict[str, Any]) -> None:
        """Put a state aside."""

    def clear(self) -> None:
        """Forget what was put aside."""

    def file(self, report: dict[str, Any]) -> None:
        """Keep a report."""

    def last_report(self, *, by: str = "") -> dict[str, Any] | None:
        """The newest report, or the newest of those that somebody made."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the audit reads, and by whom it is asked to."""

    scan: Scan
    lines: Lines
    dead: Callable[[], int]
    by: str = SCHEDULE


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an audit found; times in epoch seconds, sums in minor units. `clean` if nothing disagrees.

    `dead` names messages that are among the inbox's dead letters, as far as their number explains it: their outcome is
    yet to come, and the next audit looks for it. `late_payouts` counts what waits for the bank for too long: no fault.
    """

    started_at: int
    finished_at: int
    judged_until: int
    accounts: int
    transfers: int
    orders: dict[str, int]
    sum_minor: dict[str, int]
    moving: tuple[str, ...]
    messages: int
    late_payouts: int
    dead: tuple[str, ...]
    faults: tuple[str, ...]
    fault_count: int

    @property
    def clean(self) -> bool:
        """Whether nothing disagrees."""
        return not self.fault_count


@dataclass(kw_only=True)
class Progress:
    """How far an audit came."""

    started_at: int
    tally: Tally
    outcomes: Outcomes
    start: Key | None = None
    items: int = 0
    phases: list[str] = field(default_factory=lambda: ["table", "moving", "again", "messages"])


def is_due(notes: Notes, *, now: int, hour: int = 3) -> bool:
    """Whether today's audit (UTC) is to start or to go on; only the schedule's own are counted for its alarms."""
    start = now // DAY_SECONDS * DAY_SECONDS + hour * 3_600
    before = notes.last_report(by=SCHEDULE)
    return notes.load() is not None or (now >= start and (before is None or before["started_at"] < start))


def audit(
    services: Services, evidence: Evidence, notes: Notes, *, tell: Callable[[Progress], bool] = lambda _: True
) -> Report | None:
    """Go on with the audit that was put aside, or begin one; the report when it is finished, else None.

    `tell` hears of the progress after each page; when it says False, the audit is put aside. Raises Unavailable, with
    what was done so far put aside.
    """
    progress, clock = _begun(services, notes), services.clock
    saved_at = clock.monotonic()
    while progress.phases:
        try:
            take = _read(services, evidence, progress)
        except BaseException:
            notes.save(asdict(progress))
            raise
        take()  # from what was read alone: a step is taken whole or not at all
        if progress.phases and not tell(progress):
            notes.save(asdict(progress))
            return None
        if clock.monotonic() - saved_at > SAVED_SECONDS:
            notes.save(asdict(progress))
            saved_at = clock.monotonic()
    report = _report(progress, dead=evidence.dead(), now=clock.now())
    notes.file(asdict(report) | {"clean": report.clean, "by": evidence.by})
    notes.clear()
    _measure(report)
    return report


def _begun(services: Services, notes: Notes) -> Progress:
    state = notes.load()
    if state is None:
        now = services.clock.now()
        before = notes.last_report() or {"judged_until": now - DAY_SECONDS, "dead": []}
        outcomes = Outcomes(until=before["judged_until"], missing=list(before["dead"]))
        payouts_due = now - services.programme.claims.payout_seconds
        tally = Tally(cutoff=now - SETTLED_SECONDS, payouts_due=payouts_due)
        return Progress(started_at=now, tally=tally, outcomes=outcomes)
    tally, outcomes = Tally(**state.pop("tally")), Outcomes(**state.pop("outcomes"))
    start = (state["start"][0], state["start"][1]) if state["start"] else None
    return Progress(**{**state, "start": start}, tally=tally, outcomes=outcomes)


def _read(services: Services, evidence: Evidence, progress: Progress) -> Callable[[], None]:
    """Read what the next step needs, changing nothing; what comes back takes the step."""
    if progress.phases[0] == "messages":
        return _window(evidence, progress)
    if progress.phases[0] == "moving":
        return _moving(services, progress)
    items, start = evidence.scan(progress.start, consistent=progress.phases[0] == "again")
    return partial(_page, progress, items, start)


def _moving(services: Services, progress: Progress) -> Callable[[], None]:
    """Accounts that moved, read once more before the legs since the cutoff are: then none of theirs is missed."""
    moving = progress.tally.books().moving
    items = {name: services.table.get(account_key(name), consistent=True) for name in moving}
    if moving:
        services.clock.sleep(SETTLING_SECONDS)

    def take() -> None:
        progress.phases = ["again", "messages"] if moving else ["messages"]
        progress.tally.reread({name: item for name, item in items.items() if item})

    return take


def _page(progress: Progress, items: Sequence[Item], start: Key | None) -> None:
    for item in items:
        progress.tally.add(item)
    progress.items += len(items)
    progress.start = start
    if start is None:
        progress.phases.pop(0)


def _window(evidence: Evidence, progress: Progress) -> Callable[[], None]:
    """The next minutes of messages."""
    window = next(progress.outcomes.windows(progress.tally.cutoff), None)
    if window is None:
        return progress.phases.clear
    since, until = window
    queued = list(ids(evidence.lines("", "queued", since=since, until=until), "queued"))
    read = evidence.lines("read_orders", "correlation_id", since=since, until=until + ALLOWED_SECONDS)
    return partial(progress.outcomes.take, window, queued=queued, settled=list(ids(read, *OUTCOMES)))


def _report(progress: Progress, *, dead: int, now: int) -> Report:
    books = progress.tally.books()
    missing = progress.outcomes.missing
    lost = missing if len(missing) > dead else []
    unequal = [f"{currency}: holders and bank sum to {total}" for currency, total in books.sum_minor.items() if total]
    faults = [*books.faults, *unequal, *(f"{event}: was answered 200 and has no outcome" for event in lost)]
    return Report(
        started_at=progress.started_at,
        finished_at=now,
        judged_until=progress.tally.cutoff,
        accounts=len(progress.tally.accounts),
        transfers=books.transfers,
        orders=dict(sorted(progress.tally.orders.items())),
        sum_minor=books.sum_minor,
        moving=books.moving,
        messages=progress.outcomes.queued,
        late_payouts=progress.tally.late_payouts,
        dead=() if lost else tuple(missing),
        faults=tuple(faults[:TOLD_FAULTS]),
        fault_count=len(faults),
    )


def _measure(report: Report) -> None:
    count("AuditsFinished")
    for _ in range(min(report.fault_count, TOLD_FAULTS)):
        count("AuditFaults")
    for _ in range(report.late_payouts):
        count("PayoutsWaiting")
    tell = LOG.info if report.clean else LOG.error
    tell("audit", extra={"faults": report.fault_count, "accounts": report.accounts, "transfers": report.transfers})
