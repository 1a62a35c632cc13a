"""The books: every balance folded again from the transfers, and what does not agree."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.conditions import Item


@dataclass(frozen=True, kw_only=True)
class Books:
    """What all transfers add up to; `faults` names each account whose balance or count says otherwise."""

    transfers: int
    legs_minor: dict[str, int]
    balances_minor: dict[str, int]
    faults: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """Whether every currency's legs sum to zero and every account agrees with its transfers."""
        return not self.faults and not any(self.legs_minor.values())


def balance(items: Iterable[Item]) -> Books:
    """Fold the paid transfers among all items of a table and compare them with the accounts."""
    accounts: dict[str, Item] = {}
    folded: dict[str, int] = defaultdict(int)
    counted: dict[str, int] = defaultdict(int)
    legs: dict[str, int] = defaultdict(int)
    transfers = 0
    for item in items:
        if item["PK"].startswith("A#"):
            accounts[item["PK"].removeprefix("A#")] = item
        if item["PK"].startswith("T#") and item["status"] == "paid":
            transfers += 1
            for account, amount in ((item["payer"], -item["amount_minor"]), (item["payee"], item["amount_minor"])):
                folded[account] += amount
                counted[account] += 1
                legs[item["currency"]] += amount
    faults = [
        f"{account}: holds {item['available']}, its transfers give {folded[account]}; "
        f"counts {item['seq']} legs of {counted[account]}"
        for account, item in sorted(accounts.items())
        if (item["available"], item["seq"]) != (folded[account], counted[account])
    ]
    faults += [f"{account}: below zero" for account, item in sorted(accounts.items()) if item["available"] < 0]
    return Books(transfers=transfers, legs_minor=dict(legs), balances_minor=dict(folded), faults=tuple(faults))
