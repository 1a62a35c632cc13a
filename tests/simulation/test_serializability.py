"""The check of serializability finds each anomaly that is planted, and none where histories are sound."""

import time
from collections.abc import Sequence
from contextlib import suppress
from random import Random

import pytest

from chalicelib.conditions import Item
from chalicelib.table import Key
from tests.simulation.recording import recorded
from tests.simulation.scheduler import Violation
from tests.simulation.serializability import NEVER, Operation, Version, check, from_lines, to_line
from tests.simulation.table import SimTable

ACCOUNTS = 40


def serial(operations: int, *, seed: int = 1) -> list[Operation]:
    """A sound history: transfers and looks at two accounts, overlapping, each done at one moment of its time."""
    random = Random(seed)
    held = {f"a{number}": (0, 1_000) for number in range(ACCOUNTS)}
    return [_done(random, held, moment) for moment in range(operations)]


def _done(random: Random, held: dict[str, tuple[int, int]], moment: int) -> Operation:
    names, transfer = random.sample(sorted(held), 2), random.random() < 0.5
    for name, amount_minor in zip(names, (-5, 5), strict=True) if transfer else ():
        held[name] = held[name][0] + 1, held[name][1] + amount_minor
    seen = tuple(Version(name, *held[name]) for name in names)
    return Operation(
        process=f"p{moment % 7}",
        called_at=moment - 3 * random.random(),
        returned_at=NEVER if random.random() < 0.01 else moment + 3 * random.random(),
        reads=() if transfer else seen,
        writes=seen if transfer else (),
    )


def did(at: float, *, reads: Sequence[Version] = (), writes: Sequence[Version] = (), until: float = 0) -> Operation:
    """An operation of one second, or until a time."""
    return Operation(
        process=f"p{at:g}", called_at=at, returned_at=until or at + 1, reads=tuple(reads), writes=tuple(writes)
    )


def v(account: str, seq: int, balance_minor: int = 0) -> Version:
    """A version; its balance matters to few tests."""
    return Version(account, seq, balance_minor)


# Each is unsound in one way; the transfers move nothing but where money is the point.
ANOMALIES: dict[str, tuple[str, list[Operation]]] = {
    "a lost update: two transfers made of the same version": (
        "duplicate",
        [did(0, writes=[v("a", 1), v("b", 1)]), did(0, writes=[v("a", 1), v("c", 1)])],
    ),
    "a version is missing": ("gap", [did(0, writes=[v("a", 1)]), did(2, writes=[v("a", 3)])]),
    "a version is there twice": ("duplicate", [did(0, writes=[v("a", 1)]), did(2, writes=[v("a", 1)])]),
    "a stale read after a later write has returned": (
        "cycle",
        [did(0, writes=[v("a", 1)]), did(2, writes=[v("a", 2)]), did(4, reads=[v("a", 1)])],
    ),
    "reads of one account that go back": (
        "cycle",
        [did(0, writes=[v("a", 1)], until=9), did(2, reads=[v("a", 1)]), did(4, reads=[v("a", 0)])],
    ),
    "write skew: each saw what the other changed": (
        "cycle",
        [
            did(0, reads=[v("a", 0), v("b", 0)], writes=[v("a", 1)]),
            did(0, reads=[v("a", 0), v("b", 0)], writes=[v("b", 1)]),
        ],
    ),
    "a long fork: two looks that saw two transfers in two orders": (
        "cycle",
        [
            *(did(0, writes=[v("a", 1)], until=9), did(0, writes=[v("b", 1)], until=9)),
            *(did(1, reads=[v("a", 1), v("b", 0)], until=9), did(1, reads=[v("a", 0), v("b", 1)], until=9)),
        ],
    ),
    "a transfer half visible": (
        "cycle",
        [did(0, writes=[v("a", 1), v("b", 1)], until=9), did(0, reads=[v("a", 1), v("b", 0)], until=9)],
    ),
    "a transfer that had returned comes after one that was called later": (
        "cycle",
        [did(0, writes=[v("a", 2)]), did(3, writes=[v("a", 1)])],
    ),
    "a chain through two accounts against time": (
        "cycle",
        [
            did(0, writes=[v("a", 2)]),
            did(2, writes=[v("b", 1)]),
            did(1, reads=[v("b", 1), v("a", 1)], until=9),
            did(0, writes=[v("a", 1)]),
        ],
    ),
    "a look at what nobody wrote": ("unknown", [did(0, writes=[v("a", 1)]), did(2, reads=[v("a", 7)])]),
    "an account that moved, and nobody moved it": ("unknown", [did(0, reads=[v("a", 1)]), did(2, reads=[v("a", 2)])]),
    "a balance that the version never had": (
        "balance",
        [did(0, writes=[v("a", 1, 900)]), did(2, reads=[v("a", 1, 950)])],
    ),
    "two looks at the first version that disagree": (
        "balance",
        [did(0, reads=[v("a", 0, 900)]), did(2, reads=[v("a", 0, 950)])],
    ),
    "a transfer that makes money": (
        "money",
        [
            did(0, writes=[v("a", 1, 900), v("b", 1, 100)]),
            did(2, writes=[v("a", 2, 800), v("b", 2, 201)]),
        ],
    ),
}


