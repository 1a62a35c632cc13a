"""CloudFormation stacks by change sets: what would change is known, and can be refused, before anything does."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import boto3
from botocore.config import Config

# Between two looks: short at first, for the local AWS, then as long as CloudFormation likes.
POLL_SECONDS = (0.1, 0.2, 0.5, 1.0)
LATER_SECONDS = 3.0
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
NOTHING = ("didn't contain changes", "No updates are to be performed")
# What customers' money and links hang on; the template keeps them, but a stack that loses them works no more.
PRECIOUS = ("AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::SecretsManager::Secret")


# What CloudFormation takes in a request; a larger template must lie in S3.
REQUEST_BYTES = 51_200


class StackFailed(Exception):
    """A stack or a change set did not come about; the message lists what failed, and why."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a change set would do to one resource: `Add`, `Modify`, `Remove` or `Replace`."""

    action: str
    name: str
    kind: str

    @property
    def loses(self) -> bool:
        """Whether money, keys or secrets would be out of the stack."""
        return self.action in ("Remove", "Replace") and self.kind in PRECIOUS


def client() -> Any:
    """A client of CloudFormation as the shell's environment says; it may take its time."""
    return boto3.client("cloudformation", config=Config(read_timeout=60, retries={"mode": "standard"}))


def status(cloudformation: Any, stack: str) -> str | None:
    """A stack's status; None if there is no such stack."""
    found = _described(cloudformation, stack)
    return None if found is None else str(found["StackStatus"])


def parameters(cloudformation: Any, stack: str) -> dict[str, str]:
    """The parameters that a stack has now; empty if it is not there or was never brought up."""
    found = _described(cloudformation, stack) or {}
    return {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])}


def outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    """The outputs of a stack."""
    found = _described(cloudformation, stack) or {}
    return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}


def propose(cloudformation: Any, stack: str, template: Mapping[str, Any], values: Mapping[str, str]) -> list[Change]:
    """Make the change set `next` of a stack, which may not be there yet, and tell what it would do; nothing changes.

    Empty when there is nothing to do, and then there is no change set. Raises StackFailed.
    """
    now = status(cloudformation, stack)
    if now and (now.endswith("_IN_PROGRESS") and now != "REVIEW_IN_PROGRESS"):
        raise StackFailed(f"stack {stack} is {now}: try again when that has ended")
    if now in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"):
        raise StackFailed(f"stack {stack} is {now}: delete it in CloudFormation (it holds nothing yet) and try again")
    discard(cloudformation, stack)
    cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName="next",
        ChangeSetType="CREATE" if now in (None, "REVIEW_IN_PROGRESS") else "UPDATE",
        **_sent(stack, json.dumps(template, separators=(",", ":"))),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
        Capabilities=CAPABILITIES,
    )
    made = _made(cloudformation, stack)
    if made["Status"] == "FAILED":
        discard(cloudformation, stack)
        if any(words in made["StatusReason"] for words in NOTHING):
            return []
        raise StackFailed(f"the change set of {stack} failed: {made['StatusReason']}")
    return [_change(each["ResourceChange"]) for each in made["Changes"]]


def discard(cloudformation: Any, stack: str) -> None:
    """Forget the change set, if there is one."""
    try:
        cloudformation.delete_change_set(StackName=stack, ChangeSetName="next")
    except cloudformation.exceptions.ClientError as error:
        if not _absent(error):
            raise


def execute(cloudformation: Any, stack: str, tell: Callable[[str], None]) -> None:
    """Do what was proposed and wait for its end; `tell` gets a line for each resource. Raises StackFailed."""
    seen = {event["EventId"] for event in _events(cloudformation, stack)}
    cloudformation.execute_change_set(StackName=stack, ChangeSetName="next")
    for seconds in _pauses():
        # The status first: what happened before it is then among the events.
        now = status(cloudformation, stack) or "gone"
        for event in [event for event in _events(cloudformation, stack) if event["EventId"] not in seen]:
            seen.add(event["EventId"])
            if not event["ResourceStatus"].endswith("_IN_PROGRESS"):
                tell(_line(event))
        if not now.endswith("_IN_PROGRESS"):
            break
        time.sleep(seconds)
    if now not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackFailed(f"stack {stack} ended as {now}; the lines above say why")


def _sent(stack: str, template: str) -> dict[str, str]:
    """A template as CloudFormation takes it: in the request, or from a bucket of the stack's own if it is larger."""
    if len(template.encode()) <= REQUEST_BYTES:
        return {"TemplateBody": template}
    s3, account = boto3.client("s3"), boto3.client("sts").get_caller_identity()["Account"]
    bucket, key = f"{stack}-{account}", f"{hashlib.sha256(template.encode()).hexdigest()}.json"
    if bucket not in {each["Name"] for each in s3.list_buckets()["Buckets"]}:
        region = s3.meta.region_name
        # The first Region is the one that must not be named.
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **where)
    s3.put_object(Bucket=bucket, Key=key, Body=template.encode())
    return {"TemplateURL": f"{s3.meta.endpoint_url}/{bucket}/{key}"}


def _described(cloudformation: Any, stack: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except cloudformation.exceptions.ClientError as error:
        if _absent(error):
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def _change_set(cloudformation: Any, stack: str) -> dict[str, Any]:
    """The change set with all of its changes."""
    found: dict[str, Any] = cloudformation.describe_change_set(StackName=stack, ChangeSetName="next")
    changes, page = list(found["Changes"]), found
    while token := page.get("NextToken"):
        page = cloudformation.describe_change_set(StackName=stack, ChangeSetName="next", NextToken=token)
        changes += page["Changes"]
    return found | {"Changes": changes}


def _change(found: Mapping[str, Any]) -> Change:
    replaced = found["Action"] == "Modify" and found.get("Replacement") in ("True", "Conditional")
    action = "Replace" if replaced else found["Action"]
    return Change(action=action, name=found["LogicalResourceId"], kind=found["ResourceType"])


def _events(cloudformation: Any, stack: str) -> Iterator[dict[str, Any]]:
    """Every event of a stack, oldest first."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    yield from reversed([event for page in pages for event in page["StackEvents"]])


def _line(event: Mapping[str, Any]) -> str:
    reason = event.get("ResourceStatusReason")
    line = f"{event['ResourceStatus']:28}{event['LogicalResourceId']}"
    return f"{line}: {reason}" if reason else line


def _made(cloudformation: Any, stack: str) -> dict[str, Any]:
    """The change set once CloudFormation has worked it out."""
    for seconds in _pauses():
        found = _change_set(cloudformation, stack)
        if found["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            break
        time.sleep(seconds)
    return found


def _pauses() -> Iterator[float]:
    return chain(POLL_SECONDS, repeat(LATER_SECONDS))


def _absent(error: Any) -> bool:
    return "does not exist" in str(error) or error.response["Error"]["Code"] == "ChangeSetNotFound"
