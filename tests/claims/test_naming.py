"""A payee names a bank account: the name is checked before anything, three are all, and the sweep pays it out once."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.errors import Unavailable
from chalicelib.identity.bank_account import BankAccount
from chalicelib.identity.holders import NobodyAsked
from chalicelib.intents import claim_page, naming_account
from chalicelib.intents.claim_page import Held
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import Claim, Wish, transfer_id
from chalicelib.notices.change import Notice
from chalicelib.notices.delivery import Told, send_sms
from chalicelib.refusals import Refusal
from chalicelib.table import intent_key
from local.holders import TableHolders
from tests.bank import HOLDING, PAYING_OUT, Bank
from tests.claims.holding import CAROL, FEE, HELD, claim_of, held, join, link, sound, suspended, swept
from tests.claims.payee import link as link_of
from tests.claims.payee import told

ACCOUNT = {"bank": "0036", "branch": "251", "kind": "ordinary", "number": "1234567", "holder": "やまだ　はなこ"}
STORED = {**ACCOUNT, "holder": "ﾔﾏﾀﾞ ﾊﾅｺ"}
WRONG = {**ACCOUNT, "holder": "スズキ イチロウ"}
UNKNOWN = {**ACCOUNT, "number": "0000000"}


def paying_bank() -> Bank:
    """The bank that pays out to accounts at other banks."""
    return Bank(programme=PAYING_OUT)


def name(bank: Bank, claim: Claim, form: Mapping[str, str] = ACCOUNT) -> Held:
    """The payee names an account on their page."""
    return claim_page.name_account(bank.services, link_of(claim), form)


def moved(bank: Bank, claim: Claim) -> list[tuple[str, str, int]]:
    """The transfers that ended a claim."""
    items = [bank.table.items.get(intent_key(transfer_id(claim.id, number))) for number in (1, 2)]
    return [(item["order"], item["payee"], item["amount_minor"]) for item in items if item]


def test_the_amount_leaves_by_the_bank_and_the_fee_is_earned() -> None:
    """The page writes the wish with the account; the sweep moves both, once."""
    bank = paying_bank()
    claim = held(bank)
    shown = name(bank, claim)
    assert shown.refusal is None and shown.claim
    assert (shown.claim.status, shown.claim.wish, shown.claim.said) == ("open", "claimed", STORED)
    assert suspended(bank) == 1_000 + FEE
    bank.stream()
    for _ in range(2):
        swept(bank)
        assert moved(bank, claim) == [("claim", "bank", 1_000), ("fee", "fees", FEE)]
    assert claim_of(bank, claim.id).status == "claimed"
    assert (bank.available("alice"), suspended(bank), sound(bank)) == (100_000 - 1_000 - FEE, 0, True)


def test_both_are_told_and_no_more_of_the_account_than_is_needed() -> None:
    """The payer by SMS, with the fee; the payee in private, with the last digits."""
    bank = paying_bank()
    claim = held(bank)
    told(bank)
    bank.topic.published.clear()
    name(bank, claim)
    bank.stream()
    swept(bank)
    (text,) = told(bank)
    assert "0036-251 ••••567" in text and "1234567" not in text and "10,00" not in text
    (content,) = [content for content, _ in bank.topic.published]
    notice = Notice(**{field: content[field] for field in Notice.__dataclass_fields__})
    send_sms(bank.services, Told(notice=notice, message_id="m"))
    ((_, sms),) = bank.sms.sent
    assert "10,00 EUR" in sms and "frais 1,65 EUR" in sms and "@carol" in sms
    assert not any(secret in f"{sms}{content}" for secret in ("1234567", "ﾔﾏﾀﾞ", "0036"))


@pytest.mark.parametrize(
    ("form", "refusal", "tries"),
    [
        (WRONG, Refusal.HOLDER_DIFFERS, 1),
        (UNKNOWN, Refusal.HOLDER_UNCHECKED, 0),
        ({**ACCOUNT, "holder": "山田"}, Refusal.HOLDER_MALFORMED, 0),
        ({**ACCOUNT, "bank": "1"}, Refusal.ACCOUNT_MALFORMED, 0),
        ({}, Refusal.ACCOUNT_MALFORMED, 0),
    ],
)
def test_nothing_is_paid_to_a_name_that_was_not_checked(form: dict[str, str], refusal: Refusal, tries: int) -> None:
    """Only a wrong name costs a try; nothing of the account is kept."""
    bank = paying_bank()
    claim = held(bank)
    shown = name(bank, claim, form)
    assert shown.refusal is refusal
    assert shown.claim == replace(claim_of(bank, claim.id), name_tries=tries)
    assert not (shown.claim.wish or shown.claim.said)
    swept(bank)
    assert claim_of(bank, claim.id).status == "open"


def test_three_wrong_names_close_the_form_and_not_the_claim() -> None:
    """The right one comes too late; it may still be refused, or claimed by linking."""
    bank = paying_bank()
    claim = held(bank)
    refusals = [name(bank, claim, WRONG).refusal for _ in range(4)]
    assert refusals == [Refusal.HOLDER_DIFFERS] * 2 + [Refusal.NAMES_TOO_MANY] * 2
    assert bank.holders.asked == 3
    assert name(bank, claim).refusal is Refusal.NAMES_TOO_MANY
    assert claim_of(bank, claim.id).wish == ""
    join(bank)
    swept(bank)
    assert claim_of(bank, claim.id).payee == "carol"


class Slow(TableHolders):
    """A name check that answers when everybody asks."""

    gate = threading.Barrier(1)

    def matches(self, account: Mapping[str, str], name: str) -> bool | None:
        """Look, together with the others."""
        self.gate.wait(timeout=5)
        return super().matches(account, name)


def test_no_number_of_windows_tries_more_names() -> None:
    """Nine at once: three are looked at, and the right one that comes after them is not."""
    bank = paying_bank()
    claim = held(bank)
    slow = Slow()
    slow.gate = threading.Barrier(3)
    bank.services = replace(bank.services, holders=slow)
    found: list[Any] = []
    windows = [threading.Thread(target=lambda: found.append(name(bank, claim, WRONG).refusal)) for _ in range(9)]
    for window in windows:
        window.start()
    for window in windows:
        window.join(timeout=20)
    assert (len(found), slow.asked, set(found) <= {Refusal.HOLDER_DIFFERS, Refusal.NAMES_TOO_MANY}) == (9, 3, True)
    assert name(bank, claim).refusal is Refusal.NAMES_TOO_MANY


@pytest.mark.parametrize("tries", [0, 1])
def test_an_outage_costs_no_try(tries: int) -> None:
    """Neither the name check's nor one while the try is counted; a later try counts as ever."""
    bank = paying_bank()
    claim = held(bank)
    for _ in range(tries):
        name(bank, claim, WRONG)
    bank.holders.down = True
    for _ in range(4):
        with pytest.raises(Unavailable):
            name(bank, claim)
    assert claim_of(bank, claim.id).name_tries == tries
    bank.holders.down = False
    bank.table.faults = ["busy"] * 60
    with pytest.raises(Unavailable):
        name(bank, claim)
    bank.table.faults = []
    assert claim_of(bank, claim.id).name_tries == tries
    assert name(bank, claim).refusal is None
    assert claim_of(bank, claim.id).name_tries == tries + 1


