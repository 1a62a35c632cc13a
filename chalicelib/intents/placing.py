"""From a message to a stored order: load what it touches, decide purely, write once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.channels import Drop, Mention
from chalicelib.config import Programme
from chalicelib.identity.person import Handle
from chalicelib.identity.store import Directory, look_up
from chalicelib.intents import store
from chalicelib.intents.intent import Intent, end, intent_id, owned
from chalicelib.intents.order import Reading, read
from chalicelib.intents.pairing import pair
from chalicelib.ledger.account import Account
from chalicelib.ledger.store import accounts
from chalicelib.limits import policy
from chalicelib.refusals import Refusal, first
from chalicelib.retry import transact
from chalicelib.services import Services
from chalicelib.table import Write, intent_key, update

LANGUAGES = ("fr", "en", "ja")
PAYMENTS = ("send", "give")
NOT_OFFERED_YET = ("request", "balance", "history")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the table knew of an order's people when it was placed."""

    directory: Directory
    accounts: dict[str, Account]
    lately: Sequence[store.Ordered]


def place(services: Services, mention: Mention) -> Intent | Drop:
    """Store the order that a message makes and return it; a message without an order is a Drop.

    A message that comes again, in whatever envelope or edition, changes nothing and returns what was stored.
    Raises Unavailable when the table is out of reach: the inbox keeps the message.
    """
    programme = services.programme
    bot = programme.bots[mention.network]
    reading = read(
        mention.text,
        named=mention.named,
        programme=programme,
        bot=bot,
        author_id=mention.author.user_id,
        private=mention.private,
    )
    if reading.order is None and not mention.private:
        return Drop("no_order")
    draft = _draft(programme, mention, reading)
    if draft.order == "pair":
        return pair(services, mention, draft=draft, digits=reading.code)
    known = _load(services, mention, reading)
    if draft.order == "cancel" and known.directory.handles.get(mention.author.user_id):
        return _cancel(services, mention, draft=_with_payer(draft, mention, known), known=known)
    today = policy.day_of(mention.received_at, programme.zone)
    return store.keep(services.table, decide(programme, draft, reading=reading, known=known, today=today))


def decide(programme: Programme, draft: Intent, *, reading: Reading, known: Known, today: str) -> Intent:  # noqa: PLR0913  # five nouns, all of them the decision's
    """Decide what becomes of an order: `pending`, `answered`, or `refused` with the first refusal. Pure."""
    payer = known.directory.handles.get(draft.author_id)
    payee = known.directory.handles.get(reading.payees[0].user_id) if reading.payees else None
    intent = replace(draft, payer=payer.account if payer else "", payer_person=payer.person if payer else "")
    if reading.refusal:
        return _refused(intent, reading.refusal)
    if intent.order in NOT_OFFERED_YET:
        return _refused(intent, Refusal.NOT_OFFERED)
    if intent.order not in PAYMENTS:
        return _refused(intent, Refusal.PAYER_UNKNOWN) if intent.order == "cancel" else intent
    if payee:
        intent = _with_payee(intent, payee, known.accounts.get(payee.account))
    refusal = _people(intent, reading, known=known) or _amount(programme, intent, known=known, today=today)
    if refusal:
        return _refused(intent, refusal)
    waits_until = intent.received_at + programme.durations.intent_seconds
    return replace(intent, status="pending", expires_at=waits_until)


def _people(intent: Intent, reading: Reading, *, known: Known) -> Refusal | None:
    """What refuses the payer or the payee."""
    payer = known.accounts.get(intent.payer)
    payee = known.accounts.get(intent.payee)
    named = reading.payees[0]
    return first(
        [
            *([Refusal.PAYER_UNKNOWN] if payer is None else []),
            *([Refusal.PAYER_FROZEN] if payer and payer.status != "open" else []),
            *([Refusal.PAYEE_RENAMED] if known.directory.renamed(named.user_id, name=named.handle) else []),
            *([Refusal.PAYEE_UNKNOWN] if payee is None else []),
            *([Refusal.PAYEE_CLOSED] if payee and payee.status != "open" else []),
            *([Refusal.PAYEE_SELF] if payer and payee and payer.id == payee.id else []),
            *([Refusal.PAYEE_NOT_CAUSE] if payee and intent.order == "give" and payee.kind != "charity" else []),
            *([Refusal.CURRENCY_MISMATCH] if payee and payee.currency != intent.currency else []),
        ]
    )


