"""What a customer may see of their account in private: what it holds, and what moved it last.

Read when the answer is sent, so that nothing of it is kept anywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.conditions import Item
from chalicelib.identity import store as people
from chalicelib.identity.person import shown_name
from chalicelib.intents.intent import from_item as intent_from_item
from chalicelib.ledger import entries, sharding
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import OWN
from chalicelib.ledger.account import from_item as account_from_item
from chalicelib.ledger.entry import MICROS, Entry
from chalicelib.ledger.transfer import BOOKINGS, holder
from chalicelib.table import Key, Table, account_key, intent_key

MOVEMENTS = 5
# RTS (EU) 2018/389 art. 10(1)(b): the payment transactions of the last 90 days.
SHOWN_SECONDS = 90 * 86_400
# Legs between an account and its own sub-balances are passed over.
_LEGS = 20


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What an account can spend now with its sub-balances, in minor units."""

    available_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One leg: the amount is signed, in minor units; `name` is empty where the bank itself is the other side."""

    moved_at: int
    amount_minor: int
    currency: str
    name: str


def balance(table: Table, account_id: str) -> Balance | None:
    """What an account holds; None if there is no such account. Raises Unavailable."""
    account = ledger.account(table, account_id)
    if account is None:
        return None
    parts = sharding.balances(table, account_id, account.shards) if account.shards else ()
    held_minor = account.available_minor + sum(int(part["available"]) for part in parts)
    return Balance(available_minor=held_minor, currency=account.currency)


def movements(table: Table, account_id: str, *, now: int) -> Sequence[Movement]:
    """The last movements of an account within 90 days, the newest first, a moment behind; three round trips at most.

    The other side is told by its shown name, by its @name where money is held for it, and in no other way.
    """
    since = (now - SHOWN_SECONDS) * MICROS
    lately = [
        leg
        for leg in entries.newest(table, account_id, limit=_LEGS)
        if leg.moved_micros >= since and leg.counterparty != holder(leg.account)
    ][:MOVEMENTS]
    names = _names(table, lately)
    return [
        Movement(
            moved_at=leg.moved_micros // MICROS,
            amount_minor=leg.amount_minor,
            currency=leg.currency,
            name=names.get(leg.transfer, ""),
        )
        for leg in lately
    ]


def _names(table: Table, legs: Sequence[Entry]) -> Mapping[str, str]:
    """What the other side of each transfer is called."""
    accounts = {leg.transfer: account_key(leg.counterparty) for leg in legs if leg.counterparty not in OWN}
    orders = {leg.transfer: intent_key(leg.transfer) for leg in legs if leg.counterparty in OWN}
    keys = [*dict.fromkeys([*accounts.values(), *orders.values()])]
    items = table.get_many(keys) if keys else {}
    named = {transfer: _held_for(items.get(key)) for transfer, key in orders.items()}
    return {**named, **_holders(table, accounts, items)}


def _holders(table: Table, accounts: Mapping[str, Key], items: Mapping[Key, Item]) -> Mapping[str, str]:
    found = {transfer: account_from_item(items[key]) for transfer, key in accounts.items() if key in items}
    persons = people.persons(table, sorted({account.person for account in found.values()}))
    return {
        transfer: shown_name(persons[account.person].name) if account.kind == "person" else persons[account.person].name
        for transfer, account in found.items()
        if account.person in persons
    }


def _held_for(item: Item | None) -> str:
    """Whom a payment is held for, as its payer named them."""
    if item is None or item["order"] in BOOKINGS:
        return ""
    intent = intent_from_item(item)
    return intent.held_for if intent.held else ""
