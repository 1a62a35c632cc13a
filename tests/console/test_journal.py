"""`console journal` and `console account`: what is lost is made again, and what was changed is found."""

import base64
import gzip
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import aws, production
from chalicelib.intents.intent import Intent
from chalicelib.ledger import store as ledger
from chalicelib.ledger.sharding import raise_to
from chalicelib.table import Put
from console import __main__ as console
from tests.console.desk import Desk

FIRST, SECOND = ("E#alice", "000000000001"), ("E#alice", "000000000002")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A bank with two payments of Alice's, projected and settled."""
    made = Desk(monkeypatch, lambda: capsys.readouterr().out)
    for _ in range(2):
        made.pay()
    made.project()
    made.rest()
    return made


def test_sound_books_are_proved(desk: Desk) -> None:
    """Five entries: Alice's funding and payments, and Bob's receipts."""
    assert len(desk.entries()) == 5
    assert desk.sound()


def test_entries_that_are_gone_are_made_again_byte_for_byte(desk: Desk) -> None:
    """From the transfers alone, whichever they were."""
    before = desk.entries()
    for key in (SECOND, ("E#bob", "000000000001"), ("E#bob", "000000000002")):
        del desk.bank.table.items[key]
    status, rows = desk.run("journal", "rebuild")
    assert (status, [(row["account"], row["missing"], row["outcome"]) for row in rows]) == (
        0,
        [("alice", 1, "whole"), ("bob", 2, "whole")],
    )
    assert desk.entries() == before
    assert desk.run("journal", "rebuild") == (0, [])


def test_all_entries_can_be_made_again(desk: Desk) -> None:
    """The whole journal hangs on the transfers and on nothing else."""
    before = desk.entries()
    for key in before:
        del desk.bank.table.items[key]
    desk.run("journal", "rebuild")
    assert desk.entries() == before


def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    """It says what would be."""
    del desk.bank.table.items[SECOND]
    before = desk.entries()
    status, (row,) = desk.run("journal", "rebuild", "--dry-run")
    assert (status, row["account"], row["missing"], row["outcome"]) == (0, "alice", 1, "would write")
    assert desk.entries() == before


def test_an_account_that_moved_on_behind_a_gap_is_followed_to_its_end(desk: Desk) -> None:
    """What was parked meanwhile names the legs; its letters are taken away."""
    del desk.bank.table.items[("E#alice", "000000000003")]
    del desk.bank.table.items[("E#bob", "000000000002")]
    for _ in range(3):
        desk.pay("1 € @bob")
    desk.project()
    assert len(desk.dead) == 6
    status, rows = desk.run("journal", "rebuild")
    assert (status, {row["outcome"] for row in rows}) == (0, {"whole"})
    assert desk.dead == []
    desk.rest()
    assert len(desk.entries()) == 11
    assert desk.sound()


def test_one_letter_mends_its_account(desk: Desk) -> None:
    """Another account's gap and letter stay as they are."""
    del desk.bank.table.items[("E#alice", "000000000003")]
    del desk.bank.table.items[("E#bob", "000000000002")]
    desk.pay()
    desk.project()
    letter = next(one for one in desk.dead if "A#alice" in one.body)
    status, rows = desk.run("journal", "rebuild", "--only", letter.id)
    assert (status, [row["account"] for row in rows]) == (0, ["alice"])
    assert [json.loads(one.body)["PK"] for one in desk.dead] == ["A#bob"]
    assert desk.run("journal", "rebuild", "--only", "nothing") == (1, [])


def test_a_restored_tables_rebuild_leaves_the_stages_letters(desk: Desk) -> None:
    """They tell of the table that lives."""
    del desk.bank.table.items[("E#alice", "000000000003")]
    desk.pay()
    desk.project()
    dead = list(desk.dead)
    desk.rest()
    assert desk.run("journal", "rebuild", "--table", "envoi-test-restored")[0] == 0
    assert dead == desk.dead != []


