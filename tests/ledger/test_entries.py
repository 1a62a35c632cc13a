"""An entry: the same from the stream and from the transfers, and nothing of it can be changed unseen."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.conditions import Item
from chalicelib.ledger import chain
from chalicelib.ledger.entry import (
    Leg,
    canonical,
    entries_of,
    from_item,
    genesis,
    is_intact,
    leg_of,
    sealed,
    sides,
    to_item,
)
from tests.ledger.money import START, Till, by_name, transfer

LATER = START + 10**12
STORY = [
    transfer("f1", "bank", "alice", 5_000, at=1),
    transfer("t1", "alice", "bob", 1_000, at=2),
    transfer("t2", "alice", "relief", 200, at=3, credited="relief#3"),
    transfer("t3", "bob", "alice", 50, at=4),
    transfer("s1", "relief", "relief", 200, at=5, debited="relief#3"),
]


def kept(transfers: list[dict[str, Any]]) -> dict[str, chain.Kept]:
    """What a table keeps after transfers whose entries were all written."""
    till = Till().move(transfers)
    entries = [to_item(one) for account in till.items for one in entries_of(account, transfers)]
    found, faults = chain.gather([*till.items.values(), *transfers, *entries])
    assert not faults
    return found


def faults(found: dict[str, chain.Kept]) -> list[str]:
    """Everything that is wrong with any account."""
    told = [fault for one in found.values() for fault in chain.faults(one, settled_micros=LATER)]
    return told + [fault for one in found.values() for fault in chain.missing_legs(one, found, settled_micros=LATER)]


def test_an_entry_is_what_its_account_became() -> None:
    """Number, amount, balance after, counterparty, instant, and the hash of the entry before."""
    first, second, *_ = entries_of("alice", STORY)
    assert to_item(second) == {
        "PK": "E#alice",
        "SK": "000000000002",
        "transfer": "t1",
        "amount_minor": -1_000,
        "balance_minor": 4_000,
        "currency": "EUR",
        "counterparty": "bob",
        "moved_micros": START + 2,
        "before": first.hash,
        "hash": second.hash,
    }
    assert (first.before, first.counterparty) == (genesis("alice"), "bank")


def test_the_bytes_that_are_hashed_never_change() -> None:
    """A hash that is archived today is checked in ten years, by other software too."""
    (entry,) = entries_of("alice", STORY[:1])
    fields = (
        '{"account":"alice","amount_minor":5000,"balance_minor":5000,"counterparty":"bank","currency":"EUR",'
        f'"moved_micros":{START + 1},"seq":1,"transfer":"f1"}}'
    )
    assert canonical(entry) == fields.encode()
    assert genesis("alice") == "sE4GddVsFtowYAqnpIEIkUZAcmr7dvuWIGn8h3Vccc8"
    assert entry.hash == "Fdvly6DSWA2l58xohD2Ps_KPfP2nugzBYiqRvY8iG4g"


def test_chains_of_two_accounts_begin_differently() -> None:
    """An entry cannot be carried from one account to another, nor from a sub-balance to its account."""
    assert len({genesis(account) for account in ("alice", "bob", "alice#0", "alice#00")}) == 4


def test_a_sub_balance_has_entries_of_its_own() -> None:
    """Named after it; the counterparty is the other side's main account."""
    (received, swept) = entries_of("relief#3", STORY)
    assert (received.account, received.counterparty, received.balance_minor) == ("relief#3", "alice", 200)
    assert (swept.amount_minor, swept.counterparty, swept.balance_minor) == (-200, "relief", 0)
    (main,) = entries_of("relief", STORY)
    assert (main.amount_minor, main.counterparty) == (200, "relief")


def test_the_bank_has_no_entries() -> None:
    """Its side of a funding, or of a payout, is in the transfer alone."""
    assert [account for account, _, _ in sides(STORY[0])] == ["alice"]
    assert list(sides(transfer("p1", "alice", "bank", 5))) == [("alice", -5, "bank")]


def test_a_counterparty_is_never_a_sub_balance() -> None:
    """A statement names whom, not which of their balances."""
    (_, image), *_ = Till().move([STORY[0]]).images
    image["last"]["counterparty"] = "relief#3"
    assert leg_of(image).counterparty == "relief"


