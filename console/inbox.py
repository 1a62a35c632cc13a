"""`console inbox`: messages that could not be read, back into the queue."""

import argparse
from typing import Any

from console import output, stage


def register(subparsers: Any) -> None:
    """Add `inbox redrive`."""
    commands = subparsers.add_parser("inbox", help="put dead letters back").add_subparsers(required=True)
    redrive = commands.add_parser(
        "redrive", help="move every dead letter back into the inbox; each is read once at most"
    )
    redrive.set_defaults(run=_redrive)
    stage.add_options(redrive)


def _redrive(arguments: argparse.Namespace) -> int:
    """Send each dead letter to the inbox before deleting it: a crash in between only repeats it, which is harmless."""
    from chalicelib import aws

    stage.use(arguments.stage)
    sqs = aws.client("sqs")
    name = f"envoi-{arguments.stage}-inbox"
    inbox, dead = (sqs.get_queue_url(QueueName=queue)["QueueUrl"] for queue in (name, f"{name}-dead"))
    moved = 0
    while messages := sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10, VisibilityTimeout=30).get("Messages"):
        for message in messages:
            sqs.send_message(QueueUrl=inbox, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return output.tell(arguments, [{"moved": moved}])
