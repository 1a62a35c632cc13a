"""The pieces of a claim, each by itself: what a part asks and writes, what a line says, what a comparison finds."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.ledger import claim as claims
from chalicelib.ledger import claiming, held, suspense
from chalicelib.ledger.account import BANK
from chalicelib.ledger.claim import Claim, Wish
from chalicelib.refusals import Refusal
from chalicelib.table import Part, Put, Rejection, claim_key, update
from tests.bank import NOON
from tests.memory_table import MemoryTable

CLAIM = Claim(
    id="A" * 16, status="open", payer="alice", payer_person="p-alice", network="twitter", page="1", user_id="988",
    amount_minor=1_000, fee_minor=165, currency="EUR", opened_at=NOON, expires_at=NOON + 100,
)  # fmt: skip


def written(claim: Claim, part: Part) -> dict[str, Any] | Refusal:
    """What is left of a stored claim after a part; the refusal where it was refused."""
    table = MemoryTable(items={claim_key(claim.id): claims.to_item(claim)})
    done = table.update(update(claim_key(claim.id), part))
    return done.refusal if isinstance(done, Rejection) else dict(done)


def test_the_ids_of_the_transfers_that_end_a_claim_stay_for_ever() -> None:
    """Another version of this code must not end it a second time."""
    assert [claims.transfer_id("A" * 16, number) for number in (1, 2)] == ["a-k-5vhhlUJE6SPJ", "vIYn5pQPemeOy1aC"]
    assert [move.number for move in claims.back(CLAIM, claims.RETURNED).moves] == [1]


def test_a_wish_without_an_account_says_nothing() -> None:
    """What was said may be erased; nothing is there to be."""
    stored = claims.to_item(CLAIM)
    assert written(CLAIM, claims.ask(Wish(end="refused", by="payee"))) == {
        **stored, "wish": "refused", "asked_by": "payee"
    }  # fmt: skip


TRIED = replace(CLAIM, name_tries=2, name_guess="n-2")


def test_a_name_is_counted_as_it_was_read() -> None:
    """STALE where another was counted meanwhile."""
    stored = claims.to_item(TRIED)
    assert written(TRIED, claims.name_try(TRIED, "n-3")) == {**stored, "name_tries": 3, "name_guess": "n-3"}
    assert written(TRIED, claims.name_try(CLAIM, "n-3")) is Refusal.STALE


def test_a_name_that_nobody_could_judge_is_not_counted() -> None:
    """The last try is taken back whole, and only as it was read."""
    once = replace(CLAIM, name_tries=1, name_guess="n-1")
    assert written(once, claims.name_untried(once)) == claims.to_item(CLAIM)
    assert written(TRIED, claims.name_untried(TRIED)) == {**claims.to_item(CLAIM), "name_tries": 1}
    assert written(TRIED, claims.name_untried(replace(TRIED, name_guess="n-1"))) is Refusal.STALE


@pytest.mark.parametrize("over", [{"status": "returned"}, {"wish": "refused"}])
def test_no_name_is_counted_once_it_is_decided(over: dict[str, str]) -> None:
    """Neither on nor back."""
    for tried in (TRIED, replace(TRIED, name_tries=1)):
        decided = replace(tried, **over)  # type: ignore[arg-type]  # fields of text
        assert written(decided, claims.name_try(tried, "n-3")) is Refusal.NOT_PENDING
        assert written(decided, claims.name_untried(tried)) is Refusal.NOT_PENDING


def test_the_bank_sends_what_left_by_it_and_once() -> None:
    """What was credited to a customer is not sent."""
    left = replace(CLAIM, status="claimed", payee=BANK)
    part = claims.sent(at=NOON + 9, reference="ZG-1")
    assert written(left, part) == {**claims.to_item(left), "sent_at": NOON + 9, "sent_reference": "ZG-1"}
    for other in (replace(left, payee="carol"), CLAIM, replace(left, sent_at=NOON + 5)):
        assert written(other, part) is Refusal.NOT_PENDING


def test_a_booking_says_which_sub_balance_only_where_there_is_one() -> None:
    """And when it was made, which is when it was paid."""
    move = claims.Move(number=1, order="claim", payee="carol", amount_minor=1_000)
    for to, credited in (("", {}), ("carol#2", {"credited": "carol#2"})):
        chosen = replace(move, to=to)
        transfer = CLAIM.transfer(chosen, moved_micros=7)
        item = claims.booking(CLAIM, chosen, transfer, now=NOON)
        assert (item["created_at"], item["paid_at"], item["payee"]) == (NOON, NOON, "carol")
        assert {name: item[name] for name in ("credited",) if name in item} == credited


def test_a_claims_line_is_kept_a_while_after_its_time() -> None:
    """By its identity and its end; written once."""
    line = held.line(CLAIM)
    assert line.item == {
        "PK": "K#twitter#1#988",
        "SK": f"{NOON + 100:012}#{CLAIM.id}",
        "ttl": NOON + 100 + held.KEPT_SECONDS,
    }
    table = MemoryTable()
    assert table.put(line) is None
    again = table.put(line)
    assert again and again.refusal is Refusal.ALREADY_SEEN


def test_the_first_open_claim_is_one_that_nobody_has_asked_to_end() -> None:
    """Empty without one, and then nothing is read."""
    table = MemoryTable()
    assert claiming.first_open(table, []) == ""
    assert table.usage.round_trips == 0
    states = {"ended": {"status": "returned"}, "asked": {"wish": "refused"}, "open": {}}
    for name, state in states.items():
        one = replace(CLAIM, id=name, **state)  # type: ignore[arg-type]  # fields of text
        table.put(Put(item=claims.to_item(one), clauses=()))
    assert claiming.first_open(table, ["ended", "missing", "asked", "open"]) == "open"
    assert claiming.first_open(table, ["ended", "asked"]) == ""
    assert claiming.first_open(table, [*(f"m{number}" for number in range(100)), "open"]) == ""


def test_no_more_than_a_hundred_claims_are_looked_at() -> None:
    """As many as one read of the table takes."""
    table = MemoryTable()
    claiming.first_open(table, (f"m{number}" for number in range(150)))
    assert table.usage.read_units == 50


ITEM = claims.to_item(CLAIM)


@pytest.mark.parametrize(
    ("item", "cutoff", "stated"),
    [
        (ITEM, NOON, [1_165, NOON + 100]),
        (ITEM, NOON - 1, None),
        ({**ITEM, "status": "returned", "ended_at": NOON + 5}, NOON + 4, [1_165, 0]),
        ({**ITEM, "status": "returned", "ended_at": NOON + 5}, NOON + 5, None),
    ],
)
def test_a_claim_says_what_it_held_at_the_cutoff(item: dict[str, Any], cutoff: int, stated: list[int] | None) -> None:
    """Opened by then, and not ended; one that has ended since waits for nothing."""
    found: dict[str, list[int]] = {}
    suspense.state(found, item, cutoff=cutoff)
    assert found == ({f"claim {CLAIM.id} (EUR)": stated} if stated else {})


def test_a_claim_in_a_state_that_there_is_not_is_told_with_it() -> None:
    """It is not counted as anything."""
    with pytest.raises(ValueError, match=r"^a claim cannot be lost$"):
        suspense.state({}, {**ITEM, "status": "lost"}, cutoff=NOON)


def test_claims_and_transfers_must_say_the_same() -> None:
    """Whichever of them is missing counts as nothing; what is over is told too, from its very second."""
    assert list(suspense.faults({"c": [5, 0]}, {"c": 5}, now=9)) == []
    assert list(suspense.faults({"c": [5, 0]}, {}, now=9)) == ["c: holds 5 as a claim, its transfers give 0"]
    assert list(suspense.faults({}, {"c": 5}, now=9)) == ["c: holds 0 as a claim, its transfers give 5"]
    assert list(suspense.faults({"c": [0, 1]}, {}, now=9)) == ["c: is still held after its time"]
    assert list(suspense.faults({"c": [5, 10]}, {"c": 5}, now=9)) == []
    assert list(suspense.faults({"c": [5, 9]}, {"c": 5}, now=9)) == ["c: is still held after its time"]