def test_a_transfer_from_before_there_were_instants_counts_from_its_second() -> None:
    """Older journals can be made too."""
    old = transfer("f1", "bank", "alice", 5_000)
    del old["moved_micros"]
    assert entries_of("alice", [old])[0].moved_micros == old["paid_at"] * 1_000_000


def test_sound_books_have_no_fault() -> None:
    """What was never touched is never accused."""
    assert faults(kept(STORY)) == []


people = st.sampled_from(["alice", "bob", "carol", "relief", "bank"])
ways = st.lists(
    st.tuples(people, people, st.integers(1, 10**12), st.integers(-1, 2)).filter(lambda one: one[0] != one[1]),
    min_size=1,
    max_size=12,
)


def transfers_of(drawn: list[tuple[str, str, int, int]]) -> list[dict[str, Any]]:
    """Transfers, some of them to sub-balances of the relief fund."""
    made = []
    for place, (payer, payee, amount, shard) in enumerate(drawn):
        to = {"credited": f"relief#{shard}"} if payee == "relief" and shard >= 0 else {}
        made.append(transfer(f"t{place}", payer, payee, amount, at=place + 1, **to))
    return made


@given(drawn=ways, order=st.randoms())
def test_the_images_and_the_transfers_give_the_same_entries(drawn: list[Any], order: Any) -> None:
    """Byte for byte, whatever the order in which a table is read."""
    transfers = transfers_of(drawn)
    till = Till().move(transfers)
    heads: dict[str, str] = {}
    made: dict[str, list[Item]] = {}
    for _, image in till.images:
        leg = leg_of(image)
        entry = sealed(leg, before=heads.get(leg.account, genesis(leg.account)))
        heads[leg.account] = entry.hash
        made.setdefault(leg.account, []).append(to_item(entry))
    order.shuffle(transfers)
    assert made == {account: [to_item(one) for one in entries_of(account, transfers)] for account in made}
    assert all(is_intact(from_item(item)) for items in made.values() for item in items)


def flipped(value: Any, draw: Any) -> Any:
    """The value with one bit of it changed."""
    if isinstance(value, int):
        return value ^ (1 << draw(st.integers(0, 40)))
    if not value:
        return "x"
    data = bytearray(value.encode())
    data[draw(st.integers(0, len(data) - 1))] ^= 1 << draw(st.integers(0, 6))
    return data.decode("latin-1")


@given(data=st.data(), drawn=ways)
def test_any_flipped_bit_of_any_entry_is_found(data: Any, drawn: list[Any]) -> None:
    """In whatever field, keys included."""
    found = kept(transfers_of(drawn))
    account = data.draw(st.sampled_from(sorted(name for name, one in found.items() if one.entries)))
    items = [dict(item) for one in found.values() for item in one.entries.values()]
    target = data.draw(st.sampled_from([item for item in items if item["PK"] == f"E#{account}"]))
    name = data.draw(st.sampled_from(sorted(target)))
    target[name] = flipped(target[name], data.draw)
    others = [one.held for one in found.values() if one.held] + transfers_of(drawn)
    again, unreadable = chain.gather([*others, *items])
    assert faults(again) or unreadable


@given(data=st.data(), drawn=ways)
def test_any_flipped_bit_of_money_in_a_transfer_or_an_account_is_found(data: Any, drawn: list[Any]) -> None:
    """The three tell the same story, or somebody is told which one does not."""
    transfers = transfers_of(drawn)
    found = kept(transfers)
    held = [dict(one.held) for one in found.values() if one.held]
    entries = [item for one in found.values() for item in one.entries.values()]
    items = data.draw(st.sampled_from([held, transfers]))
    target = data.draw(st.sampled_from(items))
    money = {"available", "seq", "moved_micros", "amount_minor", "payer", "payee", "credited", "PK"}
    name = data.draw(st.sampled_from(sorted(money & target.keys())))
    target[name] = flipped(target[name], data.draw)
    again, unreadable = chain.gather([*held, *transfers, *entries])
    assert faults(again) or unreadable


