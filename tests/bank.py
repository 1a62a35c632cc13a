"""A small bank for tests: two people, a charity, one stranger's post away from a payment."""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib import config
from chalicelib.channels import Mention, Named
from chalicelib.conditions import Item
from chalicelib.config import Claims, Programme
from chalicelib.errors import Unavailable
from chalicelib.expressions import encode_item
from chalicelib.identity import store as people
from chalicelib.identity.person import Handle, Person
from chalicelib.intents import link as links
from chalicelib.intents.intent import Intent
from chalicelib.intents.placing import place
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import Kind, from_item, new_item
from chalicelib.notices import change
from chalicelib.notices.publishing import publish_changes
from chalicelib.services import Clock, Services
from chalicelib.table import Table, account_key, intent_key
from local.holders import TableHolders
from tests.memory_table import MemoryTable

NOON = 1_790_000_000
LINK_KEY = b"a link key of tests, thirty-two b"
CLAIM_KEY = b"a claim key of tests, thirty-two b"
CODE = "482913"
PROGRAMME = config.programme("smoney")
# The same bank, but it holds money for who is not linked yet, and takes a fee.
HOLDING = replace(
    PROGRAMME, claims=Claims(offered=True, hold_seconds=604_800, fee_minor=165, payout="none", payout_seconds=86_400)
)
# And the payee may name an account at another bank.
PAYING_OUT = replace(HOLDING, claims=replace(HOLDING.claims, payout="zengin"))
BOT = PROGRAMME.bots["twitter"]


@dataclass
class FakeClock:
    """A clock that stands still until it is moved; sleeping moves it."""

    seconds: float = NOON
    nonces: Callable[[], int] = field(default_factory=lambda: itertools.count().__next__)
    instants: Iterator[int] = field(default_factory=itertools.count)

    def clock(self) -> Clock:
        """The clock as the services want it; chance always says the same."""
        return Clock(
            now=lambda: int(self.seconds),
            micros=lambda: int(self.seconds * 1_000_000) + next(self.instants),
            monotonic=lambda: self.seconds,
            sleep=self.move,
            chance=lambda: 0.5,
            nonce=lambda: f"nonce-{self.nonces()}",
        )

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


@dataclass
class FakeCodes:
    """The key service: a fast hash under the first of its keys; `down` makes it fail."""

    keys: tuple[str, ...] = ("key",)
    down: bool = False
    asked: int = 0

    def mac(self, account: str, typed: str) -> str:
        """The MAC of a typed code."""
        self.asked += 1
        if self.down:
            raise Unavailable("KMS is down")
        return self._under(self.keys[0], account, typed)

    def candidates(self, account: str, typed: str) -> tuple[str, ...]:
        """The MACs under every live key."""
        self.mac(account, typed)
        return tuple(self._under(key, account, typed) for key in self.keys)

    @staticmethod
    def _under(key: str, account: str, typed: str) -> str:
        return f"{key}.{hashlib.sha256(f'{key}|{account}|{typed}'.encode()).hexdigest()}"


@dataclass
class FakeLinks:
    """The keys of links."""

    live: tuple[bytes, ...] = (LINK_KEY,)
    kept: tuple[bytes, ...] = ()

    def keys(self, *, fresh: bool = False) -> tuple[bytes, ...]:
        """The live keys; those that a process has kept from before, if any, unless it asks for fresh ones."""
        return self.live if fresh else self.kept or self.live


