"""`console account shards` and `gather`: an account that is not in the list yet comes into it."""

import pytest

from chalicelib.ledger import sharded
from tests.console.desk import Desk

KEY = ("S#accounts", "croixbleue")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A bank with Alice and a charity, and a console beside it."""
    return Desk(patch=monkeypatch, read=lambda: capsys.readouterr().out)


@pytest.fixture
def unlisted(desk: Desk) -> Desk:
    """A charity whose sub-balances are older than the list."""
    assert desk.run("account", "shards", "croixbleue", "--to", "4") == (0, [{"account": "croixbleue", "shards": 4}])
    assert desk.bank.table.items.pop(KEY)
    return desk


@pytest.mark.parametrize("number", ["4", "6"])
def test_shards_list_the_account_also_when_their_number_stays(unlisted: Desk, number: str) -> None:
    """The same number again is no mistake."""
    status, rows = unlisted.run("account", "shards", "croixbleue", "--to", number)
    assert (status, rows) == (0, [{"account": "croixbleue", "shards": int(number)}])
    assert list(sharded.accounts(unlisted.bank.table)) == ["croixbleue"]


@pytest.mark.parametrize("number", ["3", "0", "257"])
def test_a_number_that_is_less_or_too_much_changes_nothing(unlisted: Desk, number: str) -> None:
    """It never shrinks."""
    before = dict(unlisted.bank.table.items)
    assert unlisted.run("account", "shards", "croixbleue", "--to", number)[0] == 1
    assert unlisted.bank.table.items == before


def test_none_are_none(desk: Desk) -> None:
    """An account without sub-balances is not given none."""
    assert desk.run("account", "shards", "bob", "--to", "0")[0] == 1
    assert not list(sharded.accounts(desk.bank.table))


def test_gather_lists_the_account_and_moves_its_gifts(unlisted: Desk) -> None:
    """One that has no sub-balances is not listed."""
    unlisted.pay("3 € @croixbleue")
    status, rows = unlisted.run("account", "gather", "croixbleue", "--yes")
    assert (status, rows) == (0, [{"account": "croixbleue", "gathered_minor": 300}])
    assert unlisted.run("account", "gather", "bob", "--yes") == (0, [{"account": "bob", "gathered_minor": 0}])
    assert list(sharded.accounts(unlisted.bank.table)) == ["croixbleue"]
    unlisted.project()
    unlisted.rest()
    assert unlisted.sound()


@pytest.mark.parametrize(
    "words", [["shards", "nobody", "--to", "4"], ["gather", "nobody", "--yes"], ["show", "nobody"]]
)
def test_nobody_has_no_account(desk: Desk, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    """Every command says so in the same words."""
    desk.read = lambda: ""
    assert desk.run("account", *words) == (1, [])
    assert "There is no account nobody" in capsys.readouterr().err
