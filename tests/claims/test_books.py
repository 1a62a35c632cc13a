"""The books of held money: claim by claim what the transfers give, at rest and while it moves; entries as ever."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.identity import store as people
from chalicelib.intents import due, sweeping
from chalicelib.intents.intent import Intent
from chalicelib.ledger import claiming
from chalicelib.ledger.audit import SETTLED_SECONDS
from chalicelib.ledger.books import Tally, balance
from chalicelib.ledger.chain import faults, gather, missing_legs
from chalicelib.ledger.claim import CANCELLED, REFUSED, Wish
from chalicelib.ledger.entry import entries_of, to_item
from chalicelib.ledger.journal import project
from chalicelib.table import account_key, claim_key, handle_key, intent_key
from chalicelib.telemetry.log import LOG
from tests.bank import BOT, NOON, Bank
from tests.claims.holding import (
    CAROL,
    FEE,
    HELD,
    claim_of,
    confirmed,
    held,
    holding_bank,
    join,
    link,
    ordered,
    sound,
    status,
    suspended,
    swept,
)  # fmt: skip
from tests.ledger.money import record


def ended(bank: Bank, wish: str = CANCELLED) -> str:
    """A claim that was asked to end and has."""
    claim = held(bank)
    claiming.ask(bank.table, claim.id, Wish(end=wish, by="x"), clock=bank.services.clock)
    bank.stream()
    swept(bank)
    return claim.id


def tampered(bank: Bank, key: tuple[str, str], **fields: Any) -> str:
    """The faults of the books after an item was changed by hand."""
    bank.table.items[key].update(fields)
    books = balance(bank.table.items.values())
    assert not books.balanced
    return "; ".join(books.faults)


@pytest.mark.parametrize(
    "fields",
    [
        {"amount_minor": 999},
        {"fee_minor": 166},
        {"status": "claimed", "ended_at": NOON},
        {"status": "lost"},
        {"currency": "JPY"},
    ],
)
def test_a_claim_that_says_otherwise_than_its_transfers_is_named(fields: dict[str, Any]) -> None:
    """More, less, ended without a transfer, in no state, in another currency."""
    bank = holding_bank()
    claim = held(bank)
    assert claim.id in tampered(bank, claim_key(claim.id), **fields)


def test_a_claim_that_is_lost_is_named() -> None:
    """What was paid into suspense belongs to nobody."""
    bank = holding_bank()
    claim = held(bank)
    del bank.table.items[claim_key(claim.id)]
    assert (
        f"claim {claim.id} (EUR): holds 0 as a claim, its transfers give 1165"
        in balance(bank.table.items.values()).faults
    )


def test_a_claim_that_ended_twice_is_named() -> None:
    """A second transfer out of it."""
    bank = holding_bank()
    name = ended(bank)
    item = next(item for item in bank.table.items.values() if item.get("claim") == name)
    bank.table.items[intent_key("again")] = {**item, "PK": "T#again", "order": "claim"}
    assert any(name in fault for fault in balance(bank.table.items.values()).faults)


def test_a_transfer_out_of_suspense_needs_a_claim() -> None:
    """One that names none, or another one."""
    bank = holding_bank()
    name = ended(bank)
    key = next(key for key, item in bank.table.items.items() if item.get("claim") == name)
    assert "nothing" in tampered(bank, key, claim="nothing")


def test_what_is_held_too_long_is_named_once_it_has_settled() -> None:
    """The sweep has a quarter of an hour."""
    bank = holding_bank()
    claim = held(bank)
    for late, found in ((0, 0), (1, 1)):
        tally = Tally(cutoff=claim.expires_at - 1 + late)
        for item in bank.table.items.values():
            tally.add(item)
        told = [fault for fault in tally.books().faults if "after its time" in fault]
        assert len(told) == found


@pytest.mark.parametrize("age", [SETTLED_SECONDS - 1, SETTLED_SECONDS, SETTLED_SECONDS + 1])
@pytest.mark.parametrize("read_first", ["claims", "transfers"])
def test_a_table_that_is_read_while_a_claim_opens_or_ends_has_no_fault(age: int, read_first: str) -> None:
    """Whichever half is read from before it and whichever from after it, while it has not settled; and when it has."""
    bank = holding_bank()
    name = held(bank).id
    before = {**bank.table.items}
    claiming.ask(bank.table, name, Wish(end=REFUSED, by="x"), clock=bank.services.clock)
    bank.stream()
    bank.time.move(3_600)
    swept(bank)
    ended_at = claim_of(bank, name).ended_at
    after = {**bank.table.items}
    early, late = ("C", "T") if read_first == "claims" else ("T", "C")
    torn = [item for key, item in before.items() if key[0][0] == early] if age < SETTLED_SECONDS else []
    torn += [
        item for key, item in after.items() if key[0][0] == late or (age >= SETTLED_SECONDS and key[0][0] == early)
    ]
    tally = Tally(cutoff=ended_at + age - SETTLED_SECONDS)
    for item in torn:
        tally.add(item)
    assert [fault for fault in tally.books().faults if fault.startswith("claim")] == []


def test_entries_of_held_money_are_made_again_of_its_transfers() -> None:
    """The payer's leg of amount and fee, the payee's and the fee's: one chain each, none for suspense."""
    bank = holding_bank()
    images = bank.table.images
    kept: list[Any] = []
    stream = bank.stream

    def keeping() -> None:
        kept.extend(images)
        stream()

    bank.stream = keeping  # type: ignore[method-assign]  # the journal reads the same stream
    ended(bank)
    held(bank)
    join(bank)
    swept(bank)
    funding = [record(None, {**bank.account("alice"), **first_leg(bank)})]
    project(bank.table, [*funding, *(record(old, new) for old, new in kept)], park=no_parking)
    found, unread = gather(bank.table.items.values())
    assert not unread
    assert {"alice", "carol"} <= {*found} and not {"suspense", "fees", "bank"} & {*found}
    for one in found.values():
        assert list(faults(one, settled_micros=1 << 62)) == []
        assert list(missing_legs(one, found, settled_micros=1 << 62)) == []
        chain = [to_item(entry) for entry in entries_of(one.account, one.transfers.values())]
        assert [item for _, item in sorted(one.entries.items())] == chain
    assert [entry["amount_minor"] for _, entry in sorted(found["alice"].entries.items())] == [
        *(100_000, -1_000 - FEE, 1_000 + FEE, -1_000 - FEE, FEE)
    ]


