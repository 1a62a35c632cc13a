"""Cancelling a payment that waits, or one that is held for somebody: one transaction of the order and its target."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from chalicelib.channels import Mention
from chalicelib.intents import store
from chalicelib.intents.decision import Known, refused
from chalicelib.intents.intent import Intent, end, intent_id, owned
from chalicelib.ledger import claim as claims
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import Wish
from chalicelib.refusals import Refusal
from chalicelib.retry import transact
from chalicelib.services import Services
from chalicelib.table import Write, claim_key, intent_key, update


def cancel(services: Services, mention: Mention, *, draft: Intent, known: Known) -> Intent:
    """Cancel the payment named (`draft.target`) or replied to, else the last that waits, else the last held.

    The order is stored anyway.

    The target stands in the order's own item, so a message that comes again cannot hit the next one. A reply to
    anything but a payment of one's own that waits or is held cancels nothing, rather than something else. Of held money
    only the wish is written: the sweep gives it back.
    """
    payer = known.directory.handles[mention.author.user_id]
    draft = replace(draft, payer=payer.account, payer_person=payer.person)
    target = _target(services, mention, known, draft=draft)
    if target is None:
        return _nothing(services, draft)
    done = replace(draft, target=target)
    for write in _ways(services, done):
        rejection = transact(services.table, partial(list, [store.put(done), write]), clock=services.clock)
        if rejection is None:
            return done
        if before := store.seen_before(rejection):
            return before
    return _nothing(services, draft)


def _ways(services: Services, order: Intent) -> Sequence[Write]:
    """How a target may be cancelled: as a payment that waits, or as one that was confirmed and is held."""
    waiting = end("cancelled", now=services.clock.now())
    taken_back = claims.ask(Wish(end=claims.CANCELLED, by=order.payer), payer=order.payer)
    return [
        update(intent_key(order.target), waiting, owned(order.payer)),
        update(claim_key(order.target), taken_back),
    ]


def _target(services: Services, mention: Mention, known: Known, *, draft: Intent) -> str | None:
    """What is named or replied to; else the newest that was there when the message came, and waits, else is held."""
    if draft.target:
        return draft.target
    if mention.in_reply_to:
        return intent_id(mention.network, mention.page, mention.in_reply_to)
    before = store.there_at(known.lately, mention)
    waiting = next((one.intent for one in before if one.waits), None)
    return waiting or _held(services, [one.intent for one in before if one.held])


def _held(services: Services, ids: Sequence[str]) -> str | None:
    """The first of these payments that is still held, and that nobody has asked to end."""
    return claiming.first_open(services.table, ids) or None


def _nothing(services: Services, draft: Intent) -> Intent:
    return store.keep(services.table, refused(draft, Refusal.NOTHING_TO_CANCEL))
