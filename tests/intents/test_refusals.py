"""Every "no" to an order: its own refusal, its own item, told to the right person by the right road, nothing moved."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.channels import Named
from chalicelib.identity import store as people
from chalicelib.identity.invitation import Invitation, invitation_id
from chalicelib.intents.intent import Intent
from chalicelib.notices import change
from chalicelib.notices.message import Names, sms
from chalicelib.refusals import Refusal
from chalicelib.table import account_key, handle_key, intent_key
from tests.bank import BOT, IDS, NOON, Bank

PAY = "@Smoneyfr #envoyer 10 € @bob"
BY_REPLY, BY_SMS = change.REPLIES, change.RECEIPTS


def _set(account: str, **values: Any) -> Callable[[Bank], None]:
    return lambda bank: bank.table.items[account_key(account)].update(values)


def _spent(*, day: int = 0, month: int = 0) -> Callable[[Bank], None]:
    return _set("alice", day="2026-09-21", spent_day=day, spent_month=month)


def _orders(number: int, *, status: str) -> Callable[[Bank], None]:
    def place(bank: Bank) -> None:
        for _ in range(number):
            intent: Intent = bank.say(PAY)
            for write in change.listed(None, bank.table.items[intent_key(intent.id)]):
                bank.table.put(write)  # type: ignore[arg-type]  # a new order only puts
        for (kind, _), item in bank.table.items.items():
            if kind.startswith("W#"):
                item["status"] = status

    return place


def _unlink_bob(bank: Bank) -> None:
    people.unlink(bank.table, ("twitter", BOT.user_id), IDS["bob"], clock=bank.services.clock)


def _invite_nobody(bank: Bank) -> None:
    invited = Invitation(
        id=invitation_id("twitter", BOT.user_id, "nobody"),
        person="nina",
        account="nina",
        network="twitter",
        page=BOT.user_id,
        label="nobody",
        language="fr",
        status="invited",
        created_at=NOON - 10,
        expires_at=NOON + 10,
    )
    assert people.invite(bank.table, invited, clock=bank.services.clock) is None


def _second_handle(bank: Bank) -> None:
    bank.table.items["L#twitter#1471859046#104", "0"] = dict(bank.table.items["L#twitter#1471859046#101", "0"])


def _linked_long_ago(bank: Bank) -> None:
    bank.table.items[handle_key("twitter", BOT.user_id, IDS["alice"])]["linked_at"] = NOON - 180 * 86_400 - 1


def _nothing(_: Bank) -> None:
    pass


SOLD = {"named": (Named(user_id=BOT.user_id, handle=BOT.handle), Named(user_id="998", handle="bob"))}
OWN = {"named": (Named(user_id=BOT.user_id, handle=BOT.handle), Named(user_id="104", handle="alice2"))}

# What is said, before what, and what comes of it: the refusal, and the road by which the author is told.
REFUSALS: list[tuple[Refusal, str, str, Callable[[Bank], None], dict[str, Any]]] = [
    (Refusal.SENSITIVE, BY_REPLY, "mon code est 482913", _nothing, {"private": True}),
    (Refusal.VERB_SEVERAL, BY_REPLY, "@Smoneyfr #envoyer #annuler 10 € @bob", _nothing, {}),
    (Refusal.AMOUNT_MISSING, BY_REPLY, "@Smoneyfr #envoyer @bob", _nothing, {}),
    (Refusal.AMOUNT_SEVERAL, BY_REPLY, "@Smoneyfr #envoyer 10 € 20 € @bob", _nothing, {}),
    (Refusal.AMOUNT_UNREADABLE, BY_REPLY, "@Smoneyfr #envoyer 10k @bob", _nothing, {}),
    (Refusal.AMOUNT_AMBIGUOUS, BY_REPLY, "@Smoneyfr #envoyer 1.000 € @bob", _nothing, {}),
    (Refusal.AMOUNT_ZERO, BY_REPLY, "@Smoneyfr #envoyer 0 € @bob", _nothing, {}),
    (Refusal.AMOUNT_NEGATIVE, BY_REPLY, "@Smoneyfr #envoyer -10 € @bob", _nothing, {}),
    (Refusal.AMOUNT_DECIMALS, BY_REPLY, "@Smoneyfr #envoyer 10,5055 € @bob", _nothing, {}),
    (Refusal.CURRENCY_OTHER, BY_REPLY, "@Smoneyfr #envoyer 10 $ @bob", _nothing, {}),
    (Refusal.PAYEE_MISSING, BY_REPLY, "@Smoneyfr #envoyer 10 €", _nothing, {}),
    (Refusal.PAYEE_SEVERAL, BY_REPLY, "@Smoneyfr #envoyer 10 € @bob @croixbleue", _nothing, {}),
    (Refusal.PAYEE_SELF, BY_REPLY, "@Smoneyfr #envoyer 10 € @alice", _nothing, {}),
    (Refusal.PAYEE_BOT, BY_REPLY, "@Smoneyfr #envoyer 10 € à @Smoneyfr", _nothing, {}),
    (Refusal.PRIVATE_ONLY, BY_REPLY, "@Smoneyfr #solde", _nothing, {}),
    (Refusal.NOT_OFFERED, BY_REPLY, "@Smoneyfr #demander 10 € @bob", _nothing, {}),
    (Refusal.PAYER_UNKNOWN, BY_REPLY, PAY, _nothing, {"author": "zoe"}),
    (Refusal.PAIRING_REFUSED, BY_REPLY, "@Smoneyfr #associer 482913", _nothing, {}),
    (Refusal.PAYER_FROZEN, BY_SMS, PAY, _set("alice", status="frozen"), {}),
    (Refusal.PAYER_CLOSED, BY_SMS, PAY, _set("alice", status="closed"), {}),
    (Refusal.PAYEE_RENAMED, BY_SMS, PAY, _nothing, SOLD),
    (Refusal.PAYEE_UNKNOWN, BY_SMS, "@Smoneyfr #envoyer 10 € @nobody", _nothing, {}),
    (Refusal.PAYEE_UNPAIRED, BY_SMS, "@Smoneyfr #envoyer 10 € @nobody", _invite_nobody, {}),
    (Refusal.PAYEE_UNPAIRED, BY_SMS, PAY, _unlink_bob, {}),
    (Refusal.PAYEE_FROZEN, BY_SMS, PAY, _set("bob", status="frozen"), {}),
    (Refusal.PAYEE_CLOSED, BY_SMS, PAY, _set("bob", status="closed"), {}),
    (Refusal.PAYEE_OWN, BY_SMS, "@Smoneyfr #envoyer 10 € @alice2", _second_handle, OWN),
    (Refusal.PAYEE_NOT_CAUSE, BY_SMS, "@Smoneyfr #donner 10 € @bob", _nothing, {}),
    (Refusal.CURRENCY_MISMATCH, BY_SMS, PAY, _set("bob", currency="JPY"), {}),
    (Refusal.PROOF_TOO_OLD, BY_REPLY, "solde", _linked_long_ago, {"private": True}),
    (Refusal.NOTHING_TO_CONFIRM, BY_REPLY, "confirmer", _nothing, {"private": True}),
    (Refusal.NOTHING_TO_REPEAT, BY_REPLY, "répéter", _nothing, {"private": True}),
    (Refusal.NOTHING_TO_CANCEL, BY_SMS, "@Smoneyfr #annuler", _nothing, {}),
    (Refusal.OVER_TRANSFER_LIMIT, BY_SMS, "@Smoneyfr #envoyer 250,01 € @bob", _nothing, {}),
    (Refusal.OVER_TRANSFER_LIMIT, BY_SMS, "@Smoneyfr #donner 500,01 € @croixbleue", _nothing, {}),
    (Refusal.OVER_DAY_LIMIT, BY_SMS, PAY, _spent(day=49_001, month=49_001), {}),
    (Refusal.OVER_MONTH_LIMIT, BY_SMS, PAY, _spent(day=0, month=199_001), {}),
    (Refusal.ORDERS_TOO_MANY, BY_SMS, PAY, _orders(20, status="paid"), {}),
    (Refusal.WAITING_TOO_MANY, BY_SMS, PAY, _orders(10, status="pending"), {}),
    (Refusal.FUNDS_MISSING, BY_SMS, PAY, _set("alice", available=999), {}),
]

# Not said to an order, but by a page, by joining, or to a writer inside.
ELSEWHERE = {
    *(Refusal.CODES_DIFFER, Refusal.CODE_GUESSABLE, Refusal.TERMS_MISSING),
    *(Refusal.ALREADY_SEEN, Refusal.NOT_PENDING, Refusal.EXPIRED, Refusal.LINK_EXPIRED, Refusal.LINK_REPLACED),
    *(Refusal.LINKS_TOO_MANY, Refusal.LINK_WITHHELD, Refusal.CODE_MALFORMED, Refusal.CODE_REFUSED),
    *(Refusal.INTENT_CHANGED, Refusal.STALE, Refusal.DAY_TURNED, Refusal.LEG_LATE),
    *(Refusal.NOT_REVERSIBLE, Refusal.SAME_OPERATOR, Refusal.REVERSED_TOO_MUCH),
    *(Refusal.PAYOUT_NOT_OFFERED, Refusal.ACCOUNT_MALFORMED, Refusal.HOLDER_MALFORMED, Refusal.NAMES_TOO_MANY),
    *(Refusal.HOLDER_DIFFERS, Refusal.HOLDER_UNCHECKED),  # on the claim page: tests/claims
    *(Refusal.PAYEE_AMBIGUOUS, Refusal.CHOICE_OVER),  # in private alone: test_reaching, test_choosing
}


def _money(bank: Bank) -> dict[str, dict[str, Any]]:
    return {key[0]: deepcopy(dict(item)) for key, item in bank.table.items.items() if key[0].startswith("A#")}


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: str(case[0]))
def test_a_refused_order_is_stored_told_and_moves_nothing(
    case: tuple[Refusal, str, str, Callable[[Bank], None], dict[str, Any]],
) -> None:
    """One item with its reason; one notice to the author, publicly only where nothing of the bank's shows."""
    refusal, road, text, before, changes = case
    bank = Bank()
    before(bank)
    money = _money(bank)
    intent = bank.say(text, **changes)
    item = bank.table.items[intent_key(intent.id)]
    assert (item["status"], item["refusal"]) == ("refused", refusal.value)
    assert _money(bank) == money
    told = [notice for notice in change.notices(None, item, tries=5) if notice.kind == "refused"]
    assert [notice.road for notice in told] == [road]
    assert (road == BY_SMS) <= bool(item.get("payer_person")), "an SMS goes to a customer alone"


