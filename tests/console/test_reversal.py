"""`console reversal`: what two operators type to give a customer money back, and what each command says."""

from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.ledger import store as ledger
from chalicelib.table import intent_key
from console import caller
from tests.bank import PROGRAMME
from tests.console.desk import Desk

ODILE, RACHID = "arn:aws:iam::1:user/odile", "arn:aws:sts::1:assumed-role/Support/rachid"


@dataclass
class Counter:
    """The desk, with somebody at it whom AWS knows."""

    desk: Desk
    patch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def types(self, who: str, *words: str) -> list[dict[str, Any]]:
        """What a command prints that does what it says."""
        self.patch.setattr(caller, "arn", lambda: who)
        status, rows = self.desk.run("reversal", *words)
        assert status == 0
        return rows

    def refused(self, who: str, *words: str) -> str:
        """What a command says that did nothing: one sentence, and every item as it was."""
        before = {key: dict(item) for key, item in self.desk.bank.table.items.items()}
        self.patch.setattr(caller, "arn", lambda: who)
        self.desk.read = lambda: ""
        assert self.desk.run("reversal", *words)[0] == 1
        assert self.desk.bank.table.items == before
        printed = self.capsys.readouterr()
        self.desk.read = lambda: self.capsys.readouterr().out
        assert printed.out == ""
        return printed.err

    def asked(self, original: str, amount: str = "4") -> str:
        """The id of a reversal that Odile asks for."""
        (row,) = self.types(ODILE, "request", original, "--amount", amount, "--reason", "paid twice")
        return str(row["reversal"])


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Counter:
    """A bank in memory, and nobody at the desk yet."""
    return Counter(Desk(monkeypatch, lambda: capsys.readouterr().out), monkeypatch, capsys)


def test_one_asks_another_agrees_and_the_money_is_back(counter: Counter) -> None:
    """From the request by a reference to the list that is empty again."""
    original = counter.desk.pay()
    (asked,) = counter.types(
        ODILE, "request", original.reference, "--amount", "4,50", "--reason", "the pizza was never delivered"
    )
    assert (asked["status"], asked["original"], asked["amount_minor"]) == ("requested", original.id, 450)
    assert counter.types(RACHID, "list") == [asked]
    (done,) = counter.types(RACHID, "approve", asked["reversal"], "--yes")
    assert (done["status"], done["requested_by"], done["decided_by"]) == ("paid", ODILE, RACHID)
    assert (counter.desk.bank.available("alice"), counter.desk.bank.available("bob")) == (99_450, 550)
    assert counter.types(RACHID, "list") == []
    assert counter.types(RACHID, "list", "--all") == [done]
    assert counter.types(RACHID, "approve", asked["reversal"]) == [done]
    counter.desk.project()
    counter.desk.rest()
    assert counter.desk.sound()


def test_without_an_amount_all_that_is_left_goes_back(counter: Counter) -> None:
    """Four of ten euros went back before."""
    original = counter.desk.pay()
    counter.types(RACHID, "approve", counter.asked(original.id), "--yes")
    (rest,) = counter.types(ODILE, "request", original.message_id, "--reason", "all of it")
    assert rest["amount_minor"] == 600
    counter.types(RACHID, "approve", rest["reversal"], "--yes")
    assert "nothing of this payment is left" in counter.refused(ODILE, "request", original.id, "--reason", "more")


def test_who_asked_is_told_to_fetch_somebody(counter: Counter) -> None:
    """By what AWS says of the caller; there is no option that says otherwise."""
    reversal = counter.asked(counter.desk.pay().id)
    assert "another operator agrees" in counter.refused(ODILE, "approve", reversal, "--yes")


def test_money_asks_before_it_moves(counter: Counter) -> None:
    """Without --yes and without a terminal to ask at, nothing goes back."""
    reversal = counter.asked(counter.desk.pay().id)
    assert "--yes" in counter.refused(RACHID, "approve", reversal)


@pytest.mark.parametrize("who", [ODILE, RACHID])
def test_anybody_says_no(counter: Counter, who: str) -> None:
    """Also who asked; afterwards it cannot be agreed to, and the sentence says who decided."""
    reversal = counter.asked(counter.desk.pay().id)
    (row,) = counter.types(who, "decline", reversal)
    assert (row["status"], row["decided_by"]) == ("declined", who)
    assert f"declined, decided by {who}" in counter.refused(RACHID, "approve", reversal, "--yes")


