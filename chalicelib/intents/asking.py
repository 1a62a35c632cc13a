"""What a customer asks for in private: each order is decided from what is known, and stored once with its outcome.

`balance`, `history` and `contacts` change nothing: what they show is read when it is told (`looking`, `who`), and is
kept nowhere. `confirm` sends the SMS with the link again; no message ever confirms a payment.
"""

from dataclasses import replace
from functools import partial

from chalicelib.channels import Mention
from chalicelib.identity.person import Handle
from chalicelib.identity.store import look_up
from chalicelib.intents import proof, store
from chalicelib.intents.cancelling import cancel
from chalicelib.intents.decision import Known, refused
from chalicelib.intents.held_for import claim_for
from chalicelib.intents.intent import PAYMENTS, Intent, renew_link, unrenewable
from chalicelib.intents.repeating import repeat
from chalicelib.intents.taps import Tap
from chalicelib.intents.withholding import withheld
from chalicelib.ledger.account import Account, from_item
from chalicelib.ledger.store import accounts
from chalicelib.refusals import Refusal, first
from chalicelib.retry import transact
from chalicelib.services import Services
from chalicelib.table import account_key, intent_key, update
from chalicelib.texts import LANGUAGES

SHOWN = ("balance", "history", "contacts")
ORDERS = frozenset({*SHOWN, "confirm", "repeat"})
"""The orders that are asked in private only, besides those that everybody may give."""
# Another tap may have renewed the link meanwhile.
TRIES = 3


def ask(services: Services, mention: Mention, draft: Intent, *, tap: Tap | None = None) -> Intent:
    """Carry out a private order and return it as stored; a message that comes again returns the same and does nothing.

    A tap about an order that is not the author's own, from the same place, is answered like a button that we never
    made: with help, whether there is such an order or not. Raises Unavailable when the table is out of reach.
    """
    found = look_up(services.table, (mention.network, mention.page), user_ids=[mention.author.user_id], names=())
    payer = found.handles.get(mention.author.user_id)
    about = tap.target if tap else ""
    if about and draft.order == "contacts":
        return _somebody(services, draft, payer, payment=about)
    target = store.read(services.table, about, consistent=True) if about else None
    if about and not (target and _own(target, mention, payer)):
        return _helped(services, draft, payer)
    if payer is None:
        draft = replace(draft, waiting=claim_for(services, mention))
        return store.keep(services.table, refused(draft, Refusal.PAYER_UNKNOWN))
    draft = _by(draft, payer) if tap is None else _in_their_language(_by(draft, payer))
    if draft.order == "confirm":
        return _again(services, mention, draft, target=target)
    if target:
        known = Known(directory=found, accounts={}, lately=(), now=services.clock.now())
        draft = replace(draft, target=target.id)
        return _nothing(services, draft) if _over(target) else cancel(services, mention, draft=draft, known=known)
    return repeat(services, mention, draft, payer=payer) if draft.order == "repeat" else _shown(services, draft, payer)


def _own(target: Intent, mention: Mention, payer: Handle | None) -> bool:
    """Whether it is an order to pay that this author gave by this way, by the account that is theirs now."""
    place = (target.network, target.page, target.author_id)
    same = place == (mention.network, mention.page, mention.author.user_id) and target.order in PAYMENTS
    return same and bool(target.payer) and (payer is None or payer.account == target.payer)


def _helped(services: Services, draft: Intent, payer: Handle | None) -> Intent:
    helped = replace(draft, order="help")
    return store.keep(services.table, _by(helped, payer) if payer else helped)


def _by(draft: Intent, payer: Handle) -> Intent:
    return replace(draft, payer=payer.account, payer_person=payer.person, payer_language=payer.language)


def _in_their_language(draft: Intent) -> Intent:
    """A button has no language of its own, so its order has the customer's."""
    return replace(draft, language=draft.payer_language if draft.payer_language in LANGUAGES else draft.language)


def _over(target: Intent) -> bool:
    """Whether a payment cannot be cancelled any more; what is held may be."""
    return not (target.status == "pending" or (target.status == "paid" and target.held))


def _nothing(services: Services, draft: Intent) -> Intent:
    return store.keep(services.table, refused(draft, Refusal.NOTHING_TO_CANCEL))


def _somebody(services: Services, draft: Intent, payer: Handle | None, *, payment: str) -> Intent:
    """Grant a look at how the payee of a payment of one's own account is named, whichever way it was ordered."""
    keys = [intent_key(payment), *([account_key(payer.account)] if payer else [])]
    items = services.table.get_many(keys)
    paid = items.get(keys[0], {})
    if payer is None or paid.get("order") not in PAYMENTS or paid.get("payer") != payer.account:
        return _helped(services, draft, payer)
    draft = _in_their_language(replace(_by(draft, payer), target=payment))
    return _granted(services, draft, payer, account=from_item(items[keys[1]]) if keys[1] in items else None)


def _shown(services: Services, draft: Intent, payer: Handle) -> Intent:
    account = accounts(services.table, [payer.account]).get(payer.account)
    return _granted(services, draft, payer, account=account)


def _granted(services: Services, draft: Intent, payer: Handle, *, account: Account | None) -> Intent:
    """Grant a look at the account, or refuse it: a frozen one may be looked at, a closed one not."""
    programme = services.programme
    age = services.clock.now() - proof.proved_at(payer, account, zone=programme.zone) if account else 0
    refusal = first(
        [
            *([] if getattr(programme.private, draft.order) else [Refusal.NOT_OFFERED]),
            *([] if account else [Refusal.PAYER_UNKNOWN]),
            *([Refusal.PAYER_CLOSED] if account and account.status == "closed" else []),
            *([Refusal.PROOF_TOO_OLD] if age > programme.private.proof_seconds else []),
        ]
    )
    return store.keep(services.table, refused(draft, refusal) if refusal else draft)


def _again(services: Services, mention: Mention, draft: Intent, *, target: Intent | None) -> Intent:
    """Send the SMS of a payment that waits again: the one that is named, else the newest when the message came.

    One transaction of the order and the payment's link number, so the same message sends nothing more.
    """
    for _ in range(TRIES):
        target = target or _newest(services, mention, draft)
        if target is None:
            return store.keep(services.table, refused(draft, Refusal.NOTHING_TO_CONFIRM))
        done, now = replace(draft, target=target.id), services.clock.now()
        refusal = unrenewable(target, renewals=services.programme.caps.link_renewals, now=now)
        # A link that would not be sent is none of the few that a payment has.
        refusal = refusal or (Refusal.LINK_WITHHELD if withheld(services, target) else None)
        if refusal:
            return store.keep(services.table, refused(done, refusal))
        renewed = update(intent_key(target.id), renew_link(target.link_number, now=now))
        rejection = transact(services.table, partial(list, [store.put(done), renewed]), clock=services.clock)
        if rejection is None:
            return done
        if before := store.seen_before(rejection):
            return before
        target = store.read(services.table, target.id, consistent=True)
    return store.keep(services.table, refused(draft, Refusal.STALE))


def _newest(services: Services, mention: Mention, draft: Intent) -> Intent | None:
    lately = store.ordered_lately(services.table, draft.payer, now=mention.received_at)
    newest = next((one.intent for one in store.there_at(lately, mention) if one.waits), None)
    return store.read(services.table, newest, consistent=True) if newest else None
