"""The usual ways to move money on DynamoDB, built as well as they can be, to be measured beside Envoi's.

| | transaction | against a second click |
|---|---|---|
| `five_items` | idempotency row, payer, payee, two entries | the row's condition |
| `idempotent` | payer, payee, transfer | Powertools idempotency around it, before and after |

Both hold balances above zero by condition. Neither has a security code to count, a day's limit, or an order that waits.
"""

from typing import Any, Protocol


class Way(Protocol):
    """Moves money once for each id; `client` is the low-level client of DynamoDB that it uses."""

    def move(self, transfer: str, *, payer: str, payee: str, amount_minor: int) -> None:
        """Do a transfer; one that was done before changes nothing. Raises ValueError when it is refused."""


def account(name: str, available: int) -> dict[str, Any]:
    """An account's item as both ways keep it."""
    return {"PK": {"S": f"account#{name}"}, "SK": {"S": "0"}, "available": {"N": str(available)}}


def leg(table: str, name: str, amount_minor: int) -> dict[str, Any]:
    """A side of a transfer, which must not fall below zero."""
    more: dict[str, Any] = {}
    values = {":amount": {"N": str(amount_minor)}}
    if amount_minor < 0:
        more["ConditionExpression"] = "available >= :least"
        values[":least"] = {"N": str(-amount_minor)}
    return {
        "Update": {
            "TableName": table,
            "Key": {"PK": {"S": f"account#{name}"}, "SK": {"S": "0"}},
            "UpdateExpression": "SET available = available + :amount",
            "ExpressionAttributeValues": values,
            **more,
        }
    }
