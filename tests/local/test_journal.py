"""The journal on the local AWS: the deployed projector's entries, and the console that makes and proves them."""

import gzip
import json
import secrets
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.expressions import decode_item, encode_item
from chalicelib.ledger import journal
from chalicelib.ledger.account import new_item
from chalicelib.ledger.entry import entry_key
from local import wire
from tests.ledger.money import START, Till, records, transfer
from tests.local import faults
from tests.local.desk import searched
from tests.local.faults import console
from tests.local.town import Resident, Town

pytestmark = [pytest.mark.local]


def entries(town: Town, one: Resident | str) -> list[dict[str, Any]]:
    """An account's entries as they are stored now."""
    account = one if isinstance(one, str) else one.account
    return [dict(item) for item in town.table.query(entry_key(account, 0)[0], limit=100)]


def waited(town: Town, one: Resident, count: int) -> list[dict[str, Any]]:
    """An account's entries, waited for until there are so many."""
    return wire.wait_for(
        lambda: found if len(found := entries(town, one)) >= count else None, what=f"{count} entries of {one.account}"
    )


def paid(town: Town) -> tuple[Resident, Resident]:
    """Somebody who has paid twice, and whom."""
    payer, payee = town.resident(), town.resident(0)
    for _ in range(2):
        town.confirm(town.pays(payer, payee).link)
    waited(town, payer, 3)
    waited(town, payee, 2)
    return payer, payee


def forget(town: Town, one: Resident, *numbers: int) -> None:
    """Lose entries, as no function and no command can."""
    for number in numbers:
        pk, sk = entry_key(one.account, number)
        town.stack.client("dynamodb").delete_item(TableName=town.stack.table, Key={"PK": {"S": pk}, "SK": {"S": sk}})


def verified(town: Town, one: Resident) -> bool:
    """Whether the console finds nothing wrong with an account."""
    return searched(town, "journal", "verify", "--account", one.account) == []


def test_a_payment_makes_an_entry_of_each_side(town: Town) -> None:
    """Written by the function that the stream calls, with its own rights."""
    payer, payee = paid(town)
    funding, first, second = entries(town, payer)
    assert [one["balance_minor"] for one in (funding, first, second)] == [10_000, 9_000, 8_000]
    assert [one["counterparty"] for one in (funding, first)] == ["bank", payee.account]
    assert (first["before"], second["before"]) == (funding["hash"], first["hash"])
    assert [one["transfer"] for one in entries(town, payee)] == [first["transfer"], second["transfer"]]
    assert verified(town, payer) and verified(town, payee)


def test_entries_that_are_lost_are_made_again_byte_for_byte(town: Town) -> None:
    """From the transfers, by one command."""
    payer, payee = paid(town)
    before = entries(town, payer), entries(town, payee)
    forget(town, payer, 2, 3)
    forget(town, payee, 1)
    for one, missing in ((payer, 2), (payee, 1)):
        (row,) = searched(town, "journal", "rebuild", "--account", one.account)
        assert (row["missing"], row["outcome"]) == (missing, "whole")
    assert (entries(town, payer), entries(town, payee)) == before
    assert verified(town, payer)


def test_a_leg_behind_a_gap_is_parked_and_mended_by_its_letter(town: Town) -> None:
    """The payment is made, the alarm's queue names the leg, and the letter is gone when its account is whole."""
    payer, payee = paid(town)
    forget(town, payer, 3)
    town.confirm(town.pays(payer, payee).link)
    letter = wire.wait_for(lambda: _letter(town, payer), what="the dead letter")
    assert (letter["about"], letter["why"]) == ("a leg without its entry", "predecessor")
    assert "journal rebuild" in letter["then"]
    (row,) = searched(town, "journal", "rebuild", "--only", letter["message"])
    assert (row["account"], row["outcome"]) == (payer.account, "whole")
    assert [one["SK"] for one in entries(town, payer)] == [f"{number:012}" for number in (1, 2, 3, 4)]
    assert _letter(town, payer) is None
    assert verified(town, payer)


def _letter(town: Town, one: Resident) -> dict[str, Any] | None:
    ran = console(town.stack, "dead", "list", "--stage", "local", "--json")
    rows: list[dict[str, Any]] = json.loads(ran.stdout)
    return next((row for row in rows if f"A#{one.account} " in f"{row.get('subject')} "), None)


