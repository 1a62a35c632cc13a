"""Confirming: link and code together move the money once; nothing else moves any."""

import threading
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

import pytest

from chalicelib.errors import Unavailable
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import Intent
from chalicelib.ledger import store as ledger
from chalicelib.ledger.books import balance
from chalicelib.refusals import Refusal
from chalicelib.table import intent_key
from tests.bank import CODE, Bank

ATTEMPT_FIELDS = ("attempts", "guess")


def ten_euros(bank: Bank) -> Intent:
    """Alice's pending payment of 10 € to Bob."""
    intent: Intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    assert intent.status == "pending"
    return intent


def confirm(bank: Bank, intent: Intent, code: str = CODE) -> lifecycle.Outcome:
    """Confirm with a fresh link."""
    return lifecycle.confirm(bank.services, bank.link(intent), code)


def everything(bank: Bank) -> dict[Any, Any]:
    """All items without the fields that an attempt may change."""
    items = deepcopy(bank.table.items)
    for item in items.values():
        for name in ATTEMPT_FIELDS:
            item.pop(name, None)
    return items


def in_parallel(actions: list[Callable[[], Any]]) -> list[Any]:
    """Run actions at once and return their results."""
    results: list[Any] = []
    threads = [threading.Thread(target=lambda act=act: results.append(act())) for act in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_link_and_code_move_the_money(bank: Bank) -> None:
    """The payer is debited, the payee credited, and the books sum to zero."""
    outcome = confirm(bank, ten_euros(bank))
    assert outcome.refusal is None
    assert outcome.intent and outcome.intent.status == "paid"
    assert (bank.available("alice"), bank.available("bob")) == (99_000, 1_000)
    assert balance(bank.table.items.values()).balanced


def test_the_paid_item_is_the_journal(bank: Bank) -> None:
    """The confirming transaction takes the TTL away, or the journal would be deleted."""
    intent = ten_euros(bank)
    assert "ttl" in bank.table.items[intent_key(intent.id)]
    confirm(bank, intent)
    assert "ttl" not in bank.table.items[intent_key(intent.id)]


def test_each_account_counts_its_legs_and_keeps_the_last(bank: Bank) -> None:
    """Seq rises by one and `last` holds the leg, so that each image of an account is a ledger entry."""
    intent = ten_euros(bank)
    before = bank.account("alice")["seq"]
    confirm(bank, intent)
    assert bank.account("alice")["seq"] == before + 1
    assert bank.account("alice")["last"] == {"transfer": intent.id, "amount_minor": -1_000, "counterparty": "bob"}
    assert bank.account("bob")["last"] == {"transfer": intent.id, "amount_minor": 1_000, "counterparty": "alice"}


def test_a_replay_shows_the_paid_page_and_moves_nothing(bank: Bank) -> None:
    """The same link and code again find a paid intent."""
    intent = ten_euros(bank)
    confirm(bank, intent)
    settled = deepcopy(bank.table.items)
    outcome = confirm(bank, intent)
    assert outcome.intent and outcome.intent.status == "paid"
    assert bank.table.items == settled


def test_a_double_click_pays_once(bank: Bank) -> None:
    """Four confirms at once: every one shows the paid page, one transfer is made."""
    intent = ten_euros(bank)
    link = bank.link(intent)
    outcomes = in_parallel([lambda: lifecycle.confirm(bank.services, link, CODE)] * 4)
    assert {outcome.intent.status for outcome in outcomes} == {"paid"}
    assert bank.available("bob") == 1_000


def test_a_wrong_code_is_counted_and_moves_nothing(bank: Bank) -> None:
    """Only the attempt fields of the payer's account differ."""
    intent = ten_euros(bank)
    before = everything(bank)
    outcome = confirm(bank, intent, "000000")
    assert outcome.refusal is Refusal.CODE_REFUSED
    assert everything(bank) == before
    assert bank.account("alice")["attempts"] == 1


def test_a_right_code_counts_anew(bank: Bank) -> None:
    """Four wrong codes, then a right one: the count is zero."""
    intent = ten_euros(bank)
    for _ in range(4):
        confirm(bank, intent, "000000")
    assert confirm(bank, intent).refusal is None
    assert bank.account("alice")["attempts"] == 0


def test_five_wrong_codes_block_whatever_the_link(bank: Bank) -> None:
    """The sixth, right one is refused, also on another intent; it looks like a wrong one."""
    first, second = ten_euros(bank), ten_euros(bank)
    for intent in (first, second, first, second, first):
        assert confirm(bank, intent, "111111").refusal is Refusal.CODE_REFUSED
    assert confirm(bank, second).refusal is Refusal.CODE_REFUSED
    assert bank.available("bob") == 0


def test_a_blocked_account_costs_the_same_hash(bank: Bank) -> None:
    """Blocked or not, the code is hashed once, so that the time tells nothing."""
    intent = ten_euros(bank)
    for _ in range(6):
        asked = bank.codes.asked
        confirm(bank, intent, "111111")
        assert bank.codes.asked == asked + 1


def test_parallel_guesses_cannot_outrun_the_count(bank: Bank) -> None:
    """Twenty guesses at once: five are compared at the most, and the account is blocked."""
    intent = ten_euros(bank)
    link = bank.link(intent)
    in_parallel([lambda: lifecycle.confirm(bank.services, link, "111111")] * 20)
    assert bank.account("alice")["attempts"] == 5
    assert confirm(bank, intent).refusal is Refusal.CODE_REFUSED


def test_unblocking_lets_the_payer_pay_again(bank: Bank) -> None:
    """An operator unblocks; the same intent can be confirmed."""
    intent = ten_euros(bank)
    for _ in range(5):
        confirm(bank, intent, "111111")
    ledger.unblock(bank.table, "alice")
    assert confirm(bank, intent).refusal is None


def test_something_that_is_no_code_costs_no_attempt(bank: Bank) -> None:
    """Five digits are told so, before anything is spent."""
    intent = ten_euros(bank)
    assert confirm(bank, intent, "48291").refusal is Refusal.CODE_MALFORMED
    assert bank.account("alice")["attempts"] == 0


@pytest.mark.parametrize("typed", ["482 913", "482-913", "４８２９１３", " 482913\n"])
def test_a_code_may_be_typed_with_spaces_or_in_full_width(bank: Bank, typed: str) -> None:
    """What a phone's keyboard makes of six digits is understood."""
    assert confirm(bank, ten_euros(bank), typed).refusal is None


def test_the_key_service_down_burns_no_attempt(bank: Bank) -> None:
    """KMS down: the caller is told to try later, and nothing is written."""
    intent = ten_euros(bank)
    bank.codes.down = True
    before = deepcopy(bank.table.items)
    with pytest.raises(Unavailable):
        confirm(bank, intent)
    assert bank.table.items == before


def forged_links(bank: Bank, intent: Intent) -> dict[str, str]:
    """What a stranger could send for a link."""
    genuine = bank.link(intent)
    other: Intent = bank.say("@Smoneyfr #envoyer 11 € @bob")
    other_link = bank.link(other)
    letter = "A" if genuine[-1] != "A" else "B"
    number, expires_at = genuine.split(".")[1:3]
    return {
        "empty": "",
        "prose": "give me the money",
        "too long": genuine + "A",
        "mac changed": genuine[:-1] + letter,
        "mac of another": f"{intent.id}.{number}.{expires_at}.{other_link.rsplit('.', 1)[1]}",
        "longer life": f"{intent.id}.{number}.zzzzzz.{genuine.rsplit('.', 1)[1]}",
        "other number": f"{intent.id}.2.{expires_at}.{genuine.rsplit('.', 1)[1]}",
        "unknown intent": "B" * 16 + genuine[16:],
        "wrong key": bank.link(intent, key=b"another key"),
        "not ascii": genuine[:-1] + "é",
        "trailing newline": genuine + "\n",
        "a funding": "fund-alice" + "A" * 6 + genuine[16:],
    }


def test_no_forged_link_opens_or_pays(bank: Bank) -> None:
    """Every forged link gets the very same outcome, with a right code too, and moves nothing."""
    intent = ten_euros(bank)
    forged = forged_links(bank, intent)
    before = deepcopy(bank.table.items)
    for what, link in forged.items():
        assert lifecycle.look(bank.services, link) == lifecycle.Outcome(intent=None), what
        assert lifecycle.confirm(bank.services, link, CODE) == lifecycle.Outcome(intent=None), what
        assert lifecycle.decline(bank.services, link) == lifecycle.Outcome(intent=None), what
        assert lifecycle.renew(bank.services, link) == lifecycle.Outcome(intent=None), what
    assert bank.table.items == before


def test_a_link_of_the_key_before_is_good_while_it_is_rotated(bank: Bank) -> None:
    """Two keys live: no payment is lost by a rotation."""
    intent = ten_euros(bank)
    old_link = bank.link(intent)
    bank.links.live = (b"the new key of links", *bank.links.live)
    assert lifecycle.confirm(bank.services, old_link, CODE).refusal is None


@pytest.mark.parametrize("change", [{"amount_minor": 99}, {"payee": "croixbleue"}, {"currency": "JPY"}])
def test_a_changed_intent_makes_its_link_worthless(bank: Bank, change: dict[str, Any]) -> None:
    """The link covers amount, currency and payee (RTS art. 5(1))."""
    intent = ten_euros(bank)
    link = bank.link(intent)
    bank.table.items[intent_key(intent.id)].update(change)
    assert lifecycle.confirm(bank.services, link, CODE).intent is None


def test_an_expired_link_pays_nothing_and_a_new_one_does(bank: Bank) -> None:
    """After ten minutes the link is dead; renewing raises the number, and only the new link pays."""
    intent = ten_euros(bank)
    old_link = bank.link(intent)
    bank.time.move(600)
    assert lifecycle.confirm(bank.services, old_link, CODE).refusal is Refusal.LINK_EXPIRED
    renewed = lifecycle.renew(bank.services, old_link)
    assert renewed.refusal is None and renewed.intent and renewed.intent.link_number == 2
    assert lifecycle.confirm(bank.services, old_link, CODE).refusal is Refusal.LINK_REPLACED
    assert confirm(bank, renewed.intent).refusal is None


def test_links_are_renewed_three_times_at_the_most(bank: Bank) -> None:
    """The fourth wish for a new link is refused: each one costs an SMS."""
    intent = ten_euros(bank)
    for _ in range(3):
        renewed = lifecycle.renew(bank.services, bank.link(intent)).intent
        assert renewed
        intent = renewed
    assert lifecycle.renew(bank.services, bank.link(intent)).refusal is Refusal.LINKS_TOO_MANY


def test_an_expired_intent_cannot_be_paid(bank: Bank) -> None:
    """Expiry is judged by the clock, never by the table's TTL."""
    intent = ten_euros(bank)
    bank.time.move(86_400)
    assert confirm(bank, intent).refusal is Refusal.EXPIRED
    assert bank.available("bob") == 0


def test_a_declined_intent_cannot_be_paid(bank: Bank) -> None:
    """Pending is left once."""
    intent = ten_euros(bank)
    declined = lifecycle.decline(bank.services, bank.link(intent))
    assert declined.intent and declined.intent.status == "declined"
    outcome = confirm(bank, intent)
    assert outcome.refusal is Refusal.NOT_PENDING and outcome.intent and outcome.intent.status == "declined"
    assert bank.available("bob") == 0


def test_a_right_code_without_funds_costs_nothing(bank: Bank) -> None:
    """The refusal is told, balances stay, and the attempts of before and of now are forgiven."""
    intent = ten_euros(bank)
    confirm(bank, intent, "000000")
    bank.table.items["A#alice", "0"]["available"] = 999
    before = everything(bank)
    outcome = confirm(bank, intent)
    assert outcome.refusal is Refusal.FUNDS_MISSING
    assert everything(bank) == before
    assert bank.account("alice")["attempts"] == 0


def test_right_codes_at_the_same_moment_leave_no_attempt_behind(bank: Bank) -> None:
    """Two that spent attempts one and two forgive in this order, and the second finds only its own left."""
    intent = ten_euros(bank)
    spent = [lifecycle._spend_attempt(bank.services, intent) for _ in range(2)]
    for account in spent:
        assert account is not None
        lifecycle._forgive(bank.services, account)
    assert bank.account("alice")["attempts"] == 0


@pytest.mark.parametrize(
    ("account", "status", "refusal"),
    [
        ("alice", "frozen", Refusal.PAYER_FROZEN),
        ("alice", "closed", Refusal.PAYER_CLOSED),
        ("bob", "frozen", Refusal.PAYEE_FROZEN),
        ("bob", "closed", Refusal.PAYEE_CLOSED),
    ],
)
def test_a_freeze_after_the_order_still_holds(bank: Bank, account: str, status: str, refusal: Refusal) -> None:
    """Status is a condition of the transaction, not a check before it."""
    intent = ten_euros(bank)
    ledger.set_status(bank.table, account, status=status, clock=bank.services.clock)
    before = everything(bank)
    assert confirm(bank, intent).refusal is refusal
    assert everything(bank) == before


def test_parallel_confirms_never_overdraw(bank: Bank) -> None:
    """Five payments of 100 € against 250 €: two are paid, and the balance stays above zero."""
    intents = [bank.say(f"@Smoneyfr #envoyer 100 € @{'bob'}") for _ in range(4)]
    bank.table.items["A#alice", "0"]["available"] = 25_000
    links = [bank.link(intent) for intent in intents]
    outcomes = in_parallel([partial(lifecycle.confirm, bank.services, link, CODE) for link in links])
    assert sorted(outcome.refusal or "paid" for outcome in outcomes) == [
        "funds_missing",
        "funds_missing",
        "paid",
        "paid",
    ]
    assert bank.available("alice") == 5_000


@pytest.mark.parametrize("fault", ["busy", "lost", "down"])
@pytest.mark.parametrize("write", [0, 1])
def test_a_fault_at_any_write_is_outlived_and_pays_once(bank: Bank, fault: str, write: int) -> None:
    """A busy item, a lost answer or a lost request, at the attempt or at the transaction: paid once, counted once."""
    intent = ten_euros(bank)
    bank.table.faults = [""] * write + [fault]
    outcome = confirm(bank, intent)
    assert outcome.refusal is None and outcome.intent and outcome.intent.status == "paid"
    assert (bank.available("alice"), bank.available("bob")) == (99_000, 1_000)
    assert bank.account("alice")["attempts"] == 0


def test_a_lost_answer_of_a_wrong_attempt_is_counted_once(bank: Bank) -> None:
    """The nonce of the request stands on the account, so sending it again adds nothing."""
    intent = ten_euros(bank)
    bank.table.faults = ["lost", "lost", "lost"]
    confirm(bank, intent, "000000")
    assert bank.account("alice")["attempts"] == 1


def test_right_codes_against_a_busy_table_block_nobody(bank: Bank) -> None:
    """Six tries while the payee's account is contended: each gives its attempt back."""
    intent = ten_euros(bank)
    for _ in range(6):
        bank.table.faults = ["", *["busy"] * 8]
        with pytest.raises(Unavailable):
            confirm(bank, intent)
    assert bank.account("alice")["attempts"] == 0
    assert confirm(bank, intent).refusal is None


def test_a_table_that_stays_down_is_told_and_may_be_retried(bank: Bank) -> None:
    """After eight tries the step fails as unavailable; later the same link and code pay."""
    intent = ten_euros(bank)
    bank.table.faults = [""] + ["down"] * 8
    with pytest.raises(Unavailable):
        confirm(bank, intent)
    assert bank.available("bob") == 0
    bank.table.faults = []
    assert confirm(bank, intent).refusal is None
    assert bank.available("bob") == 1_000
