"""What a customer sees of their account: what it holds, its last movements, and whom they have paid."""

import pytest

from chalicelib.identity.person import Handle
from chalicelib.intents import looking, proof, who
from chalicelib.intents.looking import MOVEMENTS, Balance
from chalicelib.ledger import sharding
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import from_item
from chalicelib.table import account_key, person_key
from tests.bank import HOLDING, NOON, Bank
from tests.chat import confirmed, journalled

DAY = 86_400


@pytest.fixture
def paid(bank: Bank) -> Bank:
    """A bank in which Alice has paid Bob and given to Croix-Bleue, with the journal of it."""
    journalled(bank)
    for text in ("@Smoneyfr #envoyer 10 € @bob merci", "@Smoneyfr #donner 7,50 € @croixbleue"):
        confirmed(bank, bank.say(text))
        bank.time.move(DAY)
    bank.table.items[person_key("bob")]["name"] = "Bob de la Tour"
    bank.table.items[person_key("croixbleue")]["name"] = "Croix-Bleue de France"
    return bank


def test_a_balance_is_what_can_be_spent(paid: Bank) -> None:
    """Now, to the cent."""
    assert looking.balance(paid.table, "alice") == Balance(available_minor=98_250, currency="EUR")
    assert looking.balance(paid.table, "nobody") is None


def test_sub_balances_count(paid: Bank) -> None:
    """A cause that many pay sees all of it."""
    account = ledger.account(paid.table, "croixbleue")
    assert account and sharding.raise_to(paid.table, account, 2, clock=paid.services.clock) is None
    for number, minor in enumerate((300, 45)):
        paid.table.items[account_key(f"croixbleue#{number}")]["available"] = minor
    assert looking.balance(paid.table, "croixbleue") == Balance(available_minor=1_095, currency="EUR")


def test_movements_are_told_newest_first(paid: Bank) -> None:
    """Signed, each with the other side as it may be seen: causes in full, people by first name and initial."""
    found = looking.movements(paid.table, "alice", now=paid.services.clock.now())
    assert [(one.amount_minor, one.name) for one in found] == [
        (-750, "Croix-Bleue de France"), (-1_000, "Bob T."), (100_000, ""),
    ]  # fmt: skip
    assert found[0].moved_at == NOON + DAY
    theirs = looking.movements(paid.table, "bob", now=paid.services.clock.now())
    assert [(one.amount_minor, one.name) for one in theirs] == [(1_000, "Alice")]


def test_only_the_last_ones_are_told(paid: Bank) -> None:
    """Five, and none that is older than 90 days."""
    for _ in range(MOVEMENTS):
        confirmed(paid, paid.say("@Smoneyfr #envoyer 1 € @bob"))
    found = looking.movements(paid.table, "alice", now=paid.services.clock.now())
    assert [one.amount_minor for one in found] == [-100] * MOVEMENTS
    assert looking.movements(paid.table, "alice", now=paid.services.clock.now() + 90 * DAY)
    assert looking.movements(paid.table, "alice", now=paid.services.clock.now() + 90 * DAY + 1) == []


def test_money_between_own_balances_is_no_movement(paid: Bank) -> None:
    """It comes from the account itself."""
    entry = paid.table.items["E#alice", f"{3:012}"]
    entry["counterparty"] = "alice"
    found = looking.movements(paid.table, "alice", now=paid.services.clock.now())
    assert [one.amount_minor for one in found] == [-1_000, 100_000]


def test_held_money_is_told_by_the_name_that_was_typed() -> None:
    """Nobody else is known of it."""
    bank = Bank(programme=HOLDING)
    journalled(bank)
    confirmed(bank, bank.say("@Smoneyfr #envoyer 10 € @nobody"))
    found = looking.movements(bank.table, "alice", now=NOON)
    assert [(one.amount_minor, one.name) for one in found] == [(-1_165, "@nobody"), (100_000, "")]
    assert who.payees(bank.table, "alice") == []


def test_whom_one_has_paid(paid: Bank) -> None:
    """Each once, the last first, with the @name that names them here."""
    confirmed(paid, paid.say("@Smoneyfr #envoyer 1 € @bob"))
    found = who.payees(paid.table, "alice")
    assert [(one.name, one.hint, one.text) for one in found] == [
        ("Bob T.", "@bob", "@bob"), ("Croix-Bleue F.", "@croixbleue", "@croixbleue"),
    ]  # fmt: skip
    assert who.payees(paid.table, "bob") == []


def test_a_phone_number_is_never_shown_whole(paid: Bank) -> None:
    """Whoever was paid by number is told by its end, and named by the first name."""
    (key,) = [key for key, item in paid.table.items.items() if item.get("payee") == "bob"]
    del paid.table.items[key]["said"]["payee_handle"]
    found = who.payees(paid.table, "alice")[-1]
    assert (found.hint[:4], len(found.hint), found.text) == ("••• ", 6, "Bob")


@pytest.mark.parametrize(
    ("linked_at", "day", "since"),
    [
        (NOON, "", NOON),
        (0, "", 0),
        (0, "2026-09-21", 1_789_941_600),  # midnight in Paris
        (NOON, "2026-09-21", NOON),
        (NOON, "2026-09-22", 1_789_941_600 + DAY),
    ],
)
def test_the_later_proof_counts(bank: Bank, linked_at: int, day: str, since: int) -> None:
    """Linking or paying; a payment from the beginning of its day in the programme's zone."""
    account = from_item({**bank.account("alice"), "day": day})
    handle = Handle(
        network="facebook", page="1", user_id="2", label="", person="alice", account="alice", name="Alice",
        linked_at=linked_at,
    )  # fmt: skip
    assert proof.proved_at(handle, account, zone="Europe/Paris") == since
