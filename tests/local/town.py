"""People of a test's own on the local AWS, and what they do: tweet, read their phones, open pages, type codes."""

import itertools
import json
import re
import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from chalicelib.channels import Named
from chalicelib.config import programme
from chalicelib.dynamodb import DynamoTable
from chalicelib.identity import store as people
from chalicelib.identity.kms import KmsCodes
from chalicelib.identity.person import Handle, Person
from chalicelib.intents.intent import intent_id
from chalicelib.ledger import store as ledger
from chalicelib.ledger.account import Kind, new_item
from chalicelib.services import Clock
from chalicelib.table import account_key, intent_key
from local import wire, x
from local.stack import Stack
from local.stages import PROGRAMME
from local.wire import Answer

CODE = "271828"
WRONG = "314159"
PAID = "C’est payé"
FUNDS_MINOR = 10_000
_numbers = itertools.count(100)
T = TypeVar("T")
Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Resident:
    """Somebody of one test alone; a stranger has no account and no phone that we know."""

    name: str
    user_id: str
    handle: str
    phone: str
    account: str

    @property
    def named(self) -> Named:
        """How X names them."""
        return Named(user_id=self.user_id, handle=self.handle)


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """A payment that waits: its intent's id and the secret of its SMS."""

    id: str
    link: str


