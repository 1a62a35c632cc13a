"""The audit: reads the whole table and the day's log lines, and proves the books or names what disagrees.

It may stop between any two pages and go on later. Only what is older than fifteen minutes is judged.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
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
TOLD_FAULTS = 100
OUTCOMES = ("order", "dropped", "revoked")


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

    def last_report(self) -> dict[str, Any] | None:
        """The newest report."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the audit reads."""

    scan: Callable[[Key | None], tuple[Sequence[Item], Key | None]]
    lines: Lines
    unread: Callable[[], int]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an audit found; times in epoch seconds, sums in minor units. `clean` if nothing disagrees.

    `unread` counts messages that wait in the inbox or in its dead letters: they have an outcome yet to come.
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
    unread: int
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
    phases: list[str] = field(default_factory=lambda: ["table", "again", "messages"])


def is_due(notes: Notes, *, now: int, hour: int = 3) -> bool:
    """Whether today's audit (UTC) is to start or to go on."""
    start = now // DAY_SECONDS * DAY_SECONDS + hour * 3_600
    before = notes.last_report()
    return notes.load() is not None or (now >= start and (before is None or before["started_at"] < start))


def audit(
    services: Services, evidence: Evidence, notes: Notes, *, tell: Callable[[Progress], bool] = lambda _: True
) -> Report | None:
    """Go on with the audit that was put aside, or begin one; the report when it is finished, else None.

    `tell` hears of the progress after each page; when it says False, the audit is put aside. Raises Unavailable, with
    what was done so far put aside.
    """
    progress = _begun(services, notes)
    while progress.phases:
        try:
            _step(services, evidence, progress)
        except BaseException:
            notes.save(_state(progress))
            raise
        if progress.phases and not tell(progress):
            notes.save(_state(progress))
            return None
    report = _report(progress, unread=evidence.unread(), now=services.clock.now())
    notes.file(asdict(report) | {"clean": report.clean})
    notes.clear()
    _measure(report)
    return report


def _begun(services: Services, notes: Notes) -> Progress:
    state = notes.load()
    if state is None:
        now = services.clock.now()
        before = notes.last_report()
        since = before["judged_until"] if before else now - DAY_SECONDS
        tally, outcomes = Tally(cutoff=now - SETTLED_SECONDS), Outcomes(until=since)
        return Progress(started_at=now, tally=tally, outcomes=outcomes)
    tally, outcomes = Tally(**state.pop("tally")), Outcomes(**state.pop("outcomes"))
    start = (state["start"][0], state["start"][1]) if state["start"] else None
    return Progress(**{**state, "start": start}, tally=tally, outcomes=outcomes)


def _state(progress: Progress) -> dict[str, Any]:
    return asdict(progress)


def _step(services: Services, evidence: Evidence, progress: Progress) -> None:
    """One page of the table, or one hour of messages."""
    if progress.phases[0] == "messages":
        _hour(evidence, progress)
        return
    items, progress.start = evidence.scan(progress.start)
    for item in items:
        progress.tally.add(item)
    progress.items += len(items)
    if progress.start is None:
        progress.phases.pop(0)
        if progress.phases[0] == "again":
            _again(services, progress)


def _again(services: Services, progress: Progress) -> None:
    """Read accounts that moved once more, before the legs since the cutoff are: then none of theirs is missed."""
    moving = progress.tally.books().moving
    found = ((name, services.table.get(account_key(name), consistent=True)) for name in moving)
    progress.tally.reread({name: item for name, item in found if item})
    if not moving:
        progress.phases.remove("again")


def _hour(evidence: Evidence, progress: Progress) -> None:
    window = next(progress.outcomes.windows(progress.tally.cutoff), None)
    if window is None:
        progress.phases.pop(0)
        return
    since, until = window
    progress.outcomes.take(
        window,
        queued=ids(evidence.lines("", "queued", since=since, until=until), "queued"),
        settled=ids(
            evidence.lines("read_orders", "correlation_id", since=since, until=until + ALLOWED_SECONDS), *OUTCOMES
        ),
    )


def _report(progress: Progress, *, unread: int, now: int) -> Report:
    books = progress.tally.books()
    missing = progress.outcomes.missing
    lost = missing if len(missing) > unread else []
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
        unread=unread,
        faults=tuple(faults[:TOLD_FAULTS]),
        fault_count=len(faults),
    )


def _measure(report: Report) -> None:
    count("AuditsFinished")
    for _ in range(min(report.fault_count, TOLD_FAULTS)):
        count("AuditFaults")
    tell = LOG.info if report.clean else LOG.error
    tell("audit", extra={"faults": report.fault_count, "accounts": report.accounts, "transfers": report.transfers})
