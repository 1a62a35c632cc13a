"""The table in Amazon DynamoDB: requests, answers, and what its errors mean for us."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib import aws
from chalicelib.capacity import Usage
from chalicelib.conditions import Item, broken
from chalicelib.expressions import decode_item, encode, encode_key, request
from chalicelib.refusals import Refusal, first
from chalicelib.table import Ambiguous, Busy, Key, Put, Rejection, Update, Write

# Refused before anything was written; a transaction's reasons carry the first three without "Exception".
_BUSY = frozenset(
    {
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "TransactionConflictException",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
    }
)
# Our own mistakes; anything else (an outage, a right or a key that was taken away) may heal, so it is tried again.
_BUGS = frozenset({"ValidationException", "IdempotentParameterMismatchException"})
BATCH_TRIES = 5


class DynamoTable:
    """The `Table` port over boto3's low-level client."""

    def __init__(self, name: str, usage: Usage | None = None) -> None:
        self._name = name
        self._usage = usage or Usage()

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        """Read one item."""
        answer = _call("get_item", TableName=self._name, Key=encode_key(key), ConsistentRead=consistent)
        item = decode_item(answer["Item"]) if "Item" in answer else None
        self._usage.read([item] * (2 if consistent else 1))
        return item

    def get_many(self, keys: Iterable[Key]) -> Mapping[Key, Item]:
        """Read items by BatchGetItem, asking again for what a busy table left out."""
        wanted = [encode_key(key) for key in dict.fromkeys(keys)]
        found: list[dict[str, Any]] = []
        asked = len(wanted)
        for _ in range(BATCH_TRIES):
            if not wanted:
                break
            answer = _call("batch_get_item", RequestItems={self._name: {"Keys": wanted}})
            found += [decode_item(image) for image in answer["Responses"].get(self._name, [])]
            wanted = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            self._usage.trip()
        if wanted:
            raise Busy("DynamoDB left items of a batch unread")
        self._usage.read([*found, *[None] * (asked - len(found))], trips=0)
        return {(item["PK"], item["SK"]): item for item in found}

    def query(self, partition: str, *, start: str = "", limit: int, newest_first: bool = False) -> Sequence[Item]:
        """Read one page of a partition."""
        answer = _call(
            "query",
            TableName=self._name,
            KeyConditionExpression="PK = :partition AND SK >= :start",
            ExpressionAttributeValues={":partition": encode(partition), ":start": encode(start or "!")},
            Limit=limit,
            ScanIndexForward=not newest_first,
        )
        items = [decode_item(image) for image in answer["Items"]]
        self._usage.query(items)
        return items

    def put(self, put: Put) -> Rejection | None:
        """Write an item under its conditions."""
        self._usage.write(put.item)
        try:
            _call("put_item", **request(put, table=self._name))
        except _Refused as refused:
            return _rejection([put], refused)
        return None

    def update(self, update: Update) -> Item | Rejection:
        """Change an item under its conditions; ALL_NEW brings it back."""
        try:
            answer = _call("update_item", ReturnValues="ALL_NEW", **request(update, table=self._name))
        except _Refused as refused:
            self._usage.write(refused.items[0])
            return _rejection([update], refused)
        item = decode_item(answer["Attributes"])
        self._usage.write(item)
        return item

    def transact(self, writes: Sequence[Write], *, token: str) -> Rejection | None:
        """Do all writes or none by TransactWriteItems."""
        actions = [
            {"Put" if isinstance(write, Put) else "Update": request(write, table=self._name)} for write in writes
        ]
        self._usage.transact(writes)
        try:
            _call("transact_write_items", TransactItems=actions, ClientRequestToken=token)
        except _Refused as refused:
            return _rejection(writes, refused)
        return None


class _Refused(Exception):
    """Conditions failed: `flagged` tells of which writes, `items` what is stored of those."""

    def __init__(self, flagged: Sequence[bool], items: Sequence[Item | None]) -> None:
        super().__init__()
        self.flagged = flagged
        self.items = tuple(items)


def _rejection(writes: Sequence[Write], refused: _Refused) -> Rejection:
    """Name the refusal by evaluating the flagged writes' clauses again on what was stored.

    The service names no clause, and may flag one write where several failed.
    """
    flagged = zip(writes, refused.flagged, refused.items, strict=True)
    names = [broken(write.clauses, item) for write, failed, item in flagged if failed]
    return Rejection(first([name for name in names if name]) or Refusal.STALE, refused.items)


def _call(operation: str, **parameters: Any) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # loaded with the client

    try:
        answer: dict[str, Any] = getattr(aws.client("dynamodb"), operation)(**parameters)
    except ClientError as error:
        raise _meaning(error.response) from error
    except BotoCoreError as error:
        raise Ambiguous(f"DynamoDB {operation}: {type(error).__name__}") from error
    return answer


def _meaning(response: Mapping[str, Any]) -> Exception:
    """What an error answer means: refused, cancelled, busy, ambiguous, or a bug."""
    code = response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return _Refused([True], [_stored(response)])
    if code == "TransactionCanceledException":
        return _cancellation(response.get("CancellationReasons", []))
    if code in _BUSY:
        return Busy(f"DynamoDB: {code}")
    if code in _BUGS:
        return RuntimeError(f"DynamoDB refused a request of ours: {code}: {response['Error'].get('Message', '')}")
    return Ambiguous(f"DynamoDB: {code}")


def _cancellation(reasons: Sequence[Mapping[str, Any]]) -> Exception:
    codes = [str(reason.get("Code")) for reason in reasons]
    named = sorted({*codes} - {"None"})
    if _BUSY.intersection(named):
        return Busy(f"DynamoDB transaction: {named}")
    if named == ["ConditionalCheckFailed"]:
        return _Refused([code != "None" for code in codes], [_stored(reason) for reason in reasons])
    return RuntimeError(f"DynamoDB cancelled a transaction of ours: {named}")


def _stored(answer: Mapping[str, Any]) -> Item | None:
    return decode_item(answer["Item"]) if answer.get("Item") else None