@pytest.mark.parametrize(
    ("amount", "said"),
    [("10.01", "€10.00 of this payment is left"), ("0", "no amount"), ("-1", "no amount"), ("ten", "no amount")],
)
def test_an_amount_is_refused_with_what_is_left(counter: Counter, amount: str, said: str) -> None:
    """More than was paid, and what is no amount."""
    original = counter.desk.pay()
    assert said in counter.refused(ODILE, "request", original.id, f"--amount={amount}", "--reason", "x")


def test_only_a_payment_that_was_made_can_be_asked_for(counter: Counter) -> None:
    """What waits and what was refused has moved nothing; a handle that names no order names none."""
    bank = counter.desk.bank
    for text in ("@Smoneyfr #envoyer 10 € @bob", "@Smoneyfr #envoyer @bob", "@Smoneyfr #aide"):
        order = bank.say(text)
        assert "only a payment that was made" in counter.refused(ODILE, "request", order.id, "--reason", "x")
    assert "no single order" in counter.refused(ODILE, "request", "nothing", "--reason", "x")
    assert "`console reversal list --all`" in counter.refused(RACHID, "approve", "nothing", "--yes")
    assert "`console reversal list --all`" in counter.refused(RACHID, "decline", "nothing")


def test_each_refusal_says_what_to_do(counter: Counter) -> None:
    """No funds, a closed account on either side, and a part that others took."""
    bank = counter.desk.bank
    original = counter.desk.pay()
    first, second = counter.asked(original.id, "6"), counter.asked(original.id, "6")
    for account, change, said in (
        ("bob", {"available": 0}, "`console account gather bob`"),
        ("bob", {"status": "closed"}, "bob is closed"),
        ("alice", {"status": "closed"}, "would go back to is closed"),
    ):
        item = bank.table.items[f"A#{account}", "0"]
        right = {name: item[name] for name in change}
        item.update(change)
        assert said in counter.refused(RACHID, "approve", first, "--yes")
        bank.table.items[f"A#{account}", "0"].update(right)
    counter.types(RACHID, "approve", first, "--yes")
    assert "ask for what is left" in counter.refused(RACHID, "approve", second, "--yes")


def test_a_frozen_account_gives_back(counter: Counter) -> None:
    """A fraud is why one freezes."""
    original = counter.desk.pay()
    ledger.set_status(counter.desk.bank.table, "bob", status="frozen", clock=counter.desk.bank.services.clock)
    counter.types(RACHID, "approve", counter.asked(original.id, "10"), "--yes")
    assert counter.desk.bank.available("bob") == 0


def test_the_payment_tells_what_went_back(counter: Counter) -> None:
    """`intent show` and `find`, with both operators and without the reason."""
    original = counter.desk.pay()
    reversal = counter.asked(original.id)
    counter.types(RACHID, "approve", reversal, "--yes")
    _, (payment, back) = counter.desk.run("intent", "show", original.id)
    assert (payment["intent"], payment["reversed_minor"]) == (original.id, 400)
    assert (back["intent"], back["order"], back["original"]) == (reversal, "reversal", original.id)
    assert (back["requested_by"], back["decided_by"]) == (ODILE, RACHID)
    assert "reason" not in back and "said" not in back
    assert counter.desk.run("find", reversal) == (0, [back])
    assert counter.desk.run("find", back["reference"]) == (0, [back])


def test_the_reason_is_kept_apart_from_the_books(counter: Counter) -> None:
    """It may be erased, and the books still balance."""
    reversal = counter.asked(counter.desk.pay().id)
    counter.types(RACHID, "approve", reversal, "--yes")
    item = counter.desk.bank.table.items[intent_key(reversal)]
    assert item.pop("said") == {"reason": "paid twice"}
    counter.desk.project()
    counter.desk.rest()
    assert counter.desk.sound()
    (row,) = counter.types(RACHID, "list", "--all")
    assert row["reason"] == ""


def test_a_statement_shows_the_money_on_both_sides(counter: Counter) -> None:
    """A reversal is a movement like any other."""
    counter.types(RACHID, "approve", counter.asked(counter.desk.pay().id), "--yes")
    counter.desk.project()
    month = counter.desk.bank.table.items["A#bob", "0"]
    assert month["available"] == 600
    for account, moved in (("alice", [100_000, -1_000, 400]), ("bob", [1_000, -400])):
        entries = [item for key, item in sorted(counter.desk.entries().items()) if key[0] == f"E#{account}"]
        assert [one["amount_minor"] for one in entries] == moved
    assert PROGRAMME.currency == "EUR"
