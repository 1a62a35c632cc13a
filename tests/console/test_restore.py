"""`console restore check`: every way in which a restore can cut a transaction through is found and mended."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.intents import lifecycle, store
from chalicelib.ledger import store as ledger
from chalicelib.ledger.books import balance
from chalicelib.ledger.gathering import gather
from chalicelib.ledger.sharding import raise_to
from chalicelib.table import Key, account_key, intent_key
from console.restoring import DONE
from tests.bank import CODE, Bank
from tests.console.desk import Desk

Items = dict[Key, dict[str, Any]]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A bank with one payment of Alice's to Bob."""
    made = Desk(monkeypatch, lambda: capsys.readouterr().out)
    made.pay()
    made.project()
    return made


def snapshot(desk: Desk) -> Items:
    """Every item as it is now."""
    return {key: dict(item) for key, item in desk.bank.table.items.items()}


def restored(before: Items, after: Items, late: set[Key]) -> Items:
    """A table of which only the items in `late` are from after a moment."""
    items = {key: item for key, item in after.items() if key in before or key in late}
    return {key: dict(after[key] if key in late else before[key]) for key in items}


def is_money(key: Key) -> bool:
    """Whether an item is one of the ledger's."""
    return key[0][:2] in ("A#", "T#", "E#")


def repair(desk: Desk) -> tuple[int, list[dict[str, Any]]]:
    """Mend what is there, then the entries."""
    desk.rest()
    status, rows = desk.run("restore", "check", "--repair", "--yes")
    desk.run("journal", "rebuild")
    return status, rows


def test_a_whole_table_has_no_halves(desk: Desk) -> None:
    """Nothing is accused, nothing is asked."""
    desk.rest()
    assert desk.run("restore", "check") == (0, [])
    assert desk.run("restore", "check", "--repair") == (0, [])


PIECES = ("A#alice", "A#bob", "T#", "E#alice", "E#bob")


@pytest.mark.parametrize(
    "late", [one for size in range(1, 5) for one in itertools.combinations(PIECES, size)], ids=" ".join
)
def test_each_half_of_a_payment_is_completed(desk: Desk, late: tuple[str, ...]) -> None:
    """Whichever of its items are from after it: one proves that it was done, and afterwards it is whole."""
    before = snapshot(desk)
    intent = desk.pay("7 € @bob")
    desk.project()
    after = snapshot(desk)
    names = {piece if piece != "T#" else f"T#{intent.id}" for piece in late}
    before[intent_key(intent.id)] = {**after[intent_key(intent.id)], "status": "pending", "ttl": 1}
    for name in ("paid_at", "moved_micros"):
        before[intent_key(intent.id)].pop(name)
    changed = {key for key in after if after[key] != before.get(key)}
    desk.bank.table.items = restored(before, after, {key for key in changed if key[0] in names})
    desk.rest()
    if not set(names) & {"A#alice", "A#bob", f"T#{intent.id}"} or names < {"A#alice", "A#bob", f"T#{intent.id}"}:
        assert desk.run("restore", "check")[0] == 1
    status, rows = repair(desk)
    assert status == 0
    assert {row["outcome"] for row in rows} <= {"completed"}
    assert {key: item for key, item in desk.bank.table.items.items() if is_money(key)} == {
        key: _without_attempt(item, desk.bank.table.items[key]) for key, item in after.items() if is_money(key)
    }
    assert desk.sound()


def _without_attempt(item: dict[str, Any], mended: dict[str, Any]) -> dict[str, Any]:
    """What the confirmation changed of an account besides its money: a restore may be from before that."""
    beside = ("attempts", "guess", "known_payees")
    return {**item, **{name: mended[name] for name in beside if name in mended}}


@pytest.mark.parametrize("late", [("A#bob",), ("T#fund-SCT-1",), ("E#bob",)], ids=str)
def test_each_half_of_a_funding_is_completed(desk: Desk, late: tuple[str, ...]) -> None:
    """Its item comes with the money, so it may be missing altogether: the leg says all that it said."""
    before = snapshot(desk)
    funding = ledger.funding("fund-SCT-1", payee="bob", amount_minor=500, currency="EUR")
    assert ledger.fund(desk.bank.table, funding, clock=desk.bank.services.clock) is None
    desk.project()
    after = snapshot(desk)
    late_keys = {key for key in after if key[0] in late and after[key] != before.get(key)}
    desk.bank.table.items = restored(before, after, late_keys)
    status, rows = repair(desk)
    assert (status, [row["outcome"] for row in rows]) == (0, ["completed"])
    assert {key: item for key, item in desk.bank.table.items.items() if is_money(key)} == {
        key: item for key, item in after.items() if is_money(key)
    }


