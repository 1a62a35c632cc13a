"""What a round of gathering tells of itself, and that one account does not end it for the others."""

from typing import Any

import pytest

from chalicelib.intents import lifecycle
from chalicelib.ledger import rounds, sharded, sharding
from chalicelib.ledger import store as ledger
from chalicelib.table import account_key
from tests.bank import CODE, Bank

CHARITY = "croixbleue"


@pytest.fixture
def bank() -> Bank:
    """A bank in which a charity with two sub-balances was given ten euros."""
    bank = Bank()
    account = ledger.account(bank.table, CHARITY)
    assert account
    assert sharding.raise_to(bank.table, account, 2, clock=bank.services.clock) is None
    give(bank)
    return bank


def give(bank: Bank) -> None:
    """Alice gives ten euros."""
    intent = bank.say("@Smoneyfr #donner 10 € @croixbleue")
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The log lines since the last time."""
    lines = [vars(record) for record in caplog.records]
    caplog.clear()
    return lines


def test_a_round_says_how_many_it_emptied(bank: Bank, caplog: pytest.LogCaptureFixture) -> None:
    """Once it came round."""
    rounds.go_round(bank.services)
    (line,) = told(caplog)
    assert (line["levelname"], line["message"], line["emptied"]) == ("INFO", "gathered", 1)


@pytest.mark.parametrize(("late", "behind"), [(0, False), (1, True)])
def test_a_round_that_is_behind_says_where_it_stopped(
    bank: Bank, caplog: pytest.LogCaptureFixture, late: int, *, behind: bool
) -> None:
    """After four minutes, and not at four minutes; with what it did so far."""
    transact = bank.table.transact

    def slow(*arguments: Any, **named: Any) -> Any:
        bank.time.move(rounds.RUN_SECONDS + late)
        return transact(*arguments, **named)

    bank.table.transact = slow  # type: ignore[method-assign]  # the table takes its time
    assert rounds.go_round(bank.services) == 1
    (line,) = told(caplog)
    if behind:
        assert (line["levelname"], line["message"]) == ("WARNING", "gathering is behind")
        assert (line["account"], line["emptied"]) == (CHARITY, 1)
    else:
        assert line["message"] == "gathered"


def test_an_account_that_is_not_there_or_not_open_does_not_end_the_round(bank: Bank) -> None:
    """The list names one that was never opened and one that is closed; the charity after them is gathered."""
    for name in ("a-nobody", "b-closed"):
        bank.table.put(sharded.line(name))
    bank.add("b-closed", user_id="301", kind="charity")
    bank.table.items[account_key("b-closed")].update(status="closed", shards=2)
    assert rounds.go_round(bank.services) == 1
    assert bank.available(CHARITY) == 1_000


def test_a_sub_balance_with_a_single_cent_counts_as_emptied(bank: Bank) -> None:
    """However little moved, it moved."""
    part = next(key for key in sharding.keys(CHARITY, 2) if bank.table.items[key]["available"])
    bank.table.items[part]["available"] = 1
    assert rounds.go_round(bank.services) == 1