@dataclass
class FakeSms:
    """Phones that remember what they were sent; `down` makes sending fail."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    down: bool = False

    def send(self, phone: str, text: str) -> None:
        """Remember a text."""
        if self.down:
            raise Unavailable("SNS is down")
        self.sent.append((phone, text))


@dataclass
class FakeTopic:
    """A topic that remembers what was published; `down` makes publishing fail."""

    published: list[tuple[Mapping[str, Any], Mapping[str, str]]] = field(default_factory=list)
    down: bool = False

    def publish(self, message: Mapping[str, Any], *, attributes: Mapping[str, str]) -> None:
        """Remember a message."""
        if self.down:
            raise Unavailable("SNS is down")
        self.published.append((message, attributes))


@dataclass
class Bank:
    """The whole service on doubles, with Alice and Bob as customers and Croix-Bleue as a charity."""

    time: FakeClock = field(default_factory=FakeClock)
    table: MemoryTable = field(default_factory=MemoryTable)
    codes: FakeCodes = field(default_factory=FakeCodes)
    holders: TableHolders = field(default_factory=TableHolders)
    links: FakeLinks = field(default_factory=FakeLinks)
    claim_links: FakeLinks = field(default_factory=lambda: FakeLinks(live=(CLAIM_KEY,)))
    sms: FakeSms = field(default_factory=FakeSms)
    topic: FakeTopic = field(default_factory=FakeTopic)
    programme: Programme = PROGRAMME

    def __post_init__(self) -> None:
        self.services = Services(
            stage=config.stage({"ENVOI_PAGE_URL": "https://pay.example/p"}),
            programme=self.programme,
            table=self.table,
            codes=self.codes,
            links=self.links,
            holders=self.holders,
            claim_links=self.claim_links,
            sms=self.sms,
            topic=self.topic,
            clock=self.time.clock(),
        )
        self.add("alice", user_id="101", kind="person", funds_minor=100_000)
        self.add("bob", user_id="102", kind="person")
        self.add("croixbleue", user_id="103", kind="charity")
        self.table.images.clear()

    def add(self, name: str, *, user_id: str, kind: Kind, funds_minor: int = 0) -> None:
        """Add a customer whose person, account and @name are all called alike."""
        add_customer(self.services, name, user_id=user_id, kind=kind)
        if funds_minor:
            funding = ledger.funding(f"fund-{name}", payee=name, amount_minor=funds_minor, currency="EUR")
            assert ledger.fund(self.table, funding, clock=self.services.clock) is None

    def say(self, text: str, **changes: Any) -> Any:
        """Place what Alice posts: `@bob`, `@croixbleue` and the bot are linked as the network would."""
        return place(self.services, mention(text, now=self.services.clock.now(), **changes))

    def list(self, intent: Intent) -> None:
        """Write the lines of a new order, as the stream's reader does."""
        for write in change.listed(None, self.table.items[intent_key(intent.id)]):
            self.table.put(write)  # type: ignore[arg-type]  # a new order only puts

    def stream(self) -> None:
        """Let the stream's reader publish what has changed since it was last called, and what that changes."""
        while images := list(self.table.images):
            self.table.images.clear()
            records = [{"eventName": "MODIFY", "dynamodb": _images(old, new)} for old, new in images]
            publish_changes(self.services, records, park=_park)

    def link(self, intent: Intent, *, seconds: int = 600, key: bytes = LINK_KEY) -> str:
        """The link that the SMS of an intent holds."""
        expires_at = self.services.clock.now() + seconds
        return links.make(key, PROGRAMME.name, intent, expires_at=expires_at)

    def available(self, account: str) -> int:
        """What an account can spend."""
        return from_item(self.table.items[account_key(account)]).available_minor

    def account(self, account: str) -> dict[str, Any]:
        """An account's whole item."""
        return dict(self.table.items[account_key(account)])


def _images(old: Item | None, new: Item) -> dict[str, Any]:
    keys = {name: new[name] for name in ("PK", "SK")}
    images = {"Keys": encode_item(keys), "NewImage": encode_item(new)}
    return {**images, "OldImage": encode_item(old)} if old else images


def _park(keys: Mapping[str, str]) -> None:
    raise AssertionError(f"{keys} was parked")


def add_customer(services: Services, name: str, *, user_id: str, kind: Kind) -> None:
    """Store a person, their account with its code, and their handle."""
    table: Table = services.table
    person = Person(id=name, name=name.title(), phone=f"+33612345{user_id}", language="fr", account=name)
    assert people.add_person(table, person, clock=services.clock) is None
    assert ledger.open_account(table, new_item(name, person=name, kind=kind, currency="EUR")) is None
    ledger.set_code(table, name, mac=services.codes.mac(name, CODE))
    handle = Handle(
        network="twitter",
        page=BOT.user_id,
        user_id=user_id,
        label=name,
        person=name,
        account=name,
        name=name.title(),
    )
    assert people.link(table, handle, clock=services.clock) is None


IDS = {"alice": "101", "bob": "102", "croixbleue": "103", BOT.handle.casefold(): BOT.user_id}
# From here on no id of the next 300,000 posts looks like an IBAN to `tests.leaks`.
_posts = itertools.count(2_000_002_000)


def mention(text: str, *, now: int = NOON, author: str = "alice", **changes: Any) -> Mention:
    """A post to the bot, naming whom its text names."""
    names = [word.strip("@,.!") for word in text.split() if word.startswith("@")]
    number = str(next(_posts))
    fields: dict[str, Any] = {
        "network": "twitter",
        "page": BOT.user_id,
        "origin_id": number,
        "message_id": number,
        "author": Named(user_id=IDS.get(author, "999"), handle=author),
        "text": text,
        "named": tuple(Named(user_id=IDS.get(name.casefold(), "998"), handle=name) for name in names),
        "private": False,
        "sent_at": now,
        "received_at": now,
    }
    return Mention(**{**fields, **changes})
