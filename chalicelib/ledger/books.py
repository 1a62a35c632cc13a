"""The books: every balance folded again from the transfers, and what does not agree."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chalicelib.conditions import Item
from chalicelib.ledger.account import BANK


@dataclass(frozen=True, kw_only=True)
class Books:
    """What the accounts hold against what the transfers say; `faults` names each account that disagrees.

    `sum_minor` adds, for each currency, every stored balance and the bank's side as the transfers give it: zero.
    """

    transfers: int
    sum_minor: dict[str, int]
    faults: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """Whether all holders' balances and the bank's own side sum to zero, and each agrees with its transfers."""
        return not self.faults and not any(self.sum_minor.values())


def balance(items: Iterable[Item]) -> Books:
    """Fold the paid transfers among all items of a table and compare them with the accounts."""
    everything = list(items)
    accounts = {item["PK"].removeprefix("A#"): item for item in everything if item["PK"].startswith("A#")}
    paid = [item for item in everything if item["PK"].startswith("T#") and item["status"] == "paid"]
    folded: dict[str, int] = defaultdict(int)
    counted: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for item in paid:
        for account, amount in ((item["payer"], -item["amount_minor"]), (item["payee"], item["amount_minor"])):
            folded[account] += amount
            counted[account] += 1
            total[item["currency"]] += amount if account == BANK else 0
    for item in accounts.values():
        total[item["currency"]] += item["available"]
    faults = [*_disagreeing(accounts, folded, counted), *_homeless(accounts, folded)]
    return Books(transfers=len(paid), sum_minor=dict(total), faults=tuple(faults))


def _disagreeing(accounts: Mapping[str, Item], folded: Mapping[str, int], counted: Mapping[str, int]) -> Iterator[str]:
    for account, item in sorted(accounts.items()):
        legs, sum_minor = counted.get(account, 0), folded.get(account, 0)
        if (item["available"], item["seq"]) != (sum_minor, legs):
            yield f"{account}: holds {item['available']} after {item['seq']} legs, {legs} transfers give {sum_minor}"
        if item["available"] < 0:
            yield f"{account}: below zero"


def _homeless(accounts: Mapping[str, Item], folded: Mapping[str, int]) -> Iterator[str]:
    yield from (f"{account}: has transfers and no account" for account in sorted({*folded} - {*accounts} - {BANK}))
