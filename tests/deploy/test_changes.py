"""Change sets against the local AWS: what is proposed, done, refused, and told."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import changes
from tests.deploy.conftest import Trial

pytestmark = [pytest.mark.local]

STACK = "changes-of-a-test"
TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
    },
}


def template(*queues: str, **others: object) -> dict[str, object]:
    """A template of some queues, and of other resources."""
    return {"Resources": {name: {"Type": "AWS::SQS::Queue"} for name in queues} | others}


def test_a_stack_is_proposed_made_and_left_alone(reached: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is proposed is not there yet; what is done is told; what is there already is no change."""
    monkeypatch.setattr(changes, "REQUEST_BYTES", 50)  # so that the template goes through a bucket, as a large one does
    cloudformation = reached.stack.client("cloudformation")
    wanted = template("One", Table=TABLE)
    proposed = changes.propose(cloudformation, STACK, wanted, {})
    assert {(one.action, one.name) for one in proposed} == {("Add", "One"), ("Add", "Table")}
    assert changes.status(cloudformation, STACK) == "REVIEW_IN_PROGRESS"
    told: list[str] = []
    changes.execute(cloudformation, STACK, told.append)
    assert changes.status(cloudformation, STACK) == "CREATE_COMPLETE"
    assert any(line.split() == ["CREATE_COMPLETE", "Table"] for line in told)
    assert changes.propose(cloudformation, STACK, wanted, {}) == []
    (lost,) = changes.propose(cloudformation, STACK, template("One"), {})
    assert (lost.action, lost.name, lost.loses) == ("Remove", "Table", True)
    (spared,) = changes.propose(cloudformation, STACK, template(Table=TABLE), {})
    assert (spared.action, spared.name, spared.loses) == ("Remove", "One", False)
    changes.discard(cloudformation, STACK)
    cloudformation.delete_stack(StackName=STACK)


class Failing:
    """A CloudFormation whose stack is rolled back when its change set is executed; the emulator's never is."""

    class exceptions:  # noqa: D106, N801  # as a client has them
        ClientError = ClientError

    def __init__(self) -> None:
        self.events: list[dict[str, str]] = []

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803  # AWS's names
        """Rolled back."""
        return {"Stacks": [{"StackName": StackName, "StackStatus": "ROLLBACK_COMPLETE"}]}

    def execute_change_set(self, **_: str) -> None:
        """Fail at one resource."""
        event = {"LogicalResourceId": "Broken", "ResourceStatusReason": "it exists already"}
        self.events = [{**event, "EventId": "1", "ResourceStatus": "CREATE_FAILED"}]

    def get_paginator(self, _: str) -> "Failing":
        """Of events."""
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        """One page."""
        return [{"StackEvents": self.events}]


def test_a_stack_that_fails_says_why() -> None:
    """The failure names the stack's end, the lines before it the resource; the next try says what to do first."""
    told: list[str] = []
    with pytest.raises(changes.StackFailed, match="envoi ended as ROLLBACK_COMPLETE"):
        changes.execute(Failing(), "envoi", told.append)
    assert [line.split(maxsplit=1) for line in told] == [["CREATE_FAILED", "Broken: it exists already"]]
    with pytest.raises(changes.StackFailed, match="delete it in CloudFormation"):
        changes.propose(Failing(), "envoi", template("One"), {})