class Town:
    """The local AWS with people of the test's own; every one of them types CODE."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.table = DynamoTable(stack.table)
        self.bot = Named(user_id=stack.bot_user_id, handle=stack.bot_handle)

    def stranger(self) -> Resident:
        """Somebody on X who is no customer."""
        number = next(_numbers)
        handle = f"res{number}{secrets.token_hex(3)}"
        user_id = f"77{secrets.randbelow(10**15):015}"
        return Resident(name=f"Rose {number}", user_id=user_id, handle=handle, phone="", account="")

    def resident(self, funds_minor: int = FUNDS_MINOR, *, kind: Kind = "person") -> Resident:
        """A linked customer with money and a security code."""
        new, clock = self.stranger(), Clock()
        account = f"a-{new.handle}"
        one = Resident(**{**vars(new), "phone": f"+3363998{next(_numbers):04}", "account": account})
        person = Person(id=f"p-{one.handle}", name=one.name, phone=one.phone, language="fr", account=account)
        people.add_person(self.table, person, clock=clock)
        ledger.open_account(self.table, new_item(account, person=person.id, kind=kind, currency="EUR"))
        ledger.set_code(self.table, account, mac=KmsCodes("alias/envoi-local-code").mac(account, CODE))
        page = programme(PROGRAMME).bots["twitter"].user_id
        people.link(
            self.table,
            Handle(
                network="twitter", page=page, user_id=one.user_id, label=one.handle, person=person.id,
                account=account, name=one.name,
            ),
            clock=clock,
        )  # fmt: skip
        if funds_minor:
            funding = ledger.funding(f"fund-{account}", payee=account, amount_minor=funds_minor, currency="EUR")
            ledger.fund(self.table, funding, clock=clock)
        return one

    def tweet(self, text: str, author: Resident, *named: Resident, sent_at: float | None = None) -> Body:
        """The webhook of a new post, as X would send it; `named` are the people whose @names it may hold."""
        known = [self.bot, author.named, *(one.named for one in named)]
        body: Body = json.loads(x.mention(text, author=author.named, named=known, sent_at=sent_at))
        return body

    def deliver(self, body: Body) -> Answer:
        """Deliver a webhook that X has signed."""
        return wire.deliver(self.stack, json.dumps(body, ensure_ascii=False).encode())

    def send(self, text: str, author: Resident, *named: Resident) -> str:
        """Post a text that our webhook takes with 200; returns its intent's id."""
        body = self.tweet(text, author, *named)
        assert self.deliver(body).status == 200
        return self.intent_of(post_id(body))

    def intent_of(self, post: str) -> str:
        """The id of the intent that a post makes, whatever becomes of it."""
        return intent_id("twitter", self.bot.user_id, post)

    def item(self, intent: str) -> dict[str, Any] | None:
        """An order as it is stored now, if it is."""
        found = self.table.get(intent_key(intent), consistent=True)
        return dict(found) if found else None

    def order(self, intent: str) -> dict[str, Any]:
        """An order, waited for."""
        return wire.wait_for(lambda: self.item(intent), what=f"order {intent}")

    def pays(self, payer: Resident, payee: Resident, amount: str = "10 euros", *, note: str = "") -> Ordered:
        """Order a payment and read the link in the SMS for it."""
        text = f"@{self.bot.handle} #envoyer {amount} @{payee.handle} {note}".strip()
        intent = self.send(text, payer, payee)
        return Ordered(id=intent, link=self.link(payer, intent))

    def link(self, payer: Resident, intent: str, *, number: int = 1) -> str:
        """The secret of an intent's link, waited for on the payer's phone."""
        sent = wire.wait_for(lambda: self.links(payer, intent, number=number), what=f"the SMS for {intent}")
        return wire.link_in(sent[0])

    def links(self, payer: Resident, intent: str, *, number: int = 1) -> list[str]:
        """Every SMS so far with an intent's link."""
        return [text for text in self.texts(payer) if f"#{intent}.{number}." in text]

    def intents_told(self, payer: Resident) -> set[str]:
        """Every intent for which somebody has got a link."""
        return {wire.link_in(text).split(".")[0] for text in self.texts(payer) if "#" in text}

    def texts(self, one: Resident) -> list[str]:
        """Every SMS on somebody's phone."""
        return wire.texts(self.stack, one.phone)

    def told(self, one: Resident, *words: str) -> list[str]:
        """The SMS on somebody's phone that hold these words, waited for until there is one."""

        def found() -> list[str]:
            return [text for text in self.texts(one) if all(word in text for word in words)]

        return wire.wait_for(found, what=f"an SMS with {words}")

    def step(self, name: str, link: str, *, code: str = "") -> Answer:
        """One step of the page."""
        return wire.step(self.stack, name, link=link, code=code)

    def confirm(self, link: str, code: str = CODE) -> Answer:
        """Confirm a payment as its payer, unless another code is typed."""
        return self.step("confirm", link, code=code)

    def account(self, one: Resident) -> dict[str, Any]:
        """Somebody's account as it is now."""
        found = self.table.get(account_key(one.account), consistent=True)
        assert found is not None
        return dict(found)

    def funds(self, one: Resident) -> int:
        """What somebody has, in minor units."""
        available: int = self.account(one)["available"]
        return available

    def replies(self) -> list[dict[str, Any]]:
        """What the bot has posted on X, oldest first."""
        posts: list[dict[str, Any]] = json.loads(wire.call(f"{self.stack.x_api_url}/posts").body)["data"]
        return posts

    def replies_to(self, body: Body) -> list[str]:
        """What the bot has answered under a post."""
        return [post["text"] for post in self.replies() if post["in_reply_to"] == post_id(body)]

    def reply_to(self, body: Body) -> str:
        """The bot's one answer under a post, waited for."""
        (text,) = wire.wait_for(lambda: self.replies_to(body), what="the reply")
        return text


def post_id(body: Body) -> str:
    """The id of the post of a webhook."""
    post: str = body["data"]["payload"]["id"]
    return post


def without_nonce(page: Answer) -> str:
    """A page without its nonce, which is another one each time."""
    return re.sub(r'nonce="[\w-]+"', "", page.body)


def at_once(deeds: Sequence[Callable[[], T]]) -> list[T]:
    """Do everything at the same moment, each in its own thread; returns what each gave, in order."""
    start = threading.Barrier(len(deeds))

    def ready(deed: Callable[[], T]) -> T:
        start.wait(timeout=10)
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(ready, deeds))