def test_entries_wait_for_a_table_that_is_out(town: Town) -> None:
    """Nothing is lost and nothing is parked: the batch comes again."""
    payer, payee = town.resident(), town.resident(0)
    waited(town, payer, 1)
    with faults.denied(town.stack, "envoi-local-project_entries", "dynamodb:PutItem"):
        assert town.confirm(town.pays(payer, payee).link).status == 200
        faults.failure_of(town.stack, "envoi-local-project_entries")
        assert len(entries(town, payer)) == 1
    waited(town, payer, 2)
    waited(town, payee, 1)
    assert _letter(town, payer) is None


def test_a_statement_and_a_balance_are_of_the_deployed_journal(town: Town) -> None:
    """What support reads to a customer."""
    payer, payee = paid(town)
    ran = console(town.stack, "account", "balance", payer.account, "--at", "2100-01-01", "--stage", "local", "--json")
    assert json.loads(ran.stdout)[0]["balance_minor"] == 8_000
    month = entries(town, payer)[0]["moved_micros"]
    text = datetime.fromtimestamp(month // 1_000_000, ZoneInfo("Europe/Paris")).strftime("%Y-%m")
    ran = console(town.stack, "account", "statement", payer.account, "--month", text, "--stage", "local", "--json")
    (page,) = json.loads(ran.stdout)
    assert [line["name"] for line in page["lines"]] == ["S-Money", payee.name, payee.name]


def test_a_month_is_archived_under_lock(town: Town) -> None:
    """In a bucket with Object Lock; S3 checks each object's checksum."""
    account, bucket = f"a-{secrets.token_hex(4)}", f"archive-{secrets.token_hex(4)}"
    story = Till().move([transfer(f"f-{account}", "bank", account, 500, at=1)])
    journal.project(town.table, records(story), park=print)
    s3 = town.stack.client("s3")
    here = {"LocationConstraint": town.stack.region}
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True, CreateBucketConfiguration=here)
    (row,) = searched(
        town, "journal", "export", "--bucket", bucket, "--month", "2026-09", "--retain-until", "2036-12-31"
    )
    manifest = json.loads(s3.get_object(Bucket=bucket, Key=row["manifest"])["Body"].read())
    (told,) = [one for one in manifest["accounts"] if one["account"] == account]
    body = gzip.decompress(s3.get_object(Bucket=bucket, Key=told["key"])["Body"].read())
    assert json.loads(body) == entries(town, account)[0]
    held = s3.get_object_retention(Bucket=bucket, Key=told["key"])["Retention"]
    assert (held["Mode"], held["RetainUntilDate"].year) == ("COMPLIANCE", 2036)
    assert json.loads(body)["moved_micros"] == START + 1


def test_a_restored_table_is_mended_and_proved(town: Town) -> None:
    """A funding whose account, and a payment whose order, are from before it; the stage's own table is not touched."""
    name = f"envoi-local-{secrets.token_hex(4)}"
    dynamodb = town.stack.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("PK", "SK")],
        BillingMode="PAY_PER_REQUEST",
    )
    funding, payment = transfer("fund-1", "bank", "alice", 500, at=1), transfer("t1", "alice", "bob", 200, at=2)
    till = Till({one: new_item(one, person=one, kind="person", currency="EUR") for one in ("alice", "bob")})
    before = dict(till.items)
    after = till.move([funding, payment]).items
    waiting = {key: value for key, value in payment.items() if key not in ("paid_at", "moved_micros")}
    for item in (funding, {**waiting, "status": "pending", "ttl": 9}, before["alice"], after["bob"]):
        dynamodb.put_item(TableName=name, Item=encode_item(item))
    status, rows = on_table(town, name, "restore", "check", "--repair", "--yes")
    assert (status, [row["outcome"] for row in rows]) == (0, ["completed", "completed"])
    found = [decode_item(one) for one in dynamodb.scan(TableName=name)["Items"]]
    account = next(one for one in found if one["PK"] == "A#alice")
    spent = {"day": "2026-09-21", "spent_day": 200, "spent_month": 200}
    assert account == {**after["alice"], **spent}
    assert next(one for one in found if one["PK"] == "T#t1") == payment
    assert on_table(town, name, "journal", "rebuild")[0] == 0
    assert on_table(town, name, "journal", "verify") == (0, [])
    assert on_table(town, name, "restore", "check") == (0, [])


def on_table(town: Town, table: str, *words: str) -> tuple[int, list[dict[str, Any]]]:
    """Type a command for another table, in a process of its own: its exit status and rows."""
    ran = console(town.stack, *words, "--table", table, "--stage", "local", "--json", typed="")
    return ran.returncode, json.loads(ran.stdout)
