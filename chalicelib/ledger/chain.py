"""The journal held against the accounts and the transfers: what disagrees, and what a rebuild would write. Pure.

A table is read page by page while money moves. What moved up to `settled_micros`, a while before the reading began, is
all there. Later legs are judged only where the account itself proves that none is missing: where as many transfers
were read as it has legs, up to its own last instant.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from chalicelib.conditions import Item
from chalicelib.ledger.entry import (
    Entry,
    entries_of,
    from_item,
    genesis,
    is_intact,
    moved_micros,
    sides,
    to_item,
)
from chalicelib.ledger.transfer import holder

NEVER = 1 << 62
_ACCOUNT = frozenset({"seq", "available", "currency"})
_FACTS = (
    *("PK", "order", "payer", "payee", "debited", "credited", "amount_minor", "currency", "paid_at", "moved_micros"),
    *("original", "reversed_minor", "reversed_at", "fee_minor", "claim"),
)


@dataclass(kw_only=True)
class Kept:
    """What the table keeps of one account or sub-balance: its item, its entries by `SK`, its paid transfers by id."""

    account: str
    held: Item | None = None
    entries: dict[str, Item] = field(default_factory=dict)
    transfers: dict[str, Item] = field(default_factory=dict)

    @cached_property
    def written(self) -> frozenset[str]:
        """The transfers that the entries are of, as they were when this was first asked."""
        return frozenset(str(entry.get("transfer")) for entry in self.entries.values())


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a rebuild writes: entries that are `missing`, and those that stand there with other bytes (`wrong`).

    `surplus` are entries of no leg that is known; `proven` says that nothing of the account is left out.
    """

    missing: tuple[Entry, ...]
    wrong: tuple[Entry, ...]
    surplus: tuple[Item, ...]
    proven: bool


def gather(items: Iterable[Item]) -> tuple[dict[str, Kept], Sequence[str]]:
    """Sort a table's items by account; also a sentence for each account and paid transfer that cannot be read."""
    found: dict[str, Kept] = {}
    faults = []
    for item in items:
        kind, name = item["PK"][:2], item["PK"][2:]
        if kind == "E#":
            found.setdefault(name, Kept(account=name)).entries[item["SK"]] = item
        elif kind == "A#" and item["SK"] == "0" and item.keys() >= _ACCOUNT:
            found.setdefault(name, Kept(account=name)).held = item
        elif kind == "A#":
            faults.append(f"{name}: {item['SK']} is no account")
        elif kind == "T#" and item.get("status") == "paid":
            try:
                add(found, item)
            except (KeyError, TypeError, ValueError) as error:
                faults.append(f"transfer {name} is paid and cannot be read: {error}")
    return found, faults


def add(found: dict[str, Kept], transfer: Item) -> None:
    """Give a paid transfer to each account that it moved; raises KeyError, TypeError or ValueError otherwise."""
    facts = {fact: transfer[fact] for fact in _FACTS if fact in transfer}
    if facts["amount_minor"] <= 0 or not facts["currency"] or moved_micros(facts) <= 0:
        raise ValueError("it moves nothing")
    for side, balance in (("payer", "debited"), ("payee", "credited")):
        if holder(facts.get(balance, facts[side])) != facts[side]:
            raise ValueError(f"{balance} is not of its {side}")
    for account, _, _ in list(sides(facts)):
        found.setdefault(account, Kept(account=account)).transfers[transfer["PK"].removeprefix("T#")] = facts


def expected(kept: Kept, *, settled_micros: int) -> tuple[Sequence[Entry], bool]:
    """The entries that the transfers prove, and whether they are all that the account has."""
    until = kept.held.get("moved_micros", NEVER) if kept.held else NEVER
    known = [one for one in kept.transfers.values() if moved_micros(one) <= until]
    made = entries_of(kept.account, known)
    if kept.held and _agrees(kept.held, made):
        return made, True
    return [entry for entry in made if entry.moved_micros <= settled_micros], False


def plan(kept: Kept, *, settled_micros: int) -> Plan:
    """What a rebuild of one account would write."""
    made, proven = expected(kept, settled_micros=settled_micros)
    wanted = {item["SK"]: (entry, item) for entry, item in ((entry, to_item(entry)) for entry in made)}
    return Plan(
        missing=tuple(entry for sort, (entry, _) in wanted.items() if sort not in kept.entries),
        wrong=tuple(entry for sort, (entry, item) in wanted.items() if kept.entries.get(sort, item) != item),
        surplus=tuple(
            item
            for sort, item in sorted(kept.entries.items())
            if sort not in wanted and _instant(item) <= settled_micros
        ),
        proven=proven,
    )