@pytest.mark.parametrize("name", ANOMALIES)
def test_a_planted_anomaly_is_found(name: str) -> None:
    """By its kind, alone and in the middle of a sound history of other accounts."""
    kind, planted = ANOMALIES[name]
    assert {finding.kind for finding in check(planted)} == {kind}
    assert {finding.kind for finding in check([*serial(300), *planted])} == {kind}


def test_what_overlaps_may_come_in_any_order() -> None:
    """No anomaly: a look may miss a transfer that had not returned when it began, also one that never answered."""
    sound = [
        did(0, writes=[v("a", 1), v("b", 1)], until=NEVER),
        did(5, reads=[v("a", 0), v("b", 0)]),
        did(7, reads=[v("a", 1), v("b", 1)]),
    ]
    assert check(sound) == []


def test_looks_at_two_sides_of_a_transfer_may_be_let_pass() -> None:
    """One side new and then the other one old is against time, but what DynamoDB does; on one account it never is."""
    transfer = did(0, writes=[v("a", 1), v("b", 1)], until=9)
    sides = [transfer, did(1, reads=[v("a", 1)]), did(3, reads=[v("b", 0)])]
    assert [finding.kind for finding in check(sides)] == ["cycle"]
    assert check(sides, between_reads=False) == []
    back = [transfer, did(1, reads=[v("a", 1)]), did(3, reads=[v("a", 0)])]
    assert [finding.kind for finding in check(back, between_reads=False)] == ["cycle"]
    late = [transfer, did(10, reads=[v("b", 0)])]
    assert [finding.kind for finding in check(late, between_reads=False)] == ["cycle"]


def test_a_cycle_is_told_by_its_operations() -> None:
    """First and last are the same; what it did stands with each."""
    (finding,) = check(ANOMALIES["a transfer half visible"][1])
    assert finding.words.count("→") == 2
    assert "wrote a@1, wrote b@1" in finding.words
    assert "read a@1, read b@0" in finding.words


def test_a_history_of_a_hundred_thousand_operations_is_checked_in_seconds() -> None:
    """Sound, and one look moved to the end, which is against time."""
    history = serial(100_000)
    began = time.process_time()
    assert check(history) == []
    assert time.process_time() - began < 10
    place = next(place for place, made in enumerate(history) if made.reads and place > 1_000)
    old = history[place]
    late = Operation(process="late", called_at=200_000, returned_at=200_001, reads=old.reads)
    assert [finding.kind for finding in check([*history, late])] == ["cycle"]


def test_a_history_comes_back_from_its_lines() -> None:
    """As it was, an operation without an answer too."""
    history = serial(500)
    assert from_lines([to_line(operation) for operation in history]) == history
    assert any(operation.returned_at == NEVER for operation in history)


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_histories_of_the_simulator_are_strictly_serializable(seed: int) -> None:
    """Every transfer and every look at an account, with faults, clicks and readers beside them."""
    history = recorded(seed)
    assert sum(1 for made in history if made.writes) > 50
    assert sum(1 for made in history if made.reads) > 300
    assert check(history, between_reads=False) == []


def test_a_table_whose_consistent_reads_lag_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check sees the table through its readers: one that answers half a second late is against time.

    Production counts on such reads, so a history may end before its check, too.
    """

    def lagging(table: SimTable, key: Key, *, consistent: bool = False) -> Item | None:
        since = table._read("get", consistent=consistent)
        return table.storage.seen(key, since=table._scheduler.now - 0.5 if since is None else since)

    monkeypatch.setattr(SimTable, "get", lagging)
    found = set()
    for seed in range(6):
        with suppress(Violation):
            found |= {finding.kind for finding in check(recorded(seed), between_reads=False)}
    assert found == {"cycle"}


def test_a_recorded_history_that_is_changed_is_not() -> None:
    """A look made ten minutes older than it was."""
    history = recorded(8)
    first = next(made for made in sorted(history, key=lambda made: made.called_at) if made.writes)
    account = first.writes[0].account
    looks = [made for made in history if made.reads and made.reads[0].account == account]
    newest = max(looks, key=lambda made: made.reads[0].seq)
    early = Operation(process="early", called_at=0, returned_at=1, reads=newest.reads)
    assert [finding.kind for finding in check([*history, early], between_reads=False)] == ["cycle"]
