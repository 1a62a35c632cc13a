"""Whom somebody can pay from a chat, and what to write for it: those whom they have paid already."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.intents.contacts import contacts
from chalicelib.intents.intent import Intent
from chalicelib.table import Table

PEOPLE = 8


@dataclass(frozen=True, kw_only=True)
class Payee:
    """Somebody whom a customer has paid: a shown name, what tells two of one name apart, and what names them.

    `payment` is the id of the last payment to them.
    """

    name: str
    hint: str
    text: str
    payment: str = ""


def payees(table: Table, payer: str) -> Sequence[Payee]:
    """The last people whom an account has paid, nobody twice; three round trips at most. Raises Unavailable."""
    return [
        Payee(name=one.name, hint=one.hint, text=f"@{one.handle}" if one.handle else one.text, payment=one.payment)
        for one in contacts(table, payer)[:PEOPLE]
    ]


def named(payment: Intent) -> str:
    """What names the payee of a payment in a private message: their @name, else their first name; empty without."""
    handle = payment.said.get("payee_handle", "")
    return f"@{handle}" if handle else payment.said.get("payee_name", "").partition(" ")[0]
