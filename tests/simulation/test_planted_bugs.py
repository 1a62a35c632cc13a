"""The simulator finds bugs: each is planted into production code, and must be found within a few seeds."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import retry
from chalicelib.conditions import Clause
from chalicelib.errors import Unavailable
from chalicelib.identity import code
from chalicelib.intents import cancelling, lifecycle, paying, store, sweeping
from chalicelib.intents.intent import settle
from chalicelib.ledger import approval
from chalicelib.ledger.account import from_item
from chalicelib.limits import policy
from chalicelib.notices import change, once, publishing
from chalicelib.table import Part, Put, Rejection, account_key, update
from tests.simulation.history import run

SEEDS = 15
Plant = Callable[[pytest.MonkeyPatch], None]


def without(holder: Any, name: str, attribute: str) -> Plant:
    """Drop the clauses on an attribute from what a function asks."""
    made = getattr(holder, name)

    def weaker(*positional: Any, **named: Any) -> Any:
        asked = made(*positional, **named)
        if not isinstance(asked, Part | Put):
            return asked
        kept = tuple(clause for clause in asked.clauses if clause.attribute != attribute)
        return replace(asked, clauses=kept)

    return lambda patch: patch.setattr(holder, name, weaker)


def instead(holder: Any, name: str, other: Any) -> Plant:
    """Put another function in the place of one."""
    return lambda patch: patch.setattr(holder, name, other)


def both(first: Plant, second: Plant) -> Plant:
    """Two changes that are one bug."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        first(patch)
        second(patch)

    return plant


def claim_of_anybody(services: Any, key: tuple[str, str], message: str, **_facts: Any) -> bool:
    """A claim that looks first and writes then."""
    if services.table.get(key):
        return False
    services.table.put(Put(item={"PK": key[0], "SK": key[1], "message": message}, clauses=()))
    return True


def spend_what_was_read(services: Any, intent: Any) -> Any:
    """Attempts that are checked, then counted."""
    item = services.table.get(account_key(intent.payer), consistent=True)
    if item["attempts"] >= 5:
        return None
    nonce = services.clock.nonce()
    part = Part(clauses=(), assign={"guess": nonce, "attempts": item["attempts"] + 1})
    changed = retry.change(services.table, update(account_key(intent.payer), part), clock=services.clock)
    assert not isinstance(changed, Rejection)
    return from_item(changed)


def forgetful(services: Any, records: Sequence[Any], *, park: Any) -> None:
    """A reader of the stream that gives up on what it cannot publish now."""
    for record in records:
        try:
            READ(services, [record], park=park)
        except Unavailable:
            continue


def skipping(services: Any, records: Sequence[Any], *, park: Any) -> None:
    """A reader that leaves the last ones of a large batch out."""
    READ(services, records[:9], park=park)


READ = publishing.publish_changes

PLANTS: dict[str, Plant] = {
    "an intent is paid without being pending": without(paying, "settle", "status"),
    "an intent is paid after its time": without(paying, "settle", "expires_at"),
    "an old link pays": without(paying, "settle", "link_number"),
    "a payer goes below zero": without(paying, "debit", "available"),
    "a frozen payer pays": without(paying, "debit", "status"),
    "a frozen payee receives": without(paying, "credit", "status"),
    "the limit of a day is not asked": without(policy, "spend", "spent_day"),
    "a day that turned is not seen": without(policy, "spend", "day"),
    "an attempt counts twice": without(code, "attempt", "guess"),
    "attempts have no end": without(code, "attempt", "attempts"),
    "attempts are read, then written": instead(lifecycle, "_spend_attempt", spend_what_was_read),
    "any code is right": instead(code, "matches", lambda _stored, _candidates: True),
    "a right code without a payment costs": instead(lifecycle, "_forgive", lambda _services, _account: None),
    "the sweep expires whatever falls due": both(
        without(sweeping, "expire", "status"), instead(sweeping, "_waiting", lambda _services, ids: ids)
    ),
    "a cancel hits what is paid": without(cancelling, "end", "status"),
    "a cancel hits somebody else's": without(cancelling, "owned", "payer"),
    "a post that comes again is a new order": without(store, "put", "PK"),
    "a notice is claimed by looking first": instead(once, "put", claim_of_anybody),
    "the stream's reader gives up": instead(publishing, "publish_changes", forgetful),
    "the stream's reader skips a record": instead(publishing, "publish_changes", skipping),
    "a reversal does not see the one before it": without(approval, "count", "reversed_minor"),
    "one operator asks and agrees": without(approval, "agree", "requested_by"),
    "lists are not kept": instead(change, "listed", lambda _old, _new: ()),
    "a paid intent is forgotten after its TTL": instead(
        paying, "settle", lambda *some, made=settle, **more: replace(made(*some, **more), remove=())
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A dozen seeds or so are enough for each."""
    PLANTS[name](monkeypatch)
    for seed in range(SEEDS):
        result = run(seed, payments=120)
        if result.violation:
            with capsys.disabled():
                print(f"\n{name}: seed {seed}, {result.violation}")
            return
    pytest.fail(f"not found in {SEEDS} seeds")


def test_clauses_that_are_weakened_are_clauses() -> None:
    """Each attribute named above stands in the part that it is dropped from, or its test would plant nothing."""
    asked: Sequence[Clause] = code.attempt("n", tries=5).clauses
    assert {clause.attribute for clause in asked} == {"attempts", "guess"}