def gift(desk: Desk, *, shards: int) -> tuple[str, Items, Items, str]:
    """A gift to a charity with sub-balances: its id, the items before and after it, the balance that was credited."""
    account = ledger.account(desk.bank.table, "croixbleue")
    assert account
    assert raise_to(desk.bank.table, account, shards, clock=desk.bank.services.clock) is None
    before = snapshot(desk)
    intent = desk.pay("3 € @croixbleue")
    desk.project()
    paid = desk.bank.table.items[intent_key(intent.id)]
    waiting = {name: value for name, value in paid.items() if name not in ("paid_at", "moved_micros", "credited")}
    before[intent_key(intent.id)] = {**waiting, "status": "pending"}
    return intent.id, before, snapshot(desk), paid["credited"]


def test_a_gift_goes_back_to_the_sub_balance_that_had_it(desk: Desk) -> None:
    """The sub-balance's own leg says which; it counts its gifts again."""
    intent, before, after, credited = gift(desk, shards=4)
    for late in ({intent_key(intent)}, {account_key(credited)}):
        desk.bank.table.items = restored(before, after, late)
        assert repair(desk)[0] == 0
        assert desk.bank.table.items[intent_key(intent)]["credited"] == credited
        assert desk.bank.table.items[account_key(credited)] == after[account_key(credited)]
        assert desk.run("journal", "verify") == (0, [])


@pytest.mark.parametrize(
    "late",
    [one for size in (1, 2) for one in itertools.combinations(("croixbleue", "sub-balance", "T#"), size)],
    ids=" ".join,
)
def test_each_half_of_a_gathering_is_completed(desk: Desk, late: tuple[str, ...]) -> None:
    """What a sub-balance held goes to its account once, whichever of the two or the transfer is from before it."""
    _, _, _, credited = gift(desk, shards=4)
    before = snapshot(desk)
    charity = ledger.account(desk.bank.table, "croixbleue")
    assert charity and gather(desk.bank.table, charity, clock=desk.bank.services.clock) == 300
    after = snapshot(desk)
    (transfer,) = [key for key in after if key not in before]
    keys = {"croixbleue": account_key("croixbleue"), "sub-balance": account_key(credited), "T#": transfer}
    desk.bank.table.items = restored(before, after, {keys[piece] for piece in late})
    status, rows = repair(desk)
    assert (status, [row["outcome"] for row in rows]) == (0, ["completed"])
    assert {key: desk.bank.table.items[key] for key in keys.values()} == {key: after[key] for key in keys.values()}
    assert desk.run("journal", "verify") == (0, [])


def test_a_gift_of_which_only_the_payer_knows_goes_to_some_sub_balance(desk: Desk) -> None:
    """Which one is told by nothing that is left, and matters to nobody."""
    intent, before, after, _ = gift(desk, shards=4)
    desk.bank.table.items = restored(before, after, {account_key("alice")})
    assert repair(desk)[0] == 0
    assert desk.bank.table.items[intent_key(intent)]["status"] == "paid"
    assert desk.run("journal", "verify") == (0, [])


def test_a_gift_goes_to_the_sub_balance_that_has_a_leg_too_many(desk: Desk) -> None:
    """A later gift to it is known, so it must have had the earlier one."""
    first, before, _, credited = gift(desk, shards=4)
    desk.bank.time.move(1)
    second = desk.pay("4 € @croixbleue")
    after = snapshot(desk)
    assert after[intent_key(second.id)]["credited"] == credited  # chance always says the same
    late = {account_key("alice"), account_key(credited), intent_key(second.id), ("E#alice", "000000000003")}
    before[intent_key(second.id)] = after[intent_key(second.id)]
    desk.bank.table.items = restored(before, after, late)
    assert repair(desk)[0] == 0
    assert desk.bank.table.items[intent_key(first)]["credited"] == credited
    assert desk.run("journal", "verify") == (0, [])


def test_what_comes_after_something_lost_is_left(desk: Desk) -> None:
    """The entry of a later payment tells that there was one before it of which nothing else is left."""
    before = snapshot(desk)
    lost, known = desk.pay("5 € @bob"), desk.pay("6 € @bob")
    desk.project()
    after = snapshot(desk)
    for one in (lost, known):
        before[intent_key(one.id)] = {**after[intent_key(one.id)], "status": "pending"}
    desk.bank.table.items = restored(before, after, {("E#alice", "000000000004"), intent_key(known.id)})
    status, rows = repair(desk)
    assert status == 1
    assert [(row["then"], row["why"]) for row in rows if "then" in row] == [("left", "something of alice is lost")]
    assert rows[-1]["fault"] == f"alice: leg 4 ({known.id}) is number 3 of those that are known"
    assert desk.bank.table.items[account_key("bob")] == before[account_key("bob")]