def test_an_answer_that_was_lost_counts_one_try() -> None:
    """The same request is sent again, and finds its own try."""
    bank = paying_bank()
    claim = held(bank)
    bank.table.faults = ["lost"]
    assert name(bank, claim, WRONG).refusal is Refusal.HOLDER_DIFFERS
    assert claim_of(bank, claim.id).name_tries == 1


def test_without_a_bank_that_checks_names_nothing_is_paid_out() -> None:
    """What is shipped knows nobody: it says so, as often as one likes."""
    bank = paying_bank()
    claim = held(bank)
    bank.services = replace(bank.services, holders=NobodyAsked())
    assert [name(bank, claim).refusal for _ in range(5)] == [Refusal.HOLDER_UNCHECKED] * 5
    assert claim_of(bank, claim.id) == claim


def test_a_programme_that_pays_to_no_account_refuses_one() -> None:
    """Whatever is posted; no name is looked at."""
    bank = Bank(programme=HOLDING)
    claim = held(bank)
    assert name(bank, claim).refusal is Refusal.PAYOUT_NOT_OFFERED
    assert bank.holders.asked == 0


def test_what_was_asked_for_first_is_done() -> None:
    """Refused, taken back, over or ended: a name is not even looked at. Named: it is neither refused nor taken back."""
    for wish in ("refused", "cancelled"):
        bank = paying_bank()
        claim = held(bank)
        claiming.ask(bank.table, claim.id, Wish(end=wish, by="x"), clock=bank.services.clock)
        shown = name(bank, claim).claim
        assert shown and (shown.wish, shown.said, bank.holders.asked) == (wish, {}, 0)
    bank = paying_bank()
    claim = held(bank)
    name(bank, claim)
    assert claim_page.refuse(bank.services, link_of(claim)).claim == claim_of(bank, claim.id)
    cancel = bank.say("@Smoneyfr #annuler")
    assert cancel.refusal is Refusal.NOTHING_TO_CANCEL
    bank.time.move(HELD)
    assert name(bank, claim) == Held(over=True)
    bank.stream()
    swept(bank)
    assert claim_of(bank, claim.id).payee == "bank"


