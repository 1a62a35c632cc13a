"""Looking at the running stack: its table, its queues and its phones, as one small snapshot."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from http.client import HTTPException
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.channels import Named
from chalicelib.conditions import Item
from chalicelib.config import programme
from chalicelib.expressions import decode_item
from local import wire
from local.sandbox import bank
from local.stack import Stack

QUEUES = ("inbox", "sms-links", "sms-receipts", "replies", "changes")
_DEPTHS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class Down(Exception):
    """The local AWS does not answer."""


class Watch:
    """Looks at one stack."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._urls: dict[str, str] = {}

    def look(self) -> dict[str, Any]:
        """Phones, accounts, books, orders, notices and queues as they are now; raises Down."""
        try:
            items = self._items()
            return {**self._told(items), "queues": [self._queue(name) for name in QUEUES]}
        except (BotoCoreError, ClientError, OSError, HTTPException, ValueError) as failure:
            raise Down(str(failure)) from failure

    def known(self) -> list[Named]:
        """The accounts on X that the bank knows of, "" for an id that it does not know; raises Down."""
        try:
            return list(bank.handles(self._items()).values())
        except (BotoCoreError, ClientError, OSError) as failure:
            raise Down(str(failure)) from failure

    def warm(self) -> None:
        """Start every triggered function: one that starts slowly is given its message twice here; raises Down."""
        functions = self.stack.client("lambda")
        try:
            mappings = functions.list_event_source_mappings()["EventSourceMappings"]
            with ThreadPoolExecutor(len(mappings) or 1) as pool:
                names = [mapping["FunctionArn"] for mapping in mappings]
                list(pool.map(lambda name: functions.invoke(FunctionName=name, Payload=b'{"Records": []}'), names))
        except (BotoCoreError, ClientError, OSError) as failure:
            raise Down(str(failure)) from failure

    def _told(self, items: Sequence[Item]) -> dict[str, Any]:
        texts = self._texts()
        codes = {person["account"]: person["code"] for person in self.stack.people}
        return {
            "phones": [{**one, "texts": texts.get(one["phone"], [])} for one in bank.phones(items, codes)],
            "accounts": bank.accounts(items, tries=programme(self.stack.programme).caps.code_tries),
            "books": bank.books(items),
            "orders": bank.orders(items),
            "intents": bank.intents(items),
            "held": bank.held(items),
            "notices": bank.notices(items),
        }

    @cached_property
    def _table(self) -> Any:
        return self.stack.client("dynamodb")

    @cached_property
    def _sqs(self) -> Any:
        return self.stack.client("sqs")

    def _items(self) -> list[Item]:
        pages = self._table.get_paginator("scan").paginate(TableName=self.stack.table)
        return [decode_item(item) for page in pages for item in page["Items"]]

    def _texts(self) -> dict[str, list[str]]:
        answer = json.loads(wire.call(f"{self.stack.aws_endpoint_url}/_ministack/sns/sms-messages").body)
        return {phone: [one["Message"] for one in sent] for phone, sent in answer["sms_messages"].items()}

    def _queue(self, name: str) -> dict[str, Any]:
        """What waits and what is in work; the changes come by the table's stream and have a dead-letter queue only."""
        waiting, in_work = (0, 0) if name == "changes" else self._depth(name)
        return {"name": name, "waiting": waiting, "in_work": in_work, "dead": sum(self._depth(f"{name}-dead"))}

    def _depth(self, name: str) -> tuple[int, int]:
        if name not in self._urls:
            self._urls[name] = self._sqs.get_queue_url(QueueName=f"{self.stack.table}-{name}")["QueueUrl"]
        found = self._sqs.get_queue_attributes(QueueUrl=self._urls[name], AttributeNames=list(_DEPTHS))["Attributes"]
        return int(found[_DEPTHS[0]]), int(found[_DEPTHS[1]])
