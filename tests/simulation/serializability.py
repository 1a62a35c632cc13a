"""Whether a recorded history of transfers and looks is strictly serializable.

That is: one order of its operations explains what each saw and wrote, and none comes before one that had returned
before it was called.
Elle and Porcupine must search for the order of versions. Here every account's `seq` is that order, so that the graph of
what must come before what is known, and a cycle in it is the proof (Adya, "Weak Consistency", 1999): the writer of a
version comes before the writer of the next one and before its readers, who come before the writer of the next; and who
had returned comes before who was called later.

A history may come from a file of JSON lines (`from_lines`), one operation a line:

    {"process": "alice", "called_at": 3.25, "returned_at": 3.5, "reads": [], "writes": [["alice", 7, 990], …]}

Times are seconds of one clock; `returned_at` is null where no answer came. `writes` names each account that the
operation changed, its `seq` and its balance in minor units afterwards; `reads` what it saw, all in one moment: reads of
different moments are different operations. `brings_minor` is money from outside, 0 if it is left out.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from tests.simulation.order import Graph

NEVER = float("inf")


class Version(NamedTuple):
    """An account with its `seq` and the balance that it had then."""

    account: str
    seq: int
    balance_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One transfer, or one look at some accounts in one moment; `returned_at` is NEVER where no answer came."""

    process: str
    called_at: float
    returned_at: float = NEVER
    reads: tuple[Version, ...] = ()
    writes: tuple[Version, ...] = ()
    brings_minor: int = 0

    def __str__(self) -> str:
        """What it did, as a finding names it."""
        done = [f"{sign} {each.account}@{each.seq}" for sign, some in self._done() for each in some]
        return f"{self.process} at {self.called_at:g} ({', '.join(done)})"

    def _done(self) -> Iterator[tuple[str, Sequence[Version]]]:
        yield "read", self.reads
        yield "wrote", self.writes


@dataclass(frozen=True)
class Finding:
    """One thing that no order explains: `gap`, `duplicate`, `unknown`, `balance`, `money` or `cycle`, and in words."""

    kind: str
    words: str


def check(history: Sequence[Operation], *, between_reads: bool = True) -> list[Finding]:
    """Everything that no order explains; nothing where the history is strictly serializable.

    Without `between_reads`, a look that returned before another one began need not come before it, unless both saw one
    account: DynamoDB changes the items of a transaction one after the other, so two looks may see one side of a
    transfer each.
    """
    written, findings = _written(history)
    findings += [*_gaps(written), *_seen(history, written), *_money(history, written)]
    if any(finding.kind in ("gap", "duplicate") for finding in findings):
        return findings  # there is no order of versions
    graph = Graph(len(history))
    _add_versions(graph, history, written)
    _add_time(graph, history, between_reads=between_reads)
    cycle = graph.cycle()
    if cycle:
        findings.append(Finding("cycle", " → ".join(str(history[place]) for place in cycle)))
    return findings


def from_lines(lines: Iterable[str]) -> list[Operation]:
    """Read a history from JSON lines; raises KeyError, TypeError or ValueError for anything else."""
    return [_from_line(json.loads(line)) for line in lines if line.strip()]


def to_line(operation: Operation) -> str:
    """One operation as its line."""
    fields = {name: getattr(operation, name) for name in Operation.__slots__}
    return json.dumps({**fields, "returned_at": None if operation.returned_at == NEVER else operation.returned_at})


def _from_line(fields: dict[str, Any]) -> Operation:
    """Unknown fields are a TypeError, missing ones a KeyError."""
    for name in ("reads", "writes"):
        fields[name] = tuple(Version(*each) for each in fields.get(name, ()))
    if fields["returned_at"] is None:
        fields["returned_at"] = NEVER
    return Operation(**fields)


# For each account and seq, which operation wrote it and the balance that it left.
Written = dict[str, dict[int, tuple[int, int]]]


def _written(history: Sequence[Operation]) -> tuple[Written, list[Finding]]:
    written: Written = defaultdict(dict)
    findings = []
    for place, operation in enumerate(history):
        for account, seq, balance_minor in operation.writes:
            other = written[account].setdefault(seq, (place, balance_minor))[0]
            if other != place:
                findings.append(Finding("duplicate", f"{account}@{seq}: {history[other]} and {operation}"))
    return written, findings


def _gaps(written: Written) -> Iterator[Finding]:
    """Versions that nobody wrote, between those that somebody did."""
    for account, versions in written.items():
        for before, after in pairwise(sorted(versions)):
            if after != before + 1:
                yield Finding("gap", f"{account}: {after} follows {before}")


def _seen(history: Sequence[Operation], written: Written) -> Iterator[Finding]:
    """Reads of what nobody wrote: only what was there before the history began needs no writer."""
    first: dict[tuple[str, int], int] = {}
    unmoved: dict[str, int] = {}
    for operation in history:
        for account, seq, balance_minor in operation.reads:
            versions = written.get(account, {})
            if seq in versions:
                left_minor = versions[seq][1]
            elif seq + 1 in versions or (not versions and seq == unmoved.setdefault(account, seq)):
                left_minor = first.setdefault((account, seq), balance_minor)
            else:
                yield Finding("unknown", f"{operation}: nobody wrote {account}@{seq}")
                continue
            if left_minor != balance_minor:
                yield Finding("balance", f"{operation}: {account}@{seq} held {left_minor}, not {balance_minor}")


def _money(history: Sequence[Operation], written: Written) -> Iterator[Finding]:
    """What a transfer takes from one side it gives to the other, as far as the versions before are known."""
    for operation in history:
        before = [written[account].get(seq - 1) for account, seq, _ in operation.writes]
        if not operation.writes or None in before:
            continue
        moved = sum(each.balance_minor for each in operation.writes) - sum(known[1] for known in before if known)
        if moved != operation.brings_minor:
            yield Finding("money", f"{operation}: made {moved - operation.brings_minor} out of nothing")


def _add_versions(graph: Graph, history: Sequence[Operation], written: Written) -> None:
    """A version's writer before the next one's; its readers between the two."""
    for versions in written.values():
        for seq, (place, _) in versions.items():
            if seq + 1 in versions:
                graph.add(place, versions[seq + 1][0])
    for place, operation in enumerate(history):
        for account, seq, _ in operation.reads:
            versions = written.get(account, {})
            if seq in versions and versions[seq][0] != place:
                graph.add(versions[seq][0], place)
            if seq + 1 in versions and versions[seq + 1][0] != place:
                graph.add(place, versions[seq + 1][0])


def _add_time(graph: Graph, history: Sequence[Operation], *, between_reads: bool) -> None:
    """Who had returned before who was called later: by one sweep over the times, through nodes of the sweep itself."""
    everybody = range(len(history))
    if between_reads:
        graph.add_times(history, before=everybody, after=everybody)
        return
    writers = [place for place in everybody if history[place].writes]
    graph.add_times(history, before=writers, after=everybody)
    graph.add_times(history, before=everybody, after=writers)
    readers: dict[str, list[int]] = defaultdict(list)
    for place in everybody:
        for account, _, _ in history[place].reads:
            readers[account].append(place)
    for places in readers.values():
        graph.add_times(history, before=places, after=places)
