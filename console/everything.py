"""Paging through a stage's whole table: for lists, searches and audits that no customer waits for."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chalicelib import aws, config
from chalicelib.expressions import decode_item, encode


def items() -> Iterator[dict[str, Any]]:
    """Every item of the stage's table, in no order."""
    for page in aws.client("dynamodb").get_paginator("scan").paginate(TableName=config.stage().table):
        yield from map(decode_item, page["Items"])


def search(
    kinds: Sequence[str], wanted: Callable[[dict[str, Any]], bool], *, told_from: int = 1
) -> Iterator[dict[str, Any]]:
    """The items whose PK begins with one of `kinds` and that are wanted; tells its progress on standard error.

    `told_from` is the page from which on it does: what looks through a small table beside its work need not say so.
    """
    names = {f":kind{place}": encode(kind) for place, kind in enumerate(kinds)}
    condition = " OR ".join(f"begins_with(PK, {name})" for name in names)
    pages = (
        aws.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=config.stage().table, FilterExpression=condition, ExpressionAttributeValues=names)
    )
    looked_at = 0
    for number, page in enumerate(pages, start=1):
        looked_at += page["ScannedCount"]
        yield from filter(wanted, map(decode_item, page["Items"]))
        if number >= told_from:
            print(f"looked at {looked_at} items of the table", file=sys.stderr)
