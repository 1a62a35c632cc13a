"""The books: every balance folded again from the transfers, and what does not agree. Pure.

A table is read page by page while money moves, so accounts and transfers are not of one moment. What was paid up to
the cutoff is settled: it is in every account that was read. Later legs are kept one by one, and an account's `seq`
tells how many of them it held when it was read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.conditions import Item
from chalicelib.ledger import suspense
from chalicelib.ledger.account import OWN, SUSPENSE
from chalicelib.ledger.claim import from_item
from chalicelib.ledger.reversal import REQUESTED, is_reversal, reversed_minor
from chalicelib.ledger.transfer import holder, moved_minor

ENDS = frozenset({"paid", "declined", "cancelled", "expired", "refused", "answered"})
NEVER = 1 << 62
_BOOKED = {"fund": "funded", "gather": "gathered", "claim": "claimed", "return": "returned", "fee": "fees"}
_REVERSED = "reversed"


@dataclass(frozen=True, kw_only=True)
class Books:
    """What the accounts hold against what the transfers say; `faults` names each thing that disagrees.

    `sum_minor` adds, for each currency, every stored balance and the programme's own sides as the transfers give them:
    zero.
    `moving` names accounts that could not be compared because they moved while they were read.
    """

    transfers: int
    sum_minor: dict[str, int]
    faults: tuple[str, ...]
    moving: tuple[str, ...] = ()

    @property
    def balanced(self) -> bool:
        """Whether all holders' balances and the programme's sides sum to zero, and each agrees with its transfers."""
        return not self.faults and not self.moving and not any(self.sum_minor.values())


@dataclass(kw_only=True)
class Tally:
    """What reading a table adds up to; plain JSON-able data, so that it can be put aside and gone on with.

    `accounts` holds [available, seq, currency], `currencies` those of an account's legs, `legs` the sum and number of
    settled legs, and `recent` the later legs as [paid_at, amount]. `reversed` holds what payments say of what went back
    as [amount, of, at], `returned` what settled reversals of them sum to; `listed` are the accounts that are known to
    have sub-balances. `claims` and `held` are what is held as `suspense` wants them; `late_payouts` counts what left by
    the bank up to `payouts_due` (epoch seconds) and was not sent. With `again` only the recent legs of these accounts
    are gathered.
    """

    cutoff: int = NEVER
    payouts_due: int = 0
    accounts: dict[str, list[Any]] = field(default_factory=dict)
    legs: dict[str, list[int]] = field(default_factory=dict)
    recent: dict[str, list[list[int]]] = field(default_factory=dict)
    bank_minor: dict[str, int] = field(default_factory=dict)
    currencies: dict[str, list[str]] = field(default_factory=dict)
    orders: dict[str, int] = field(default_factory=dict)
    reversed: dict[str, list[int]] = field(default_factory=dict)
    returned: dict[str, int] = field(default_factory=dict)
    listed: list[str] = field(default_factory=list)
    claims: dict[str, list[int]] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    late_payouts: int = 0
    faults: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)

    def add(self, item: Item) -> None:
        """Take one item of the table into account; one that lacks what it must have is a fault."""
        try:
            self._add(item)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self.faults.append(f"{item['PK']}: cannot be read ({type(error).__name__} {error})")

    def _add(self, item: Item) -> None:
        kind, name = item["PK"][:2], item["PK"][2:]
        if kind == "T#" and item["status"] == "paid":
            self._transfer(item)
        if self.again:
            return
        if kind == "A#":
            self.accounts[name] = [item["available"], item["seq"], item["currency"]]
        if (kind, name) == ("S#", "accounts"):
            self.listed.append(item["SK"])
        if kind == "C#":
            suspense.state(self.claims, item, cutoff=self.cutoff)
            self.late_payouts += from_item(item).late(due=self.payouts_due)
        if kind == "T#":
            kind = _counted_as(item)
            self.orders[kind] = self.orders.get(kind, 0) + 1
            self._reversal(name, item)
            self.faults += _faults_of(name, item, cutoff=self.cutoff)

    def reread(self, items: Mapping[str, Item]) -> None:
        """Start a second pass for accounts that moved: as they are now, and the legs since the cutoff anew."""
        self.again = sorted(items)
        for name, item in items.items():
            self.accounts[name] = [item["available"], item["seq"], item["currency"]]
            self.recent.pop(name, None)

    def books(self) -> Books:
        """Compare what the accounts hold with their legs."""
        total = dict(self.bank_minor)
        faults, moving = list(self.faults), []
        for name, (available, seq, currency) in sorted(self.accounts.items()):
            settled, count = self.legs.get(name, [0, 0])
            held = _held(available - settled, seq - count, self.recent.get(name, []))
            moved = not held and self._may_have_moved(name, available - settled, seq - count)
            total[currency] = total.get(currency, 0) + (settled if held or moved else available)
            faults += [f"{name}: has a leg in {other}" for other in self.currencies.get(name, []) if other != currency]
            if available < 0:
                faults.append(f"{name}: below zero")
            if moved:
                moving.append(name)
            elif not held:
                faults.append(f"{name}: holds {available} after {seq} legs, {count} transfers give {settled}")
        homeless = sorted({*self.legs} - {*self.accounts} - OWN)  # settled: so not opened while we read
        faults += [f"{name}: has transfers and no account" for name in homeless]
        # What has settled on a sub-balance was given after its account was listed.
        unlisted = sorted({holder(name) for name in self.legs if holder(name) != name} - {*self.listed})
        faults += [f"{name}: has sub-balances and is not listed" for name in unlisted]
        faults += self._unlike()
        faults += suspense.faults(self.claims, self.held, now=self.cutoff if self.cutoff != NEVER else 0)
        return Books(
            transfers=sum(self.orders.get(kind, 0) for kind in ("paid", _REVERSED, *_BOOKED.values())),
            sum_minor=total,
            faults=tuple(faults),
            moving=tuple(moving),
        )

    def _may_have_moved(self, name: str, difference: int, count: int) -> bool:
        """Whether legs that were not read yet, or whose order the clocks do not tell, may explain the difference."""
        if count <= 0:
            return False
        if name not in self.again:
            return self.cutoff != NEVER
        legs = sorted(leg for _, leg in self.recent.get(name, []))
        return count <= len(legs) and sum(legs[:count]) <= difference <= sum(legs[-count:])

    def _reversal(self, name: str, item: Item) -> None:
        """What a payment says of what went back of it, or a reversal of what it brought back."""
        if "reversed_minor" in item:
            self.reversed[name] = [reversed_minor(item), item["amount_minor"], item["reversed_at"]]
        if is_reversal(item) and item["status"] == "paid" and item["paid_at"] <= self.cutoff:
            self.returned[item["original"]] = self.returned.get(item["original"], 0) + item["amount_minor"]

    def _unlike(self) -> Iterator[str]:
        """Payments that say otherwise than their reversals; of one that was just reversed, some may not be read yet."""
        for name in sorted({*self.reversed, *self.returned}):
            stated, paid, at = self.reversed.get(name, [0, 0, 0])
            settled = self.returned.get(name, 0)
            if stated > paid or stated < settled or (stated > settled and at <= self.cutoff):
                yield f"{name}: says that {stated} of {paid} went back, its reversals give {settled}"

    def _transfer(self, item: Item) -> None:
        if not {"payer", "payee", "amount_minor", "currency", "paid_at"} <= item.keys():
            return  # _faults_of tells
        amount, recent = moved_minor(item), item["paid_at"] > self.cutoff
        debited, credited = item.get("debited", item["payer"]), item.get("credited", item["payee"])
        for account, leg in ((debited, -amount), (credited, amount)):
            known = self.currencies.setdefault(account, [])
            known += [item["currency"]] if item["currency"] not in known else []
            if account in OWN and not self.again and not recent:
                self.bank_minor[item["currency"]] = self.bank_minor.get(item["currency"], 0) + leg
            if account == SUSPENSE and not self.again and not recent:
                suspense.add(self.held, item, leg)
            if recent and (not self.again or account in self.again):
                self.recent.setdefault(account, []).append([item["paid_at"], leg])
            elif not recent and not self.again:
                settled = self.legs.setdefault(account, [0, 0])
                settled[0] += leg
                settled[1] += 1


def balance(items: Iterable[Item]) -> Books:
    """Fold the transfers among all items of a table at rest and compare them with the accounts."""
    tally = Tally()
    for item in items:
        tally.add(item)
    return tally.books()


def _held(difference: int, count: int, recent: list[list[int]]) -> bool:
    """Whether the first `count` legs since the cutoff explain the difference."""
    return 0 <= count <= len(recent) and difference == sum(leg for _, leg in sorted(recent)[:count])


def _counted_as(item: Item) -> str:
    """Under what an order is counted: its status, but for what the bank and the ledger book."""
    if is_reversal(item):
        return _REVERSED if item["status"] == "paid" else f"reversal {item['status']}"
    return _BOOKED.get(str(item.get("order")), str(item["status"]))


def _faults_of(name: str, item: Item, *, cutoff: int) -> Iterator[str]:
    status = item["status"]
    if status == "pending":
        if item.get("expires_at", 0) <= cutoff != NEVER:
            yield f"{name}: still pending after its time"
    elif status not in ENDS and not (status == REQUESTED and is_reversal(item)):
        yield f"{name}: has the unknown status {status}"
    if status == "refused" and not item.get("refusal"):
        yield f"{name}: was refused without a reason"
    if status == "paid":
        missing = {"payer", "payee", "amount_minor", "currency", "paid_at"} - item.keys()
        if missing:
            yield f"{name}: is paid without {', '.join(sorted(missing))}"
        elif item["amount_minor"] <= 0:
            yield f"{name}: moved {item['amount_minor']}"
        if "ttl" in item:
            yield f"{name}: is paid and would be forgotten"
