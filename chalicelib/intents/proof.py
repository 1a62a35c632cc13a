"""How long ago somebody was proved to be the customer: what an account shows depends on it. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.identity.person import Handle
from chalicelib.ledger.account import Account


def proved_at(handle: Handle, account: Account, *, zone: str) -> int:
    """When strong authentication was applied last, in epoch seconds: when linking, or in the account's last payment.

    A payment is known by its day, and counts from the beginning of it.
    """
    if not account.day:
        return handle.linked_at
    day = datetime.fromisoformat(account.day).replace(tzinfo=ZoneInfo(zone))
    return max(handle.linked_at, int(day.timestamp()))
