"""What falls due: a line for each intent and claim that waits, by the hour in which its time is over, for the sweep.

A line names an intent by its id, a claim as `C#<id>`, an identity that was linked as `L#<network>#<page>#<user>`.
"""

import string
from collections.abc import Iterator, Sequence

from chalicelib.conditions import Clause
from chalicelib.intents.intent import Intent
from chalicelib.ledger.claim import Claim
from chalicelib.link import identifier
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
    return line(intent.id, shard_by=intent.id, at=intent.expires_at)


def claim_due(claim: Claim) -> Put:
    """The line that the sweep finds a claim by when its time is over."""
    return line(f"C#{claim.id}", shard_by=claim.id, at=claim.expires_at)


def claim_asked(claim: Claim, *, now: int) -> Put:
    """The line that makes the sweep look at a claim now."""
    return line(f"C#{claim.id}", shard_by=claim.id, at=now)


def identity_linked(identity: str, *, now: int) -> Put:
    """The line that makes the sweep look at every claim for an identity now."""
    return line(f"L#{identity}", shard_by=identifier(identity), at=now)


def line(name: str, *, shard_by: str, at: int) -> Put:
    """The line that the sweep finds something by at a time; `shard_by` is an id."""
    shard = _LETTERS.index(shard_by[-1]) % SHARDS
    item = {
        "PK": _partition(at // HOUR_SECONDS, shard),
        "SK": f"{at:012}#{name}",
        "ttl": at + KEPT_SECONDS,
    }
    return Put(item=item, clauses=(absent(Refusal.ALREADY_SEEN),))


def slices(since: int, until: int, *, seconds: int) -> Iterator[tuple[int, int]]:
    """Cut a span of epoch seconds, both ends included, into slices that lie in one hour each."""
    while since <= until:
        end = min(until, since + seconds - 1, (since // HOUR_SECONDS + 1) * HOUR_SECONDS - 1)
        yield since, end
        since = end + 1


def fallen_due(table: Table, since: int, until: int) -> Iterator[Sequence[str]]:
    """What fell due in a slice, as its lines name it, in pages."""
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
