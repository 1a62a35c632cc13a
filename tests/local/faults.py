"""What goes wrong on the local AWS on purpose: rights taken away, functions misconfigured, workers killed."""

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress

import boto3
import pytest

from chalicelib import aws, production
from console.__main__ import main
from local import wire
from local.stack import Stack
from local.stages import ROOT

QUEUES = ("inbox", "sms-links", "sms-receipts", "replies")


@contextmanager
def denied(stack: Stack, function: str, action: str) -> Iterator[None]:
    """Take a right from a function's role for a while; the API's function is `envoi-local`."""
    role = stack.client("lambda").get_function_configuration(FunctionName=function)["Role"].rsplit("/", 1)[1]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]}
    iam = stack.client("iam")
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=json.dumps(policy))
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")


@contextmanager
def misconfigured(stack: Stack, function: str, variables: Mapping[str, str]) -> Iterator[None]:
    """Give a function other environment variables for a while."""
    functions = stack.client("lambda")
    right = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=function, Environment={"Variables": right | dict(variables)})
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=function, Environment={"Variables": right})


@contextmanager
def paused(stack: Stack, function: str) -> Iterator[None]:
    """Let a function's trigger rest for a while: what comes waits."""
    functions = stack.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    time.sleep(0.1)  # a poll that had begun may still take a message
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def workers(stack: Stack) -> list[int]:
    """The processes that run our functions now, by id: the emulator's own children alone."""
    return [pid for pid, _ in _children(stack)]


def running(stack: Stack) -> set[str]:
    """The names of the functions that have a process now: they start at once."""
    folders = [re.search(r"/ministack-lambda-([^/]+)-[^/-]+/_worker", program) for _, program in _children(stack)]
    return {found[1] for found in folders if found}


def _children(stack: Stack) -> list[tuple[int, str]]:
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [
        (int(pid), program) for pid, parent, program in rows if int(parent) == stack.pid and "_worker.py" in program
    ]


def kill_workers(stack: Stack) -> int:
    """Kill every process that runs a function, whatever it is doing; returns how many there were."""
    found = workers(stack)
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(found)


def last_result(stack: Stack, function: str) -> str:
    """How a function's trigger fared the last time: `FAILED`, or `OK - …`."""
    (mapping,) = stack.client("lambda").list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    return str(mapping["LastProcessingResult"])


def failure_of(stack: Stack, function: str) -> None:
    """Wait until a function has failed to handle what its trigger gave it."""
    wire.wait_for(lambda: last_result(stack, function) == "FAILED", what=f"a failure of {function}")


def queue(stack: Stack, name: str) -> str:
    """The address of a queue."""
    return str(stack.client("sqs").get_queue_url(QueueName=f"envoi-local-{name}")["QueueUrl"])


@contextmanager
def tries(stack: Stack, name: str, count: int) -> Iterator[None]:
    """Let a queue hand each message out so many times before it is a dead letter."""
    sqs, url = stack.client("sqs"), queue(stack, name)
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"]
    changed = json.dumps({**json.loads(found), "maxReceiveCount": count})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": changed})
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": found})


def waiting(stack: Stack, name: str) -> int:
    """How many messages a queue holds, those in work included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = stack.client("sqs").get_queue_attributes(QueueUrl=queue(stack, name), AttributeNames=names)["Attributes"]
    return sum(int(found[each]) for each in names)


def quiet(stack: Stack, *names: str) -> None:
    """Wait until these queues are empty and nothing of them is in work; every queue unless some are named."""
    wire.wait_for(lambda: not any(waiting(stack, name) for name in names or QUEUES), what="an end of all work")


def taken(stack: Stack, name: str) -> list[str]:
    """Take every message out of a queue."""
    sqs, url, found = stack.client("sqs"), queue(stack, name), []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(message["Body"])
    return found


def console(stack: Stack, *arguments: str, typed: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a command of the console against the stack, without a terminal.

    With `typed` as its standard input it is a program of its own; else it runs in this process, which saves a second.
    """
    environment = {
        "AWS_ENDPOINT_URL": stack.aws_endpoint_url,
        "AWS_DEFAULT_REGION": stack.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "ENVOI_STAGE": stack.stage,
        "ENVOI_PAGE_URL": stack.page_url,
    }
    if typed is None:
        return _here(environment, arguments)
    return subprocess.run(
        [sys.executable, "-m", "console", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )


def _here(environment: Mapping[str, str], arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run a command in this process, with doors, log and streams of its own."""
    printed, told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), redirect_stderr(told):
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setenv("ENVOI_PROGRAMME", "smoney")  # so that what a command sets is undone
        patch.setattr(sys, "stdin", io.StringIO(""))
        patch.setattr(production, "_opened", [])
        if aws.client("dynamodb").meta.endpoint_url != environment["AWS_ENDPOINT_URL"]:
            boto3.setup_default_session()  # another stack was reached before
            aws.client.cache_clear()
        before = logging.root.manager.disable
        try:
            status = main(arguments)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 2
        finally:
            logging.disable(before)
        printed.flush()
    text = printed.buffer.getvalue().decode()
    return subprocess.CompletedProcess(["console", *arguments], status, text, told.getvalue())
