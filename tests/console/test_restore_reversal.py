"""`console restore check` and reversals: a transaction of four items that a restore cut through."""

import itertools
from typing import Any

import pytest

from chalicelib.ledger import reversing
from chalicelib.ledger.reversal import Wish
from chalicelib.table import intent_key
from console.restoring import NOBODY_KNOWN
from tests.console.desk import Desk
from tests.console.test_restore import Items, repair, restored, snapshot

PIECES = ("reversal", "payment", "A#alice", "A#bob", "E#alice", "E#bob")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A bank with one payment of Alice's to Bob."""
    made = Desk(monkeypatch, lambda: capsys.readouterr().out)
    made.project()
    return made


def reversed_(desk: Desk, *, parts: tuple[int, ...] = (400,)) -> tuple[str, list[str], list[Items]]:
    """A payment, its reversals, and all items before the first, and after each, of them was agreed to."""
    original, table, clock = desk.pay().id, desk.bank.table, desk.bank.services.clock
    desk.project()
    asked = []
    for amount_minor in parts:
        wish = Wish(amount_minor=amount_minor, reason="paid twice", by="arn:odile")
        outcome = reversing.request(table, original, wish, clock=clock)
        assert outcome.reversal
        asked.append(outcome.reversal.id)
    moments = [snapshot(desk)]
    for name in asked:
        desk.bank.time.move(1)
        assert reversing.approve(table, name, by="arn:rachid", clock=clock).refusal is None
        desk.project()
        moments.append(snapshot(desk))
    return original, asked, moments


def money(items: Items) -> Items:
    """The ledger's items, but for who agreed."""
    kinds = {key: item for key, item in items.items() if key[0][:2] in ("A#", "T#", "E#")}
    return {key: {name: said for name, said in item.items() if name != "decided_by"} for key, item in kinds.items()}


@pytest.mark.parametrize(
    "late", [one for size in range(1, 6) for one in itertools.combinations(PIECES, size)], ids=" ".join
)
def test_each_half_of_a_reversal_is_completed(desk: Desk, late: tuple[str, ...]) -> None:
    """Whichever of its items are from after it; of the payment alone it is told, as nobody knows how it went on."""
    original, (reversal,), (before, after) = reversed_(desk)
    names = {"reversal": f"T#{reversal}", "payment": f"T#{original}"}
    wanted = {names.get(piece, piece) for piece in late}
    changed = {key for key in after if after[key] != before.get(key) and key[0] in wanted}
    desk.bank.table.items = restored(before, after, changed)
    status, rows = repair(desk)
    if late == ("payment",):
        assert (status, [row["why"].startswith("nothing else of a reversal") for row in rows]) == (1, [True])
        assert money(desk.bank.table.items) == money(restored(before, after, changed))
        return
    assert (status, {row["outcome"] for row in rows}) == (0, {"completed"} if rows else set())
    assert money(desk.bank.table.items) == money(after)
    known = desk.bank.table.items[intent_key(reversal)]["decided_by"]
    assert known == ("arn:rachid" if "reversal" in late else NOBODY_KNOWN)
    assert desk.sound()


def test_what_the_limits_count_is_not_touched(desk: Desk) -> None:
    """Whoever gives money back has not spent it."""
    _, (reversal,), (before, after) = reversed_(desk)
    desk.bank.table.items = restored(before, after, {intent_key(reversal)})
    repair(desk)
    for name in ("spent_day", "spent_month", "day"):
        assert desk.bank.account("bob")[name] == after["A#bob", "0"][name]


def test_two_reversals_of_one_payment_are_counted_together(desk: Desk) -> None:
    """The payment is from before both, between them, or after both; its reversals are there."""
    original, names, moments = reversed_(desk, parts=(300, 500))
    last = moments[-1]
    for moment in moments:
        desk.bank.table.items = {key: dict(item) for key, item in last.items()}
        desk.bank.table.items[intent_key(original)] = dict(moment[intent_key(original)])
        assert repair(desk)[0] == 0
        assert money(desk.bank.table.items) == money(last)
    assert len(names) == 2
    assert desk.sound()


def test_a_reversal_that_moves_just_now_is_no_half(desk: Desk) -> None:
    """On a table that lives it may be read by halves; a minute later it is not."""
    original, (reversal,), (before, after) = reversed_(desk)
    for late in (original, reversal):
        desk.bank.table.items = restored(before, after, {intent_key(late)})
        assert desk.run("restore", "check") == (0, [])
    desk.rest()
    assert desk.run("restore", "check")[0] == 1


def test_what_was_put_right_meanwhile_is_not_written_over(desk: Desk) -> None:
    """The write itself asks whether the payment says what was read."""
    original, _, (before, after) = reversed_(desk)
    desk.bank.table.items = {**after, intent_key(original): dict(before[intent_key(original)])}
    desk.rest()
    transact = desk.bank.table.transact

    def interrupted(writes: Any, *, token: str) -> Any:
        desk.bank.table.items[intent_key(original)]["reversed_minor"] = 700
        return transact(writes, token=token)

    desk.patch.setattr(desk.bank.table, "transact", interrupted)
    status, (row,) = desk.run("restore", "check", "--repair", "--yes")
    assert (status, row["outcome"]) == (1, "left: it has changed since it was read")
    assert desk.bank.table.items[intent_key(original)]["reversed_minor"] == 700