def faults(kept: Kept, *, settled_micros: int) -> Iterator[str]:
    """Everything of one account that disagrees: its chain, its transfers, its balance; one sentence each.

    What moved after `settled_micros` may lack its entry for a moment and is not told.
    """
    name, planned = kept.account, plan(kept, settled_micros=settled_micros)
    yield from chain_faults(name, [item for _, item in sorted(kept.entries.items())])
    yield from (
        f"{name}: leg {one.seq} ({one.transfer}) has no entry"
        for one in planned.missing
        if one.moved_micros <= settled_micros
    )
    for entry in planned.wrong:
        stored, wanted = kept.entries[f"{entry.seq:012}"], to_item(entry)
        differing = sorted(each for each in {*stored, *wanted} if stored.get(each) != wanted.get(each))
        yield f"{name}: entry {entry.seq} differs from its transfer in {', '.join(differing)}"
    yield from (f"{name}: entry {item['SK']} belongs to no leg" for item in planned.surplus)
    if not planned.proven and _has_rested(kept, settled_micros):
        yield _disagreement(kept, settled_micros)


def missing_legs(kept: Kept, everything: dict[str, Kept], *, settled_micros: int) -> Iterator[str]:
    """The transfers of an account whose other leg has no entry on the other account; the programme's own have none."""
    for name, transfer in kept.transfers.items():
        if moved_micros(transfer) > settled_micros:
            continue
        for other, _, _ in sides(transfer):
            written = everything[other].written if other in everything else frozenset()
            if other != kept.account and name not in written:
                yield f"{kept.account}: transfer {name} has no entry on {other}"


def chain_faults(account: str, stored: Sequence[Item]) -> Iterator[str]:
    """What is wrong with a chain by itself: gaps, broken hashes, balances that do not add up, a time going back.

    `stored` may begin with a later entry than the first.
    """
    before: Entry | None = None
    for item in stored:
        entry = read(item)
        if entry is None:
            yield f"{account}: entry {item['SK']} cannot be read"
        else:
            yield from (f"{account}: entry {entry.seq} {what}" for what in _broken(entry, before))
        before = entry


def read(item: Item) -> Entry | None:
    """An entry, if the item is one and nothing but one, every field of its own type."""
    try:
        entry = from_item(item)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    numbers = (entry.amount_minor, entry.balance_minor, entry.moved_micros)
    texts = (entry.transfer, entry.currency, entry.counterparty, entry.before, entry.hash)
    typed = all(type(one) is int for one in numbers) and all(isinstance(one, str) for one in texts)
    return entry if typed and to_item(entry) == item else None


def _broken(entry: Entry, before: Entry | None) -> Iterator[str]:
    if not is_intact(entry):
        yield "does not have the hash of its bytes"
    if entry.seq == 1 and (entry.before != genesis(entry.account) or entry.balance_minor != entry.amount_minor):
        yield "does not begin its chain"
    if before is None:
        return
    if entry.seq != before.seq + 1:
        yield f"follows entry {before.seq}"
        return
    if entry.before != before.hash:
        yield "does not follow from the entry before it"
    if entry.balance_minor != before.balance_minor + entry.amount_minor:
        yield "has a balance that does not follow from the one before"
    if entry.moved_micros <= before.moved_micros or entry.currency != before.currency:
        yield "is not later than the entry before it, or of another currency"


def _agrees(held: Item, made: Sequence[Entry]) -> bool:
    """Whether an account is what its legs say: as many, the same balance, the same last one."""
    if not made:
        return (held["seq"], held["available"]) == (0, 0)
    end, last = made[-1], held.get("last", {})
    stored = (held["seq"], held["available"], held["currency"], held.get("moved_micros", end.moved_micros))
    told = (last.get("transfer"), last.get("amount_minor"), last.get("counterparty"))
    return stored == (end.seq, end.balance_minor, end.currency, end.moved_micros) and told == (
        end.transfer,
        end.amount_minor,
        end.counterparty,
    )


def _has_rested(kept: Kept, settled_micros: int) -> bool:
    return kept.held is None or kept.held.get("moved_micros", 0) <= settled_micros


def _disagreement(kept: Kept, settled_micros: int) -> str:
    made, _ = expected(kept, settled_micros=settled_micros)
    count, balance = len(made), made[-1].balance_minor if made else 0
    if kept.held is None:
        return f"{kept.account}: has {count} legs, {len(kept.entries)} entries, and no account"
    seq, available = kept.held["seq"], kept.held["available"]
    return f"{kept.account}: holds {available} after {seq} legs, its transfers give {balance} after {count}"


def _instant(item: Item) -> int:
    instant = item.get("moved_micros")
    return instant if isinstance(instant, int) else 0
