"""The sweep: what nobody answered in time expires, and held money goes where it belongs; both sides are told.

Run every minute, and safe to run twice.
"""

from collections.abc import Iterable, Sequence

from chalicelib.intents import claiming, due
from chalicelib.intents.intent import expire
from chalicelib.retry import change
from chalicelib.services import Services
from chalicelib.table import Rejection, intent_key, update
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count

# An order that is read in the last minute of its day is listed a moment after its time; the audit finds any later one.
LAG_SECONDS = 120
# Before there is a mark: intents live for a day.
FIRST_SECONDS = 25 * 3_600
# The mark moves after each slice, so that a sweep that is behind gets on, however much falls due.
SLICE_SECONDS = 60
RUN_SECONDS = 40


def sweep(services: Services) -> int:
    """Expire every intent that is due and still waits, and settle every claim; returns how many there were.

    Stops after forty seconds and goes on from there the next time. Raises Unavailable when the table is down.
    """
    now = services.clock.now()
    stop_at = services.clock.monotonic() + RUN_SECONDS
    expired = 0
    for since, until in _slices(due.swept_until(services.table), now):
        for names in due.fallen_due(services.table, since, until):
            expired += _carried_out(services, names)
            if services.clock.monotonic() > stop_at:
                LOG.warning("the sweep is behind", extra={"behind_seconds": now - since, "expired": expired})
                return expired
        due.mark_swept(services.table, until=until)
    count("SweepsFinished")
    return expired


def _carried_out(services: Services, names: Sequence[str]) -> int:
    """Intents first: none of them waits for what a claim's accounts hold up."""
    intents = [name for name in names if "#" not in name]
    expired = sum(expire_due(services, intent) for intent in _waiting(services, intents))
    return expired + sum(claiming.look(services, name) for name in names if "#" in name)


def expire_due(services: Services, intent: str) -> bool:
    """Expire one intent if it still waits and its time is over; whoever confirms or cancels first wins."""
    part = expire(now=services.clock.now())
    changed = change(services.table, update(intent_key(intent), part), clock=services.clock)
    if isinstance(changed, Rejection):
        return False
    count("IntentsExpired")
    LOG.info("expired", extra={"intent_id": intent, "correlation_id": changed.get("correlation_id")})
    return True


def _waiting(services: Services, ids: Sequence[str]) -> Sequence[str]:
    """Those that still wait: reading costs half a unit, a refused write a whole one, and most were paid."""
    items = services.table.get_many([intent_key(intent) for intent in ids]) if ids else {}
    return [key[0].removeprefix("T#") for key, item in items.items() if item["status"] == "pending"]


def _slices(swept: int | None, now: int) -> Iterable[tuple[int, int]]:
    if swept is None:
        return due.slices(now - FIRST_SECONDS, now, seconds=due.HOUR_SECONDS)
    return (
        *due.slices(swept - LAG_SECONDS, swept, seconds=due.HOUR_SECONDS),
        *due.slices(swept + 1, now, seconds=SLICE_SECONDS),
    )
