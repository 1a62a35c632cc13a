"""Reading an account's entries: all, the newest, up to a time, of a span of time."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import takewhile

from chalicelib.ledger.entry import Entry, entry_key, from_item
from chalicelib.table import Table

PAGE = 200


class Gap(LookupError):
    """An entry that must be there is not; `console journal rebuild` makes it from the transfers."""


def read(table: Table, account: str, *, start: int = 1) -> Iterator[Entry]:
    """The entries of an account or a sub-balance from a `seq` on, in order; raises Gap where one is missing."""
    partition, wanted = entry_key(account, 0)[0], start
    while page := table.query(partition, start=entry_key(account, wanted)[1], limit=PAGE):
        for entry in map(from_item, page):
            if entry.seq != wanted:
                raise Gap(f"{account}: entry {wanted} is missing")
            yield entry
            wanted += 1


def last(table: Table, account: str) -> Entry | None:
    """The newest entry of an account or a sub-balance, a moment behind its balance; None if it never moved."""
    newest = table.query(entry_key(account, 0)[0], limit=1, newest_first=True)
    return from_item(newest[0]) if newest else None


def newest(table: Table, account: str, *, limit: int) -> Sequence[Entry]:
    """The last entries of an account or a sub-balance, newest first, a moment behind its balance."""
    return [from_item(item) for item in table.query(entry_key(account, 0)[0], limit=limit, newest_first=True)]


def last_until(table: Table, account: str, *, until_micros: int) -> Entry | None:
    """The newest entry that is not later than an instant: the balance as of that time; None before the first.

    Found by halves: some ten reads among a thousand entries. Raises Gap where one is missing.
    """
    newest = last(table, account)
    if newest is None or newest.moved_micros <= until_micros:
        return newest
    place = bisect_right(range(1, newest.seq), until_micros, key=lambda seq: _must(table, account, seq).moved_micros)
    return _must(table, account, place) if place else None


def between(table: Table, account: str, *, since_micros: int, until_micros: int) -> Sequence[Entry]:
    """The entries from an instant on and before another, after the newest one from before them, if there is one."""
    before = last_until(table, account, until_micros=since_micros - 1)
    following = read(table, account, start=before.seq if before else 1)
    return list(takewhile(lambda entry: entry.moved_micros < until_micros, following))


def _must(table: Table, account: str, seq: int) -> Entry:
    item = table.get(entry_key(account, seq), consistent=True)
    if item is None:
        raise Gap(f"{account}: entry {seq} is missing")
    return from_item(item)
