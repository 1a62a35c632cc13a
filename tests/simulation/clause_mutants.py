"""Each clause of each condition that production sends in a history, dropped or weakened: something must bend.

A mutant is applied between the services and the simulated table, so that the table never hears of the clause. The use
cases that send it are played without faults, then at every crash point, then whole histories are, until something
bends. What nothing can distinguish is named with its reason (`EQUAL`).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from chalicelib.conditions import Clause
from chalicelib.table import Put, Write
from tests.simulation.cases_of_claims import GUARDS_OF_CLAIMS
from tests.simulation.cases_of_guards import GUARDS
from tests.simulation.cases_of_races import RACES
from tests.simulation.cases_of_reversals import REVERSALS
from tests.simulation.crashpoints import CASES, Case, Played, play, points, prepared
from tests.simulation.history import Result, run
from tests.simulation.scheduler import Violation
from tests.simulation.world import World

SEEDS, PAYMENTS = range(12), 120
# Histories in which clauses are looked for that no use case sends alone.
FOUND_IN = range(4)


class Site(NamedTuple):
    """Where a clause stands: in what call, about what kind of item and what is done to it, and what it asks."""

    operation: str
    deed: str
    attribute: str
    operator: str
    means: str

    def __str__(self) -> str:
        """As the table of mutants names it."""
        return f"{self.operation}: {self.deed}, `{self.attribute} {self.operator}` {self.means}"


@dataclass(frozen=True)
class Mutant:
    """One clause, and what is done to it: `dropped`, or the operator or the bound that takes its place."""

    site: Site
    change: str


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant: which use case or seed killed it and what bent, both empty for a survivor."""

    mutant: Mutant
    killer: str = ""
    bent: str = ""


# Use cases that are played once, without faults: they are made to the moment.
_GUARDS = tuple(Case(guard, "") for guard in (*GUARDS, *RACES, *REVERSALS, *GUARDS_OF_CLAIMS))
# What no history can tell from the original, and why.
_CHECKED = "whoever sends it has just asked the same of the same second, and the time of an intent never changes"
_SAME = "the same line again changes nothing"
_THERE = "whenever the number has changed, the first of the new sub-balances is there already, which is refused too"
_ONCE = "each of its transfers stands there already, and says so too"
_WISHED = "a claim takes one wish, and keeps it"
_ASKED = "the claim is open no more, and says so too"
EQUAL = {
    **{
        Mutant(Site("transact", f"held money {end}", "status", "=", "not_pending"), "dropped"): _ONCE
        for end in ("claimed", "returned", "refused", "cancelled")
    },
    **{
        Mutant(Site("transact", f"held money {end}", "wish", "=", "stale"), "dropped"): _WISHED
        for end in ("claimed", "refused", "cancelled")
    },
    Mutant(Site("transact", "new order", "PK", "absent", "not_pending"), "dropped"): _ASKED,
    Mutant(Site("put", "new line of held money", "PK", "absent", "already_seen"), "dropped"): _SAME,
    Mutant(Site("transact", "account (shards)", "shards", "=", "stale"), "dropped"): _THERE,
    Mutant(Site("transact", "account (shards)", "shards", "= or absent", "stale"), "dropped"): _THERE,
    Mutant(Site("put", "new due", "PK", "absent", "already_seen"), "dropped"): _SAME,
    Mutant(Site("update", "order declined", "expires_at", ">", "expired"), "dropped"): _CHECKED,
    Mutant(Site("update", "order declined", "expires_at", ">", "expired"), ">="): _CHECKED,
    Mutant(Site("update", "order expired", "expires_at", ">", "expired"), "dropped"): _CHECKED,
    Mutant(Site("update", "order expired", "expires_at", ">", "expired"), ">="): _CHECKED,
}

_WEAKER = {"<": "<=", ">": ">=", "<=": "<= 1 +", ">=": ">= -1 +"}
_ITEMS = {
    "A": "account",
    "T": "order",
    "N": "claim",
    "C": "held money",
    "K": "line of held money",
    "W": "list",
    "D": "due",
    "E": "entry",
    "R": "invitation",
    "L": "handle",
    "Q": "name",
    "P": "person",
}


def mutants(sites: Sequence[Site]) -> list[Mutant]:
    """Each clause dropped, and each comparison that has a weaker one weakened."""
    weaker = ((site, _WEAKER.get(site.operator.partition(" ")[0])) for site in sites)
    return [*(Mutant(site, "dropped") for site in sites), *(Mutant(site, change) for site, change in weaker if change)]


def install(world: World, changed: Callable[[Site, Clause], Clause | None]) -> None:
    """Let every clause of every write of a world be changed, or left out, before the table hears of it."""

    def altered(operation: str, write: Write) -> Write:
        asked = ((clause, changed(_site(operation, write, clause), clause)) for clause in write.clauses)
        kept = tuple(clause for _, clause in asked if clause)
        return replace(write, clauses=kept)

    table: Any = world.table
    put, update, transact = table.put, table.update, table.transact
    table.put = lambda write: put(altered("put", write))
    table.update = lambda write: update(altered("update", write))
    table.transact = lambda writes, *, token: transact([altered("transact", each) for each in writes], token=token)


