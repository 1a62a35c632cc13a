"""The tutorials' way: one transaction of five items, an idempotency row among them."""

import time
from typing import Any

from botocore.exceptions import ClientError

from bench.alternatives import leg

KEPT_SECONDS = 86_400


class FiveItems:
    """Idempotency row, payer, payee and an entry for each, all or none."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def move(self, transfer: str, *, payer: str, payee: str, amount_minor: int) -> None:
        """Do a transfer once; its row says whether it was done."""
        now = time.time_ns()
        row = {"PK": {"S": f"done#{transfer}"}, "SK": {"S": "0"}, "ttl": {"N": str(now // 10**9 + KEPT_SECONDS)}}
        writes = [
            {"Put": {"TableName": self._table, "Item": row, "ConditionExpression": "attribute_not_exists(PK)"}},
            leg(self._table, payer, -amount_minor),
            leg(self._table, payee, amount_minor),
            self._entry(payer, transfer, now=now, amount_minor=-amount_minor),
            self._entry(payee, transfer, now=now, amount_minor=amount_minor),
        ]
        try:
            self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            reasons = error.response.get("CancellationReasons", [])
            if not reasons or reasons[0].get("Code") != "ConditionalCheckFailed":
                raise

    def _entry(self, account: str, transfer: str, *, now: int, amount_minor: int) -> dict[str, Any]:
        item = {
            "PK": {"S": f"account#{account}"},
            "SK": {"S": f"entry#{now:020}#{transfer}"},
            "transfer": {"S": transfer},
            "amount": {"N": str(amount_minor)},
        }
        return {"Put": {"TableName": self._table, "Item": item}}
