"""What DynamoDB's errors mean: nothing written, perhaps written, refused by a clause, or a bug of ours."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib import aws
from chalicelib.conditions import Clause
from chalicelib.dynamodb import DynamoTable
from chalicelib.expressions import encode, request
from chalicelib.refusals import Refusal
from chalicelib.table import Ambiguous, Busy, Part, Put, Rejection, absent, update

KEY = ("A#alice", "0")
OPEN = Clause(attribute="status", operator="=", value="open", means=Refusal.PAYER_FROZEN)
FUNDS = Clause(attribute="available", operator=">=", value=10, means=Refusal.FUNDS_MISSING)
SPEND = update(KEY, Part(clauses=(OPEN, FUNDS), add={"available": -10}))
STORE = Put(item={"PK": "T#1", "SK": "0"}, clauses=(absent(Refusal.ALREADY_SEEN),))


@dataclass
class ScriptedClient:
    """A DynamoDB client that answers with one error, or with what `answer` makes of the request."""

    error: Exception | None = None
    answer: Callable[..., dict[str, Any]] = field(default=lambda **_: {})

    def __getattr__(self, _operation: str) -> Callable[..., dict[str, Any]]:
        def call(**parameters: Any) -> dict[str, Any]:
            if self.error:
                raise self.error
            return self.answer(**parameters)

        return call


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> ScriptedClient:
    """The client that the table gets."""
    scripted = ScriptedClient()
    monkeypatch.setattr(aws, "client", lambda _service: scripted)
    return scripted


def error(code: str, status: int = 400, **more: Any) -> ClientError:
    """An error answer of the service."""
    response: Any = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(response, "op")


def cancelled(*reasons: dict[str, Any]) -> ClientError:
    """A cancelled transaction with a reason for each action."""
    return error("TransactionCanceledException", CancellationReasons=list(reasons))


FINE = {"Code": "None"}


@pytest.mark.parametrize(
    "code", ["TransactionConflictException", "ThrottlingException", "ProvisionedThroughputExceededException"]
)
def test_a_busy_or_throttled_table_has_written_nothing(client: ScriptedClient, code: str) -> None:
    """The caller builds the write again."""
    client.error = error(code)
    with pytest.raises(Busy):
        DynamoTable("t").update(SPEND)


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_met_another_is_busy(client: ScriptedClient, reason: str) -> None:
    """Even beside a failed condition, which the other transaction may undo: the SDK never retries it, we do."""
    client.error = cancelled({"Code": "ConditionalCheckFailed"}, {"Code": reason})
    with pytest.raises(Busy):
        DynamoTable("t").transact([SPEND, STORE], token="n")


@pytest.mark.parametrize(
    "failure",
    [
        error("InternalServerError", 500),
        error("ServiceUnavailable", 503),
        error("TransactionInProgressException"),
        error("Whatever", 502),
        error("AccessDeniedException"),
        ReadTimeoutError(endpoint_url="x"),
    ],
    ids=["500", "503", "in progress", "502", "right taken away", "timeout"],
)
def test_an_answer_that_tells_nothing_is_ambiguous(client: ScriptedClient, failure: Exception) -> None:
    """It may have been written: the very same request is sent again."""
    client.error = failure
    with pytest.raises(Ambiguous):
        DynamoTable("t").transact([SPEND, STORE], token="n")


@pytest.mark.parametrize("code", ["ValidationException", "IdempotentParameterMismatchException"])
def test_a_request_that_the_service_refuses_is_a_bug(client: ScriptedClient, code: str) -> None:
    """It is raised, not retried and not told to anybody as a refusal."""
    client.error = error(code)
    with pytest.raises(RuntimeError, match=code):
        DynamoTable("t").put(STORE)


def test_a_failed_condition_is_named_by_evaluating_its_clauses_again(client: ScriptedClient) -> None:
    """The service says only that something failed, and brings the item."""
    stored = {"PK": encode("A#alice"), "SK": encode("0"), "status": encode("open"), "available": encode(9)}
    client.error = error("ConditionalCheckFailedException", Item=stored)
    rejection = DynamoTable("t").update(SPEND)
    assert isinstance(rejection, Rejection)
    assert rejection.refusal is Refusal.FUNDS_MISSING
    assert rejection.items == ({"PK": "A#alice", "SK": "0", "status": "open", "available": 9},)


def test_only_the_flagged_action_of_a_transaction_names_the_refusal(client: ScriptedClient) -> None:
    """An action that is not flagged brings no item: that says nothing about it."""
    stored = {"PK": encode("T#1"), "SK": encode("0")}
    client.error = cancelled(FINE, {"Code": "ConditionalCheckFailed", "Item": stored})
    rejection = DynamoTable("t").transact([SPEND, STORE], token="n")
    assert rejection == Rejection(Refusal.ALREADY_SEEN, (None, {"PK": "T#1", "SK": "0"}))


def test_a_flagged_action_without_an_item_is_a_missing_one(client: ScriptedClient) -> None:
    """The account does not exist: every clause on it fails, and the first in precedence is told."""
    client.error = cancelled({"Code": "ConditionalCheckFailed"}, FINE)
    rejection = DynamoTable("t").transact([SPEND, STORE], token="n")
    assert rejection == Rejection(Refusal.PAYER_FROZEN, (None, None))


def test_what_a_busy_table_leaves_unread_is_asked_for_again(client: ScriptedClient) -> None:
    """BatchGetItem may bring back a part; the rest is not taken for missing."""
    items = {key: {"PK": encode(key), "SK": encode("0")} for key in ("A#a", "A#b")}

    def one_at_a_time(**parameters: Any) -> dict[str, Any]:
        first, *rest = parameters["RequestItems"]["t"]["Keys"]
        left = {"t": {"Keys": rest}} if rest else {}
        return {"Responses": {"t": [items[first["PK"]["S"]]]}, "UnprocessedKeys": left}

    client.answer = one_at_a_time
    assert set(DynamoTable("t").get_many([("A#a", "0"), ("A#b", "0")])) == {("A#a", "0"), ("A#b", "0")}


def test_a_request_holds_every_clause_and_asks_for_the_old_item() -> None:
    """The expression is compiled from the clauses, one placeholder a value."""
    parameters = request(SPEND, table="t")
    assert parameters["ConditionExpression"] == "#status = :v1 AND #available >= :v2"
    assert parameters["UpdateExpression"] == "SET #available = #available + :v0"
    assert parameters["ExpressionAttributeNames"] == {"#status": "status", "#available": "available"}
    assert parameters["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_a_float_is_never_stored() -> None:
    """Money is integers; a float is a bug that must not reach the table."""
    with pytest.raises(TypeError, match="float"):
        encode(1.5)
