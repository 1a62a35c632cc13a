"""The use cases of what triggers start: orders from the inbox, the stream's batches, notices, the schedules."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from chalicelib.identity.invitation import Invitation, invitation_id, pairing_digest, to_item
from chalicelib.refusals import Refusal
from chalicelib.table import Key, handle_key, intent_key, invitation_key
from tests.simulation import desk, posts
from tests.simulation.bank import BOT, INTENT_SECONDS, NETWORK, SHARDED, Customer
from tests.simulation.invariants import demand
from tests.simulation.posts import Post
from tests.simulation.stage import PLAYERS, Stage

NEWCOMER = Customer(name="newcomer", user_id="5000", kind="person")
NOBODY = Customer(name="nobody", user_id="6000", kind="person")
PAIRING = "730915"
# Somebody who was invited writes five minutes later.
ISSUED_SECONDS = 300


def placed(stage: Stage) -> None:
    """An order to pay is stored once, and its link is sent."""
    payment, _ = stage.ordered()
    payment.order_again(edited=True)
    stage.ending(payment, "expired")


def refused(stage: Stage) -> None:
    """An order over a limit is stored as refused, and told by SMS."""
    payment = stage.payment(amount_minor=25_001)
    payment.order()
    stage.ending(payment, "refused")
    stage.told("refused")


def refused_in_public(stage: Stage) -> None:
    """An order of somebody who is no customer is answered under its post."""
    payment = stage.payment()
    payment.payer = NOBODY
    payment.order()
    stage.ending(payment, "refused")
    stage.ends.append(lambda: _answered(stage, payment.post))


def cancelled_by_reply(stage: Stage) -> None:
    """A cancel under the order."""
    payment, _ = stage.ordered()
    with stage.preparing():
        other, _ = stage.ordered(payee="merchant0")
    payment.cancel(number=stage.world.number(), reply=True)
    stage.ending(payment, "cancelled")
    stage.ending(other, "expired")


def cancelled_newest(stage: Stage) -> None:
    """A cancel of the newest order that waits, whatever comes again: never of the one before it."""
    with stage.preparing():
        other, _ = stage.ordered(payee="merchant0")
        payment, _ = stage.ordered()
    payment.cancel(number=stage.world.number(), reply=False)
    stage.ending(payment, "cancelled")
    stage.ending(other, "expired")


def cancelled_nothing(stage: Stage) -> None:
    """A cancel of somebody else's order is stored, refused, and changes nothing."""
    payment, link = stage.ordered()
    number = stage.world.number()
    payment.cancelled_by(PLAYERS["person1"], number=number)
    with stage.preparing():
        stage.paid(payment, link)


def paired(stage: Stage) -> None:
    """The invited handle writes the pairing code: bound to the person."""
    post = _invited(stage, PAIRING)
    stage.ends.append(partial(_bound, stage, post))
    stage.told("paired")


def paired_wrong(stage: Stage) -> None:
    """A wrong pairing code costs one try, however often its message comes."""
    post = _invited(stage, "000000")
    stage.ends.append(partial(_not_bound, stage, post))


def paired_twice_at_once(stage: Stage) -> None:
    """Two messages with the right code: one binds, the other is refused."""
    first = _invited(stage, PAIRING)
    second = posts.pair(NEWCOMER, PAIRING, number=stage.world.number(), now=int(stage.world.scheduler.now))
    stage.world.send(second)
    stage.ends.append(lambda: _one_of(stage, [first, second]))


def paired_with_somebody_else(stage: Stage) -> None:
    """The right code from a handle that is somebody else's already: it stays theirs."""
    key = handle_key(NETWORK, BOT.user_id, NEWCOMER.user_id)
    known = handle_key(NETWORK, BOT.user_id, PLAYERS["person1"].user_id)
    stage.world.storage.items[key] = {**stage.world.storage.items[known], "PK": key[0]}
    post = _invited(stage, PAIRING)
    stage.ends.append(lambda: _stays(stage, post))


def published(stage: Stage) -> None:
    """The stream's batches of a whole payment: lists, link, receipts, the answer under the post."""
    payment, link = stage.ordered("person1", "person0")
    stage.paid(payment, link)
    stage.ends.append(lambda: _answered(stage, payment.post))


def projected(stage: Stage) -> None:
    """The journal's entries of a payment and of what came in before it."""
    with stage.preparing():
        desk.fund(stage.world, "person0", 700)
    payment, link = stage.ordered()
    stage.paid(payment, link)


def notices_sent(stage: Stage) -> None:
    """The SMS of a whole payment: the link and both receipts."""
    published(stage)
    for kind in ("link#1", "receipt", "received"):
        stage.told(kind)


def replied(stage: Stage) -> None:
    """The answer under the post."""
    published(stage)


