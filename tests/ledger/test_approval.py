"""How a reversal is decided: each condition by itself, with the refusal that it means, and what is written."""

from typing import Any

import pytest

from chalicelib.conditions import broken
from chalicelib.ledger.approval import Approval, agree, count, decline
from chalicelib.ledger.reversal import Reversal, from_item
from chalicelib.refusals import Refusal

REQUESTED = {
    "PK": "T#back",
    "SK": "0",
    "order": "reversal",
    "status": "requested",
    "original": "paid-one",
    "payer": "bob",
    "payee": "alice",
    "amount_minor": 400,
    "currency": "EUR",
    "created_at": 1_790_000_000,
    "requested_by": "odile",
}
PAYMENT = {"PK": "T#paid-one", "SK": "0", "order": "send", "status": "paid", "amount_minor": 1_000}
APPROVAL = Approval(by="rachid", at=1_790_000_100, moved_micros=1_790_000_100_000_007)


def reversal() -> Reversal:
    """The reversal that waits."""
    return from_item(REQUESTED)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, None),
        ({"status": "paid"}, Refusal.NOT_PENDING),
        ({"requested_by": "rachid"}, Refusal.SAME_OPERATOR),
        ({"amount_minor": 401}, Refusal.INTENT_CHANGED),
        ({"original": "another"}, Refusal.INTENT_CHANGED),
    ],
)
def test_a_reversal_is_agreed_to_as_it_was_requested(change: dict[str, Any], refusal: Refusal | None) -> None:
    """It waits, another than who asked agrees, and neither its amount nor its payment is another by now."""
    assert broken(agree(reversal(), APPROVAL).clauses, {**REQUESTED, **change}) is refusal


def test_an_agreed_reversal_reads_back_with_who_decided_and_when() -> None:
    """The second and the instant of its transfer are kept, and the operator's name."""
    agreed = from_item({**REQUESTED, **agree(reversal(), APPROVAL).assign})
    assert (agreed.status, agreed.decided_by, agreed.paid_at) == ("paid", "rachid", 1_790_000_100)
    assert agreed.moved_micros == 1_790_000_100_000_007


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, None),
        ({"reversed_minor": 0}, None),
        ({"status": "refused"}, Refusal.NOT_REVERSIBLE),
        ({"amount_minor": 400}, None),
        ({"amount_minor": 399}, Refusal.REVERSED_TOO_MUCH),
        ({"reversed_minor": 1}, Refusal.STALE),
    ],
)
def test_a_payment_counts_what_goes_back_of_it(change: dict[str, Any], refusal: Refusal | None) -> None:
    """Only of a paid one, to its last cent and no further, and from what was read: else another was quicker."""
    assert broken(count(PAYMENT, reversal(), APPROVAL).clauses, {**PAYMENT, **change}) is refusal


def test_what_went_back_before_is_added_to() -> None:
    """A second part grows from the first; a payment that lost its count meanwhile is not counted from nothing."""
    before = {**PAYMENT, "reversed_minor": 600, "reversed_at": 1_790_000_000}
    part = count(before, reversal(), APPROVAL)
    assert broken(part.clauses, before) is None
    assert broken(part.clauses, PAYMENT) is Refusal.STALE
    assert part.assign == {"reversed_minor": 1_000, "reversed_at": 1_790_000_100}


def test_a_declined_reversal_reads_back_with_who_said_no_and_when() -> None:
    """It leaves `requested` alone, and ends at that second."""
    part = decline(by="odile", now=1_790_000_050)
    assert broken(part.clauses, REQUESTED) is None
    assert broken(part.clauses, {**REQUESTED, "status": "declined"}) is Refusal.NOT_PENDING
    declined = from_item({**REQUESTED, **part.assign})
    assert (declined.status, declined.decided_by, declined.ended_at) == ("declined", "odile", 1_790_000_050)
