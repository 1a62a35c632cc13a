"""Dead letters seen, put back and replayed by the console: each told once, whatever was told before."""

import json
import secrets

import pytest

from local import wire
from tests.local.desk import read, told, unknown
from tests.local.faults import console, misconfigured, paused, queue, quiet, waiting
from tests.local.town import Town

pytestmark = [pytest.mark.local]


def put(town: Town, name: str, body: str) -> str:
    """A letter into a dead queue; returns its id."""
    sqs = town.stack.client("sqs")
    return str(sqs.send_message(QueueUrl=queue(town.stack, f"{name}-dead"), MessageBody=body)["MessageId"])


def listed(town: Town, message: str) -> dict[str, str]:
    """The line of one dead letter, if it is there."""
    return next((row for row in told(town, "dead", "list") if row["message"] == message), {})


def test_what_lies_in_dead_queues_is_shown_and_stays(town: Town) -> None:
    """Its queue, age, subject and how to send it on; never what it says. Looking twice shows the same."""
    event = {"network": "twitter", "payload": {"id": "187", "text": "cadeau"}, "received_at": 1, "id": "qWeRtYuIoP"}
    messages = {
        put(town, "inbox", json.dumps(event)): ("inbox-dead", "an event of twitter"),
        put(town, "replies", "no JSON"): ("replies-dead", "unreadable: not one of ours"),
    }
    for message, (where, about) in messages.items():
        for _ in range(2):
            row = listed(town, message)
            assert (row["queue"], row["about"], row["age"][-2:]) == (where, about, " s")
            assert row["then"].endswith(f"--only {message}")
    assert "cadeau" not in read(town, "dead", "list")
    for name in ("inbox", "replies"):
        town.stack.client("sqs").purge_queue(QueueUrl=queue(town.stack, f"{name}-dead"))
    assert "No dead letters" in read(town, "dead", "list")


def test_a_link_that_died_is_sent_after_its_redrive(town: Town) -> None:
    """The function was broken: nobody got the link, and it is sent once it works and the letter is put back."""
    payer, payee = town.resident(), town.resident(0)
    with misconfigured(town.stack, "envoi-local-send_links", {"ENVOI_TABLE": "no-such-table"}):
        intent = town.send(f"@{town.bot.handle} #envoyer 2 euros @{payee.handle}", payer, payee)
        found = wire.wait_for(
            lambda: [row for row in told(town, "dead", "list") if row.get("subject") == intent],
            what="the dead letter",
            seconds=60,
        )
    assert not town.links(payer, intent)
    assert (found[0]["queue"], found[0]["about"]) == ("sms-links-dead", "the notice link")
    moved = told(town, "deliveries", "redrive", "--queue", "sms-links", "--only", found[0]["message"])
    assert moved == [{"queue": "sms-links", "moved": 1}]
    assert town.link(payer, intent)
    assert not listed(town, found[0]["message"])
    assert "`console dead list`" in unknown(town, "deliveries", "redrive", "--only", found[0]["message"])
    assert "`console dead list`" in unknown(town, "inbox", "redrive", "--only", "none")


def test_everything_is_put_back_at_once_and_counted(town: Town) -> None:
    """More letters than one receive gives, each back in its queue, none left behind."""
    for _ in range(11):
        put(town, "sms-receipts", "no JSON")
    with paused(town.stack, "envoi-local-send_receipts"):
        rows = told(town, "deliveries", "redrive")
        assert {row["queue"]: row["moved"] for row in rows} == {"sms-links": 0, "sms-receipts": 11, "replies": 0}
        assert waiting(town.stack, "sms-receipts-dead") == 0
        assert waiting(town.stack, "sms-receipts") == 11
        town.stack.client("sqs").purge_queue(QueueUrl=queue(town.stack, "sms-receipts"))


def test_a_parked_change_is_published_and_nobody_is_told_twice(town: Town) -> None:
    """The keys lead to the item as it is now; what was told before is dropped by its claim."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    town.confirm(order.link)
    town.told(payee, "vous a payé")
    quiet(town.stack)
    before = (town.texts(payer), town.texts(payee))
    parked = put(town, "changes", json.dumps({"PK": f"T#{order.id}", "SK": "0"}))
    assert listed(town, parked)["subject"] == f"T#{order.id} 0"
    (row,) = told(town, "changes", "replay", "--only", parked)
    assert row["outcome"] == "published"
    logged = wire.wait_for(
        lambda: [line for line in duplicates(town, order.id) if line["facts"]["kind"] == "received"], what="the drop"
    )
    assert logged
    quiet(town.stack)
    assert (town.texts(payer), town.texts(payee)) == before
    assert not listed(town, parked)


def duplicates(town: Town, intent: str) -> list[dict[str, dict[str, str]]]:
    """The notices of an intent that were dropped as told before."""
    rows = told(town, "tail", "--intent", intent, "--minutes", "2")
    return [row for row in rows if row["facts"].get("outcome") == "duplicate"]


def test_a_change_that_was_never_told_is_told_by_its_replay(town: Town) -> None:
    """The link of an order whose change was parked instead of published goes out now."""
    payer, payee = town.resident(), town.resident(0)
    with misconfigured(town.stack, "envoi-local-publish_changes", {"ENVOI_PROGRAMME": "no-such-programme"}):
        intent = town.send(f"@{town.bot.handle} #envoyer 3 euros @{payee.handle}", payer, payee)
        town.order(intent)
        parked = put(town, "changes", json.dumps({"PK": f"T#{intent}", "SK": "0"}))
        told(town, "changes", "replay", "--only", parked)
        assert town.link(payer, intent)
    quiet(town.stack)
    assert len(town.links(payer, intent)) == 1


def test_what_names_no_item_is_left_and_said(town: Town) -> None:
    """Lambda's own record of a range names a shard; an item that is gone has nothing to tell."""
    shard = put(town, "changes", json.dumps({"DDBStreamBatchInfo": {"shardId": "s-1", "batchSize": 2}}))
    gone = put(town, "changes", json.dumps({"PK": f"T#{secrets.token_hex(8)}", "SK": "0"}))
    ran = console(town.stack, "changes", "replay", "--stage", "local", "--json")
    outcomes = {row["message"]: row["outcome"] for row in json.loads(ran.stdout)}
    assert ran.returncode == 1
    assert outcomes[shard].startswith("left: Lambda gave up a range")
    assert outcomes[gone].startswith("nothing to tell")
    assert listed(town, shard) and not listed(town, gone)
    assert "`console dead list`" in unknown(town, "changes", "replay", "--only", "none")
    town.stack.client("sqs").purge_queue(QueueUrl=queue(town.stack, "changes-dead"))
