"""The round of gathering: every cause's gifts reach its account, in small steps, once, and before nobody's payment."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.capacity import Usage
from chalicelib.channels import Named
from chalicelib.conditions import Item
from chalicelib.errors import Unavailable
from chalicelib.intents import lifecycle
from chalicelib.ledger import gathering, rounds, sharded, sharding
from chalicelib.ledger import store as ledger
from chalicelib.ledger.books import balance
from chalicelib.table import Busy, Key, Rejection, Write, account_key
from chalicelib.telemetry import metrics
from tests.bank import BOT, CODE, Bank
from tests.memory_table import MemoryTable

CAUSES = {"aube": "201", "brise": "202", "croixbleue": "103", "dune": "204"}
CHARITY = "croixbleue"
LINE = ("S#accounts", CHARITY)


def sharded_bank(causes: Iterable[str] = (CHARITY,), *, table: MemoryTable | None = None) -> Bank:
    """The bank, in which these causes have four sub-balances each."""
    bank = Bank(table=table or MemoryTable())
    for cause in causes:
        if cause != CHARITY:
            bank.add(cause, user_id=CAUSES[cause], kind="charity")
        account = ledger.account(bank.table, cause)
        assert account
        assert sharding.raise_to(bank.table, account, 4, clock=bank.services.clock) is None
    return bank


def give(bank: Bank, cause: str = CHARITY, *, part: int = 0) -> None:
    """Alice gives ten euros, and chance says on which of the four sub-balances it lands."""
    named = (Named(user_id=BOT.user_id, handle=BOT.handle), Named(user_id=CAUSES[cause], handle=cause))
    intent = bank.say(f"@Smoneyfr #donner 10 € @{cause}", named=named)
    bank.services = replace(bank.services, clock=replace(bank.services.clock, chance=lambda: part / 4))
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None


def held(bank: Bank, cause: str = CHARITY) -> tuple[int, int]:
    """What a cause's account holds, and what its sub-balances do."""
    parts = sharding.balances(bank.table, cause, 4)
    return bank.available(cause), sum(item["available"] for item in parts)


def balanced(bank: Bank) -> bool:
    """Whether the books are, the list of accounts among them."""
    return balance(bank.table.items.values()).balanced


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    """What was counted since the last time."""
    metrics.flush()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    return {name: int(value[0]) for line in lines for name, value in line.items() if isinstance(value, list)}


def test_an_account_is_listed_in_the_transaction_that_gives_it_sub_balances() -> None:
    """No moment lies between them; any other account is not in the list."""
    bank = sharded_bank()
    *_, writes = bank.table.tokens.values()
    assert [write.key for write in writes][:3] == [account_key(CHARITY), LINE, account_key(f"{CHARITY}#0")]
    assert list(sharded.accounts(bank.table)) == [CHARITY]


def test_a_raise_that_is_refused_lists_nothing() -> None:
    """The line stands with the sub-balances or not at all."""
    bank = Bank()
    ledger.set_status(bank.table, CHARITY, status="frozen", clock=bank.services.clock)
    account = ledger.account(bank.table, CHARITY)
    assert account
    assert isinstance(sharding.raise_to(bank.table, account, 4, clock=bank.services.clock), Rejection)
    assert list(sharded.accounts(bank.table)) == []


