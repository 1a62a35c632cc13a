"""Clauses are dropped and weakened where the table would read them; the whole run is `--mutants`, not a test."""

import pytest

from chalicelib.conditions import Clause
from chalicelib.refusals import Refusal
from tests.simulation.cases_of_claims import GUARDS_OF_CLAIMS
from tests.simulation.cases_of_guards import GUARDS
from tests.simulation.cases_of_races import RACES
from tests.simulation.cases_of_reversals import REVERSALS
from tests.simulation.clause_mutants import EQUAL, Mutant, Site, _changed, judge, mutants, sites
from tests.simulation.crashpoints import CASES, Case, play, prepared


@pytest.fixture(scope="module")
def found() -> dict[Site, list[Case]]:
    """Every clause that is sent, with the use cases that send it."""
    with prepared():
        return sites()


def test_every_guard_holds_without_a_mutant() -> None:
    """A use case that is made to the moment ends as it says."""
    with prepared():
        bent = {
            guard.__name__: play(Case(guard, ""), {}).violation
            for guard in (*GUARDS, *RACES, *REVERSALS, *GUARDS_OF_CLAIMS)
        }
    assert {name: violation for name, violation in bent.items() if violation} == {}


def test_the_clauses_of_all_kinds_of_writes_are_found(found: dict[Site, list[Case]]) -> None:
    """Those of puts, updates and transactions; nearly all are sent by a use case, not by chance alone."""
    assert {site.operation for site in found} == {"put", "update", "transact"}
    assert sum(1 for cases in found.values() if cases) >= 60


def test_each_clause_is_dropped_and_each_bound_weakened(found: dict[Site, list[Case]]) -> None:
    """A clause has one mutant, a comparison two; those that are said to be equal are among them."""
    made = mutants(sorted(found))
    compared = [site for site in found if site.operator[0] in "<>" and not site.operator.startswith("<>")]
    assert len(made) == len(set(made)) == len(found) + len(compared)
    assert set(made) > set(EQUAL)


@pytest.mark.parametrize(
    ("operator", "change", "expected"),
    [("<", "<=", ("<=", 7)), (">", ">=", (">=", 7)), ("<=", "<= 1 +", ("<=", 8)), (">=", ">= -1 +", (">=", 6))],
)
def test_a_bound_is_weakened_by_one(operator: str, change: str, expected: tuple[str, int]) -> None:
    """What was just refused is just allowed."""
    clause = Clause(attribute="available", operator=operator, value=7, means=Refusal.STALE)
    weaker = _changed(clause, change)
    assert weaker and (weaker.operator, weaker.value) == expected
    assert _changed(clause, "dropped") is None


@pytest.mark.parametrize(
    ("mutant", "killer"),
    [
        (Mutant(Site("transact", "account debited", "available", ">=", "funds_missing"), ">= -1 +"), "confirm without"),
        (Mutant(Site("update", "account guessed", "guess", "<>", "already_seen"), "dropped"), ", lost at call 3"),
        (Mutant(Site("update", "order expired", "expires_at", "<=", "stale"), "<= 1 +"), "swept by a wrong line"),
    ],
)
def test_a_mutant_is_killed(mutant: Mutant, killer: str, found: dict[Site, list[Case]]) -> None:
    """By a use case as it is, at a crash point, by a guard."""
    verdict = judge(mutant, found[mutant.site])
    assert killer in verdict.killer
    assert verdict.bent


def test_what_is_no_mutant_survives() -> None:
    """A clause that stands nowhere bends nothing, whatever is done to it."""
    nowhere = Mutant(Site("put", "new order", "nothing", "=", "stale"), "dropped")
    case = next(case for case in CASES if case.name == "decline")
    assert not judge(nowhere, [case]).killer
