"""EventBridge, which the emulator does not play: runs a scheduled function now."""

import json

from local.stack import Stack

# What EventBridge gives a scheduled function (its documentation, "Scheduled events").
EVENT = {
    "version": "0",
    "id": "0",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "000000000000",
    "time": "2026-11-23T00:00:00Z",
    "region": "eu-west-3",
    "resources": [],
    "detail": {},
}


def run(stack: Stack, function: str) -> str:
    """Run one of a stage's scheduled functions, such as `sweep`; what it failed with, empty if it did not."""
    ran = stack.client("lambda").invoke(FunctionName=f"envoi-{stack.stage}-{function}", Payload=json.dumps(EVENT))
    return str(ran["Payload"].read().decode()) if "FunctionError" in ran else ""
