"""An account as support reads it: amounts with their currency, moments in the programme's zone, no secret. Pure."""

from typing import Any

from chalicelib.ledger.account import Account
from chalicelib.money import format_amount
from console.output import at


def readable(account: Account, *, tries: int, zone: str) -> dict[str, Any]:
    """The account with names and values for a person; what was spent stands with the day that it was spent on."""
    row: dict[str, Any] = {
        "id": account.id,
        "person": account.person,
        "kind": account.kind,
        "status": account.status,
        "available": _money(account, account.available_minor),
        "code": "set" if account.code_mac else "none",
        "wrong_codes": f"{account.attempts} of {tries}",
        "blocked": "yes" if account.attempts >= tries else "no",
    }
    if account.day:
        row |= {
            "last_spent": account.day,
            "spent_that_day": _money(account, account.spent_day_minor),
            "spent_that_month": _money(account, account.spent_month_minor),
        }
    if account.shards:
        row["shards"] = account.shards
    moved = at(account.moved_micros / 1_000_000, zone) if account.moved_micros else "never"
    return row | {"movements": account.seq, "last_moved": moved}


def _money(account: Account, amount_minor: int) -> str:
    return format_amount(amount_minor, account.currency, "en")
