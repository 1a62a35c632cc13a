"""How held money ends: claimed, returned, refused, cancelled; once, each by its own transfer, never stuck."""

from copy import deepcopy
from typing import Any

import pytest

from chalicelib.errors import Unavailable
from chalicelib.identity import store as people
from chalicelib.intents import claiming as ending
from chalicelib.intents import sweeping
from chalicelib.ledger import claim as claims
from chalicelib.ledger import claiming, sharding
from chalicelib.ledger import store as ledger
from chalicelib.ledger.claim import Claim
from chalicelib.ledger.claim import Wish as Ask
from chalicelib.refusals import Refusal
from chalicelib.table import Rejection, account_key, claim_key, intent_key
from tests.bank import BOT, Bank
from tests.claims.holding import (
    CAROL,
    FEE,
    HELD,
    claim_of,
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


def ask(bank: Bank, claim: Claim, end: str, by: str = "payee") -> Any:
    """Somebody asks for an end."""
    asked = claiming.ask(bank.table, claim.id, Ask(end=end, by=by), clock=bank.services.clock)
    bank.stream()
    return asked


def transfer(bank: Bank, claim: Claim, order: str) -> dict[str, Any]:
    """One of the transfers that ended a claim."""
    found = (bank.table.items.get(intent_key(claims.transfer_id(claim.id, number))) for number in (1, 2))
    (item,) = [item for item in found if item and item["order"] == order]
    return item


def test_linking_credits_what_is_held() -> None:
    """The amount is Carol's, the fee Alice's again, by two transfers in one transaction."""
    bank = holding_bank()
    claim = held(bank)
    join(bank)
    assert swept(bank) == 1
    ended = claim_of(bank, claim.id)
    assert (ended.status, ended.payee, ended.payee_person) == ("claimed", "carol", "carol")
    assert (bank.available("alice"), bank.available("carol"), suspended(bank)) == (99_000, 1_000, 0)
    came, back = transfer(bank, claim, "claim"), transfer(bank, claim, "return")
    assert (came["payer"], came["payee"], came["amount_minor"], came["claim"]) == ("suspense", "carol", 1_000, claim.id)
    assert (back["payer"], back["payee"], back["amount_minor"], back["status"]) == ("suspense", "alice", FEE, "paid")
    assert sound(bank)


def test_whoever_is_linked_when_it_is_confirmed_is_credited_too() -> None:
    """The sweep looks at each claim that was just opened, as its payee may have been linked since the order."""
    bank = holding_bank()
    intent = ordered(bank)
    join(bank)
    swept(bank)
    bank.services.codes.mac("alice", "482913")
    claim = held_of(bank, intent)
    swept(bank)
    assert claim_of(bank, claim.id).status == "claimed"
    assert bank.available("carol") == 1_000


def held_of(bank: Bank, intent: Any) -> Claim:
    """The claim of an order that is confirmed now."""
    from tests.claims.holding import confirmed  # noqa: PLC0415  # used here alone

    assert confirmed(bank, intent).refusal is None
    return claim_of(bank, intent.id)


def test_a_sub_balance_takes_it_where_the_payee_has_some() -> None:
    """And the transfer says which."""
    bank = holding_bank()
    claim = held(bank)
    join(bank)
    carol = ledger.account(bank.table, "carol")
    assert carol
    sharding.raise_to(bank.table, carol, 4, clock=bank.services.clock)
    swept(bank)
    came = transfer(bank, claim, "claim")
    assert (came["payee"], came["credited"]) == ("carol", "carol#2")
    assert bank.table.items[account_key("carol#2")]["available"] == 1_000
    assert sound(bank)


def test_what_is_over_goes_back_by_itself() -> None:
    """Amount and fee, not a second early; then it is nobody's any more."""
    bank = holding_bank()
    claim = held(bank)
    bank.time.seconds = claim.expires_at - 1
    assert not ending.settle(bank.services, claim.id)
    bank.time.move(1)
    assert swept(bank) == 1
    assert (claim_of(bank, claim.id).status, bank.available("alice"), suspended(bank)) == ("returned", 100_000, 0)
    join(bank)
    assert swept(bank) == 0
    assert bank.available("carol") == 0
    assert sound(bank)


@pytest.mark.parametrize("end", sorted(claims.WISHES - {claims.CLAIMED}))
def test_an_end_that_was_asked_for_is_carried_out(end: str) -> None:
    """By payee or payer, within a minute or so."""
    bank = holding_bank()
    claim = held(bank)
    assert not isinstance(ask(bank, claim, end), Rejection)
    assert suspended(bank) == 1_000 + FEE
    assert swept(bank) == 1
    assert (claim_of(bank, claim.id).status, bank.available("alice"), suspended(bank)) == (end, 100_000, 0)
    assert transfer(bank, claim, "return")["amount_minor"] == 1_000 + FEE
    assert sound(bank)


def test_the_first_wish_stands() -> None:
    """The second is refused, and so is one after the end."""
    bank = holding_bank()
    claim = held(bank)
    ask(bank, claim, "refused")
    for _ in range(2):
        again = ask(bank, claim, "cancelled", by="alice")
        assert isinstance(again, Rejection) and again.refusal is Refusal.NOT_PENDING
        swept(bank)
    assert claim_of(bank, claim.id).status == "refused"


@pytest.mark.parametrize("account_status", ["frozen", "closed"])
def test_money_is_never_stuck(account_status: str) -> None:
    """It goes back to an account that is frozen or closed too."""
    bank = holding_bank()
    claim = held(bank)
    status(bank, "alice", account_status)
    bank.time.move(HELD)
    swept(bank)
    assert (claim_of(bank, claim.id).status, bank.available("alice")) == ("returned", 100_000)
    assert sound(bank)


@pytest.mark.parametrize(
    ("account", "change"),
    [("carol", {"status": "frozen"}), ("carol", {"status": "closed"}), ("carol", {"currency": "JPY"})],
)
def test_a_payee_who_cannot_take_it_leaves_it_held(account: str, change: dict[str, Any]) -> None:
    """Nothing changes at all; it goes back when it is over."""
    bank = holding_bank()
    claim = held(bank)
    join(bank)
    bank.table.items[account_key(account)].update(change)
    before = deepcopy(bank.table.items)
    assert not ending.settle(bank.services, claim.id)
    assert bank.table.items == before
    bank.time.move(HELD)
    swept(bank)
    assert claim_of(bank, claim.id).status == "returned"


def test_the_fee_goes_back_to_a_frozen_payer() -> None:
    """Or the payee would not get what is theirs."""
    bank = holding_bank()
    claim = held(bank)
    status(bank, "alice", "closed")
    join(bank)
    swept(bank)
    assert (claim_of(bank, claim.id).status, bank.available("alice"), bank.available("carol")) == (
        "claimed",
        99_000,
        1_000,
    )


def test_nobody_claims_their_own_money() -> None:
    """A second handle of the payer: it stays held, and goes back."""
    bank = holding_bank()
    claim = held(bank)
    link(bank.services, "alice", user_id=CAROL)
    bank.stream()
    assert swept(bank) == 0
    alice = ledger.account(bank.table, "alice")
    assert alice
    rejection = claiming.credit_payee(bank.table, claim, alice, clock=bank.services.clock)
    assert rejection and rejection.refusal is Refusal.PAYEE_OWN
    bank.time.move(HELD)
    swept(bank)
    assert (claim_of(bank, claim.id).status, bank.available("alice")) == ("returned", 100_000)


def test_another_account_of_the_same_person_is_their_own_too() -> None:
    """Whose account it is decides, not only which."""
    bank = holding_bank()
    claim = held(bank)
    join(bank)
    bank.table.items[account_key("carol")]["person"] = "alice"
    assert not ending.settle(bank.services, claim.id)


def test_an_identity_that_was_unlinked_claims_nothing() -> None:
    """Until it is linked again."""
    from chalicelib.identity import store as people  # noqa: PLC0415  # used here alone

    bank = holding_bank()
    claim = held(bank)
    join(bank)
    place = (claim.network, claim.page)
    people.unlink(bank.table, place, CAROL, clock=bank.services.clock)
    bank.stream()
    assert swept(bank) == 0
    link(bank.services, "carol")
    bank.stream()
    assert swept(bank) == 1
    assert claim_of(bank, claim.id).status == "claimed"


def test_all_that_is_held_for_an_identity_is_credited() -> None:
    """Three payments, one linking; one that was cancelled before stays cancelled."""
    bank = holding_bank()
    found = [held(bank) for _ in range(3)]
    ask(bank, found[1], "cancelled", by="alice")
    join(bank)
    assert swept(bank) == 3
    assert [claim_of(bank, claim.id).status for claim in found] == ["claimed", "cancelled", "claimed"]
    assert (bank.available("carol"), suspended(bank)) == (2_000, 0)
    assert sound(bank)


def test_a_named_bank_account_is_paid_by_the_bank() -> None:
    """The amount leaves, the fee is earned; what was named may be erased."""
    bank = holding_bank()
    claim = held(bank)
    said = {"bank": "0036", "branch": "251", "number": "1234567", "holder": "ｷｬﾛﾙ"}
    assert claiming.pay_out(bank.table, claim, said, clock=bank.services.clock) is None
    ended = claim_of(bank, claim.id)
    assert (ended.status, ended.payee, ended.said) == ("claimed", "bank", said)
    assert (transfer(bank, claim, "claim")["payee"], transfer(bank, claim, "fee")["payee"]) == ("bank", "fees")
    assert (transfer(bank, claim, "fee")["amount_minor"], suspended(bank)) == (FEE, 0)
    assert sound(bank)
    again = claiming.pay_out(bank.table, claim, said, clock=bank.services.clock)
    assert again and again.refusal is Refusal.NOT_PENDING


@pytest.mark.parametrize(
    "change",
    [{"amount_minor": 999}, {"fee_minor": 164}, {"payer": "bob"}, {"wish": "refused"}, {"expires_at": 1 << 40}],
)
def test_a_claim_that_changes_under_its_end_is_not_ended(change: dict[str, Any]) -> None:
    """It is ended as it was read, or not at all."""
    bank = holding_bank()
    claim = held(bank)
    bank.time.move(HELD)
    bank.table.items[claim_key(claim.id)].update(change)
    before = deepcopy(bank.table.items)
    rejection = claiming.give_back(bank.table, claim, "returned", clock=bank.services.clock)
    assert rejection and rejection.refusal in (Refusal.INTENT_CHANGED, Refusal.STALE)
    assert bank.table.items == before


def test_a_wish_that_comes_between_is_carried_out_instead() -> None:
    """The claim is read again, and what was asked for is done."""
    bank = holding_bank()
    claim, transact = held(bank), bank.table.transact
    asked: list[object] = []
    join(bank)

    def late(*args: Any, **keywords: Any) -> Any:
        if not asked:
            asked.append(ask(bank, claim, "cancelled", by="alice"))
        return transact(*args, **keywords)

    bank.table.transact = late  # type: ignore[method-assign]  # somebody is quicker
    assert ending.settle(bank.services, claim.id)
    assert (claim_of(bank, claim.id).status, bank.available("carol")) == ("cancelled", 0)
    assert sound(bank)


@pytest.mark.parametrize("fault", ["busy", "lost", "busy busy lost", "busy lost busy"])
def test_faults_move_nothing_twice(fault: str) -> None:
    """A lost answer is asked for again, a busy account tried again."""
    bank = holding_bank()
    claim = held(bank)
    join(bank)
    bank.table.faults = fault.split()
    ending.settle(bank.services, claim.id)
    assert not bank.table.faults
    assert (bank.available("alice"), bank.available("carol"), suspended(bank)) == (99_000, 1_000, 0)
    assert sound(bank)


def test_a_table_that_is_down_leaves_it_for_the_next_minute() -> None:
    """The sweep raises, and the next one does it."""
    bank = holding_bank()
    held(bank)
    join(bank)
    bank.time.move(30)
    bank.table.faults = ["down"] * 20
    with pytest.raises(Unavailable):
        sweeping.sweep(bank.services)
    bank.table.faults = []
    assert swept(bank) == 1
    assert bank.available("carol") == 1_000


def test_what_is_no_claim_is_left_alone() -> None:
    """A line that names nothing."""
    bank = holding_bank()
    assert not ending.look(bank.services, "C#nothing")
    assert not ending.look(bank.services, "L#twitter#1#2")


def test_a_claim_that_cannot_be_read_holds_up_nobody() -> None:
    """Whatever a hand has made of it: the others of the same sweep end, and the books name it."""
    bank = holding_bank()
    broken, sound_one = held(bank), held(bank)
    del bank.table.items[claim_key(broken.id)]["payer"]
    bank.time.move(HELD)
    assert swept(bank) == 1
    assert claim_of(bank, sound_one.id).status == "returned"
    assert bank.available("alice") == 100_000 - 1_000 - FEE


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ending counts."""
    names: list[str] = []
    monkeypatch.setattr(ending, "count", names.append)
    return names


def test_each_end_is_counted_and_logged_with_the_trace_of_its_order(
    counted: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """So `console tail` shows it beside what the order's webhook caused."""
    bank = holding_bank()
    claim = held(bank, correlation_id="trace-of-the-tweet")
    bank.time.move(HELD)
    caplog.clear()
    assert ending.look(bank.services, f"C#{claim.id}") == 1
    assert ending.look(bank.services, f"C#{claim.id}") == 0
    (line,) = [one for one in caplog.records if one.message == "claim ended"]
    facts = vars(line)
    assert (facts["intent_id"], facts["correlation_id"], counted) == (claim.id, "trace-of-the-tweet", ["ClaimsEnded"])


def test_a_claim_that_cannot_be_read_holds_up_nobody_elses(
    counted: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """It is left, named and counted; the others for the same identity end, and are what is told as ended."""
    bank = holding_bank()
    broken, whole = held(bank), held(bank)
    del bank.table.items[claim_key(broken.id)]["amount_minor"]
    join(bank)
    caplog.clear()
    identity = f"twitter#{BOT.user_id}#{CAROL}"
    assert ending.look(bank.services, f"L#{identity}") == 1
    (line,) = [one for one in caplog.records if one.message == "a claim could not be settled and was left"]
    assert (vars(line)["intent_id"], line.exc_info is not None) == (broken.id, True)
    assert sorted(counted) == ["ClaimsEnded", "ClaimsLeft"]
    assert claim_of(bank, whole.id).status == "claimed"


def test_what_somebody_was_linked_to_before_is_not_theirs() -> None:
    """The identity was unlinked again: its item is still there, and names who they were."""
    bank = holding_bank()
    join(bank)
    people.unlink(bank.table, ("twitter", BOT.user_id), CAROL, clock=bank.services.clock)
    bank.stream()
    claim = held(bank)
    assert not ending.settle(bank.services, claim.id)
    assert claim_of(bank, claim.id).status == "open"
