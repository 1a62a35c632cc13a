"""The people of the local AWS: the customers of each programme, with money and with codes made at start-up."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

import boto3

from chalicelib import aws, config
from chalicelib.dynamodb import DynamoTable
from chalicelib.identity import store as people
from chalicelib.identity.code import typed
from chalicelib.identity.kms import KmsCodes
from chalicelib.identity.person import Handle, Person
from chalicelib.ledger import sharding
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import Kind, new_item
from chalicelib.services import Clock
from local.sandbox.messenger import psid

CODE_DIGITS = 6
# Their phones exist nowhere: 06 39 98 is the range that France keeps for fiction (ARCEP), and no Japanese mobile number
# goes on with a 0 behind its 090 (MIC, numbering plan).


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Somebody to play with; `code` is their security code on this machine.

    `user_id` and `handle` are theirs on `network`, where they are not `linked` any more or still are; `psid` is who
    they are on Messenger besides.
    """

    name: str
    user_id: str
    handle: str
    phone: str
    account: str
    kind: Kind
    funds_minor: int
    code: str
    network: str = "twitter"
    linked: bool = True
    psid: str = ""


def cast(programme: str) -> list[Customer]:
    """Who lives where a programme is played, with codes of their own for this start."""
    return _CASTS[programme]()


def _french() -> list[Customer]:
    return [
        Customer(
            name="Alice Martin", user_id="2244994945", handle="alicemartin", phone="+33639980001",
            account="alice", kind="person", funds_minor=50_000, code=_code(), psid=psid("alice"),
        ),
        Customer(
            name="Philippe Dupont", user_id="783214", handle="superpipou", phone="+33639980002",
            account="philippe", kind="person", funds_minor=5_000, code=_code(),
        ),
        Customer(
            name="Croix-Bleue", user_id="1471859999", handle="croixbleue", phone="+33639980003",
            account="croixbleue", kind="charity", funds_minor=0, code=_code(),
        ),
    ]  # fmt: skip


def _japanese() -> list[Customer]:
    return [
        Customer(
            name="佐藤 花子", user_id=psid("hanako"), handle="hanako", phone="+819000000001", account="hanako",
            kind="person", funds_minor=100_000, code=_code(), network="facebook",
        ),
        Customer(
            name="鈴木 一郎", user_id=psid("ichiro"), handle="ichiro", phone="+819000000002", account="ichiro",
            kind="person", funds_minor=20_000, code=_code(), network="facebook",
        ),
        Customer(
            name="田中 健太", user_id=psid("kenta"), handle="kenta", phone="+819000000003", account="kenta",
            kind="person", funds_minor=0, code=_code(), network="facebook", linked=False,
        ),
        Customer(
            name="高橋 ゆき", user_id=psid("yuki"), handle="yuki", phone="+819000000004", account="yuki",
            kind="person", funds_minor=0, code=_code(), network="facebook", linked=False,
        ),
    ]  # fmt: skip


_CASTS: Mapping[str, Callable[[], list[Customer]]] = {"smoney": _french, "rakuten": _japanese}


def reach(aws_endpoint_url: str, region: str, *, table: str) -> DynamoTable:
    """Point this process at a local AWS, as its root, and return its table."""
    os.environ |= {
        "AWS_ENDPOINT_URL": aws_endpoint_url,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    boto3.setup_default_session()  # the one before keeps its credentials
    aws.client.cache_clear()
    return DynamoTable(table)


def seed(table: DynamoTable, *, programme: str, code_key: str) -> tuple[Mapping[str, str], ...]:
    """Store everybody with their money and return them as `python -m local up --json` tells them."""
    clock, codes, ours = Clock(), KmsCodes(code_key), config.programme(programme)
    customers = cast(programme)
    for customer in customers:
        _store(table, customer, programme=ours, clock=clock)
        ledger.set_code(table, customer.account, mac=codes.mac(customer.account, typed(customer.code) or ""))
    return tuple(_told(customer) for customer in customers)


def _told(customer: Customer) -> Mapping[str, str]:
    known = {name: str(value) for name, value in asdict(customer).items() if name != "linked"}
    return known | {"linked": "yes" if customer.linked else ""}


def _store(table: DynamoTable, customer: Customer, *, programme: config.Programme, clock: Clock) -> None:
    account = customer.account
    person = Person(id=account, name=customer.name, phone=customer.phone, language=programme.language, account=account)
    people.add_person(table, person, clock=clock)
    ledger.open_account(table, new_item(account, person=account, kind=customer.kind, currency=programme.currency))
    opened = ledger.account(table, account)
    if opened and customer.kind == "charity":
        sharding.raise_to(table, opened, sharding.FIRST, clock=clock)
    _link(table, customer, programme=programme, clock=clock)
    if customer.funds_minor:
        funding = ledger.funding(
            f"fund-{account}", payee=account, amount_minor=customer.funds_minor, currency=programme.currency
        )
        ledger.fund(table, funding, clock=clock)


def _link(table: DynamoTable, customer: Customer, *, programme: config.Programme, clock: Clock) -> None:
    bot = programme.bots[customer.network]
    handle = Handle(
        network=customer.network, page=bot.user_id, user_id=customer.user_id, label=customer.handle,
        person=customer.account, account=customer.account, name=customer.name, language=programme.language,
    )  # fmt: skip
    people.link(table, handle, clock=clock)
    if not customer.linked:
        people.unlink(table, (customer.network, bot.user_id), customer.user_id, clock=clock)
    if customer.psid:
        page = programme.bots["facebook"].user_id
        chat = replace(handle, network="facebook", page=page, user_id=customer.psid, label="")
        people.link(table, chat, clock=clock)


def _code() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
