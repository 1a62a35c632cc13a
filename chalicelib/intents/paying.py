"""The transaction that pays an intent: payer, payee or claim, and intent; built again for what turned meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chalicelib.identity import code
from chalicelib.intents.intent import Intent, settle
from chalicelib.intents.spending import limit
from chalicelib.ledger import claim as claims
from chalicelib.ledger import sharding
from chalicelib.ledger.account import Account, from_item, remember
from chalicelib.ledger.moving import move
from chalicelib.ledger.transfer import Transfer, credit, debit
from chalicelib.refusals import Refusal
from chalicelib.services import Services
from chalicelib.table import Part, Put, Write, absent, account_key, intent_key, update

# A day turns at most once while a transaction is built; twice more is for clocks that disagree.
ROLLOVERS = 3


@dataclass(frozen=True, kw_only=True)
class Payment:
    """An intent with what proves that its payer wants it: the genuine link's number, the typed code's MACs.

    `payer` is the account as it was when the code was compared.
    """

    intent: Intent
    payer: Account
    link_number: int
    candidates: tuple[str, ...]


def pay(services: Services, payment: Payment) -> Refusal | None:
    """Move the money in one transaction, built again when the day turned meanwhile or the code was stored anew.

    Raises Unavailable when the table is out of reach: the payment may have been made.
    """
    intent = payment.intent
    choose = _chooser(services, intent)
    for _ in range(ROLLOVERS):
        limited = _limit(services, payment)
        if isinstance(limited, Refusal):
            return limited

        def build(instant: int, payment: Payment = payment) -> Sequence[Write]:
            return _writes(services, payment, to=choose(), moved_micros=instant)

        rejection = move(services.table, build, clock=services.clock, after=payment.payer.moved_micros)
        if rejection is None:
            return None
        turned = rejection.items[0]
        if rejection.refusal not in (Refusal.DAY_TURNED, Refusal.STALE) or turned is None:
            return rejection.refusal
        payment = replace(payment, payer=from_item(turned))
        if not code.matches(payment.payer.code_mac, payment.candidates):
            return Refusal.STALE
    return Refusal.STALE


def _writes(services: Services, payment: Payment, *, to: str, moved_micros: int) -> Sequence[Write]:
    intent, payer = payment.intent, payment.payer
    limited = _limit(services, payment)
    if isinstance(limited, Refusal):
        raise TypeError("a refused limit builds no transaction")
    transfer, right = intent.transfer(to=to, moved_micros=moved_micros), code.accept(payer.code_mac, payment.candidates)
    now = services.clock.now()
    return [
        update(account_key(intent.payer), debit(transfer), limited, right, remember(payer, intent.payee_known_as)),
        _arrival(services, intent, transfer, now=now),
        update(intent_key(intent.id), settle(intent, transfer, link_number=payment.link_number, now=now)),
    ]


def _arrival(services: Services, intent: Intent, transfer: Transfer, *, now: int) -> Write:
    """Where the money goes: to the payee's account, or into a claim if they are not linked yet."""
    if not intent.held:
        return update(account_key(transfer.payee), credit(transfer))
    opened = intent.claim(now=now, hold_seconds=services.programme.claims.hold_seconds)
    return Put(item=claims.to_item(opened), clauses=(absent(Refusal.ALREADY_SEEN),))


def _chooser(services: Services, intent: Intent) -> Callable[[], str]:
    if intent.held:
        return lambda: intent.payee
    return sharding.chooser(services.table, intent.payee, intent.payee_shards, chance=services.clock.chance)


def _limit(services: Services, payment: Payment) -> Part | Refusal:
    return limit(services.programme, payment.payer, intent=payment.intent, now=services.clock.now())