def _amount(programme: Programme, intent: Intent, *, known: Known, today: str) -> Refusal | None:
    """What refuses the amount or the number of orders, as far as it is known now."""
    payer = known.accounts[intent.payer]
    limits = programme.limits[intent.payee_kind]
    limited = policy.refusal(intent.amount_minor, limits=limits, spent=spent(payer), today=today)
    waiting = sum(1 for ordered in known.lately if ordered.waits)
    return first(
        [
            *([limited] if limited else []),
            *([Refusal.ORDERS_TOO_MANY] if len(known.lately) >= programme.caps.orders_a_day else []),
            *([Refusal.WAITING_TOO_MANY] if waiting >= programme.caps.waiting_orders else []),
            *([Refusal.FUNDS_MISSING] if payer.available_minor < intent.amount_minor else []),
        ]
    )


def spent(account: Account) -> policy.Spent:
    """What an account has spent of its limits, as the policy wants it."""
    return policy.Spent(day=account.day, day_minor=account.spent_day_minor, month_minor=account.spent_month_minor)


def _load(services: Services, mention: Mention, reading: Reading) -> Known:
    author = mention.author
    directory = look_up(
        services.table,
        (mention.network, mention.page),
        user_ids=[author.user_id, *(payee.user_id for payee in reading.payees)],
        names=[payee.handle for payee in reading.payees],
    )
    payer = directory.handles.get(author.user_id)
    paying = reading.order in PAYMENTS and reading.refusal is None
    if payer is None or not (paying or reading.order == "cancel"):
        return Known(directory=directory, accounts={}, lately=())
    wanted = {handle.account for handle in directory.handles.values()}
    return Known(
        directory=directory,
        accounts=dict(accounts(services.table, sorted(wanted))) if paying else {},
        lately=store.ordered_lately(services.table, payer.account, now=mention.received_at),
    )


def _draft(programme: Programme, mention: Mention, reading: Reading) -> Intent:
    payee = reading.payees[0] if reading.payees else None
    said = {
        "note": reading.note or "",
        "payee_handle": payee.handle if payee else "",
        "author_handle": mention.author.handle,
    }
    return Intent(
        id=intent_id(mention.network, mention.page, mention.origin_id),
        order=reading.order or "help",
        status="answered",
        network=mention.network,
        page=mention.page,
        author_id=mention.author.user_id,
        message_id=mention.message_id,
        language=_language(programme, mention, reading),
        private=mention.private,
        created_at=mention.sent_at,
        received_at=mention.received_at,
        amount_minor=reading.amount_minor or 0,
        currency=reading.currency or "",
        ttl=mention.received_at + programme.durations.remembered_seconds,
        said={name: value for name, value in said.items() if value},
    )


def _language(programme: Programme, mention: Mention, reading: Reading) -> str:
    """The writer's language: the verb's, else what the network says of the post, else the programme's."""
    told = (reading.language, mention.language)
    return next((language for language in told if language in LANGUAGES), programme.language)


def _with_payer(draft: Intent, mention: Mention, known: Known) -> Intent:
    payer = known.directory.handles[mention.author.user_id]
    return replace(draft, payer=payer.account, payer_person=payer.person)


def _with_payee(intent: Intent, payee: Handle, account: Account | None) -> Intent:
    return replace(
        intent,
        payee=payee.account,
        payee_person=payee.person,
        payee_kind=account.kind if account else "",
        said={**intent.said, "payee_name": payee.name},
    )


def _refused(intent: Intent, refusal: Refusal) -> Intent:
    return replace(intent, status="refused", refusal=refusal)


def _cancel(services: Services, mention: Mention, *, draft: Intent, known: Known) -> Intent:
    """Cancel the payment replied to, else the last one that waits, in one transaction with the order itself.

    The target stands in the order's own item, so a message that comes again cannot hit the next one.
    """
    replied = intent_id(mention.network, mention.page, mention.in_reply_to or "")
    waiting = [ordered.intent for ordered in known.lately if ordered.waits]
    named = [ordered.intent for ordered in known.lately if ordered.intent == replied]
    target = next(iter(named or waiting), None)
    if target is None:
        return store.keep(services.table, _refused(draft, Refusal.NOTHING_TO_CANCEL))
    done = replace(draft, target=target)
    part = end("cancelled", now=services.clock.now())
    writes: list[Write] = [store.put(done), update(intent_key(target), part, owned(draft.payer))]
    rejection = transact(services.table, lambda: writes, clock=services.clock)
    if rejection is None:
        return done
    return store.seen_before(rejection) or store.keep(services.table, _refused(draft, Refusal.NOTHING_TO_CANCEL))
