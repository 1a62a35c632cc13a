"""Paging through a stage's whole table: for lists and audits that no customer waits for."""

from collections.abc import Iterator
from typing import Any

from chalicelib import aws, config
from chalicelib.expressions import decode_item


def items() -> Iterator[dict[str, Any]]:
    """Every item of the stage's table, in no order."""
    for page in aws.client("dynamodb").get_paginator("scan").paginate(TableName=config.stage().table):
        yield from map(decode_item, page["Items"])