def swept(stage: Stage) -> None:
    """The sweep that comes upon an intent whose time is over."""
    payment, _ = stage.ordered()
    due_at = payment.post.mention.received_at + INTENT_SECONDS
    with stage.preparing():
        payment.until(due_at - 20)
        stage.again(stage.world.sweep)
        payment.until(due_at + 20)
    stage.again(stage.world.sweep)
    stage.ending(payment, "expired")


def gathered(stage: Stage) -> None:
    """The round that finds gifts on sub-balances, and the next one, which finds what the first one had to leave."""
    gifts = [stage.ordered(payer, SHARDED, amount_minor=700) for payer in ("person0", "person1")]
    with stage.preparing():
        for payment, link in gifts:
            stage.paid(payment, link)
    for _ in range(2):
        stage.again(stage.world.gather)
        stage.world.scheduler.pause(1)
    stage.holds(SHARDED, 1_400)


def gathered_twice_at_once(stage: Stage) -> None:
    """Two rounds begin in the same moment while somebody gives: each cent moves once, and the gift comes first."""
    first, first_link = stage.ordered("person0", SHARDED, amount_minor=700)
    second, second_link = stage.ordered("person1", SHARDED, amount_minor=500)
    with stage.preparing():
        stage.paid(first, first_link)
    spawn = stage.world.scheduler.spawn
    spawn("gather", stage.world.gather)
    spawn("gather", stage.world.gather)
    with stage.preparing():
        stage.paid(second, second_link)
    stage.world.scheduler.pause(30)
    stage.again(stage.world.gather)
    stage.holds(SHARDED, 1_200)


def _answered(stage: Stage, post: Post) -> None:
    demand(post.mention.message_id in stage.world.posts.posted, "nothing stands under the post")


def _invited(stage: Stage, typed: str) -> Post:
    """Somebody new has chosen a code and been shown a pairing code; then they post one."""
    invite(stage)
    stage.world.scheduler.pause(ISSUED_SECONDS)
    return write_code(stage, typed)


def write_code(stage: Stage, typed: str) -> Post:
    """The newcomer posts a pairing code."""
    world = stage.world
    post = posts.pair(NEWCOMER, typed, number=world.number(), now=int(world.scheduler.now))
    world.send(post)
    return post


def invite(stage: Stage, **fields: Any) -> Key:
    """Somebody new has chosen a code and been shown a pairing code; where their invitation is."""
    world = stage.world
    now = int(world.scheduler.now)
    found = Invitation(
        id=_invitation(),
        person="person3",
        account="person3",
        network=NETWORK,
        page=BOT.user_id,
        label=NEWCOMER.name,
        language="fr",
        status="coded",
        created_at=now,
        expires_at=now + 86_400,
        pairing=pairing_digest(_invitation(), PAIRING),
        pairing_expires_at=now + 2 * ISSUED_SECONDS,
    )
    key = invitation_key(found.id)
    world.storage.items[key] = to_item(found) | fields
    return key


def _invitation() -> str:
    return invitation_id(NETWORK, BOT.user_id, NEWCOMER.name)


def _bound(stage: Stage, post: Post) -> None:
    items = stage.world.storage.items
    handle = items.get(handle_key(NETWORK, BOT.user_id, NEWCOMER.user_id), {})
    demand(handle.get("person") == "person3", f"the handle is bound to {handle.get('person')}")
    demand(items[invitation_key(_invitation())]["status"] == "paired", "the invitation is still open")
    demand(items[intent_key(post.intent_id)]["status"] == "answered", "the pairing was refused")
    _one_try(stage)


def _not_bound(stage: Stage, post: Post) -> None:
    items = stage.world.storage.items
    demand(handle_key(NETWORK, BOT.user_id, NEWCOMER.user_id) not in items, "a wrong code has bound a handle")
    demand(items[intent_key(post.intent_id)]["refusal"] == Refusal.PAIRING_REFUSED, "not refused")
    _one_try(stage)


def _one_of(stage: Stage, sent: Sequence[Post]) -> None:
    stored = sorted(stage.world.storage.items[intent_key(post.intent_id)]["status"] for post in sent)
    demand(stored == ["answered", "refused"], f"two pairings: {stored}")


def _stays(stage: Stage, post: Post) -> None:
    items = stage.world.storage.items
    handle = items[handle_key(NETWORK, BOT.user_id, NEWCOMER.user_id)]
    demand(handle["person"] == "person1", f"the handle went to {handle['person']}")
    demand(items[intent_key(post.intent_id)]["refusal"] == Refusal.PAIRING_REFUSED, "not refused")


def _one_try(stage: Stage) -> None:
    tries = stage.world.storage.items[invitation_key(_invitation())]["tries"]
    demand(tries == 1, f"one message cost {tries} tries")
