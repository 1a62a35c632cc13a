"""Payments that a restore left saying another sum than went back of them: the fourth item of a reversal's transaction.

What a payment says is the sum of its paid reversals, so one that says too little is put right. One that says too much
proves that a reversal was made of which nothing else is left: whose approval that was nobody can say, so it is told.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chalicelib.conditions import Clause, Item
from chalicelib.ledger.chain import Kept
from chalicelib.ledger.entry import moved_micros
from chalicelib.ledger.reversal import is_reversal, reversed_minor
from chalicelib.refusals import Refusal
from chalicelib.retry import transact
from chalicelib.table import Part, intent_key, update

if TYPE_CHECKING:
    from chalicelib.services import Services

COMPLETED, LEFT = "completed", "left"


@dataclass(frozen=True, kw_only=True)
class Uncounted:
    """A payment that says `said_minor` where its reversals sum to `sum_minor`, the last of them at `last_at`."""

    transfer: str
    said_minor: int
    sum_minor: int
    last_at: int

    @property
    def action(self) -> Literal["complete", "left"]:
        """What is to be done with it."""
        return "complete" if self.said_minor < self.sum_minor else "left"

    @property
    def found(self) -> str:
        """What is there, in words."""
        return f"it says that {self.said_minor} of it went back, its reversals give {self.sum_minor}"

    @property
    def why(self) -> str:
        """Why it is left."""
        return "" if self.action == "complete" else "nothing else of a reversal is left: restore to a later second"


def payments(found: Mapping[str, Kept], *, settled_micros: int) -> Sequence[Uncounted]:
    """Every payment that says otherwise than its reversals, those among them that halves complete; not what moves now.

    A payment of which money is given back at this moment is judged a minute later.
    """
    transfers = {name: facts for kept in found.values() for name, facts in kept.transfers.items()}
    back: dict[str, list[Item]] = defaultdict(list)
    for facts in transfers.values():
        if is_reversal(facts):
            back[facts["original"]].append(facts)
    torn = []
    for name, facts in sorted(transfers.items()):
        moving = any(moved_micros(one) > settled_micros for one in back[name])
        sum_minor = sum(one["amount_minor"] for one in back[name])
        if not moving and facts.get("reversed_at", 0) * 1_000_000 <= settled_micros:
            last_at = max((one["paid_at"] for one in back[name]), default=0)
            one = Uncounted(transfer=name, said_minor=reversed_minor(facts), sum_minor=sum_minor, last_at=last_at)
            torn += [one] if one.said_minor != one.sum_minor else []
    return torn


def mend(services: "Services", one: Uncounted) -> str:
    """Let a payment say what went back of it; says what became of it."""
    if one.action == "left":
        return LEFT
    said = one.said_minor
    read = Clause(attribute="reversed_minor", operator="=", value=said, means=Refusal.STALE, or_absent=not said)
    part = Part(clauses=(read,), assign={"reversed_minor": one.sum_minor, "reversed_at": one.last_at})
    writes = [update(intent_key(one.transfer), part)]
    rejection = transact(services.table, lambda: writes, clock=services.clock)
    return COMPLETED if rejection is None else "left: it has changed since it was read"
