"""Halves of transactions: what a table that was restored to a point in time holds of transfers it cut through. Pure.

A table is restored item by item, each to about the same moment, so that some items of a transaction may be from before
it and some from after. A half proves that the whole was done, because a transaction is done whole or not at all: so a
half is completed. Only where that cannot be, because a payment before it is wholly lost and the payer would fall below
zero, it is removed: each item goes back to before it, and the order waits again.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from chalicelib.conditions import Item
from chalicelib.ledger.account import BANK, FEES, SUSPENSE
from chalicelib.ledger.chain import Kept, add, read
from chalicelib.ledger.entry import MICROS, Leg, leg_of, legs_of, moved_micros, sides
from chalicelib.ledger.gathering import ORDER as GATHER
from chalicelib.ledger.reversal import REQUESTED, is_reversal
from chalicelib.ledger.transfer import BOOKINGS, holder
from chalicelib.link import identifier

Action = Literal["complete", "remove", "left"]
PAID = "paid"
AGAIN = "book the funding that is lost again, then run this again"
HELD = "it moved held money, and its claim may be from another second: restore to another second"
FUND = "fund"


@dataclass(frozen=True, kw_only=True)
class Half:
    """A transfer that some items know of and others do not.

    `facts` is the transfer as it must be when it is whole, `status` that of its order (empty if there is none),
    `lacking` the accounts and sub-balances without their leg, `having` those that have theirs.
    """

    transfer: str
    facts: Item
    status: str
    lacking: tuple[str, ...]
    having: tuple[str, ...]
    action: Action = "complete"
    why: str = ""

    @property
    def found(self) -> str:
        """What is there and what is not, in words."""
        order = self.status or "not there"
        return f"its order is {order}; with its leg: {_named(self.having)}; without: {_named(self.lacking)}"


@dataclass
class Books:
    """The accounts as they would be after each half that was decided on."""

    found: Mapping[str, Kept]
    available: dict[str, int] = field(default_factory=dict)

    def of(self, account: str) -> int:
        """What an account would hold."""
        held = self.found[account].held if account in self.found else None
        return self.available.setdefault(account, held["available"] if held else 0)


def traces(found: Mapping[str, Kept], *, settled_micros: int) -> dict[str, list[Leg]]:
    """Legs that accounts and entries know of although no paid transfer does, by the transfer's id."""
    paid = {name for kept in found.values() for name in kept.transfers}
    known: dict[str, list[Leg]] = defaultdict(list)
    for kept in found.values():
        for leg in _legs(kept):
            if leg.transfer not in paid and leg.moved_micros <= settled_micros:
                known[leg.transfer] += [leg] if leg.account not in {one.account for one in known[leg.transfer]} else []
    return known


def halves(found: dict[str, Kept], orders: Mapping[str, Item | None], *, settled_micros: int) -> Sequence[Half]:
    """Every half, in the order in which they moved, and what is to be done with each.

    `orders` holds the order of each transfer that left `traces`, None if it is not there; those that can be completed
    are added to `found`. What moved after `settled_micros` may be on its way, and is no half.
    """
    left = []
    for name, legs in sorted(traces(found, settled_micros=settled_micros).items()):
        half = _traced(found, name, legs, order=orders[name])
        if half.action == "left":
            left.append(half)
        else:
            add(found, half.facts)  # from here on its legs are looked for like those of any paid transfer
    lost = unexplained(found, settled_micros=settled_micros)
    decided, books = [], Books(found)
    for name, facts in sorted(_transfers(found).items(), key=lambda one: (moved_micros(one[1]), one[0])):
        torn = _half(found, name, facts, orders) if moved_micros(facts) <= settled_micros else None
        if torn and {facts["payer"], facts["payee"]} & {SUSPENSE, FEES}:
            decided.append(replace(torn, action="left", why=HELD))
        elif torn and (unclear := sorted(lost.keys() & {*torn.lacking, *torn.having})):
            decided.append(replace(torn, action="left", why=f"something of {_named(unclear)} is lost"))
        elif torn:
            decided.append(_decide(books, torn))
    return [*decided, *left]


def unexplained(found: Mapping[str, Kept], *, settled_micros: int) -> Mapping[str, str]:
    """The accounts of which a leg is lost altogether: a sentence that says how that is known, by account."""
    return {
        account: fault
        for account, kept in sorted(found.items())
        if (fault := _lost(kept, settled_micros=settled_micros))
    }


def _lost(kept: Kept, *, settled_micros: int) -> str:
    """Why an account has more legs than all transfers that are known give it, were every half completed."""
    account, held = kept.account, kept.held
    if held is None:
        return f"{account}: has transfers and no account" if kept.transfers else ""
    legs = legs_of(account, kept.transfers.values())
    within = [leg for leg in legs if leg.moved_micros <= _moved(kept)]
    told = (held["seq"], held["available"])
    given = (len(within), within[-1].balance_minor if within else 0)
    if told != given and _moved(kept) <= settled_micros:
        return f"{account}: holds {told[1]} after {told[0]} legs, its transfers give {given[1]} after {given[0]}"
    places = {leg.transfer: leg.seq for leg in legs}
    for leg in _legs(kept):
        if places.get(leg.transfer, leg.seq) != leg.seq and leg.moved_micros <= settled_micros:
            return f"{account}: leg {leg.seq} ({leg.transfer}) is number {places[leg.transfer]} of those that are known"
    return ""


def _legs(kept: Kept) -> Iterator[Leg]:
    """The legs that an account or its entries tell of."""
    yield from filter(None, map(read, kept.entries.values()))
    if kept.held and "last" in kept.held and "moved_micros" in kept.held:
        yield leg_of(kept.held)


