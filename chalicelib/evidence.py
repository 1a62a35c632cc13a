"""Where the audit reads: pages of the whole table, lines of the functions' logs, depths of queues, its own notes."""

import base64
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chalicelib import aws, config
from chalicelib.conditions import Item
from chalicelib.errors import Unavailable
from chalicelib.expressions import decode_item, encode_key
from chalicelib.table import Key, Put, Table

# An item holds 400 kB; what a large bank's audit puts aside is cut into several.
CHUNK_CHARACTERS = 300_000
KEPT_SECONDS = 2 * 86_400
LOOKED_AT = 50
STATE, REPORTS = "B#audit", "B#reports"


def scan(start: Key | None, *, consistent: bool = False) -> tuple[Sequence[Item], Key | None]:
    """One page of the whole table, and where the next one starts; raises Unavailable."""
    more = {"ExclusiveStartKey": encode_key(start)} if start else {}
    answer = _asked("dynamodb", "scan", TableName=config.stage().table, ConsistentRead=consistent, **more)
    last = answer.get("LastEvaluatedKey")
    key = decode_item(last) if last else None
    return [decode_item(item) for item in answer["Items"]], (key["PK"], key["SK"]) if key else None


def lines(function: str, term: str, *, since: int, until: int) -> Iterator[str]:
    """The log lines of a function (`""` for the API's) that hold a term, from one epoch second to another.

    Raises Unavailable; a function that never ran has none.
    """
    name = f"envoi-{config.stage().name}" + (f"-{function}" if function else "")
    asked: dict[str, Any] = {
        "logGroupName": f"/aws/lambda/{name}",
        "filterPattern": term,
        "startTime": since * 1000,
        "endTime": until * 1000 - 1,
    }
    while True:
        answer = _asked("logs", "filter_log_events", **asked)
        yield from (event["message"] for event in answer.get("events", []))
        if not answer.get("nextToken"):
            return
        asked["nextToken"] = answer["nextToken"]


def dead() -> int:
    """How many messages the inbox's dead letters hold, those in work included; raises Unavailable."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    url = _asked("sqs", "get_queue_url", QueueName=f"envoi-{config.stage().name}-inbox-dead")["QueueUrl"]
    told = _asked("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(told[each]) for each in names)


class Notes:
    """What an unfinished audit has put aside in the table, and the reports of those that were finished."""

    def __init__(self, table: Table, now: Callable[[], int]) -> None:
        self._table = table
        self._now = now

    def load(self) -> dict[str, Any] | None:
        """What was put aside, or None."""
        head = self._table.get((STATE, "state"), consistent=True)
        if head is None or not head["chunks"]:
            return None
        keys = [(STATE, f"state#{number}") for number in range(head["chunks"])]
        parts = [self._table.get(key, consistent=True) for key in keys]
        if any(part is None or part["run"] != head["run"] for part in parts):
            return None  # cut off while it was written: begin anew
        packed = "".join(part["text"] for part in parts if part)
        state: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
        return state

    def save(self, state: dict[str, Any]) -> None:
        """Put a state aside; the head is written last."""
        text = base64.b64encode(zlib.compress(json.dumps(state).encode())).decode()
        chunks = [text[start : start + CHUNK_CHARACTERS] for start in range(0, len(text), CHUNK_CHARACTERS)]
        run = f"{state['started_at']}#{self._now()}"
        for number, chunk in enumerate(chunks):
            self._put(f"state#{number}", {"text": chunk, "run": run, "ttl": self._now() + KEPT_SECONDS})
        self._put("state", {"chunks": len(chunks), "run": run, "ttl": self._now() + KEPT_SECONDS})

    def clear(self) -> None:
        """Nothing is put aside any more."""
        self._put("state", {"chunks": 0, "run": "", "ttl": self._now() + KEPT_SECONDS})

    def file(self, report: dict[str, Any]) -> None:
        """Keep a report for good."""
        item = {"PK": REPORTS, "SK": f"{report['started_at']:012}", "text": json.dumps(report)}
        self._table.put(Put(item=item, clauses=()))

    def last_report(self, *, by: str = "") -> dict[str, Any] | None:
        """The newest report that was kept, or the newest of those that somebody made."""
        found = (json.loads(item["text"]) for item in self._table.query(REPORTS, limit=LOOKED_AT, newest_first=True))
        return next((report for report in found if by in ("", report["by"])), None)

    def _put(self, sort: str, fields: dict[str, Any]) -> None:
        self._table.put(Put(item={"PK": STATE, "SK": sort, **fields}, clauses=()))


def _asked(service: str, operation: str, **parameters: Any) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # loaded with the client

    try:
        return getattr(aws.client(service), operation)(**parameters)
    except ClientError as error:
        if service == "logs" and error.response["Error"]["Code"] == "ResourceNotFoundException":
            return {}
        raise Unavailable(f"{service} {operation}: {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise Unavailable(f"{service} {operation}: {type(error).__name__}") from error