@given(data=st.data(), drawn=ways)
def test_an_entry_that_is_gone_is_missed(data: Any, drawn: list[Any]) -> None:
    """The last one too, which leaves no gap behind."""
    found = kept(transfers_of(drawn))
    one = found[data.draw(st.sampled_from(sorted(name for name, one in found.items() if one.entries)))]
    one.entries.pop(data.draw(st.sampled_from(sorted(one.entries))))
    assert faults(found)


def test_a_chain_that_was_forged_whole_is_found() -> None:
    """Somebody who can write the table can also compute hashes; the transfers tell."""
    found = kept(STORY)
    forged = entries_of("bob", [STORY[1] | {"amount_minor": 9_000}, STORY[3]])
    found["bob"].entries = {item["SK"]: item for item in map(to_item, forged)}
    assert "bob: entry 1 differs from its transfer in amount_minor, balance_minor, hash" in faults(found)


def test_what_has_moved_just_now_is_given_time() -> None:
    """An entry comes a moment after its leg; then it is missed."""
    found = kept(STORY)
    del found["alice"].entries["000000000004"]
    assert not list(chain.faults(found["alice"], settled_micros=START + 3))
    assert list(chain.faults(found["alice"], settled_micros=START + 4)) == ["alice: leg 4 (t3) has no entry"]


def test_a_table_that_is_read_while_money_moves_accuses_nobody() -> None:
    """The account was read after a transfer whose item was read before it was paid."""
    found = kept(STORY)
    del found["alice"].transfers["t2"]
    assert not list(chain.faults(found["alice"], settled_micros=START + 2))
    assert list(chain.faults(found["alice"], settled_micros=START + 4))


def test_a_transfer_after_the_account_was_read_is_no_fault() -> None:
    """It was paid while the table was read; its entry is another reading's."""
    found = kept(STORY)
    found["alice"].held = Till().move(STORY[:3]).items["alice"]
    assert not list(chain.faults(found["alice"], settled_micros=START + 3))
    assert chain.plan(found["alice"], settled_micros=START + 3).proven


def test_an_account_that_never_moved_holds_nothing() -> None:
    """Money without a leg is a fault."""
    held = {"PK": "A#alice", "SK": "0", "seq": 0, "available": 0, "currency": "EUR"}
    found, _ = chain.gather([held])
    assert faults(found) == []
    found, _ = chain.gather([held | {"available": 5}])
    assert faults(found) == ["alice: holds 5 after 0 legs, its transfers give 0 after 0"]


def test_an_entry_of_no_leg_is_told_and_never_written_over() -> None:
    """Somebody made it, or its transfer was changed."""
    found = kept(STORY)
    extra = {**found["bob"].entries["000000000002"], "SK": "000000000003"}
    found["bob"].entries["000000000003"] = extra
    planned = chain.plan(found["bob"], settled_micros=LATER)
    assert (planned.surplus, planned.missing, planned.wrong) == ((extra,), (), ())
    assert "bob: entry 000000000003 belongs to no leg" in faults(found)


CHAIN = entries_of("alice", STORY)


def rechained(*changed: Any) -> list[Item]:
    """Entries with hashes that are right, whatever else is wrong with them."""
    made, before = [], genesis("alice")
    for one in changed:
        fields = {name: value for name, value in vars(one).items() if name not in ("before", "hash")}
        made.append(sealed(Leg(**fields), before=before))
        before = made[-1].hash
    return [to_item(one) for one in made]