def _transfers(found: Mapping[str, Kept]) -> dict[str, Item]:
    return {name: facts for kept in found.values() for name, facts in kept.transfers.items()}


def _traced(found: Mapping[str, Kept], name: str, legs: Sequence[Leg], *, order: Item | None) -> Half:
    """A half whose order is not paid, as its legs tell it."""
    facts = _facts(found, name, legs)
    having = tuple(leg.account for leg in legs)
    half = Half(transfer=name, facts=facts, status=_status(order), lacking=(), having=having)
    if {facts["payer"], facts["payee"]} & {SUSPENSE, FEES}:
        return replace(half, action="left", why=HELD)
    if order is None and facts["order"] not in (FUND, GATHER):
        return replace(half, action="left", why="its order is not there: restore to a later second")
    if order is not None and order["status"] != (REQUESTED if is_reversal(order) else "pending"):
        return replace(half, action="left", why=f"its order is {order['status']}: compare with the table before")
    said = {each: order.get(each) for each in ("payer", "payee", "amount_minor", "currency")} if order else {}
    if order is not None and is_reversal(order):
        half = replace(half, facts={**facts, "order": order["order"], "original": order["original"]})
    if any(facts[each] != value for each, value in said.items()):
        return replace(half, action="left", why="its order says otherwise: compare with the table before")
    return half


def _facts(found: Mapping[str, Kept], name: str, legs: Sequence[Leg]) -> dict[str, Any]:
    """The transfer that legs are of."""
    leg = legs[0]
    debited = next((one.account for one in legs if one.amount_minor < 0), "") or _source(found, name, leg)
    credited = next((one.account for one in legs if one.amount_minor > 0), "") or _place(found, leg)
    own = holder(debited) == holder(credited) and debited != credited
    facts = {
        "PK": f"T#{name}",
        "order": FUND if debited == BANK else GATHER if own else "",
        "payer": holder(debited),
        "payee": holder(credited),
        "amount_minor": abs(leg.amount_minor),
        "currency": leg.currency,
        "paid_at": leg.moved_micros // MICROS,
        "moved_micros": leg.moved_micros,
    }
    parts = {"debited": debited, "credited": credited}
    return facts | {side: part for side, part in parts.items() if holder(part) != part}


def _place(found: Mapping[str, Kept], leg: Leg) -> str:
    """Which balance of a payee a payment went to of which only the payer's leg is known.

    The one that has a leg more than its transfers give at a later instant has it; else any that rests since before.
    """
    if holder(leg.account) == leg.counterparty:
        return leg.counterparty  # what is gathered comes to the account itself
    parts = [kept for name, kept in sorted(found.items()) if holder(name) == leg.counterparty and kept.held]
    for kept in parts:
        known = [one for one in kept.transfers.values() if moved_micros(one) <= _moved(kept)]
        if _moved(kept) >= leg.moved_micros and kept.held and kept.held["seq"] > len(known):
            return kept.account
    return next((kept.account for kept in parts if _moved(kept) < leg.moved_micros), leg.counterparty)


def _source(found: Mapping[str, Kept], name: str, leg: Leg) -> str:
    """Which balance paid of which only the payee's leg is known: an account, or the sub-balance that was gathered.

    A gathering is named by the sub-balance and its last leg.
    """
    parts = [one for one in found.values() if one.held and holder(one.account) == leg.account == leg.counterparty]
    gathered = [
        one.account for one in parts if one.held and name == identifier(GATHER, one.account, str(one.held["seq"]))
    ]
    return gathered[0] if gathered else leg.counterparty


def _half(found: Mapping[str, Kept], name: str, facts: Item, orders: Mapping[str, Item | None]) -> Half | None:
    """The half that a transfer is, if it is one."""
    accounts = [account for account, _, _ in sides(facts)]
    lacking = tuple(one for one in accounts if one not in found or _moved(found[one]) < moved_micros(facts))
    having = tuple(one for one in accounts if one not in lacking)
    if name not in orders:
        return Half(transfer=name, facts=facts, status=PAID, lacking=lacking, having=having) if lacking else None
    return Half(transfer=name, facts=facts, status=_status(orders[name]), lacking=lacking, having=having)


def _decide(books: Books, half: Half) -> Half:
    """Complete a half if that is possible, remove it if that is, or leave it to an operator."""
    legs = {account: amount_minor for account, amount_minor, _ in sides(half.facts)}
    held = {account: books.found[account].held if account in books.found else None for account in legs}
    if gone := [account for account in half.lacking if not held[account]]:
        return replace(half, action="left", why=f"{_named(gone)} is not there: restore to a later second")
    if all(books.of(account) + legs[account] >= 0 for account in half.lacking):
        for account in half.lacking:
            books.available[account] = books.of(account) + legs[account]
        return half
    for account in half.having:
        item, entries = held[account], books.found[account].entries.values()
        newest = item is not None and item.get("last", {}).get("transfer") == half.transfer
        booked = half.facts.get("order") in BOOKINGS
        if booked or not newest or any(entry.get("transfer") == half.transfer for entry in entries):
            return replace(
                half, action="left", why=f"{_named(half.lacking)} lacks the money, {account} has gone on: {AGAIN}"
            )
    for account in half.having:
        books.available[account] = books.of(account) - legs[account]
    return replace(half, action="remove", why=f"{_named(half.lacking)} would fall below zero")


def _moved(kept: Kept) -> int:
    instant: int = kept.held.get("moved_micros", 0) if kept.held else 0
    return instant


def _status(order: Item | None) -> str:
    return str(order["status"]) if order else ""


def _named(accounts: Sequence[str]) -> str:
    return ", ".join(accounts) or "nobody"
