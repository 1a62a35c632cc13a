"""Whom somebody can pay from a chat: those whom they have paid already, as the journal knows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.identity import store as people
from chalicelib.identity.person import shown_name
from chalicelib.intents import store
from chalicelib.intents.decision import PAYMENTS
from chalicelib.intents.intent import Intent
from chalicelib.intents.phones import is_phone, masked
from chalicelib.ledger import entries
from chalicelib.ledger.account import OWN
from chalicelib.table import Table

PEOPLE = 8
_LEGS = 50


@dataclass(frozen=True, kw_only=True)
class Payee:
    """Somebody whom a customer has paid: a shown name, what tells two of one name apart, and what names them.

    `payment` is the id of the last payment to them.
    """

    name: str
    hint: str
    text: str
    payment: str = ""


def payees(table: Table, payer: str, *, network: str) -> Sequence[Payee]:
    """Whom an account has paid among its last legs, the last paid first, nobody twice; three round trips at most.

    `text` is empty for whom a message on this network cannot name. Raises Unavailable.
    """
    transfers: dict[str, str] = {}
    for leg in entries.newest(table, payer, limit=_LEGS):
        if leg.amount_minor < 0 and leg.counterparty not in OWN:
            transfers.setdefault(leg.counterparty, leg.transfer)
    paid = [one for one in store.read_many(table, [*transfers.values()]) if one.order in PAYMENTS][:PEOPLE]
    known = people.persons(table, [one.payee_person for one in paid])
    return [_payee(known[one.payee_person].name, one, network=network) for one in paid if one.payee_person in known]


def named(payment: Intent, *, network: str) -> str:
    """What names the payee of a payment in a message on this network; empty where nothing does."""
    handle = payment.said.get("payee_handle", "")
    return f"@{handle}" if handle and not is_phone(handle) and payment.network == network else ""


def _payee(name: str, payment: Intent, *, network: str) -> Payee:
    handle, text = payment.said.get("payee_handle", ""), named(payment, network=network)
    hint = masked(handle) if is_phone(handle) and payment.network == network else text
    return Payee(name=shown_name(name), hint=hint, text=text, payment=payment.id)
