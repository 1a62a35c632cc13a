"""What falls due: a line for each intent that waits, by the hour in which its time is over, for the sweep."""

import string
from collections.abc import Iterator, Sequence

from chalicelib.conditions import Clause
from chalicelib.intents.intent import Intent
from chalicelib.refusals import Refusal
from chalicelib.table import Part, Put, Table, absent, update

HOUR_SECONDS = 3_600
KEPT_SECONDS = 7 * 86_400
# Lines of one hour are spread over so many partitions, as one takes a thousand writes a second.
SHARDS = 16
PAGE = 100
_LETTERS = f"{string.ascii_letters}{string.digits}-_"
_MARK = ("D#swept", "0")


def due(intent: Intent) -> Put:
    """The line that the sweep finds an intent by when its time is over."""
    shard = _LETTERS.index(intent.id[-1]) % SHARDS
    item = {
        "PK": _partition(intent.expires_at // HOUR_SECONDS, shard),
        "SK": f"{intent.expires_at:012}#{intent.id}",
        "ttl": intent.expires_at + KEPT_SECONDS,
    }
    return Put(item=item, clauses=(absent(Refusal.ALREADY_SEEN),))


def slices(since: int, until: int, *, seconds: int) -> Iterator[tuple[int, int]]:
    """Cut a span of epoch seconds, both ends included, into slices that lie in one hour each."""
    while since <= until:
        end = min(until, since + seconds - 1, (since // HOUR_SECONDS + 1) * HOUR_SECONDS - 1)
        yield since, end
        since = end + 1


def fallen_due(table: Table, since: int, until: int) -> Iterator[Sequence[str]]:
    """The ids of intents that fell due in a slice, in pages."""
    for shard in range(SHARDS):
        start = f"{since:012}"
        while ids := _page(table, _partition(since // HOUR_SECONDS, shard), start=start, until=until):
            yield [found.partition("#")[2] for found in ids]
            start = f"{ids[-1]}\0"


def swept_until(table: Table) -> int | None:
    """Up to when everything that fell due was expired, in epoch seconds; None before the first sweep."""
    item = table.get(_MARK, consistent=True)
    return int(item["until"]) if item else None


def mark_swept(table: Table, *, until: int) -> None:
    """Remember how far the sweep came; a slower sweep beside it never sets this back."""
    later = Clause(attribute="until", operator="<=", value=until, means=Refusal.STALE, or_absent=True)
    table.update(update(_MARK, Part(clauses=(later,), assign={"until": until})))


def _partition(hour: int, shard: int) -> str:
    return f"D#{hour}#{shard}"


def _page(table: Table, partition: str, *, start: str, until: int) -> list[str]:
    lines = table.query(partition, start=start, limit=PAGE)
    return [line["SK"] for line in lines if int(line["SK"].partition("#")[0]) <= until]
