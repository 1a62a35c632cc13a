"""What support types about a customer: security codes, shared phones, and accounts that need nothing."""

import getpass
from dataclasses import replace

import pytest

from chalicelib import production
from chalicelib.identity.invitation import invitation_id
from chalicelib.identity.store import holders
from chalicelib.ledger.account import from_item
from console import __main__ as console
from console.holding import readable
from tests.bank import Bank
from tests.console.desk import Desk

PHONE = "06 12 34 51 77"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A bank with Alice and Bob, and a console beside it."""
    return Desk(patch=monkeypatch, read=lambda: capsys.readouterr().out)


def said(desk: Desk, *words: str) -> tuple[int, str]:
    """Type a command as people do; its exit status and what it prints."""
    with production.using(desk.bank.services):
        status = console.main([*words, "--stage", "test"])
    return status, desk.read()


@pytest.mark.parametrize("guessable", ["123456", "111111", "240590", "147258", "345101"])
def test_the_counter_sets_no_code_that_the_join_page_refuses(
    desk: Desk, guessable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run, a repetition, a date, keys in a line, or the end of their own number."""
    assert desk.bank.table.items["P#alice", "0"]["phone"].endswith("345101")
    before = desk.bank.account("alice")["code"]
    monkeypatch.setattr(getpass, "getpass", lambda _: guessable)
    assert desk.run("person", "code", "alice") == (1, [])
    assert desk.bank.account("alice")["code"] == before


