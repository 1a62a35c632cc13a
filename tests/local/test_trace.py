"""One id from the webhook to the last receipt, and an audit that finds every message's outcome by it."""

import json
from typing import Any

import pytest

from chalicelib import auditing
from chalicelib.evidence import Notes
from chalicelib.services import Clock
from local import wire
from local.schedule import EVENT
from local.stack import Stack
from tests.local.faults import console
from tests.local.town import PAID, Town

pytestmark = [pytest.mark.local]


def lines(stack: Stack, function: str, term: str) -> list[dict[str, Any]]:
    """The JSON lines of a function's log that hold a term."""
    group = f"/aws/lambda/envoi-local{function and '-'}{function}"
    events = stack.client("logs").filter_log_events(logGroupName=group, filterPattern=term)["events"]
    return [json.loads(event["message"]) for event in events if event["message"].startswith("{")]


def test_one_id_leads_from_the_webhook_to_the_receipts(town: Town) -> None:
    """Queued, placed, published, link sent, page shown, confirmed, both receipts sent: each line has it."""
    payer, payee = town.resident(), town.resident(0)
    ordered = town.pays(payer, payee)
    assert PAID in town.confirm(ordered.link).text
    town.told(payee, "vous a payé")
    event = town.order(ordered.id)["correlation_id"]

    def steps() -> set[tuple[str, str]]:
        found = set()
        for function in ("", "read_orders", "publish_changes", "send_links", "send_receipts"):
            for line in lines(town.stack, function, event):
                assert line["correlation_id"] == event
                found.add((function, line["message"]))
        return found

    wanted = {
        ("", "queued"),
        ("read_orders", "order"),
        ("publish_changes", "published"),
        ("send_links", "notice"),
        ("", "page"),
        ("send_receipts", "notice"),
    }
    wire.wait_for(lambda: steps() >= wanted, what="every line of a payment")


def test_the_deployed_audit_goes_on_where_another_was_put_aside(town: Town) -> None:
    """With no right but its own role's it reads table, logs and queues, and files a clean report."""
    payer, payee = town.resident(), town.resident(0)
    town.confirm(town.pays(payer, payee).link)
    assert auditing.run(lambda _: False) is None
    ran = town.stack.client("lambda").invoke(FunctionName="envoi-local-audit", Payload=json.dumps(EVENT))
    assert "FunctionError" not in ran, ran["Payload"].read()
    report = Notes(town.table, Clock().now).last_report()
    assert report is not None and report["clean"], report
    assert Notes(town.table, Clock().now).load() is None


def test_the_console_audits_and_says_so(town: Town) -> None:
    """A person reads CLEAN; a cent too much is named, with exit status 1, and clean again when it is put right."""
    payer, payee = town.resident(), town.resident(0)
    town.confirm(town.pays(payer, payee).link)
    clean = console(town.stack, "audit", "--stage", "local")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert clean.stdout.rstrip().endswith("CLEAN")
    _add(town, payee.account, 1)
    try:
        ran = console(town.stack, "audit", "--stage", "local", "--json")
        (report,) = json.loads(ran.stdout)
        assert (ran.returncode, report["clean"]) == (1, False)
        assert any(fault.startswith(f"{payee.account}:") for fault in report["faults"])
    finally:
        _add(town, payee.account, -1)
    assert console(town.stack, "audit", "--stage", "local").returncode == 0


def _add(town: Town, account: str, cents: int) -> None:
    town.stack.client("dynamodb").update_item(
        TableName=town.stack.table,
        Key={"PK": {"S": f"A#{account}"}, "SK": {"S": "0"}},
        UpdateExpression="SET available = available + :cents",
        ExpressionAttributeValues={":cents": {"N": str(cents)}},
    )