def test_a_round_gathers_every_cause_and_again_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Each non-empty sub-balance by a transfer of its own; it is counted, and so is the round."""
    bank = sharded_bank(CAUSES)
    for cause in CAUSES:
        give(bank, cause, part=1)
        give(bank, cause, part=3)
    counted(capsys)
    assert rounds.go_round(bank.services) == 8
    assert {held(bank, cause) for cause in CAUSES} == {(2_000, 0)}
    assert rounds.go_round(bank.services) == 0
    assert balanced(bank)
    assert counted(capsys) == {"SubBalancesEmptied": 8, "GatheringsFinished": 2}


def test_empty_sub_balances_cost_reads_alone() -> None:
    """The account, its sub-balances in one batch, the list, the mark; and the mark is the one write."""
    bank = sharded_bank()
    bank.table.usage = Usage()
    rounds.go_round(bank.services)
    assert bank.table.usage.write_units == 1
    assert bank.table.usage.round_trips <= 6


@pytest.mark.parametrize("status", ["frozen", "closed"])
def test_an_account_that_is_not_open_keeps_its_money_where_it_is(status: str) -> None:
    """Nothing is tried; once it is open again, the next round moves it."""
    bank = sharded_bank()
    give(bank)
    for key in (account_key(CHARITY), *sharding.keys(CHARITY, 4)):
        bank.table.items[key]["status"] = status
    bank.table.usage = Usage()
    assert rounds.go_round(bank.services) == 0
    assert held(bank) == (0, 1_000)
    assert bank.table.usage.write_units == 1, "more than the mark was written or tried"
    ledger.set_status(bank.table, CHARITY, status="open", clock=bank.services.clock)
    assert rounds.go_round(bank.services) == (1 if status == "frozen" else 0)


def test_a_line_of_an_account_that_is_gone_stops_nobody() -> None:
    """As after a restore: the round goes on with the next one."""
    bank = sharded_bank()
    bank.table.put(sharded.line("a-nobody"))
    give(bank)
    assert rounds.go_round(bank.services) == 1


def test_what_others_hold_is_left_and_the_rest_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Two tries within a tenth of a second, then the next sub-balance; the next round finds it."""
    bank = sharded_bank()
    for part in range(3):
        give(bank, part=part)
    counted(capsys)
    bank.table.faults = ["", "busy", "busy"]
    began = bank.time.seconds
    assert rounds.go_round(bank.services) == 2
    assert bank.time.seconds - began < 0.1
    assert not bank.table.faults
    assert held(bank) == (2_000, 1_000)
    assert counted(capsys) == {"SubBalancesEmptied": 2, "SubBalancesLeft": 1, "GatheringsFinished": 1}
    assert rounds.go_round(bank.services) == 1
    assert held(bank) == (3_000, 0)
    assert balanced(bank)


def test_a_payment_that_is_gone_in_a_moment_is_waited_for() -> None:
    """The second try."""
    bank = sharded_bank()
    give(bank)
    bank.table.faults = ["busy"]
    assert rounds.go_round(bank.services) == 1


def test_a_step_whose_answer_was_lost_moves_once() -> None:
    """The same request comes again under its token, even while others hold the item."""
    bank = sharded_bank()
    give(bank)
    bank.table.faults = ["lost", "busy", "busy"]
    rounds.go_round(bank.services)
    assert held(bank) == (1_000, 0)
    assert rounds.go_round(bank.services) == 0
    assert balanced(bank)


def test_an_account_with_a_faster_clock_behind_it_is_gathered_too() -> None:
    """Its last leg lies in our future: the step takes the instant after it, and costs no try."""
    bank = sharded_bank()
    give(bank, part=0)
    give(bank, part=1)
    bank.table.items[account_key(CHARITY)]["moved_micros"] = int((bank.time.seconds + 5) * 1_000_000)
    bank.table.faults = ["busy"]
    assert rounds.go_round(bank.services) == 2


def test_a_table_that_is_down_ends_the_round_and_what_was_moved_is_moved() -> None:
    """The function fails, its alarm rings, and the next run goes on."""
    bank = sharded_bank()
    give(bank, part=0)
    give(bank, part=1)
    bank.table.faults = ["", *["down"] * 8]
    with pytest.raises(Unavailable):
        rounds.go_round(bank.services)
    assert held(bank) == (1_000, 1_000)
    assert rounds.go_round(bank.services) == 1
    assert balanced(bank)


@pytest.mark.parametrize("hurry", [False, True])
def test_a_step_that_saw_what_another_has_moved_moves_nothing(*, hurry: bool) -> None:
    """Not even where just as much has come in again: it is named by the leg that it saw."""
    bank = sharded_bank()
    give(bank, part=0)
    give(bank, part=2)
    account = ledger.account(bank.table, CHARITY)
    assert account
    slower = gathering.steps(bank.table, account, clock=bank.services.clock, hurry=hurry)
    assert next(slower) == 1_000
    assert rounds.go_round(bank.services) == 1
    give(bank, part=2)
    assert list(slower) == [0]
    assert held(bank) == (2_000, 1_000)
    assert rounds.go_round(bank.services) == 1, "the same sum again is another step"
    assert balanced(bank)


