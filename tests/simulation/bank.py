"""The population of a history: people, causes and merchants, each with an account, a code, a handle and money."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from chalicelib import config
from chalicelib.conditions import Item
from chalicelib.config import Claims
from chalicelib.identity.person import Handle, Person, handle_item, name_item, person_item
from chalicelib.ledger import sharded, sharding
from chalicelib.ledger.account import Kind, new_item
from chalicelib.ledger.account import from_item as account_from_item
from chalicelib.ledger.entry import genesis, leg_of, sealed, to_item
from chalicelib.ledger.store import _funding_item, funding
from chalicelib.ledger.transfer import credit
from chalicelib.table import Key, account_key, update
from tests.simulation.images import after
from tests.simulation.scheduler import MORNING

# Intents of a quarter of an hour: legal, and a history that waits for them is short.
INTENT_SECONDS = 900
CODE, WRONG = "482913", "135790"
_REAL = config.programme("smoney")
# Money for strangers is held for some minutes, for a fee.
HOLD_SECONDS, FEE_MINOR = 600, 7
PROGRAMME = replace(
    _REAL,
    durations=replace(_REAL.durations, intent_seconds=INTENT_SECONDS),
    claims=Claims(offered=True, hold_seconds=HOLD_SECONDS, fee_minor=FEE_MINOR, payout="zengin", payout_seconds=86_400),
)
BOT = PROGRAMME.bots["twitter"]
# The cause that storms of gifts go to; a history may raise the number.
SHARDED, SHARDS = "charity0", 4
PEOPLE, CHARITIES, MERCHANTS = 40, 3, 2
NETWORK = "twitter"
# What people start with: most have enough, some run out of it.
FUNDS = (0, 2_500, *(10_000, 50_000, 300_000, 500_000) * 3)


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Somebody of the population; person, account and @name are called alike."""

    name: str
    user_id: str
    kind: Kind


CUSTOMERS = (
    *(Customer(name=f"person{n}", user_id=str(1000 + n), kind="person") for n in range(PEOPLE)),
    *(Customer(name=f"charity{n}", user_id=str(2000 + n), kind="charity") for n in range(CHARITIES)),
    *(Customer(name=f"merchant{n}", user_id=str(3000 + n), kind="merchant") for n in range(MERCHANTS)),
)
# Whom the network knows and the bank does not, until they are linked.
STRANGERS = tuple(Customer(name=f"stranger{n}", user_id=str(4000 + n), kind="person") for n in range(12))
BY_ACCOUNT = {customer.name: customer for customer in CUSTOMERS}


def population(random: Random, *, now: int) -> dict[Key, Item]:
    """All items at the start; what everybody has is drawn anew, the rest is made once."""
    drawn = {each.name: random.choice(FUNDS) if each.kind == "person" else 0 for each in CUSTOMERS}
    return stocked(_plain(), drawn, now=now)


def stocked(plain: Mapping[Key, Item], funds: Mapping[str, int], *, now: int) -> dict[Key, Item]:
    """The items of people and of what the bank has credited to them; the sweep has come up to now."""
    items = dict(plain)
    items["D#swept", "0"] = {"PK": "D#swept", "SK": "0", "until": now - 1}
    for name, amount_minor in funds.items():
        if amount_minor:
            _fund(items, name, amount_minor)
    return items


@cache
def _plain() -> dict[Key, Item]:
    return people(CUSTOMERS)


def people(customers: Iterable[Customer]) -> dict[Key, Item]:
    """The items of customers who have nothing yet, and one cause's sub-balances."""
    items = {(item["PK"], item["SK"]): item for customer in customers for item in _items(customer)}
    key = account_key(SHARDED)
    account = account_from_item(items[key])
    items[key] = {**items[key], "shards": SHARDS}
    for number in range(SHARDS):
        part = sharding.part(account, number)
        items[part["PK"], part["SK"]] = part
    line = sharded.line(SHARDED)
    items[line.key] = line.item
    return items


def _items(customer: Customer) -> list[Item]:
    name = customer.name
    language = ("fr", "en", "ja")[int(customer.user_id) % 3]
    person = Person(id=name, name=name.title(), phone=f"+3361234{customer.user_id}", language=language, account=name)
    handle = Handle(
        network=NETWORK,
        page=BOT.user_id,
        user_id=customer.user_id,
        label=name,
        person=name,
        account=name,
        name=name.title(),
        language=language,
        paid_reply=int(customer.user_id) % 7 == 0,
    )
    account = new_item(name, person=name, kind=customer.kind, currency="EUR") | {"code": f"k1.{name}|{CODE}"}
    return [
        person_item(person, now=MORNING),
        account,
        handle_item(handle, now=MORNING),
        name_item(handle, now=MORNING),
    ]


def _fund(items: dict[Key, Item], name: str, amount_minor: int) -> None:
    transfer = funding(f"fund-{name}", payee=name, amount_minor=amount_minor, currency="EUR")
    item = _funding_item(transfer, now=MORNING - 3_600)
    items[item["PK"], item["SK"]] = item
    key = account_key(name)
    items[key] = after(update(key, credit(transfer)), items[key])
    entry = to_item(sealed(leg_of(items[key]), before=genesis(name)))
    items[entry["PK"], entry["SK"]] = entry