def test_a_range_that_lambda_gave_up_is_done_with_a_whole_rebuild(desk: Desk) -> None:
    """It names nobody, so one account's rebuild says nothing of it; what is not ours stays."""
    desk.post(json.dumps({"DDBStreamBatchInfo": {"shardId": "s-1"}}))
    stray = desk.post("not ours")
    assert desk.run("journal", "rebuild", "--account", "alice")[0] == 0
    assert len(desk.dead) == 2
    assert desk.run("journal", "rebuild")[0] == 0
    assert desk.dead == [stray]


def test_a_changed_entry_is_found_and_replaced_only_on_demand(desk: Desk) -> None:
    """It is evidence until somebody says otherwise."""
    before = desk.entries()
    desk.bank.table.items[SECOND]["amount_minor"] += 1
    status, faults = desk.run("journal", "verify")
    assert status == 1
    assert {row["fault"] for row in faults} >= {
        "alice: entry 2 does not have the hash of its bytes",
        "alice: entry 2 differs from its transfer in amount_minor",
    }
    status, (row,) = desk.run("journal", "rebuild")
    assert (status, row["wrong"]) == (1, 1)
    assert "--replace" in row["outcome"]
    assert desk.entries() != before
    assert desk.run("journal", "rebuild", "--replace") == (1, [])  # nobody there to say yes
    assert desk.run("journal", "rebuild", "--replace", "--yes")[0] == 0
    assert desk.entries() == before


def test_an_entry_of_no_transfer_is_left(desk: Desk) -> None:
    """Rebuilding what comes before or after it would not make it right."""
    desk.bank.table.items["E#bob", "000000000003"] = {
        **desk.bank.table.items.pop(("E#bob", "000000000002")),
        "SK": "000000000003",
    }
    status, (row,) = desk.run("journal", "rebuild")
    assert (status, row["surplus"], row["missing"]) == (1, 1, 1)
    assert "restore check" in row["outcome"]
    assert ("E#bob", "000000000002") not in desk.entries()


def test_an_account_that_does_not_agree_is_not_called_whole(desk: Desk) -> None:
    """Its entries are made, as far as they are settled; that it holds another sum is told."""
    del desk.bank.table.items[SECOND]
    desk.bank.table.items["A#alice", "0"]["available"] += 1
    status, (row,) = desk.run("journal", "rebuild")
    assert (status, row["missing"], "journal verify" in row["outcome"]) == (1, 1, True)
    assert SECOND in desk.entries()


def test_a_payment_that_comes_while_its_account_is_rebuilt_is_followed(desk: Desk) -> None:
    """The account's own last leg names it, before the stream does."""
    del desk.bank.table.items[SECOND]
    put, paid = desk.bank.table.put, list[Intent]()

    def interrupted(write: Put) -> Any:
        if write.key == SECOND and not paid:
            paid.append(desk.pay("2 € @bob"))
        return put(write)

    desk.patch.setattr(desk.bank.table, "put", interrupted)
    status, (row,) = desk.run("journal", "rebuild", "--account", "alice")
    assert (status, row["outcome"]) == (0, "whole")
    assert desk.entries()["E#alice", "000000000004"]["transfer"] == paid[0].id


def test_the_letter_of_an_entry_that_was_left_stays(desk: Desk) -> None:
    """The alarm goes on until somebody has decided."""
    third = ("E#alice", "000000000003")
    desk.bank.table.items[third]["balance_minor"] += 1
    desk.project(desk.bank.table.items["A#alice", "0"])
    assert [json.loads(one.body)["entry"] for one in desk.dead] == ["differs"]
    assert desk.run("journal", "rebuild")[0] == 1
    assert len(desk.dead) == 1
    assert desk.run("journal", "rebuild", "--replace", "--yes")[0] == 0
    assert desk.dead == []


def test_a_changed_entry_of_another_account_is_not_this_ones_fault(desk: Desk) -> None:
    """`--account` proves one account and its transfers' other legs."""
    desk.bank.table.items["E#bob", "000000000002"]["balance_minor"] += 1
    assert desk.run("journal", "verify", "--account", "alice") == (0, [])
    del desk.bank.table.items["E#bob", "000000000002"]
    status, (row,) = desk.run("journal", "verify", "--account", "alice")
    assert (status, row["fault"].endswith("has no entry on bob")) == (1, True)
    assert desk.run("journal", "verify", "--account", "nobody") == (1, [])


