"""Brings a package onto the local AWS: code to S3, stack through CloudFormation and the SAM transform."""

import json
import time
from collections.abc import Mapping
from typing import Any

from local.package import Package

DEPLOY_SECONDS = 120


class DeployFailed(Exception):
    """The stack did not come up; the message lists each resource that failed, and why."""


def deploy(package: Package, clients: Any, parameters: Mapping[str, str]) -> dict[str, str]:
    """Create or update the stack from a package and wait for it; returns its outputs.

    `clients` makes a boto3 client from a service's name. Raises DeployFailed.
    """
    cloudformation, name = clients("cloudformation"), f"envoi-{package.stage}"
    settings = {
        "StackName": name,
        "TemplateURL": _uploaded(package, clients("s3")),
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    if _status(cloudformation, name) is None:
        cloudformation.create_stack(**settings)
    else:
        _update(cloudformation, settings)
    return _outputs(cloudformation, name)


def _uploaded(package: Package, s3: Any) -> str:
    """Where CloudFormation finds the template: it is larger than a request may be (51,200 bytes)."""
    template = _with_code(package, s3)
    key = f"{package.digest}.json"
    s3.put_object(Bucket=_bucket(package), Key=key, Body=json.dumps(template).encode())
    return f"{s3.meta.endpoint_url}/{_bucket(package)}/{key}"


def _with_code(package: Package, s3: Any) -> dict[str, Any]:
    key, name = f"{package.digest}.zip", _bucket(package)
    if name not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    s3.put_object(Bucket=name, Key=key, Body=package.code.read_bytes())
    template: dict[str, Any] = json.loads(package.template.read_text())
    for resource in template["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = f"s3://{name}/{key}"
    return template


def _bucket(package: Package) -> str:
    return f"envoi-{package.stage}-code"


def _status(cloudformation: Any, name: str) -> str | None:
    try:
        stacks = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return str(stacks[0]["StackStatus"])


def _update(cloudformation: Any, settings: Mapping[str, Any]) -> None:
    try:
        cloudformation.update_stack(**settings)
    except cloudformation.exceptions.ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise


def _outputs(cloudformation: Any, name: str) -> dict[str, str]:
    deadline = time.monotonic() + DEPLOY_SECONDS
    while (status := _status(cloudformation, name) or "").endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise DeployFailed(f"the stack is still {status} after {DEPLOY_SECONDS} s")
        time.sleep(0.1)
    if status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        reasons = [
            f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
            for event in events
            if event["ResourceStatus"].endswith("_FAILED")
        ]
        raise DeployFailed("\n".join([f"the stack ended as {status}:", *reasons]))
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