@pytest.mark.parametrize(
    ("stored", "wrong"),
    [
        ([to_item(one) for one in CHAIN], []),
        ([to_item(one) for one in CHAIN[2:]], []),
        ([to_item(CHAIN[0]), to_item(CHAIN[2])], ["alice: entry 3 follows entry 1"]),
        (
            rechained(CHAIN[0], replace(CHAIN[1], balance_minor=9)),
            ["alice: entry 2 has a balance that does not follow from the one before"],
        ),
        (
            rechained(CHAIN[0], replace(CHAIN[1], moved_micros=CHAIN[0].moved_micros)),
            ["alice: entry 2 is not later than the entry before it, or of another currency"],
        ),
        (
            rechained(CHAIN[0], replace(CHAIN[1], currency="JPY")),
            ["alice: entry 2 is not later than the entry before it, or of another currency"],
        ),
        (
            [to_item(CHAIN[0]), rechained(replace(CHAIN[0], amount_minor=1, balance_minor=1), CHAIN[1])[1]],
            ["alice: entry 2 does not follow from the entry before it"],
        ),
        (rechained(replace(CHAIN[0], balance_minor=7)), ["alice: entry 1 does not begin its chain"]),
        ([{**to_item(CHAIN[0]), "SK": "0000000000001"}], ["alice: entry 0000000000001 cannot be read"]),
        ([{**to_item(CHAIN[0]), "note": "x"}], ["alice: entry 000000000001 cannot be read"]),
        ([{**to_item(CHAIN[0]), "amount_minor": "5000"}], ["alice: entry 000000000001 cannot be read"]),
        ([{**to_item(CHAIN[0]), "amount_minor": 4_999}], ["alice: entry 1 does not have the hash of its bytes"]),
    ],
)
def test_a_chain_is_proved_by_itself(stored: list[Item], wrong: list[str]) -> None:
    """As an export does, which has no transfers at hand; also from a later entry on."""
    assert list(chain.chain_faults("alice", stored))[: len(wrong) or None] == wrong


def test_a_transfer_whose_balance_is_not_its_sides_is_told() -> None:
    """It would move the money of somebody whom it does not name."""
    _, told = chain.gather([transfer("t9", "alice", "bob", 5, credited="relief#3")])
    assert told == ["transfer t9 is paid and cannot be read: credited is not of its payee"]


def test_a_plan_writes_only_what_is_proven() -> None:
    """With a transfer not read yet, the number of any later leg would be a guess."""
    found = kept(STORY)
    del found["alice"].transfers["t2"]
    found["alice"].entries = {}
    planned = chain.plan(found["alice"], settled_micros=START + 2)
    assert ([entry.seq for entry in planned.missing], planned.proven) == ([1, 2], False)


@pytest.mark.parametrize("item", [{"PK": "A#alice", "SK": "000000000001"}, {"PK": "A#alice", "SK": "0", "seq": 1}])
def test_what_stands_under_an_accounts_key_and_is_none_is_told(item: dict[str, Any]) -> None:
    """It neither hides the account nor stops the reading."""
    found, told = chain.gather([*(one.held for one in kept(STORY).values() if one.held), item])
    assert told == [f"alice: {item['SK']} is no account"]
    assert found["alice"].held


@pytest.mark.parametrize("fact", ["payer", "payee", "amount_minor", "currency", "paid_at"])
def test_a_paid_transfer_without_its_facts_is_told(fact: str) -> None:
    """It is no transfer that could be folded, and silence would lose its money."""
    broken = {name: value for name, value in STORY[1].items() if name not in (fact, "moved_micros")}
    _, told = chain.gather([broken])
    assert len(told) == 1
    assert by_name(STORY)["t1"]["PK"] == "T#t1" and "t1" in json.dumps(told)


@pytest.mark.parametrize(
    "change", [{"amount_minor": 0}, {"amount_minor": -1}, {"currency": ""}, {"moved_micros": 0}, {"moved_micros": -1}]
)
def test_a_paid_transfer_that_moves_nothing_is_told(change: dict[str, Any]) -> None:
    """It has an amount, a currency and an instant; a cent at the first microsecond is enough."""
    found, told = chain.gather([STORY[1] | change])
    assert (found, told) == ({}, ["transfer t1 is paid and cannot be read: it moves nothing"])
    found, told = chain.gather([STORY[1] | {"amount_minor": 1, "moved_micros": 1}])
    assert (set(found), told) == ({"alice", "bob"}, [])


def test_a_transfer_that_debits_somebody_elses_balance_is_told() -> None:
    """On the payer's side as on the payee's."""
    _, told = chain.gather([transfer("t9", "alice", "bob", 5, debited="relief#3")])
    assert told == ["transfer t9 is paid and cannot be read: debited is not of its payer"]


