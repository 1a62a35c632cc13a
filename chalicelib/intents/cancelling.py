"""Cancelling a payment that waits: one transaction of the order and its target."""

from dataclasses import replace

from chalicelib.channels import Mention
from chalicelib.intents import store
from chalicelib.intents.decision import Known, refused
from chalicelib.intents.intent import Intent, end, intent_id, owned
from chalicelib.refusals import Refusal
from chalicelib.retry import transact
from chalicelib.services import Services
from chalicelib.table import Write, intent_key, update


def cancel(services: Services, mention: Mention, *, draft: Intent, known: Known) -> Intent:
    """Cancel the payment replied to, else the last one that waits; the order is stored either way.

    The target stands in the order's own item, so a message that comes again cannot hit the next one. A reply to
    anything but a payment of one's own that waits cancels nothing, rather than something else.
    """
    payer = known.directory.handles[mention.author.user_id]
    draft = replace(draft, payer=payer.account, payer_person=payer.person)
    target = _target(mention, known)
    if target is None:
        return _nothing(services, draft)
    done = replace(draft, target=target)
    part = end("cancelled", now=services.clock.now())
    writes: list[Write] = [store.put(done), update(intent_key(target), part, owned(draft.payer))]
    rejection = transact(services.table, lambda: writes, clock=services.clock)
    if rejection is None:
        return done
    return store.seen_before(rejection) or _nothing(services, draft)


def _target(mention: Mention, known: Known) -> str | None:
    """The post replied to, or the newest order that was there when the message came."""
    if mention.in_reply_to:
        return intent_id(mention.network, mention.page, mention.in_reply_to)
    waiting = (one.intent for one in known.lately if one.waits and one.created_at <= mention.received_at)
    return next(waiting, None)


def _nothing(services: Services, draft: Intent) -> Intent:
    return store.keep(services.table, refused(draft, Refusal.NOTHING_TO_CANCEL))