def test_every_refusal_has_its_case() -> None:
    """A new refusal is not forgotten here."""
    assert {case[0] for case in REFUSALS} | ELSEWHERE == set(Refusal)
    assert not {case[0] for case in REFUSALS} & ELSEWHERE


def test_the_first_refusal_in_precedence_is_told() -> None:
    """Frozen, over every limit and without funds: the account's own state comes first, and only that is said."""
    bank = Bank()
    bank.table.items[account_key("alice")].update(status="frozen", available=0)
    bank.table.items[account_key("bob")].update(status="closed")
    assert bank.say("@Smoneyfr #envoyer 250,01 € @bob").refusal is Refusal.PAYER_FROZEN


def test_an_invitation_that_is_over_makes_nobody_a_customer() -> None:
    """Then the payee is as unknown as before."""
    bank = Bank()
    _invite_nobody(bank)
    bank.time.move(11)
    assert bank.say("@Smoneyfr #envoyer 10 € @nobody").refusal is Refusal.PAYEE_UNKNOWN


def test_a_frozen_payee_is_told_to_the_payer_like_a_closed_one() -> None:
    """Why an account cannot receive is its holder's affair; the operators see which it was."""
    bank = Bank()
    bank.table.items[account_key("bob")].update(status="frozen")
    frozen = bank.say(PAY)
    names = Names(payer="Alice", payee="Bob")
    texts = {
        sms("refused", one, programme=bank.services.programme, language=language, names=names)
        for one in (frozen, replace(frozen, refusal=Refusal.PAYEE_CLOSED))
        for language in ("fr",)
    }
    assert len(texts) == 1
