"""What an operator watches: the log as it grows, alarms that ring, the checklist; and AWS that does not answer."""

import json
import signal
import subprocess
import sys
import time

import pytest

from local import wire
from local.stages import ROOT
from tests.local.desk import read, told, unknown
from tests.local.faults import console
from tests.local.town import Town

pytestmark = [pytest.mark.local]


def test_the_log_of_every_function_is_one_line_of_time(town: Town) -> None:
    """Filtered by intent, or by function; no metric and nothing of the platform among it."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    correlation = town.order(order.id)["correlation_id"]
    rows = lines_of(town, correlation)
    assert {row["function"] for row in rows} >= {"api", "read_orders", "publish_changes", "send_links"}
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    text = read(town, "tail", "--minutes", "5")
    assert "START RequestId" not in text and "CloudWatchMetrics" not in text
    assert not [secret for secret in (payer.phone, payee.phone, order.link) if secret in text]
    assert {row["function"] for row in told(town, "tail", "--function", "send_links")} == {"send_links"}
    assert "known: api" in unknown(town, "tail", "--function", "nosuch")


def lines_of(town: Town, correlation: str) -> list[dict[str, str]]:
    """The lines of a correlation id, once the SMS is among them."""

    def found() -> list[dict[str, str]]:
        rows = told(town, "tail", "--intent", correlation)
        return rows if any(row["function"] == "send_links" for row in rows) else []

    return wire.wait_for(found, what="the line of the SMS")


# A shell starts what runs in the background deaf to Ctrl-C, and so would be all that the tests start.
HEEDING_CTRL_C = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("console", run_name="__main__")
"""


def test_following_goes_on_until_ctrl_c(town: Town) -> None:
    """Each new line once, as JSON lines or as text, and a clean end with status 0."""
    environment = following(town)
    words = ["tail", "--follow", "--json", "--minutes", "0", "--stage", "local"]
    command = [sys.executable, "-c", HEEDING_CTRL_C, *words]
    tail = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=-1, stderr=-1, text=True)
    try:
        time.sleep(2)
        payer, payee = town.resident(), town.resident(0)
        order = town.pays(payer, payee)
        time.sleep(5)
        tail.send_signal(signal.SIGINT)
        printed, errors = tail.communicate(timeout=20)
    finally:
        tail.kill()
        tail.wait()
    assert (tail.returncode, errors) == (0, "")
    rows = [json.loads(line) for line in printed.splitlines()]
    ours = [row for row in rows if row["facts"].get("intent_id") == order.id and row["message"] == "order"]
    assert len(ours) == 1


def following(town: Town) -> dict[str, str]:
    """The environment of a command that is not waited for."""
    return {
        "AWS_ENDPOINT_URL": town.stack.aws_endpoint_url,
        "AWS_DEFAULT_REGION": town.stack.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def test_an_alarm_that_rings_says_since_when_and_what_to_read(town: Town) -> None:
    """One that is silent is left out, unless all are asked for."""
    watch = town.stack.client("cloudwatch")
    pages = watch.get_paginator("describe_alarms").paginate()
    names = [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]
    (name,) = [name for name in names if "InboxDeadAlarm" in name]
    watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    try:
        (row,) = [row for row in told(town, "alarms") if row["alarm"] == "InboxDeadAlarm"]
        assert (row["state"], row["read"]) == ("ALARM", "docs/runbook.md#inboxdeadalarm")
        assert row["for"].endswith(" s")
        assert "InboxDeadAlarm" in read(town, "alarms")
    finally:
        watch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="a test is over")
    assert not [row for row in told(town, "alarms") if row["alarm"] == "InboxDeadAlarm"]
    assert len(told(town, "alarms", "--all")) == len(names)
    assert "has no alarms" in read_of(town, "alarms", "--stage", "nosuch")


def read_of(town: Town, *arguments: str) -> str:
    """What a command prints for another stage."""
    ran = console(town.stack, *arguments)
    assert ran.returncode == 0
    return ran.stdout


def test_the_checklist_says_ok_missing_or_cannot_tell(town: Town) -> None:
    """A local stage lacks what only a real account has: status 1; what the emulator does not know is never ok."""
    ran = console(town.stack, "preflight", "--stage", "local", "--json")
    rows = {row["check"]: row for row in json.loads(ran.stdout)}
    assert (ran.returncode, ran.stderr) == (1, "")
    answers = {name: row["answer"] for name, row in rows.items()}
    assert {*answers.values()} == {"ok", "missing", "cannot tell"}
    for name in ("SMS sandbox", "SMS spend limit"):
        assert answers[name] == "cannot tell"
    for name in ("page address", "alarms: subscribers", "functions: runtime"):
        assert answers[name] == "missing" and rows[name]["fix"]
    for name in ("link key", "table: stream", "keys: policies", "keys: rotation", "queues", "alarms: actions"):
        assert (answers[name], rows[name]["fix"]) == ("ok", "")
    secrets = [*town.stack.x_secret.values()]
    assert not [secret for secret in secrets if secret in ran.stdout]
    text = console(town.stack, "preflight", "--stage", "local")
    assert (text.returncode, "Traceback" in text.stderr) == (1, False)
    assert "→ " in text.stdout


def test_a_stage_that_is_not_there_has_everything_missing(town: Town) -> None:
    """No traceback, and nothing that passes by chance."""
    ran = console(town.stack, "preflight", "--stage", "nosuch", "--json")
    answers = {row["check"]: row["answer"] for row in json.loads(ran.stdout)}
    assert ran.returncode == 1
    assert {name for name, answer in answers.items() if answer == "ok"} <= {"SMS price limit", "SMS sender"}


DOWN = [
    ("find", "@somebody"),
    ("explain", "187"),
    ("intent", "expire", "abc", "--yes"),
    ("account", "show", "a"),
    ("account", "close", "a", "--yes"),
    ("dead", "list"),
    ("deliveries", "redrive"),
    ("inbox", "redrive"),
    ("changes", "replay"),
    ("tail",),
    ("alarms",),
    ("preflight",),
    ("person", "list"),
]


@pytest.mark.parametrize("command", DOWN, ids=" ".join)
def test_aws_that_does_not_answer_is_one_sentence(command: tuple[str, ...]) -> None:
    """Status 1, nothing on standard output, no traceback."""
    environment = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_DEFAULT_REGION": "eu-west-3",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "console", *command, "--stage", "local"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (1, "", 1)
    assert ran.stderr.startswith("AWS cannot be reached, or refused: ")
