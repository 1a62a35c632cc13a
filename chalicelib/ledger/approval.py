"""How a reversal is decided: what that asks of the reversal and of its original, as parts of their updates. Pure."""

from dataclasses import dataclass
from typing import Any

from chalicelib.conditions import Clause, Item
from chalicelib.ledger.reversal import DECLINED, PAID, REQUESTED, Reversal, reversed_minor
from chalicelib.refusals import Refusal
from chalicelib.table import Part


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who agrees to a reversal and when: `at` in epoch seconds, `moved_micros` the transfer's instant."""

    by: str
    at: int
    moved_micros: int


def agree(reversal: Reversal, approval: Approval) -> Part:
    """The reversal's own part of its transaction: it is paid once, as it was requested, by another than who asked."""
    return Part(
        clauses=(
            _WAITS,
            Clause(attribute="requested_by", operator="<>", value=approval.by, means=Refusal.SAME_OPERATOR),
            _unchanged("amount_minor", reversal.amount_minor),
            _unchanged("original", reversal.original),
        ),
        assign={
            "status": PAID,
            "decided_by": approval.by,
            "paid_at": approval.at,
            "moved_micros": approval.moved_micros,
        },
    )


def count(original: Item, reversal: Reversal, approval: Approval) -> Part:
    """The original's part: what went back of it grows, from what was read, to what was paid at the most.

    STALE when another reversal was quicker; `reversed_at` is for whoever reads the table while money moves.
    """
    before = reversed_minor(original)
    after = before + reversal.amount_minor
    seen = Clause(attribute="reversed_minor", operator="=", value=before, means=Refusal.STALE, or_absent=not before)
    return Part(
        clauses=(
            Clause(attribute="status", operator="=", value=PAID, means=Refusal.NOT_REVERSIBLE),
            Clause(attribute="amount_minor", operator=">=", value=after, means=Refusal.REVERSED_TOO_MUCH),
            seen,
        ),
        assign={"reversed_minor": after, "reversed_at": approval.at},
    )


def decline(*, by: str, now: int) -> Part:
    """Leave `requested` without a transfer; whoever asked may do so too."""
    return Part(clauses=(_WAITS,), assign={"status": DECLINED, "decided_by": by, "ended_at": now})


_WAITS = Clause(attribute="status", operator="=", value=REQUESTED, means=Refusal.NOT_PENDING)


def _unchanged(attribute: str, value: Any) -> Clause:
    return Clause(attribute=attribute, operator="=", value=value, means=Refusal.INTENT_CHANGED)