def sites() -> dict[Site, list[Case]]:
    """Every clause that the use cases and some histories send, with the use cases that send it."""
    found: dict[Site, list[Case]] = {}
    for case in (*_GUARDS, *CASES):
        for site in _sent(lambda begun, case=case: play(case, {}, begun=begun)):  # type: ignore[misc]  # mypy infers no lambda with defaults
            found.setdefault(site, []).append(case)
    for seed in FOUND_IN:
        for site in _sent(lambda begun, seed=seed: run(seed, begun=begun)):  # type: ignore[misc]  # mypy infers no lambda with defaults
            found.setdefault(site, [])
    return found


def judge(mutant: Mutant, cases: Sequence[Case]) -> Verdict:
    """Play until something bends, or breaks."""
    with prepared():
        for killer, played in _plays(cases, lambda world: install(world, _mutating(mutant))):
            try:
                bent = played().violation
            except Exception as broken:  # the model did not expect this at all: it is a finding too
                bent = f"{type(broken).__name__} {broken}"
            if bent:
                return Verdict(mutant, killer, bent)
    return Verdict(mutant)


def table(*, workers: int, tell: Callable[[str], object]) -> bool:
    """Judge all mutants and tell them as a Markdown table; whether each was killed, or is known to be equal."""
    began = time.monotonic()
    with prepared():
        found = sites()
    everything = mutants(sorted(found))
    tell("| clause | change | killed by | what bent |\n|---|---|---|---|")
    with ProcessPoolExecutor(workers) as pool:
        verdicts = list(pool.map(judge, everything, [found[each.site] for each in everything]))
    for verdict in verdicts:
        bent = verdict.bent.replace("|", "\\|")[:90] or EQUAL.get(verdict.mutant, "**SURVIVED**")
        tell(f"| {verdict.mutant.site} | {verdict.mutant.change} | {verdict.killer or '–'} | {bent} |")
    survivors = [verdict for verdict in verdicts if not verdict.killer and verdict.mutant not in EQUAL]
    killed = sum(1 for verdict in verdicts if verdict.killer)
    equal = len(verdicts) - killed - len(survivors)
    seconds = time.monotonic() - began
    tell(f"\n{len(found)} clauses, {len(verdicts)} mutants: {killed} killed, {equal} equal, {len(survivors)} survived")
    tell(f"in {seconds:.0f} s")
    return not survivors


def _plays(
    cases: Sequence[Case], begun: Callable[[World], None]
) -> Iterator[tuple[str, Callable[[], Played | Result]]]:
    """What kills most comes first: use cases as they are, then with faults, then histories."""
    for case in cases:
        yield case.name, partial(play, case, {}, begun=begun)
    for case in cases:
        for number, fault in points(play(case, {}).calls):
            name = f"{case.name}, {fault} at call {number}"
            yield name, partial(play, case, {number: fault}, begun=begun)
    for seed in SEEDS:
        yield f"seed {seed}", partial(run, seed, payments=PAYMENTS, begun=begun)


def _sent(played: Callable[[Callable[[World], None]], Played | Result]) -> set[Site]:
    """The clauses that are sent; without a mutant nothing may bend."""
    found: set[Site] = set()

    def note(site: Site, clause: Clause) -> Clause:
        found.add(site)
        return clause

    violation = played(lambda world: install(world, note)).violation
    if violation:
        raise Violation(violation)
    return found


def _mutating(mutant: Mutant) -> Callable[[Site, Clause], Clause | None]:
    def changed(site: Site, clause: Clause) -> Clause | None:
        return clause if site != mutant.site else _changed(clause, mutant.change)

    return changed


def _changed(clause: Clause, change: str) -> Clause | None:
    if change == "dropped":
        return None
    operator, *bound = change.split()
    return replace(clause, operator=operator, value=clause.value + int(bound[0]) if bound else clause.value)


def _site(operation: str, write: Write, clause: Clause) -> Site:
    operator = f"{clause.operator} or absent" if clause.or_absent else clause.operator
    return Site(operation, _deed(write), clause.attribute, operator, str(clause.means))


def _deed(write: Write) -> str:
    """The kind of item, and what becomes of it, as far as one kind of write differs from another."""
    item = _ITEMS.get(write.key[0][0], write.key[0])
    if isinstance(write, Put):
        return f"new {item}"
    for attribute, more, less in (("available", "credited", "debited"), ("attempts", "guessed", "forgiven")):
        if attribute in write.add:
            return f"{item} {more if write.add[attribute] > 0 else less}"
    if "status" in write.assign:
        return f"{item} {write.assign['status']}"
    return f"{item} ({', '.join(sorted({*write.assign, *write.add}))})"