def test_a_wish_that_comes_between_check_and_word_stands() -> None:
    """The payer takes it back while the name is checked: nothing of the account is kept."""
    bank = paying_bank()
    claim = held(bank)

    class Between(TableHolders):
        def matches(self, account: Mapping[str, str], name: str) -> bool | None:
            claiming.ask(bank.table, claim.id, Wish(end="cancelled", by="alice"), clock=bank.services.clock)
            return super().matches(account, name)

    bank.services = replace(bank.services, holders=Between())
    shown = name(bank, claim).claim
    assert shown and (shown.wish, shown.said) == ("cancelled", {})


@pytest.mark.parametrize("linked_first", [True, False])
def test_an_account_named_and_an_identity_linked_at_once_pay_once(*, linked_first: bool) -> None:
    """What was asked for is done, if it came before the sweep; otherwise it is in the payee's account."""
    bank = paying_bank()
    claim = held(bank)
    bank.add("carla", user_id="777", kind="person")
    if linked_first:
        link(bank.services, "carla", user_id=CAROL)
        bank.stream()
        swept(bank)
        assert name(bank, claim).refusal is None
    else:
        name(bank, claim)
        link(bank.services, "carla", user_id=CAROL)
    bank.stream()
    swept(bank)
    ended = claim_of(bank, claim.id)
    assert (ended.status, ended.payee) == ("claimed", "carla" if linked_first else "bank")
    assert bank.available("carla") == (1_000 if linked_first else 0)
    assert (suspended(bank), sound(bank)) == (0, True)


def test_an_account_by_iban() -> None:
    """Where the programme says so."""
    programme = replace(PAYING_OUT, claims=replace(PAYING_OUT.claims, payout="iban"))
    bank = Bank(programme=programme)
    claim = held(bank)
    name(bank, claim, {"iban": "FR14 2004 1010 0505 0001 3M02 606", "holder": "carol martin"})
    assert BankAccount(**claim_of(bank, claim.id).said).masked == "FR14 •••• 606"


def test_each_name_that_is_checked_is_counted_by_what_came_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not who or where; and whoever named the right one is who asked."""
    counted: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(naming_account, "count", lambda name, **dimensions: counted.append((name, dimensions)))
    bank = paying_bank()
    claim = held(bank)
    for form in (WRONG, UNKNOWN, ACCOUNT):
        name(bank, claim, form)
    outcomes = ("other", "unknown", "same")
    assert counted == [("HoldersChecked", {"outcome": outcome}) for outcome in outcomes]
    assert claim_of(bank, claim.id).asked_by == "payee"