def test_a_changed_balance_is_found(desk: Desk) -> None:
    """A cent, on an account or in a transfer."""
    desk.bank.table.items["A#bob", "0"]["available"] += 1
    assert desk.run("journal", "verify") == (
        1,
        [{"fault": "bob: holds 2001 after 2 legs, its transfers give 2000 after 2"}],
    )


def test_another_hand_is_not_overwritten(desk: Desk) -> None:
    """An entry that somebody writes while it is rebuilt is told, not replaced."""
    forged = {**desk.bank.table.items.pop(SECOND), "amount_minor": -5}
    put = desk.bank.table.put

    def interrupted(write: Put) -> Any:
        desk.bank.table.items.setdefault(SECOND, forged)
        return put(write)

    desk.patch.setattr(desk.bank.table, "put", interrupted)
    status, (row,) = desk.run("journal", "rebuild")
    assert (status, row["outcome"].startswith("left: another hand")) == (1, True)
    assert desk.entries()[SECOND] == forged


def test_a_balance_as_of_a_time(desk: Desk) -> None:
    """In the programme's zone, and before anything had moved."""
    status, (row,) = desk.run("account", "balance", "alice", "--at", "2026-12-24T20:00")
    assert (status, row["balance_minor"], row["at"]) == (0, 98_000, "2026-12-24T20:00:00+01:00")
    assert desk.run("account", "balance", "alice", "--at", "2020-01-01")[1][0]["balance_minor"] == 0
    assert desk.run("account", "balance", "alice", "--at", "yesterday")[0] == 1
    assert desk.run("account", "balance", "nobody", "--at", "2026-12-24")[0] == 1


def test_a_statement_names_whom_and_what(desk: Desk) -> None:
    """Verified names, the reference that a customer quotes, and the bank's own."""
    status, (page,) = desk.run("account", "statement", "alice", "--month", "2026-09")
    lines = [(line["name"], line["reference"], line["amount_minor"]) for line in page["lines"]]
    assert (status, lines[0]) == (0, ("S-Money", "alice", 100_000))
    assert [(name, amount) for name, _, amount in lines[1:]] == [("Bob", -1_000), ("Bob", -1_000)]
    assert all(len(reference) == 6 for _, reference, _ in lines[1:])
    assert (page["opening_minor"], page["closing_minor"]) == (0, 98_000)


def test_a_charity_has_one_statement_over_its_sub_balances(desk: Desk) -> None:
    """Gifts go to many items; whoever reads the statement sees one account."""
    charity = ledger.account(desk.bank.table, "croixbleue")
    assert charity and raise_to(desk.bank.table, charity, 4, clock=desk.bank.services.clock) is None
    chances = iter([0.0, 0.3, 0.9])
    services = desk.bank.services
    desk.bank.services = replace(services, clock=replace(services.clock, chance=lambda: next(chances)))
    for amount in (3, 4, 5):
        desk.pay(f"{amount} € @croixbleue")
    desk.project()
    assert {key[0] for key in desk.entries()} >= {"E#croixbleue#0", "E#croixbleue#1", "E#croixbleue#3"}
    _, (page,) = desk.run("account", "statement", "croixbleue", "--month", "2026-09")
    lines = [(line["name"], line["amount_minor"], line["balance_minor"]) for line in page["lines"]]
    assert lines == [("Alice", 300, 300), ("Alice", 400, 700), ("Alice", 500, 1_200)]
    _, (row,) = desk.run("account", "balance", "croixbleue", "--at", "2026-12-24")
    assert row["balance_minor"] == 1_200
    assert desk.run("journal", "verify", "--account", "croixbleue") == (0, [])


@pytest.mark.parametrize("form", ["--csv", "--ndjson", ""])
def test_a_statement_has_a_form_for_everybody(desk: Desk, form: str) -> None:
    """For spreadsheets, for programs, for people."""
    status, said = _printed(desk, "account", "statement", "alice", "--month", "2026-09", *([form] if form else []))
    assert status == 0
    if form == "--csv":
        assert len(said.split("\r\n")) == 7
    elif form:
        assert [json.loads(line)["kind"] for line in said.splitlines()] == ["statement", *["movement"] * 3]
    else:
        assert "1\u202f000,00\u00a0€" in said and "3 movements" in said


