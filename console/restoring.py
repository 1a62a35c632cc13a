"""Mending one half of a transaction: one transaction, under the condition that its items are as they were read."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.conditions import Clause, Item
from chalicelib.ledger.account import BANK
from chalicelib.ledger.chain import Kept
from chalicelib.ledger.entry import MICROS, legs_of, moved_micros, sides
from chalicelib.ledger.reversal import REQUESTED, is_reversal
from chalicelib.ledger.transfer import holder
from chalicelib.limits.policy import day_of
from chalicelib.refusals import Refusal
from chalicelib.retry import transact
from chalicelib.table import Part, Put, Write, absent, account_key, intent_key, update
from console.halves import PAID, Half

if TYPE_CHECKING:
    from chalicelib.services import Services

COMPLETED, REMOVED = "completed", "removed: its order waits again, `console intent expire` ends it"
DONE = (COMPLETED, REMOVED)
# Of a reversal of which only the money is left that it moved.
NOBODY_KNOWN = "somebody whom a restore forgot"
_FACTS = ("paid_at", "moved_micros", "debited", "credited")


def mend(services: "Services", half: Half, found: Mapping[str, Kept]) -> str:
    """Complete or remove a half; says what became of it. Halves are mended in the order in which they moved.

    Refused, and nothing is changed, where an account or the order is no more as it was read.
    """
    touched = half.lacking if half.action == "complete" else half.having
    items = {account: services.table.get(account_key(account), consistent=True) for account in touched}
    accounts = {account: item for account, item in items.items() if item}
    if half.action == "complete":
        writes, outcome = _completing(services, half, accounts), COMPLETED
    else:
        writes, outcome = _removing(services, half, accounts, found), REMOVED
    rejection = transact(services.table, lambda: writes, clock=services.clock)
    return outcome if rejection is None else "left: it has changed since it was read"


def _completing(services: "Services", half: Half, accounts: Mapping[str, Item]) -> list[Write]:
    legs = {account: (amount_minor, other) for account, amount_minor, other in sides(half.facts)}
    writes = [_leg(services, half, item, legs[account]) for account, item in accounts.items()]
    return writes if half.status == PAID else [*writes, _paid(half)]


def _leg(services: "Services", half: Half, item: Item, leg: tuple[int, str]) -> Write:
    """The leg as the transaction would have written it; what a payer has spent of its limits is counted too."""
    amount_minor, counterparty = leg
    last = {"transfer": half.transfer, "amount_minor": amount_minor, "counterparty": counterparty}
    changes = {"last": last, "moved_micros": moved_micros(half.facts)}
    added = {"available": amount_minor, "seq": 1}
    if "gifts" in item and amount_minor > 0:
        added |= {"gifts": 1, "received": amount_minor}
    if amount_minor < 0 and "spent_day" in item and holder(counterparty) != BANK and not is_reversal(half.facts):
        day = day_of(moved_micros(half.facts) // MICROS, services.programme.zone)
        changes |= _spent(item, -amount_minor, day=day)
    return update(account_key(item["PK"].removeprefix("A#")), _as_read(item), Part(assign=changes, add=added))


def _spent(item: Item, amount_minor: int, *, day: str) -> dict[str, Any]:
    """What the payer's counters become; a day before the one that they count does not turn them back."""
    today = max(day, item["day"])
    same_day, same_month = item["day"] == today, item["day"][:7] == today[:7]
    of_day = amount_minor if day == today else 0
    of_month = amount_minor if day[:7] == today[:7] else 0
    return {
        "day": today,
        "spent_day": of_day + (item["spent_day"] if same_day else 0),
        "spent_month": of_month + (item["spent_month"] if same_month else 0),
    }


def _paid(half: Half) -> Write:
    """The order as the transaction would have left it; a booking, which came with it, anew."""
    moved = {name: half.facts[name] for name in _FACTS if name in half.facts}
    if half.status == REQUESTED:
        moved["decided_by"] = NOBODY_KNOWN
    if half.status:
        waits = Clause(attribute="status", operator="=", value=half.status, means=Refusal.NOT_PENDING)
        return update(
            intent_key(half.transfer), Part(clauses=(waits,), assign={"status": PAID, **moved}, remove=("ttl",))
        )
    key, sort = intent_key(half.transfer)
    said = {name: half.facts[name] for name in ("order", "payer", "payee", "amount_minor", "currency")}
    item = {"PK": key, "SK": sort, "status": PAID, **said, "created_at": moved["paid_at"], **moved}
    return Put(item=item, clauses=(absent(Refusal.ALREADY_SEEN),))


def _removing(services: "Services", half: Half, accounts: Mapping[str, Item], found: Mapping[str, Kept]) -> list[Write]:
    """Every item as it was before the transfer; limits stay counted, as a payment that is taken back leaves them."""
    legs = {account: amount_minor for account, amount_minor, _ in sides(half.facts)}
    writes: list[Write] = []
    for account, item in accounts.items():
        before = [
            leg
            for leg in legs_of(account, found[account].transfers.values())
            if leg.moved_micros < moved_micros(half.facts)
        ]
        undone = Part(add={"available": -legs[account], "seq": -1}, remove=() if before else ("last", "moved_micros"))
        writes.append(update(account_key(account), _as_read(item), undone, _last(before[-1]) if before else Part()))
    if half.status == PAID:
        writes.append(_waiting(services, half))
    return writes


def _last(leg: Any) -> Part:
    last = {"transfer": leg.transfer, "amount_minor": leg.amount_minor, "counterparty": leg.counterparty}
    return Part(assign={"last": last, "moved_micros": leg.moved_micros})


def _waiting(services: "Services", half: Half) -> Write:
    """The order as it waited, to be forgotten when it would have been."""
    paid = Clause(attribute="moved_micros", operator="=", value=moved_micros(half.facts), means=Refusal.STALE)
    forgotten_at = half.facts["paid_at"] + services.programme.durations.remembered_seconds
    assign = {"status": "pending", "ttl": forgotten_at}
    return update(intent_key(half.transfer), Part(clauses=(paid,), assign=assign, remove=_FACTS))


def _as_read(item: Item) -> Part:
    return Part(
        clauses=tuple(
            Clause(attribute=name, operator="=", value=item[name], means=Refusal.STALE) for name in ("seq", "available")
        )
    )
