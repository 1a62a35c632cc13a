"""An account: what its holder has, and what it has spent of its limits."""

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from chalicelib.conditions import Item
from chalicelib.table import Part, account_key

Kind = Literal["person", "charity", "merchant"]

# The programme's own sides: legs in the journal only, no balance item. Money from and to the outside; money held for
# somebody who is not linked yet (`claim`); what the programme earned.
BANK, SUSPENSE, FEES = "bank", "suspense", "fees"
OWN = frozenset({BANK, SUSPENSE, FEES})
# Marks of eight characters: the account stays far below a kilobyte.
KNOWN_PAYEES = 16


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account as it was read; `available_minor` is what can be spent, in minor units.

    `moved_micros` is the instant of its last leg, `shards` the number of sub-balances that take what comes in.
    """

    id: str
    person: str
    kind: str
    status: str
    currency: str
    available_minor: int
    seq: int
    attempts: int
    code_mac: str
    day: str
    spent_day_minor: int
    spent_month_minor: int
    known_payees: str = ""
    moved_micros: int = 0
    shards: int = 0


def from_item(item: Item) -> Account:
    """Read an account from its item; raises KeyError if it is none."""
    return Account(
        id=item["PK"].removeprefix("A#"),
        person=item["person"],
        kind=item["kind"],
        status=item["status"],
        currency=item["currency"],
        available_minor=item["available"],
        seq=item["seq"],
        attempts=item["attempts"],
        code_mac=item["code"],
        day=item["day"],
        spent_day_minor=item["spent_day"],
        spent_month_minor=item["spent_month"],
        known_payees=item.get("known_payees", ""),
        moved_micros=item.get("moved_micros", 0),
        shards=item.get("shards", 0),
    )


def knows(account: Account, payee: str) -> bool:
    """Whether the account has paid this payee among the last ones; a first payment deserves a second look."""
    return _mark(payee) in account.known_payees.split()


def remember(account: Account, payee: str) -> Part:
    """Keep the payee among the last ones that were paid; two at once may forget one, which only warns again."""
    marks = [mark for mark in account.known_payees.split() if mark != _mark(payee)]
    return Part(assign={"known_payees": " ".join([*marks, _mark(payee)][-KNOWN_PAYEES:])})


def _mark(payee: str) -> str:
    return hashlib.sha256(payee.encode()).hexdigest()[:8]


def new_item(account: str, *, person: str, kind: Kind, currency: str) -> dict[str, Any]:
    """The item of an account that is just opened: empty, without a security code, nothing spent."""
    key, sort = account_key(account)
    return {
        "PK": key,
        "SK": sort,
        "person": person,
        "kind": kind,
        "status": "open",
        "currency": currency,
        "available": 0,
        "seq": 0,
        "attempts": 0,
        "guess": "",
        "code": "",
        "day": "",
        "spent_day": 0,
        "spent_month": 0,
    }
