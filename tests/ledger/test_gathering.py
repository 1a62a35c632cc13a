"""One step of gathering: the transfer that it is, and when it is tried again."""

from collections.abc import Callable, Sequence

import pytest

from chalicelib.intents import lifecycle
from chalicelib.ledger import gathering, moving, sharding
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import Account
from chalicelib.link import identifier
from chalicelib.refusals import Refusal
from chalicelib.services import Clock
from chalicelib.table import Busy, Rejection, Table, Write, account_key, intent_key
from tests.bank import CODE, NOON, Bank

CHARITY, PART = "croixbleue", "croixbleue#8"


def given(bank: Bank, euros: int = 10) -> None:
    """Alice gives; with this bank's chance it is always the same sub-balance that gets it."""
    intent = bank.say(f"@Smoneyfr #donner {euros} € @croixbleue")
    assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None


def gathered(bank: Bank) -> int:
    """Gather, and say how much it was."""
    return gathering.gather(bank.table, charity(bank), clock=bank.services.clock)


def charity(bank: Bank) -> Account:
    """The charity's account as it is."""
    account = ledger.account(bank.table, CHARITY)
    assert account
    return account


@pytest.fixture
def bank() -> Bank:
    """A bank in which a charity has sixteen sub-balances, and one of them ten euros."""
    bank = Bank()
    assert sharding.raise_to(bank.table, charity(bank), 16, clock=bank.services.clock) is None
    given(bank)
    return bank


def test_a_gathering_is_a_transfer_like_any_other(bank: Bank) -> None:
    """From the sub-balance to its account, at the instant of both legs, named by the last leg that it takes."""
    assert gathered(bank) == 1_000
    item = bank.table.items[intent_key(identifier("gather", PART, "1"))]
    assert item == {
        "PK": item["PK"],
        "SK": "0",
        "order": "gather",
        "status": "paid",
        "payer": CHARITY,
        "debited": PART,
        "payee": CHARITY,
        "amount_minor": 1_000,
        "currency": "EUR",
        "created_at": NOON,
        "paid_at": NOON,
        "moved_micros": bank.account(CHARITY)["moved_micros"],
    }
    assert bank.account(PART)["moved_micros"] == item["moved_micros"]


def test_what_comes_after_a_gathering_is_gathered_by_another(bank: Bank) -> None:
    """On the same sub-balance too: money that came later has a last leg of its own."""
    assert gathered(bank) == 1_000
    given(bank, 20)
    assert gathered(bank) == 2_000
    assert bank.available(CHARITY) == 3_000


def test_a_single_cent_is_gathered(bank: Bank) -> None:
    """And nothing is left."""
    gathered(bank)
    bank.table.items[account_key(PART)]["available"] = 1
    assert (gathered(bank), bank.account(PART)["available"]) == (1, 0)


def test_without_hurry_a_busy_sub_balance_is_waited_for(bank: Bank) -> None:
    """An operator's gathering moves all there is; the minutely round would leave it to the next one."""
    bank.table.faults = ["busy"] * 3
    assert gathered(bank) == 1_000


def test_a_clock_that_lags_behind_the_last_leg_needs_no_second_try(bank: Bank) -> None:
    """The instants of both accounts were read, so the first transaction comes after them."""
    bank.time.move(-60)
    done = len(bank.table.tokens)
    refused = bank.table.usage.round_trips
    assert gathered(bank) == 1_000
    assert len(bank.table.tokens) == done + 1
    assert bank.table.usage.round_trips == refused + 3


def test_a_transfer_that_is_too_early_every_time_gives_up(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each try is built for an instant after the one that was told; after eight of them the caller hears why."""
    instants: list[int] = []

    def build(instant: int) -> list[Write]:
        instants.append(instant)
        return []

    def early(_table: Table, built: Callable[[], Sequence[Write]], *, clock: Clock) -> Rejection:
        assert clock is bank.services.clock
        built()
        return Rejection(Refusal.LEG_LATE, (None, {"moved_micros": 5_000_000 * 10**12}, {"moved_micros": 7}))

    monkeypatch.setattr(moving, "transact", early)
    with pytest.raises(Busy, match=r"^other transfers were a moment later each time$"):
        moving.move(bank.table, build, clock=bank.services.clock)
    assert instants[0] < instants[1]
    assert instants[1:] == [5_000_000 * 10**12 + 1] * 7
