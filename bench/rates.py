"""Placing and confirming in this process against the local AWS, side by side with the same AWS calls made bare.

The hash of the security code is left out of both, the KMS call that follows it is in both.
"""

import base64
import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from bench import orders
from bench.bare import Request, recorded, replay
from bench.results import Result
from bench.timing import Samples, in_turns, ratios
from chalicelib import aws, config
from chalicelib.channels import Event, Named
from chalicelib.dynamodb import DynamoTable
from chalicelib.identity.holders import NobodyAsked
from chalicelib.intents import lifecycle, link, store
from chalicelib.intents.inbox import take
from chalicelib.intents.intent import Intent, intent_id
from chalicelib.ledger import store as ledger
from chalicelib.services import Clock, Services
from local.stack import Stack
from tests.bank import BOT, CODE, LINK_KEY, PROGRAMME, FakeLinks, FakeSms, FakeTopic

PAIRS = 100
WARM_UP = 10
GOAL = 0.8


class UnhashedCodes:
    """The `Codes` port with its KMS call and without its hash."""

    def __init__(self, key: str) -> None:
        self._key = key

    def mac(self, account: str, typed: str) -> str:
        """The MAC of a code that was not hashed."""
        message = f"{account}|{typed}".encode()
        answer = aws.client("kms").generate_mac(KeyId=self._key, MacAlgorithm="HMAC_SHA_256", Message=message)
        return base64.b64encode(answer["Mac"]).decode()

    def candidates(self, account: str, typed: str) -> tuple[str, ...]:
        """The same: no key is rotated here."""
        return (self.mac(account, typed),)


def measure(stack: Stack) -> Sequence[Result]:
    """Rates of both as shares of the bare rate, and Envoi's medians; the triggers must be off."""
    services = open_services(stack)
    payer = stack.people[0]["account"]
    ledger.set_code(services.table, payer, mac=services.codes.mac(payer, CODE))
    placed, bare_placed, ids = _place(services, stack)
    confirmed, bare_confirmed = _confirm(services, [waiting(services, one) for one in ids])
    return [
        *_results("webhook → intent", placed, bare_placed),
        *_results("confirm, without the hash", confirmed, bare_confirmed),
    ]


def open_services(stack: Stack) -> Services:
    """Production's services over the local AWS, but for what sends and what hashes."""
    stage = replace(config.stage({}), table=stack.table, page_url=stack.page_url)
    return Services(
        stage=stage,
        programme=PROGRAMME,
        table=DynamoTable(stack.table),
        codes=UnhashedCodes("alias/envoi-local-code"),
        links=FakeLinks(),
        claim_links=FakeLinks(),
        holders=NobodyAsked(),
        sms=FakeSms(),
        topic=FakeTopic(),
    )


def _place(services: Services, stack: Stack) -> tuple[Samples, Samples, list[str]]:
    """Time the placing of orders; also the ids of all that were stored, by Envoi and bare in turns."""
    first, first_post = new_order(stack)
    requests = recorded(lambda: take(services, first))
    ids = []
    pairs = []
    for _ in range(WARM_UP + PAIRS):
        (event, post), (_, bare_post) = new_order(stack), new_order(stack)
        fresh = {first_post: bare_post, id_of(first_post): id_of(bare_post)}
        pairs.append((_taking(services, event), replay(requests, fresh)))
        ids += [id_of(post), id_of(bare_post)]
    in_turns(pairs[:WARM_UP])
    ours, bare = in_turns(pairs[WARM_UP:])
    return ours, bare, ids


def _confirm(services: Services, intents: Sequence[Intent]) -> tuple[Samples, Samples]:
    """Time the confirming of intents that wait, by Envoi and bare in turns."""
    first, model, *others = intents
    confirming(services, first)()  # turns the payer's day, which asks for another form of the transaction
    requests, nonces, instant = _recorded_confirmation(services, model)
    pairs = []
    for one, other in zip(others[::2], others[1::2], strict=True):
        fresh = {model.id: other.id, **{nonce: secrets.token_urlsafe(16) for nonce in nonces}}
        pairs.append((confirming(services, one), replay(requests, fresh, instant=instant)))
    in_turns(pairs[: WARM_UP - 1])
    ours, bare = in_turns(pairs[WARM_UP - 1 :])
    return ours, bare


def _recorded_confirmation(services: Services, intent: Intent) -> tuple[Sequence[Request], Sequence[str], int]:
    """The calls of one confirmation, the nonces in them, and its instant: what a replay has to replace."""
    instant = time.time_ns() // 1_000
    nonces: list[str] = []

    def nonce() -> str:
        nonces.append(f"recorded-nonce-{len(nonces)}")
        return nonces[-1]

    requests = recorded(confirming(replace(services, clock=Clock(nonce=nonce, micros=lambda: instant)), intent))
    return requests, nonces, instant


def _taking(services: Services, event: Event) -> Callable[[], object]:
    return lambda: take(services, event)


def confirming(services: Services, intent: Intent) -> Callable[[], object]:
    """The confirming of an intent, ready to be timed."""
    text = link.make(LINK_KEY, PROGRAMME.name, intent, expires_at=int(time.time()) + 600)

    def confirm() -> None:
        outcome = lifecycle.confirm(services, text, CODE)
        if outcome.refusal:
            raise RuntimeError(f"refused: {outcome.refusal}")

    return confirm


def new_order(stack: Stack) -> tuple[Event, str]:
    """A new order as an event of the inbox, and its post's id."""
    payer, payee = (Named(user_id=one["user_id"], handle=one["handle"]) for one in stack.people[:2])
    body = orders.webhook(author=payer, payee=payee, sent_at=time.time())
    return orders.event(body, received_at=int(time.time())), json.loads(body)["data"]["payload"]["id"]


def id_of(post: str) -> str:
    """The id of the order that a post makes."""
    return intent_id("twitter", BOT.user_id, post)


def waiting(services: Services, intent: str) -> Intent:
    """An order that was stored and waits."""
    found = store.read(services.table, intent, consistent=True)
    if found is None or found.status != "pending":
        raise RuntimeError(f"the order was not stored as pending: {found and found.refusal}")
    return found


def _results(name: str, ours: Samples, bare: Samples) -> list[Result]:
    share, spread = ratios(bare, ours)
    rate = f"{name}: rate, to its bare calls"
    return [
        Result(name=rate, value=share, unit="of bare", goal=GOAL, at_least=True, spread=spread),
        Result(name=f"{name}, against the local AWS", value=ours.p50, unit="ms", spread=ours.spread),
        Result(name=f"{name}: its bare AWS calls", value=bare.p50, unit="ms", spread=bare.spread),
    ]