def test_halves_are_weighed_one_after_another(desk: Desk) -> None:
    """What completes the first may be missing for the second."""
    before = snapshot(desk)
    for name, amount in (("kept", 30_000), ("lost", 20_000)):
        funding = ledger.funding(f"fund-{name}", payee="bob", amount_minor=amount, currency="EUR")
        assert ledger.fund(desk.bank.table, funding, clock=desk.bank.services.clock) is None
        before = snapshot(desk) if name == "kept" else before
    orders = []
    for _ in range(2):
        orders.append(desk.bank.say("@Smoneyfr #envoyer 240 € @alice", author="bob").id)
        before[intent_key(orders[-1])] = dict(desk.bank.table.items[intent_key(orders[-1])])
    for one in orders:
        intent = store.read(desk.bank.table, one)
        assert intent
        assert lifecycle.confirm(desk.bank.services, desk.bank.link(intent), CODE).refusal is None
    late = {account_key("alice"), *map(intent_key, orders)}
    for key in [key for key in before if key[0].startswith("E#")]:
        del before[key]
    desk.bank.table.items = restored(before, snapshot(desk), late)
    status, rows = repair(desk)
    assert (status, [row["then"] for row in rows]) == (0, ["complete", "remove"])
    assert desk.bank.available("bob") == 7_000
    assert desk.sound()


def poor(desk: Desk) -> tuple[str, Items, Items]:
    """Bob passes on what he was funded with; the funding is then lost. The payment's id, items before and after all."""
    before = snapshot(desk)
    funding = ledger.funding("fund-lost", payee="bob", amount_minor=50_000, currency="EUR")
    assert ledger.fund(desk.bank.table, funding, clock=desk.bank.services.clock) is None
    desk.bank.time.move(1)
    intent = desk.bank.say("@Smoneyfr #envoyer 240 € @alice", author="bob")
    waiting = dict(desk.bank.table.items[intent_key(intent.id)])
    assert lifecycle.confirm(desk.bank.services, desk.bank.link(intent), CODE).refusal is None
    before[intent_key(intent.id)] = waiting
    return intent.id, before, snapshot(desk)


def test_a_half_that_cannot_be_completed_is_removed(desk: Desk) -> None:
    """Its payer lacks what a wholly lost funding had brought: each item goes back to before it."""
    intent, before, after = poor(desk)
    desk.bank.table.items = restored(before, after, {intent_key(intent), account_key("alice")})
    status, (row,) = repair(desk)
    assert (status, row["then"], row["outcome"].startswith("removed")) == (0, "remove", True)
    mended = desk.bank.table.items
    assert {key: item for key, item in mended.items() if key[0].startswith("A#")} == {
        key: _without_attempt(item, mended[key]) for key, item in before.items() if key[0].startswith("A#")
    }
    order = mended[intent_key(intent)]
    assert order["status"] == "pending" and order["ttl"] == before[intent_key(intent)]["ttl"]
    assert desk.sound()


def test_a_half_whose_money_has_moved_on_is_left_until_the_funding_is_there_again(desk: Desk) -> None:
    """It is told what to do; then it can be completed."""
    intent, before, after = poor(desk)
    desk.bank.table.items = restored(before, after, {intent_key(intent), account_key("alice")})
    desk.bank.time.move(5)
    desk.pay("1 € @croixbleue")
    status, rows = repair(desk)
    assert status == 1
    assert "funding" in next(row["why"] for row in rows if row.get("transfer") == intent)


def test_what_no_order_explains_is_left(desk: Desk) -> None:
    """A leg without an order, or with one that says otherwise, is for somebody to look at."""
    before = snapshot(desk)
    intent = desk.pay("7 € @bob")
    after = snapshot(desk)
    key = intent_key(intent.id)
    desk.bank.table.items = restored(before, after, {account_key("bob")})
    assert _told(desk) == ["its order is not there: restore to a later second"]
    order = {**after[key], "status": "cancelled"}
    desk.bank.table.items[key] = order
    assert _told(desk) == ["its order is cancelled: compare with the table before"]
    desk.bank.table.items[key] = {**order, "status": "pending", "amount_minor": 800}
    assert _told(desk) == ["its order says otherwise: compare with the table before"]


def _told(desk: Desk) -> list[str]:
    desk.rest()
    status, rows = desk.run("restore", "check", "--repair", "--yes")
    assert status == 1
    return [row["why"] for row in rows if "why" in row]


def test_an_account_that_is_not_there_is_told(desk: Desk) -> None:
    """It was opened after the moment, and paid at once."""
    del desk.bank.table.items[account_key("bob")]
    desk.rest()
    status, rows = desk.run("restore", "check", "--repair", "--yes")
    assert status == 1
    assert {"fault": "bob: has transfers and no account"} in rows


