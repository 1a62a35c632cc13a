"""What a customer asked in a chat, as the support desk finds it: beside the payments, without what was shown."""

import pytest

from tests.chat import PSID, Chat, customer
from tests.console.desk import Desk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A bank in memory, and somebody at its desk."""
    return Desk(monkeypatch, lambda: capsys.readouterr().out)


@pytest.fixture
def chat(desk: Desk) -> Chat:
    """Alice's conversation, with Bob to be paid."""
    customer(desk.bank, "bob", psid="42", label="bob")
    return customer(desk.bank, "alice", psid=PSID)


def test_what_was_asked_is_found_with_its_customer(desk: Desk, chat: Chat) -> None:
    """Under the account: the payments of the last day, then what was asked."""
    payment, balance = chat.write("envoyer 10 € @bob"), chat.write("solde")
    assert payment and balance
    desk.read()
    status, rows = desk.run("find", "alice")
    lately = [(row["found"], row["intent"]) for row in rows if "day" in row["found"]]
    assert (status, lately) == (0, [("order of the last day", payment.id), ("asked in the last day", balance.id)])


def test_a_tap_is_shown_like_any_order(desk: Desk, chat: Chat) -> None:
    """With what it was about; nothing of the account is on it."""
    payment = chat.write("envoyer 10 € @bob")
    assert payment
    tap, balance = chat.write("…", tapped=f"again:{payment.id}"), chat.write("solde")
    assert tap and balance
    desk.read()
    for made, order in ((tap, "confirm"), (balance, "balance")):
        status, (row,) = desk.run("find", made.id)
        assert (status, row["order"], row["status"]) == (0, order, "answered")
        assert "1000" not in str(row) and "990" not in str(row)
