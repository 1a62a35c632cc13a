"""Which items each function may write: its policy's leading keys, held against what the function really writes."""

from collections import defaultdict
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

import pytest

from chalicelib.ledger.journal import project
from chalicelib.table import Key
from local.stages import LOCAL_STAGE
from tests.bank import Bank
from tests.identity.test_joining import CODE, bank, choose, write
from tests.ledger.money import Till, record, transfer
from tests.memory_table import MemoryTable
from tests.simulation.history import run
from tests.simulation.scheduler import Act
from tests.simulation.world import World
from tests.test_template import POLICIES, SOURCES, granted, statements

__all__ = ["bank"]

WRITES = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}
STREAM = {f"dynamodb:{action}" for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")}
# Which functions do what the simulator's processes do.
FUNCTIONS = {
    "place": ("read_orders",),
    "publish": ("publish_changes",),
    "sms": ("send_links", "send_receipts"),
    "reply": ("send_replies",),
    "sweep": ("sweep",),
    "gather": ("gather",),
    **dict.fromkeys(("confirm", "decline", "renew", "refuse", "name"), ("api_handler",)),
}
# What support and operators do with their own rights.
DESK = {
    *("status", "unblock", "fund", "resend", "expire", "code", "close", "shards", "reverse"),
    *("link", "take_back"),
}


def leading_keys(function: str, stage: str = "prod") -> list[str]:
    """The patterns of the partition keys that a function may write."""
    found = statements(SOURCES / "policies" / f"{function}.json", stage)
    writing = [statement for statement in found if WRITES & set(statement["Action"])]
    keys = [each["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for each in writing]
    return list(dict.fromkeys(key for some in keys for key in some))


def may_write(function: str, key: Key) -> bool:
    """Whether a function's policy lets it write this item."""
    return any(fnmatchcase(key[0], pattern) for pattern in leading_keys(function))


@pytest.fixture(scope="module")
def written() -> dict[str, set[Key]]:
    """What each kind of process wrote in some histories."""
    keys: dict[str, set[Key]] = defaultdict(set)

    def begun(world: World) -> None:
        watch = world.table.watch

        def watched(changes: Sequence[Any], act: Act) -> None:
            keys[act.kind].update(key for key, _, _ in changes)
            watch(changes, act)

        world.table.watch = watched

    for seed in range(3):
        assert not run(seed, begun=begun).violation
    return keys


@pytest.mark.parametrize("function", [policy.stem for policy in POLICIES])
@pytest.mark.parametrize("stage", ["prod", LOCAL_STAGE])
def test_a_function_writes_its_own_kind_of_items_only(function: str, stage: str) -> None:
    """Writing is granted by leading keys, never for the whole table, and the emulator is told so too."""
    keys = leading_keys(function, stage)
    assert keys
    assert all(len(key) > 2 and key[1] == "#" for key in keys)


@pytest.mark.parametrize("function", [policy.stem for policy in POLICIES])
def test_a_transaction_is_granted_whole(function: str) -> None:
    """Puts and updates have the same keys: AWS does not say whether each action is asked of the others' keys too."""
    found = statements(SOURCES / "policies" / f"{function}.json", "prod")
    assert len([statement for statement in found if WRITES & set(statement["Action"])]) == 1


@pytest.mark.parametrize("function", sorted({policy.stem for policy in POLICIES} - {"api_handler", "gather", "sweep"}))
def test_only_the_pages_and_the_schedules_may_write_accounts(function: str) -> None:
    """Whoever takes over another function can move no cent; the schedules read nothing that comes from outside."""
    assert not may_write(function, ("A#anybody", "0"))


def test_what_functions_write_is_what_they_may(written: dict[str, set[Key]]) -> None:
    """In histories full of faults no write needs more than its function's policy grants."""
    assert set(FUNCTIONS) <= set(written)
    assert set(written) <= {*FUNCTIONS, *DESK, "nothing"}
    for kind, functions in FUNCTIONS.items():
        assert written[kind]
        for function in functions:
            assert [key for key in written[kind] if not may_write(function, key)] == []


def test_what_functions_may_write_they_do_write(written: dict[str, set[Key]]) -> None:
    """No leading key is granted for nothing; joining's, the audit's and the journal's stand in tests of their own."""
    joining = {"R#*", "L#*", "Q#*"}
    for function in {policy.stem for policy in POLICIES} - {"audit", "project_entries"}:
        keys = {key for kind, functions in FUNCTIONS.items() if function in functions for key in written[kind]}
        needless = [one for one in leading_keys(function) if not any(fnmatchcase(key[0], one) for key in keys)]
        marking = {"N#*"} if function == "read_orders" else set()  # of echoes: tests/intents/test_echoes.py
        assert set(needless) <= joining | marking


def test_the_projector_writes_and_reads_entries_alone() -> None:
    """Whoever takes it over sees no balance and changes nothing but the journal, which `journal verify` proves."""
    table = MemoryTable()
    project(table, [record(None, Till().move([transfer("f1", "bank", "alice", 5)]).items["alice"])], park=print)
    assert list(table.items) == [("E#alice", "000000000001")]
    assert leading_keys("project_entries") == ["E#*"]
    assert {action for action in granted("project_entries") if action.startswith("dynamodb:")} - STREAM == {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
    }


def test_joining_writes_what_its_functions_may(bank: Bank) -> None:
    """The page writes invitation and account; the post that pairs writes handle and name."""
    before = dict(bank.table.items)
    joined = choose(bank, CODE)
    by_page = {key for key, item in bank.table.items.items() if before.get(key) != item}
    between = dict(bank.table.items)
    assert joined.pairing_code
    write(bank, joined.pairing_code)
    by_post = {key for key, item in bank.table.items.items() if between.get(key) != item}
    assert {key[0][0] for key in by_page} == {"R", "A"}
    assert {"R", "L", "Q"} <= {key[0][0] for key in by_post}
    assert all(may_write("api_handler", key) for key in by_page)
    assert all(may_write("read_orders", key) for key in by_post)