def first_leg(bank: Bank) -> dict[str, Any]:
    """Alice's account as it was after it was funded."""
    item = bank.table.items[intent_key("fund-alice")]
    last = {"transfer": "fund-alice", "amount_minor": 100_000, "counterparty": "bank"}
    return {"available": 100_000, "seq": 1, "moved_micros": item["moved_micros"], "last": last}


def no_parking(keys: Any) -> None:
    """Nothing may be parked."""
    raise AssertionError(f"{keys} was parked")


DEEDS = st.lists(
    st.sampled_from(
        ["order", "hold", "refuse", "cancel", "link", "unlink", "freeze", "thaw", "sweep", "wait", "pay out"]
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def quiet() -> Iterator[None]:
    """A hundred thousand lines that nobody reads."""
    level = LOG.log_level
    LOG.setLevel(logging.CRITICAL)
    yield
    LOG.setLevel(level)


@pytest.fixture(scope="module")
def by_the_hour() -> Iterator[None]:
    """A sweep that catches up on a month marks each hour: seven hundred marks of it, not forty thousand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweeping, "SLICE_SECONDS", due.HOUR_SECONDS)
        yield


@pytest.mark.usefixtures("quiet", "by_the_hour")
@settings(max_examples=60, deadline=None)
@given(deeds=DEEDS, pick=st.randoms(use_true_random=False))
def test_whatever_happens_nothing_is_lost(deeds: list[str], pick: Any) -> None:
    """The law: suspense is what the open claims hold, all money is there, and after a week nothing is held."""
    bank = holding_bank()
    names: list[str] = []
    waiting: list[Intent] = []
    swept(bank)
    for deed in deeds:
        _do(bank, deed, (names, waiting), pick)
        assert bank.available("alice") + _carols(bank) + suspended(bank) + _outside(bank) == 100_000
        assert sound(bank)
    bank.time.move(HELD)
    swept(bank)
    assert suspended(bank) == 0
    assert sound(bank)


def _do(bank: Bank, deed: str, known: tuple[list[str], list[Intent]], pick: Any) -> None:
    (names, waiting), clock = known, bank.services.clock
    match deed:
        case "hold" if len(names) < 15:
            bank.table.items[account_key("alice")].update({"spent_day": 0, "spent_month": 0, "status": "open"})
            _paid(bank, waiting.pop() if waiting else ordered(bank), names)
        case "order":
            waiting.append(ordered(bank))
        case "refuse" | "cancel" if names:
            wish = Wish(end=REFUSED if deed == "refuse" else CANCELLED, by="x")
            claiming.ask(bank.table, pick.choice(names), wish, clock=clock)
        case "pay out" if names:
            claiming.pay_out(bank.table, claim_of(bank, pick.choice(names)), {"bank": "1"}, clock=clock)
        case "link" | "unlink":
            _linked(bank, linked=deed == "link")
        case "freeze" | "thaw":
            for account in {"alice", "carol"} & {key[0][2:] for key in bank.table.items}:
                status(bank, account, "frozen" if deed == "freeze" else "open")
        case "sweep":
            swept(bank)
        case "wait":
            bank.time.move(pick.choice([60, 86_400, HELD // 2]))
    bank.stream()


def _paid(bank: Bank, intent: Intent, names: list[str]) -> None:
    """Confirm an order; it may be older than a link of its payee, and one to a linked payee is not held."""
    confirmed(bank, intent)
    if claim_key(intent.id) in bank.table.items:
        names.append(intent.id)


def _linked(bank: Bank, *, linked: bool) -> None:
    key = handle_key("twitter", BOT.user_id, CAROL)
    if linked and key not in bank.table.items:
        join(bank)
    elif linked:
        link(bank.services, "carol")
    elif key in bank.table.items:
        people.unlink(bank.table, ("twitter", BOT.user_id), CAROL, clock=bank.services.clock)


def _carols(bank: Bank) -> int:
    return bank.available("carol") if ("A#carol", "0") in bank.table.items else 0


def _outside(bank: Bank) -> int:
    """What left by the bank, and what was earned."""
    own = ("bank", "fees")
    paid = (item for item in bank.table.items.values() if item["PK"].startswith("T#") and item.get("payee") in own)
    return sum(item["amount_minor"] for item in paid)
