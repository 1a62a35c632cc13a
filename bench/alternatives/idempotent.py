"""Powertools idempotency around a transaction of payer, payee and transfer."""

import time
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from bench.alternatives import leg


class _Context(LambdaContext):
    """What the decorator asks of Lambda's context."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Half a minute."""
        return 30_000


class Idempotent:
    """The decorator writes a record before the transaction and completes it afterwards."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table
        records = DynamoDBPersistenceLayer(
            table_name=table, key_attr="PK", sort_key_attr="SK", expiry_attr="ttl", boto3_client=client
        )
        config = IdempotencyConfig(event_key_jmespath="transfer", use_local_cache=False)
        config.register_lambda_context(_Context())
        self._once = idempotent_function(
            self._settle, data_keyword_argument="order", persistence_store=records, config=config
        )

    def move(self, transfer: str, *, payer: str, payee: str, amount_minor: int) -> None:
        """Do a transfer once; the record answers a second call with what the first one returned."""
        self._once(order={"transfer": transfer, "payer": payer, "payee": payee, "amount_minor": amount_minor})

    def _settle(self, *, order: dict[str, Any]) -> dict[str, Any]:
        item = {
            "PK": {"S": f"transfer#{order['transfer']}"},
            "SK": {"S": "0"},
            "payer": {"S": order["payer"]},
            "payee": {"S": order["payee"]},
            "amount": {"N": str(order["amount_minor"])},
            "paid_at": {"N": str(int(time.time()))},
        }
        put = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(PK)"}
        legs = [
            leg(self._table, order["payer"], -order["amount_minor"]),
            leg(self._table, order["payee"], order["amount_minor"]),
        ]
        self._client.transact_write_items(TransactItems=[*legs, {"Put": put}])
        return {"paid": True}
