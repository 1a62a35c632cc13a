"""`console claim`: what the desk sees of held money, and how it takes some back; and a restore."""

from typing import Any

import pytest

from chalicelib.intents.intent import reference
from chalicelib.table import claim_key, intent_key
from console import caller
from tests.bank import HOLDING, Bank
from tests.claims.holding import held, join, swept
from tests.console.desk import Desk

ODILE = "arn:aws:iam::1:user/odile"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A bank that holds money, and Odile at the desk."""
    monkeypatch.setattr(caller, "arn", lambda: ODILE)
    return Desk(monkeypatch, lambda: capsys.readouterr().out, bank=Bank(programme=HOLDING))


def quiet(desk: Desk) -> None:
    """Forget what was logged."""
    desk.read()


def run(desk: Desk, *words: str) -> tuple[int, list[dict[str, Any]]]:
    """Type `claim …`."""
    quiet(desk)
    return desk.run("claim", *words)


def test_what_is_held_is_listed_and_what_has_ended_only_if_asked_for(desk: Desk) -> None:
    """By when it is over; no name and no note."""
    first, second = held(desk.bank), held(desk.bank)
    _, rows = run(desk, "list")
    assert [row["claim"] for row in rows] == sorted([first.id, second.id])
    assert (rows[0]["status"], rows[0]["amount_minor"], rows[0]["fee_minor"]) == ("open", 1_000, 165)
    join(desk.bank)
    swept(desk.bank)
    assert run(desk, "list") == (0, [])
    assert {row["status"] for row in run(desk, "list", "--all")[1]} == {"claimed"}


def test_a_claim_is_shown_with_the_transfers_that_ended_it(desk: Desk) -> None:
    """To the payee and, of the fee, back to the payer."""
    claim = held(desk.bank)
    assert len(run(desk, "show", claim.id)[1]) == 1
    join(desk.bank)
    swept(desk.bank)
    status, (row, came, back) = run(desk, "show", claim.id)
    assert (status, row["payee"]) == (0, "carol")
    assert (came["order"], came["payee"], back["order"], back["payee"]) == ("claim", "carol", "return", "alice")


def test_the_desk_takes_back_and_may_say_so_again(desk: Desk) -> None:
    """Who asked is written down; the sweep moves it; afterwards there is nothing to do."""
    claim = held(desk.bank)
    for _ in range(2):
        status, (row,) = run(desk, "return", claim.id, "--yes")
        assert (status, row["wish"], row["asked_by"]) == (0, "cancelled", ODILE)
    desk.bank.stream()
    swept(desk.bank)
    assert desk.bank.available("alice") == 100_000
    assert run(desk, "return", claim.id, "--yes")[0] == 0
    other = held(desk.bank)
    join(desk.bank)
    swept(desk.bank)
    assert run(desk, "return", other.id, "--yes")[0] == 1


def test_an_order_that_holds_nothing_is_named(desk: Desk) -> None:
    """A usual payment, and nothing at all."""
    intent = desk.pay()
    for word in ("show", "return"):
        assert run(desk, word, intent.id)[0] == 1
        assert run(desk, word, "nothing")[0] == 1


@pytest.mark.parametrize("kind", ["C#", "T#"])
@pytest.mark.parametrize("ended", [True, False])
def test_a_restore_that_cuts_a_claim_through_is_told(desk: Desk, kind: str, ended: bool) -> None:  # noqa: FBT001  # a case
    """Whichever half is from before: when it was opened, and when it ended."""
    before = {key: dict(item) for key, item in desk.bank.table.items.items()}
    claim = held(desk.bank)
    if ended:
        before = {key: dict(item) for key, item in desk.bank.table.items.items()}
        join(desk.bank)
        swept(desk.bank)
    items = desk.bank.table.items
    for key in [
        key
        for key in items
        if key[0].startswith(kind) and (ended or key in (claim_key(claim.id), intent_key(claim.id)))
    ]:
        if key in before:
            items[key] = before[key]
        else:
            del items[key]
    desk.rest()
    quiet(desk)
    status, rows = desk.run("restore", "check")
    told = " ".join(str(row) for row in rows)
    assert status == 1
    assert f"claim {claim.id}" in told or claim.id in told
    assert {row.get("then", "left") for row in rows} == {"left"}


def test_a_whole_table_with_claims_has_no_halves(desk: Desk) -> None:
    """Held, claimed, cancelled: nothing is accused."""
    held(desk.bank)
    run(desk, "return", held(desk.bank).id, "--yes")
    desk.bank.stream()
    swept(desk.bank)
    join(desk.bank)
    swept(desk.bank)
    desk.rest()
    quiet(desk)
    assert desk.run("restore", "check") == (0, [])


@pytest.mark.parametrize("handle", ["@carol", "998", "reference", "id"])
def test_held_money_is_found_by_any_handle_on_it(desk: Desk, handle: str) -> None:
    """By whom it is for, too, although nobody is linked there: the order, and what is held by it."""
    claim = held(desk.bank)
    typed = {"reference": reference(claim.id), "id": claim.id}.get(handle, handle)
    quiet(desk)
    status, rows = desk.run("find", typed)
    assert (status, {row["found"] for row in rows}) == (0, {"intent", "claim"})
    (row,) = [row for row in rows if row["found"] == "claim"]
    assert (row["claim"], row["status"], row["fee_minor"]) == (claim.id, "open", 165)