class SlowTable(MemoryTable):
    """A table whose every transaction takes what `wait` says."""

    def transact(self, writes: Sequence[Write], *, token: str) -> Rejection | None:
        """Do it, slowly."""
        self.wait()
        return super().transact(writes, token=token)

    def wait(self) -> None:
        """Overridden with the bank's clock."""


def test_a_round_without_time_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three steps a run: within an account too; every cause has its turn, and the round ends once."""
    bank = sharded_bank(CAUSES, table=(table := SlowTable()))
    for cause in CAUSES:
        for part in (0, 1):
            give(bank, cause, part=part)
    monkeypatch.setattr(table, "wait", lambda: bank.time.move(90))
    counted(capsys)
    assert [rounds.go_round(bank.services) for _ in range(2)] == [3, 3]
    assert sharded.stopped_at(table) == CHARITY
    assert "GatheringsFinished" not in counted(capsys)
    assert rounds.go_round(bank.services) == 2
    assert [held(bank, cause) for cause in CAUSES] == [(2_000, 0)] * 4
    assert rounds.go_round(bank.services) == 0
    assert sharded.stopped_at(table) == ""
    assert balanced(bank)


def test_a_round_over_many_empty_accounts_stops_in_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading takes time as well: the mark is the account that was next."""
    bank = sharded_bank(CAUSES)
    query = bank.table.get

    def slow(key: Key, *, consistent: bool = False) -> Item | None:
        bank.time.move(100)
        return query(key, consistent=consistent)

    monkeypatch.setattr(bank.table, "get", slow)
    assert rounds.go_round(bank.services) == 0
    assert sharded.stopped_at(bank.table) == "croixbleue"


NAMES = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1)


@given(names=st.sets(NAMES, max_size=230), at=st.sampled_from(["", "a", "m"]) | NAMES)
def test_the_list_is_gone_through_once_from_anywhere(names: set[str], at: str) -> None:
    """Page by page, round to where it began, also when that account is not listed."""
    table = MemoryTable()
    names |= {at} if len(at) % 2 else set()
    for name in names:
        table.put(sharded.line(name))
    found = list(sharded.accounts(table, first=at))
    assert sorted(found) == sorted(names)
    turn = sum(1 for name in names if name >= at)
    assert (found[:turn], found[turn:]) == (sorted(found[:turn]), sorted(found[turn:]))
    assert all(name >= at for name in found[:turn])


def test_a_hurried_step_does_not_hide_that_the_table_is_away() -> None:
    """Only a busy item is left; a table that answers nothing is an outage."""
    bank = sharded_bank()
    give(bank)
    account = ledger.account(bank.table, CHARITY)
    assert account
    bank.table.faults = ["down"] * 8
    with pytest.raises(Unavailable) as raised:
        list(gathering.steps(bank.table, account, clock=bank.services.clock, hurry=True))
    assert not isinstance(raised.value, Busy)


def test_an_operator_who_gathers_waits_for_others() -> None:
    """Whoever types the command wants all of it; if others never let go, it says so."""
    bank = sharded_bank()
    give(bank, part=0)
    give(bank, part=1)
    account = ledger.account(bank.table, CHARITY)
    assert account
    bank.table.faults = ["busy"] * 4
    assert gathering.gather(bank.table, account, clock=bank.services.clock) == 2_000
    give(bank, part=0)
    bank.table.faults = ["busy"] * 8
    with pytest.raises(Busy):
        gathering.gather(bank.table, account, clock=bank.services.clock)


def test_the_books_name_an_account_whose_gifts_nobody_gathers() -> None:
    """It was given sub-balances before there was a list, or its line was lost."""
    bank = sharded_bank()
    del bank.table.items[LINE]
    assert balanced(bank), "what holds nothing needs no gathering"
    give(bank)
    books = balance(bank.table.items.values())
    assert books.faults == ("croixbleue: has sub-balances and is not listed",)
