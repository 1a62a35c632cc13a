"""What becomes of an order, from what is known of its people. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.config import Programme
from chalicelib.identity.person import Handle
from chalicelib.identity.store import Directory
from chalicelib.intents.intent import PAYMENTS, Intent
from chalicelib.intents.order import Reading
from chalicelib.intents.phones import is_phone
from chalicelib.intents.reached import Reached, choices
from chalicelib.intents.spending import spent
from chalicelib.intents.store import Ordered
from chalicelib.ledger.account import SUSPENSE, Account
from chalicelib.limits import policy
from chalicelib.refusals import Refusal, first

_STOPPED_PAYER = {"frozen": Refusal.PAYER_FROZEN, "closed": Refusal.PAYER_CLOSED}
_STOPPED_PAYEE = {"frozen": Refusal.PAYEE_FROZEN, "closed": Refusal.PAYEE_CLOSED}
NOT_OFFERED_YET = ("request",)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What was known when an order was placed: its people, their accounts, the payer's last orders, the time.

    `reached` are the customers whom the payee's name or number may mean, where no id says it. `payee_unpaired` says
    that the payee is a customer, whose identity on this network is not bound (any more).
    """

    directory: Directory
    accounts: Mapping[str, Account]
    lately: Sequence[Ordered]
    now: int
    reached: Sequence[Reached] = ()
    payee_unpaired: bool = False


def decide(programme: Programme, draft: Intent, *, reading: Reading, known: Known) -> Intent:
    """Decide what becomes of an order: `pending`, `answered`, or `refused` with the first refusal."""
    payer = known.directory.handles.get(draft.author_id)
    intent = _with_payer(draft, payer) if payer else draft
    if reading.refusal:
        return refused(intent, reading.refusal)
    if intent.order in NOT_OFFERED_YET:
        return refused(intent, Refusal.NOT_OFFERED)
    if intent.order not in PAYMENTS:
        return refused(intent, Refusal.PAYER_UNKNOWN) if intent.order == "cancel" else intent
    intent = _with_payee(intent, reading, known=known)
    intent = _held(programme, intent, reading, known=known)
    if is_phone(reading.payees[0].handle) and are_too_many(programme, known):
        refusal: Refusal | None = Refusal.ORDERS_TOO_MANY
    else:
        refusal = _people(intent, reading, known=known) or _amount(programme, intent, known=known)
    if refusal:
        return refused(intent, refusal)
    expires_at = intent.received_at + programme.durations.intent_seconds
    if expires_at <= known.now:
        return refused(intent, Refusal.EXPIRED)
    return replace(intent, status="pending", expires_at=expires_at)


def are_too_many(programme: Programme, known: Known) -> bool:
    """Whether the payer's orders of the day are used up; then nobody learns either whose a number is."""
    return len(known.lately) >= programme.caps.orders_a_day


def refused(intent: Intent, refusal: Refusal) -> Intent:
    """The order with its refusal."""
    return replace(intent, status="refused", refusal=refusal)


def _with_payer(draft: Intent, payer: Handle) -> Intent:
    return replace(
        draft,
        payer=payer.account,
        payer_person=payer.person,
        payer_language=payer.language,
        paid_reply=payer.paid_reply and not draft.private,
    )


def _with_payee(intent: Intent, reading: Reading, *, known: Known) -> Intent:
    """The order with its payee; with a choice, where the payee's name means several people."""
    if len(known.reached) > 1:
        keys, shown = choices(known.reached)
        return replace(intent, choices=keys, said={**intent.said, "choices": shown})
    payee = _payee(reading, known)
    if payee is None:
        return intent
    account = known.accounts.get(payee.account)
    return replace(
        intent,
        payee=payee.account,
        payee_person=payee.person,
        payee_kind=account.kind if account else "",
        payee_shards=account.shards if account else 0,
        said={**intent.said, "payee_name": payee.name, **_known_by(payee)},
    )


def _known_by(payee: Handle | Reached) -> dict[str, str]:
    """What a payee who was reached otherwise than by an id is shown with; an id's @name stands there already."""
    shown = {"payee_handle": payee.handle, "payee_hint": payee.hint} if isinstance(payee, Reached) else {}
    return {name: value for name, value in shown.items() if value}


def _held(programme: Programme, intent: Intent, reading: Reading, *, known: Known) -> Intent:
    """A payment to somebody who is not linked, held for them, where that is offered and the network says who it is.

    Nothing is held for whoever took over a known @name, nor for a cause: only a known one may collect gifts.
    """
    named = reading.payees[0]
    offered = programme.claims.offered and intent.order == "send" and not (intent.payee or intent.choices)
    if not offered or not named.user_id or known.directory.renamed(named.user_id, name=named.handle):
        return intent
    return replace(
        intent,
        payee=SUSPENSE,
        payee_kind="person",
        payee_user=named.user_id,
        fee_minor=programme.claims.fee_minor,
    )


def _payee(reading: Reading, known: Known) -> Handle | Reached | None:
    """Who is behind the @name: by its id, or, if the @name was seen with another id, its known owner to be warned."""
    if known.reached:
        return known.reached[0]
    named = reading.payees[0]
    owner = known.directory.names.get(named.handle, named.user_id)
    return known.directory.handles.get(owner)


def _people(intent: Intent, reading: Reading, *, known: Known) -> Refusal | None:
    """What refuses the payer or the payee."""
    payer = known.accounts.get(intent.payer)
    payee = known.accounts.get(intent.payee)
    named = reading.payees[0]
    unknown = Refusal.PAYEE_UNPAIRED if known.payee_unpaired else Refusal.PAYEE_UNKNOWN
    return first(
        [
            *([Refusal.PAYEE_AMBIGUOUS] if intent.choices else []),
            *([Refusal.PAYER_UNKNOWN] if payer is None else []),
            *([_STOPPED_PAYER[payer.status]] if payer and payer.status != "open" else []),
            *([Refusal.PAYEE_RENAMED] if known.directory.renamed(named.user_id, name=named.handle) else []),
            *([unknown] if payee is None and not intent.held else []),
            *([_STOPPED_PAYEE[payee.status]] if payee and payee.status != "open" else []),
            *([Refusal.PAYEE_OWN] if payer and payee and payer.id == payee.id else []),
            *([Refusal.PAYEE_NOT_CAUSE] if payee and intent.order == "give" and payee.kind != "charity" else []),
            *([Refusal.CURRENCY_MISMATCH] if payee and payee.currency != intent.currency else []),
        ]
    )


def _amount(programme: Programme, intent: Intent, *, known: Known) -> Refusal | None:
    """What refuses the amount or the number of orders, as far as it is known now."""
    payer = known.accounts[intent.payer]
    limits = programme.limits[intent.payee_kind]
    today = policy.day_of(known.now, programme.zone)
    limited = policy.refusal(intent.amount_minor, limits=limits, spent=spent(payer), today=today)
    waiting = sum(1 for ordered in known.lately if ordered.waits)
    return first(
        [
            *([limited] if limited else []),
            *([Refusal.ORDERS_TOO_MANY] if are_too_many(programme, known) else []),
            *([Refusal.WAITING_TOO_MANY] if waiting >= programme.caps.waiting_orders else []),
            *([Refusal.FUNDS_MISSING] if payer.available_minor < intent.amount_minor + intent.fee_minor else []),
        ]
    )