def test_what_moves_just_now_is_no_half(desk: Desk) -> None:
    """On a table that lives, a transaction may be seen by halves; a minute later it is not."""
    before = snapshot(desk)
    desk.rest()
    intent = desk.pay("7 € @bob")
    torn = restored({**before, intent_key(intent.id): {}}, snapshot(desk), {intent_key(intent.id)})
    desk.bank.table.items = torn
    assert desk.run("restore", "check") == (0, [])
    desk.rest()
    assert desk.run("restore", "check")[0] == 1


def test_what_an_account_knows_just_now_is_no_half_either(desk: Desk) -> None:
    """Its order may have been read a moment before it was paid."""
    desk.rest()
    before = snapshot(desk)
    intent = desk.pay("7 € @bob")
    after = snapshot(desk)
    waits = {**after[intent_key(intent.id)], "status": "pending"}
    desk.bank.table.items = restored({**before, intent_key(intent.id): waits}, after, {account_key("bob")})
    assert desk.run("restore", "check") == (0, [])
    desk.bank.table.items[intent_key(intent.id)]["status"] = "cancelled"
    assert desk.run("restore", "check") == (0, [])
    desk.rest()
    assert desk.run("restore", "check")[0] == 1


def test_an_order_that_ends_while_its_half_is_mended_stays_ended(desk: Desk) -> None:
    """The write itself asks whether it still waits."""
    before = snapshot(desk)
    intent = desk.pay("7 € @bob")
    after = snapshot(desk)
    before[intent_key(intent.id)] = {**after[intent_key(intent.id)], "status": "pending"}
    desk.bank.table.items = restored(before, after, {account_key("bob")})
    desk.rest()
    transact = desk.bank.table.transact

    def interrupted(writes: Any, *, token: str) -> Any:
        desk.bank.table.items[intent_key(intent.id)]["status"] = "expired"
        return transact(writes, token=token)

    desk.patch.setattr(desk.bank.table, "transact", interrupted)
    assert desk.run("restore", "check", "--repair", "--yes")[0] == 1
    assert desk.bank.table.items[account_key("alice")] == before[account_key("alice")]


def test_nothing_is_mended_that_has_changed_since_it_was_read(desk: Desk) -> None:
    """A payment that comes between is not overwritten."""
    before = snapshot(desk)
    intent = desk.pay("7 € @bob")
    after = snapshot(desk)
    before[intent_key(intent.id)] = {}
    desk.bank.table.items = restored(before, after, {intent_key(intent.id), account_key("alice")})
    desk.rest()
    transact = desk.bank.table.transact

    def interrupted(writes: Any, *, token: str) -> Any:
        desk.bank.table.items[account_key("bob")]["available"] += 1
        return transact(writes, token=token)

    desk.patch.setattr(desk.bank.table, "transact", interrupted)
    status, (row,) = desk.run("restore", "check", "--repair", "--yes")
    assert (status, row["outcome"]) == (1, "left: it has changed since it was read")
    assert desk.bank.table.items[account_key("bob")]["seq"] == before[account_key("bob")]["seq"]


def test_a_repair_asks_first(desk: Desk) -> None:
    """Without somebody to say yes nothing is written."""
    before = snapshot(desk)
    intent = desk.pay("7 € @bob")
    torn = restored({**before, intent_key(intent.id): {}}, snapshot(desk), {intent_key(intent.id)})
    desk.bank.table.items = {key: dict(item) for key, item in torn.items()}
    desk.rest()
    assert desk.run("restore", "check", "--repair")[0] == 1
    assert desk.bank.table.items == torn


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_whatever_a_restore_cuts_through_is_mended_or_told(
    data: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each item is as it was at some moment of the last payments: afterwards the books balance, or it says why not."""
    with monkeypatch.context() as patch:
        desk = Desk(patch, lambda: capsys.readouterr().out, bank=Bank())
        moments = [snapshot(desk)]
        for _ in range(data.draw(st.integers(1, 4))):
            intent = desk.bank.say(f"@Smoneyfr #envoyer 5 € @{data.draw(st.sampled_from(['bob', 'croixbleue']))}")
            moments[0][intent_key(intent.id)] = dict(desk.bank.table.items[intent_key(intent.id)])
            lifecycle.confirm(desk.bank.services, desk.bank.link(intent), CODE)
            moments.append(snapshot(desk))
            desk.project()
            moments.append(snapshot(desk))
        keys = sorted({key for moment in moments for key in moment if is_money(key)})
        first = moments[0]
        desk.bank.table.items = {}
        for key in keys:
            moment = data.draw(st.sampled_from(moments), label=str(key))
            if item := moment.get(key) or first.get(key):
                desk.bank.table.items[key] = dict(item)
        status, rows = repair(desk)
        assert (status == 0) == all(row.get("outcome") in DONE for row in rows)
        if status == 0:
            assert balance(desk.bank.table.items.values()).balanced
            assert desk.run("journal", "verify") == (0, [])