def test_a_statement_with_a_gap_is_not_shown(desk: Desk) -> None:
    """It says what to do."""
    del desk.bank.table.items[SECOND]
    assert desk.run("account", "statement", "alice", "--month", "2026-09") == (1, [])
    assert desk.run("account", "balance", "alice", "--at", "2026-12-24T20:00")[0] == 0
    assert desk.run("account", "statement", "alice", "--month", "09-2026") == (1, [])


class Bucket:
    """An S3 that checks what it gets."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.locks: list[Any] = []

    def put_object(self, **asked: Any) -> None:
        """Keep an object whose checksum is right."""
        body = asked["Body"]
        assert base64.b64decode(asked["ChecksumSHA256"]) == hashlib.sha256(body).digest()
        self.objects[asked["Key"]] = body
        self.locks.append((asked.get("ObjectLockMode"), str(asked.get("ObjectLockRetainUntilDate"))))


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """S3 in memory."""
    made = Bucket()
    monkeypatch.setattr(aws, "client", lambda _: made)
    return made


def test_a_month_is_exported_with_a_manifest_of_its_hashes(desk: Desk, bucket: Bucket) -> None:
    """Each object is what the manifest says, and its entries are those of the table."""
    desk.bank.time.move(40 * 86_400)
    status, (row,) = desk.run("journal", "export", "--bucket", "archive", "--month", "2026-09")
    assert (status, row["accounts"], row["entries"]) == (0, 2, 5)
    manifest = json.loads(bucket.objects[row["manifest"]])
    for told in manifest["accounts"]:
        body = bucket.objects[told["key"]]
        assert hashlib.sha256(body).hexdigest() == told["sha256"]
        assert body[4:8] == bytes(4), "the time of the export is in it: it would be other bytes the next time"
        items = [json.loads(line) for line in gzip.decompress(body).splitlines()]
        assert items == [item for key, item in sorted(desk.entries().items()) if key[0] == f"E#{told['account']}"]
        assert (items[0]["before"], items[-1]["hash"]) == (told["before"], told["head"])
    before = dict(bucket.objects)
    desk.run("journal", "export", "--bucket", "archive")
    desk.run("journal", "export", "--bucket", "archive", "--month", "2026-09")
    assert {key: bucket.objects[key] for key in before} == before


def test_an_export_can_be_locked(desk: Desk, bucket: Bucket) -> None:
    """Until the end of a day, in a mode that nobody can shorten."""
    desk.bank.time.move(40 * 86_400)
    asked = ("journal", "export", "--bucket", "archive", "--month", "2026-09")
    assert desk.run(*asked, "--retain-until", "2036-12-31")[0] == 0
    assert set(bucket.locks) == {("COMPLIANCE", "2036-12-31 23:59:59+01:00")}
    assert desk.run(*asked, "--retain-until", "soon")[0] == 1


def test_what_is_not_over_or_broken_is_not_exported(desk: Desk, bucket: Bucket) -> None:
    """An archive that cannot be changed must be right."""
    assert desk.run("journal", "export", "--bucket", "archive", "--month", "2026-09")[0] == 1
    desk.bank.time.move(40 * 86_400)
    desk.bank.table.items[FIRST]["counterparty"] = "bonk"
    assert desk.run("journal", "export", "--bucket", "archive", "--month", "2026-09")[0] == 1
    assert bucket.objects == {}


def test_a_funding_is_called_by_the_banks_reference(desk: Desk) -> None:
    """The one that support typed."""
    funding = ledger.funding("fund-SCT-77", payee="bob", amount_minor=500, currency="EUR")
    assert ledger.fund(desk.bank.table, funding, clock=desk.bank.services.clock) is None
    desk.project()
    _, (page,) = desk.run("account", "statement", "bob", "--month", "2026-09")
    assert page["lines"][-1]["reference"] == "SCT-77"


def _printed(desk: Desk, *words: str) -> tuple[int, str]:
    with production.using(desk.bank.services):
        status = console.main([*words, "--stage", "test"])
    return status, desk.read()