def test_the_counter_sets_another_code(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Typed twice the same; it replaces the one before."""
    before = desk.bank.account("alice")["code"]
    monkeypatch.setattr(getpass, "getpass", lambda _: "271828")
    assert desk.run("person", "code", "alice") == (0, [{"person": "alice", "code": "set"}])
    assert desk.bank.account("alice")["code"] != before


def test_a_number_belongs_to_one_customer_unless_the_bank_says_otherwise(desk: Desk) -> None:
    """However it is spaced; an account that is closed leaves its number free."""
    add = ("person", "add", "Rose", "--phone", PHONE)
    status, (rose,) = desk.run(*add)
    assert status == 0
    assert desk.run("person", "add", "Rose M", "--phone", "+33612345177") == (1, [])
    assert desk.run("person", "add", "Alice M", "--phone", "+33612345101") == (1, [])
    assert desk.run(*add, "--shared-phone")[0] == 0
    assert len([key for key in desk.bank.table.items if key[0].startswith("P#p-")]) == 2
    for key, item in desk.bank.table.items.items():
        if key[0].startswith("A#a-"):
            item["status"] = "closed"
    assert desk.run(*add)[0] == 0
    assert rose["name"] == "Rose"


def test_an_account_that_is_as_it_should_be_needs_nothing(desk: Desk) -> None:
    """That is said, with status 0; programs get the row that they always get."""
    assert said(desk, "account", "unfreeze", "alice") == (0, "Nothing to do: alice is open already.\n")
    assert said(desk, "account", "unblock", "alice")[1].startswith("Nothing to do: alice is not blocked")
    assert desk.run("account", "unfreeze", "alice") == (0, [{"account": "alice", "status": "open"}])
    assert desk.run("account", "unblock", "alice") == (0, [{"account": "alice", "attempts": 0}])
    assert said(desk, "account", "freeze", "alice") == (0, "account=alice  status=frozen\n")
    assert said(desk, "account", "freeze", "alice")[1].startswith("Nothing to do: alice is frozen already")
    assert desk.bank.account("alice")["status"] == "frozen"


@pytest.mark.parametrize(
    ("attempts", "told"), [(5, "attempts=0\n"), (1, "not blocked; 1 wrong code counted no more\n")]
)
def test_wrong_codes_are_forgotten_blocked_or_not(desk: Desk, attempts: int, told: str) -> None:
    """What was counted counts no more, and it says whether that was a block."""
    desk.bank.table.items["A#alice", "0"]["attempts"] = attempts
    status, text = said(desk, "account", "unblock", "alice")
    assert (status, text.endswith(told)) == (0, True)
    assert desk.bank.account("alice")["attempts"] == 0


def test_an_account_is_shown_in_amounts_and_times_that_people_read(desk: Desk) -> None:
    """No micros, no marks of payees; what programs get stays raw, without the code."""
    desk.pay()
    status, text = said(desk, "account", "show", "alice")
    assert status == 0
    assert "last_moved=2026-09-21 16:13:20 CEST" in text
    assert "last_spent=2026-09-21  spent_that_day=€10.00  spent_that_month=€10.00" in text
    assert "code=set  wrong_codes=0 of 5  blocked=no" in text
    raw = desk.bank.account("alice")
    assert not [secret for secret in (raw["code"], raw["known_payees"], "micros", "minor") if secret in text]
    _, (row,) = desk.run("account", "show", "alice")
    assert row["available_minor"] == raw["available"]
    assert (row["has_code"], row["blocked"], "code_mac" in row) == (True, False, False)


def test_an_account_that_never_moved_says_so() -> None:
    """Without a day on which nothing was spent."""
    item = {**Bank().account("croixbleue"), "seq": 0, "moved_micros": 0, "day": "", "code": "", "shards": 16}
    shown = readable(from_item(item), tries=5, zone="Europe/Paris")
    assert (shown["last_moved"], shown["code"], shown["shards"]) == ("never", "none", 16)
    assert "last_spent" not in shown


def test_a_customer_is_invited_to_link_a_chat(desk: Desk) -> None:
    """Nobody can be named there: the invitation is found by the person, and one is open at a time."""
    status, (zoe,) = desk.run("person", "add", "Zoé Martin", "--phone", PHONE, "--network", "facebook")
    assert (status, zoe["invited"]) == (0, "by SMS")
    ((key, item),) = [(key, item) for key, item in desk.bank.table.items.items() if key[0].startswith("R#")]
    assert (item["person"], item["network"], item["label"], item["status"]) == (
        zoe["person"],
        "facebook",
        "",
        "invited",
    )
    assert invitation_id("facebook", item["page"], zoe["person"]) == key[0][2:]
    assert desk.run("person", "invite", zoe["person"], "--network", "facebook") == (1, [])
    assert desk.run("person", "invite", "alice", "--network", "facebook")[0] == 0


@pytest.mark.parametrize(
    "command",
    [
        ("person", "add", "Zoé", "--phone", PHONE, "--network", "facebook", "--handle", "zoe"),
        ("person", "add", "Zoé", "--phone", PHONE, "--network", "twitter"),
        ("person", "add", "Shop", "--kind", "merchant", "--network", "facebook"),
        ("person", "invite", "alice"),
        ("person", "invite", "nobody", "--network", "facebook"),
        ("person", "link", "alice", "--user-id", "1"),
    ],
)
def test_an_invitation_that_cannot_work_is_refused(desk: Desk, command: tuple[str, ...]) -> None:
    """An @name where there are none, none where there must be one, and nobody's phone; nothing is stored."""
    before = set(desk.bank.table.items)
    assert desk.run(*command) == (1, [])
    assert set(desk.bank.table.items) == before


def test_a_programme_that_is_not_on_a_network_invites_nobody_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bank in Japan is on Messenger alone."""
    ours = desk.bank.services.programme
    elsewhere = replace(ours, bots={"facebook": ours.bots["facebook"]})
    monkeypatch.setattr(desk.bank, "services", replace(desk.bank.services, programme=elsewhere))
    assert desk.run("person", "invite", "alice", "--handle", "alice") == (1, [])
    assert desk.run("person", "unlink", "--user-id", "101") == (1, [])


def test_an_identity_without_a_name_is_linked_by_its_id(desk: Desk) -> None:
    """And no item of an empty name is written."""
    link = ("person", "link", "alice", "--network", "facebook", "--user-id", "4237571439620831")
    assert desk.run(*link)[0] == 0
    assert not [key for key in desk.bank.table.items if key[0].startswith("Q#facebook")]


def test_customers_from_before_are_found_by_their_numbers(desk: Desk) -> None:
    """Who has none is left alone; typed once more, nothing changes."""
    bank = desk.bank
    bank.table.items["P#bob", "0"]["phone"] = ""
    before = dict(bank.table.items)
    bank.table.items = {key: item for key, item in before.items() if key[0][:2] != "F#"}
    assert holders(bank.table, "+33612345101") == []
    for _ in range(2):
        assert desk.run("person", "numbers") == (0, [{"people_with_a_number": 2}])
    assert [one.id for one in holders(bank.table, "+33612345101")] == ["alice"]
    assert len(bank.table.items) == len(before) - 1
