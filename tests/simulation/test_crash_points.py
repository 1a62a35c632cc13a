"""Every call of every use case meets every fault that there is, the retry follows, and nothing bends."""

import pytest

from chalicelib.identity import code
from chalicelib.intents import lifecycle
from chalicelib.notices import once, publishing
from tests.simulation import crashpoints
from tests.simulation.crashpoints import CASES, Case, Explored, explore
from tests.simulation.faults import DOOR, EVENTUAL, READ, TRANSACT, WRITE
from tests.simulation.test_planted_bugs import Plant, claim_of_anybody, forgetful, instead, without


@pytest.fixture(scope="module")
def explored() -> list[Explored]:
    """Every use case, played with every fault."""
    return [explore(case) for case in CASES]


def test_nothing_bends_at_any_crash_point(explored: list[Explored]) -> None:
    """Neither an invariant nor a use case's own end, with one fault or a pair of them."""
    assert [(told.case.name, told.bent) for told in explored if told.bent] == []


def test_each_call_of_each_use_case_meets_each_fault(explored: list[Explored]) -> None:
    """All of them: what the clean run called, times what can befall a call of its kind."""
    for told in explored:
        expected = sum(len(set(call.kinds)) for call in told.calls)
        assert expected > 0, told.case.name
        assert len(told.met) == len(told.points) == expected, told.case.name


def test_each_kind_of_call_is_among_them(explored: list[Explored]) -> None:
    """Reads, eventual reads, writes, transactions and the other doors, with all that befalls each."""
    met = {call.kinds for told in explored for call in told.calls}
    assert met == {READ, EVENTUAL, WRITE, TRANSACT, DOOR}
    operations = {call.operation for told in explored for call in told.calls}
    assert operations == {
        *("get", "get_many", "query", "put", "update", "transact"),
        *("codes", "topic", "sms", "posts", "scan", "holders"),
    }


def test_pairs_reach_calls_that_only_a_fault_leads_to(explored: list[Explored]) -> None:
    """A confirm has few calls; with a first fault there are more, and each of them meets each fault too."""
    confirm = next(told for told in explored if told.case.pairs)
    assert confirm.pairs > 10 * len(confirm.points)


PLANTS: dict[str, Plant] = {
    "confirm": without(code, "attempt", "guess"),
    "renew": without(lifecycle, "renew_link", "link_number"),
    "published": instead(publishing, "publish_changes", forgetful),
    "notices sent": instead(once, "put", claim_of_anybody),
}


def _case(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_bug_bends_at_some_crash_point(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug that only a fault brings to light."""
    PLANTS[name](monkeypatch)
    told = explore(_case(name))
    assert () not in told.bent, "it bends without any fault: no crash point is needed for it"
    assert told.bent


def test_the_table_tells_calls_points_and_what_bent(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for each use case, and the sum."""
    lines: list[str] = []
    assert crashpoints.table([_case("decline")], tell=lines.append)
    assert [line.split()[:3] for line in lines[1:]] == [["decline", "2", "15"], ["all", "2", "15"]]
    without(code, "attempt", "guess")(monkeypatch)
    assert not crashpoints.table([_case("confirm on a new day")], tell=lines.append)
    assert any("VIOLATION with lost at call 3 (update)" in line for line in lines)
