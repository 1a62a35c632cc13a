"""The last payment once more: a new order with the payee, amount and note of the newest one, checked all anew."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.channels import Mention, Named
from chalicelib.identity.person import Handle, handle_from_item, linked
from chalicelib.identity.store import Directory, look_up, named_on
from chalicelib.intents import store
from chalicelib.intents.decision import Known, decide, refused
from chalicelib.intents.intent import PAYMENTS, Intent
from chalicelib.intents.order import Reading
from chalicelib.intents.store import Ordered
from chalicelib.ledger import entries
from chalicelib.ledger.account import SUSPENSE, from_item
from chalicelib.ledger.store import accounts
from chalicelib.refusals import Refusal, first
from chalicelib.services import Services
from chalicelib.table import account_key, handle_key

_LEGS = 20
_SAID = ("note", "payee_handle", "payee_hint")


def repeat(services: Services, mention: Mention, draft: Intent, *, payer: Handle) -> Intent:
    """Order the newest payment of the last 24 hours again, else the last one that the journal has; store what comes.

    The new order is keyed by the message that asks, so one that comes again repeats nothing. Whoever bears the payee's
    @name now is paid only if they are who was paid: else `payee_renamed`.
    """
    if not services.programme.private.repeat:
        return store.keep(services.table, refused(draft, Refusal.NOT_OFFERED))
    lately = store.ordered_lately(services.table, payer.account, now=mention.received_at)
    last = _newest(services, lately, mention) or _paid(services, payer.account)
    if last is None:
        return store.keep(services.table, refused(draft, Refusal.NOTHING_TO_REPEAT))
    named = _named(services, last)
    known = replace(_known(services, last, named, payer=payer), lately=lately)
    said = {**{name: text for name, text in last.said.items() if name in _SAID}, **draft.said}
    wanted = replace(
        draft,
        order=last.order,
        amount_minor=last.amount_minor,
        currency=last.currency,
        said=said,
    )
    reading = Reading(order=last.order, payees=(named,))  # the rest of what is wanted stands in the order itself
    decided = decide(services.programme, wanted, reading=reading, known=known)
    another = _another(decided, last)
    return store.keep(services.table, refused(wanted, another) if another else decided)


def _newest(services: Services, lately: Sequence[Ordered], mention: Mention) -> Intent | None:
    """The newest order to pay that was there when the message came, whatever became of it."""
    newest = next((one.intent for one in store.there_at(lately, mention) if one.pays), None)
    return store.read(services.table, newest) if newest else None


def _paid(services: Services, account: str) -> Intent | None:
    """The last payment among the account's last legs."""
    legs = entries.newest(services.table, account, limit=_LEGS)
    orders = store.read_many(services.table, [leg.transfer for leg in legs if leg.amount_minor < 0])
    return next((one for one in orders if one.order in PAYMENTS), None)


def _named(services: Services, last: Intent) -> Named:
    """The payee as a message would name them now; without an id where their @name is not on file any more.

    Whoever was reached by a number or as a contact (`payee_hint`) has none either: they are known by their account.
    """
    handle = last.said.get("payee_handle", "")
    if last.held or not handle or "payee_hint" in last.said:
        return Named(user_id=last.payee_user, handle=handle)
    names = look_up(services.table, (last.network, last.page), user_ids=(), names=[handle]).names
    return Named(user_id=names.get(handle, ""), handle=handle)


def _known(services: Services, last: Intent, named: Named, *, payer: Handle) -> Known:
    """What the decision needs, in one round trip; one more where the payee's account is not that of before.

    The payee is looked for where they were named; in two more, where a chat named them as another network knows them.
    """
    key = handle_key(last.network, last.page, named.user_id)
    wanted = [account_key(account) for account in (payer.account, last.payee) if account != SUSPENSE]
    items = services.table.get_many([*([key] if named.user_id else []), *wanted])
    payee = handle_from_item(items[key]) if key in items and linked(items[key]) else _without_identity(last)
    payee = payee or (None if named.user_id else _elsewhere(services, last))
    known = {one.id: one for one in (from_item(items[account]) for account in wanted if account in items)}
    if payee and payee.account not in known:
        known |= accounts(services.table, [payee.account])
    # Ids of two networks may be alike: the payer's comes last.
    handles = {**({named.user_id: payee} if payee else {}), payer.user_id: payer}
    return Known(
        directory=Directory(handles=handles, names={}),
        accounts=known,
        lately=(),
        now=services.clock.now(),
        payee_unpaired=bool(named.user_id or named.handle) and payee is None,
    )


def _without_identity(last: Intent) -> Handle | None:
    """The payee who was paid as the holder of an account, and not by an identity; None for one who was."""
    if "payee_hint" not in last.said:
        return None
    return Handle(
        network=last.network,
        page=last.page,
        user_id="",
        label="",
        person=last.payee_person,
        account=last.payee,
        name=last.said.get("payee_name", ""),
    )


def _elsewhere(services: Services, last: Intent) -> Handle | None:
    """The payee whom a chat named by their @name on another network, if whoever bears it there still is who was paid.

    As `reach` has found them, or as a contact is known.
    """
    handle = last.said.get("payee_handle", "")
    if not handle or last.said.get("author_handle"):
        return None
    bots = services.programme.bots.items()
    elsewhere = [(network, bot.user_id) for network, bot in bots if network != last.network]
    return next((one for one in named_on(services.table, elsewhere, handle) if one.account == last.payee), None)


def _another(decided: Intent, last: Intent) -> Refusal | None:
    """Why it would go to somebody else than before; what was held may go to its payee by now."""
    if last.held or decided.payee in ("", last.payee):
        return None
    another = Refusal.PAYEE_UNPAIRED if decided.held else Refusal.PAYEE_RENAMED
    return first([another, *([decided.refusal] if decided.refusal else [])])