def test_only_what_was_paid_is_read_as_a_transfer() -> None:
    """Orders that wait, and whatever else says that it is paid, move nobody."""
    waiting = {**STORY[1], "PK": "T#waits", "status": "pending"}
    notice = {"PK": "N#one", "SK": "0", "status": "paid"}
    assert chain.gather([waiting, notice]) == ({}, [])


def test_each_account_is_known_by_its_name() -> None:
    """Whatever of it was read first: an entry, a transfer or its item."""
    till = Till().move(STORY)
    entry = to_item(entries_of("bob", STORY)[0])
    for items in ([entry], [STORY[1]], [till.items["bob"]], [{"PK": "A#bob", "SK": "0", **EMPTY}]):
        found, _ = chain.gather(items)
        assert {name: one.account for name, one in found.items()} == {name: name for name in found}
        assert "bob" in found


EMPTY = {"seq": 0, "available": 0, "currency": "EUR"}


def test_an_account_from_before_there_were_instants_agrees_with_its_legs() -> None:
    """Its item has none and all its legs count; without its last leg told it proves nothing, and that is said."""
    found = kept(STORY)
    held = dict(found["alice"].held or {})
    del held["moved_micros"]
    found["alice"].held = held
    assert chain.plan(found["alice"], settled_micros=START).proven
    assert faults(found) == []
    del held["last"]
    assert not chain.plan(found["alice"], settled_micros=START).proven
    assert faults(found) == ["alice: holds 3850 after 4 legs, its transfers give 3850 after 4"]


def test_an_account_is_judged_once_it_has_rested() -> None:
    """From the instant of its last leg on, not a microsecond before; an account that has none always has."""
    found = kept(STORY)
    assert found["alice"].held
    found["alice"].held = {**found["alice"].held, "available": 1}
    found["alice"].entries = {}
    assert not [one for one in chain.faults(found["alice"], settled_micros=START + 3) if "holds" in one]
    told = list(chain.faults(found["alice"], settled_micros=START + 4))
    assert told[-1] == "alice: holds 1 after 4 legs, its transfers give 3850 after 4"


def test_legs_without_an_account_are_told_with_what_there_is_of_them() -> None:
    """Somebody took the account away: its legs and its entries still say what it was."""
    found = kept(STORY)
    found["bob"].held = None
    assert faults(found) == ["bob: has 2 legs, 2 entries, and no account"]


def test_a_leg_whose_other_side_has_no_entry_is_told_whatever_else_is_late() -> None:
    """What moved just now is passed over, and the legs after it are looked at all the same."""
    found = kept(STORY)
    found["bob"].entries = {}
    reverse = dict(reversed(list(found["alice"].transfers.items())))
    found["alice"].transfers = {"t3": {**reverse["t3"], "moved_micros": LATER + 1}, **reverse}
    found["alice"].transfers["t3"] = {**reverse["t3"], "moved_micros": LATER + 1}
    told = list(chain.missing_legs(found["alice"], found, settled_micros=LATER))
    assert told == ["alice: transfer t1 has no entry on bob"]
    del found["bob"]
    assert list(chain.missing_legs(found["alice"], found, settled_micros=LATER)) == told
    assert list(chain.missing_legs(found["alice"], found, settled_micros=START + 2)) == told
    assert list(chain.missing_legs(found["alice"], found, settled_micros=START + 1)) == []


@pytest.mark.parametrize(("instant", "told"), [(7, True), (8, False), ("eight", True), (None, True)])
def test_an_entry_of_no_leg_is_told_once_its_instant_has_settled(instant: Any, *, told: bool) -> None:
    """One without an instant that can be read is told at once."""
    found, _ = chain.gather([{"PK": "E#bob", "SK": "000000000001", "moved_micros": instant}])
    surplus = chain.plan(found["bob"], settled_micros=7).surplus
    assert bool(surplus) == told
    if not isinstance(instant, int):
        assert chain.plan(found["bob"], settled_micros=0).surplus


def test_what_is_wrong_with_a_chain_is_told_with_its_account() -> None:
    """The sentence begins with whose entry it is."""
    found = kept(STORY)
    found["bob"].entries["000000000001"] = {**found["bob"].entries["000000000001"], "amount_minor": 999}
    assert "bob: entry 1 does not have the hash of its bytes" in faults(found)
