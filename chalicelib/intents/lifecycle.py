"""What the payer does with a link: look, confirm, decline, ask for a new one. Each loads, decides, writes once."""

from dataclasses import dataclass, replace

from chalicelib import link as links
from chalicelib.errors import Unavailable
from chalicelib.identity import code
from chalicelib.intents import link as confirm_links
from chalicelib.intents import store
from chalicelib.intents.intent import Intent, end, from_item, renew_link, unrenewable
from chalicelib.intents.intent import expire as over
from chalicelib.intents.paying import Payment, pay
from chalicelib.intents.spending import left_today
from chalicelib.intents.withholding import withheld
from chalicelib.ledger.account import Account, knows
from chalicelib.ledger.account import from_item as account_from_item
from chalicelib.link import Link
from chalicelib.refusals import Refusal
from chalicelib.retry import change
from chalicelib.services import Services
from chalicelib.table import Part, Rejection, account_key, intent_key, update


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What to show: the intent as it is now and why the wish was refused, if it was.

    `intent` is None without a genuine link: then nothing may be said, and everything looks the same. Where they were
    asked for, `left_minor` is what the payer may still send today to payees of this kind, and `first` tells that this
    payee was not paid lately.
    """

    intent: Intent | None
    refusal: Refusal | None = None
    left_minor: int | None = None
    first: bool = False


def look(services: Services, text: str) -> Outcome:
    """Read what a link is for; moves nothing."""
    link, intent = _read(services, text)
    if intent is None or link is None:
        return Outcome(intent=None)
    refusal = _closed(intent, link, now=services.clock.now())
    return Outcome(intent=intent, refusal=refusal) if refusal else _shown(services, intent)


def decline(services: Services, text: str) -> Outcome:
    """Say no: the intent is over."""
    link, intent = _read(services, text)
    if intent is None or link is None:
        return Outcome(intent=None)
    now = services.clock.now()
    refusal = _closed(intent, link, now=now)
    if refusal not in (None, Refusal.LINK_EXPIRED):
        return Outcome(intent=intent, refusal=refusal)
    return _end(services, intent, end("declined", now=now))


def renew(services: Services, text: str) -> Outcome:
    """Ask for a new link, sent to the bound number only; the old ones die. Refused after the programme's renewals."""
    link, intent = _read(services, text)
    if intent is None or link is None:
        return Outcome(intent=None)
    refusal = _closed(intent, link, now=services.clock.now())
    if refusal not in (None, Refusal.LINK_EXPIRED):
        return Outcome(intent=intent, refusal=refusal)
    return _renewed(services, intent)


def resend(services: Services, intent_id: str) -> Outcome:
    """Send a new link at the support desk's wish, as `renew` does at the payer's, within the same number of them.

    Refused while the SMS would be held back.
    """
    intent = store.read(services.table, intent_id, consistent=True)
    if intent and withheld(services, intent):
        return Outcome(intent=intent, refusal=Refusal.LINK_WITHHELD)
    return _renewed(services, intent) if intent else Outcome(intent=None)


def expire(services: Services, intent_id: str) -> Outcome:
    """End an intent that waits, before its time or after it, as the sweep would; its payer is told."""
    intent = store.read(services.table, intent_id, consistent=True)
    if intent is None:
        return Outcome(intent=None)
    now = services.clock.now()
    part = end("expired", now=now) if intent.expires_at > now else over(now=now)
    return _end(services, intent, part)


def confirm(services: Services, text: str, typed: str) -> Outcome:
    """Pay, with the link (possession) and the security code (knowledge); a repeat shows the same and moves nothing.

    The attempt is spent on the payer's account before the code is compared, whatever the link. Raises Unavailable
    when the key service or the table is down: the payment may or may not have been made, and the same link and code
    tell later; a right code leaves no attempt behind unless the table stays down.
    """
    link, intent = _read(services, text)
    if intent is None or link is None:
        return Outcome(intent=None)
    refusal = _closed(intent, link, now=services.clock.now())
    if refusal:
        return Outcome(intent=intent, refusal=refusal)
    digits = code.typed(typed)
    if digits is None:
        return replace(_shown(services, intent), refusal=Refusal.CODE_MALFORMED)
    candidates = services.codes.candidates(intent.payer, digits)
    account = _spend_attempt(services, intent)
    if account and not code.judgeable(account.code_mac, candidates):
        _forgive(services, account)
        raise Unavailable("the key that this account's code was stored under is not there")
    if account is None or not code.matches(account.code_mac, candidates):
        return _asked_again(services, _refused(services, intent, Refusal.CODE_REFUSED))
    return _paid(services, Payment(intent=intent, payer=account, link_number=link.number, candidates=candidates))


def _read(services: Services, text: str) -> tuple[Link | None, Intent | None]:
    """The link and its intent, both None unless the link is genuine; the same work is done for any text."""
    link = links.parse(text)
    intent = store.read(services.table, link.id if link else links.NOWHERE)
    claimed = link or Link(id=links.NOWHERE, number=1, expires_at=0)
    programme = services.programme.name
    genuine = any(
        confirm_links.genuine(claimed, programme, intent or _NOBODY, keys=services.links.keys(fresh=fresh))
        for fresh in (False, True)
    )
    return (link, intent) if link and intent and genuine else (None, None)


_NOBODY = Intent(
    id=links.NOWHERE,
    order="send",
    status="pending",
    network="",
    page="",
    author_id="",
    message_id="",
    language="",
    private=False,
    created_at=0,
    received_at=0,
)


def _shown(services: Services, intent: Intent) -> Outcome:
    """The intent with what the payer's account says of it: what is left today, this payment included."""
    item = services.table.get(account_key(intent.payer))
    if item is None:
        return Outcome(intent=intent)
    payer, now = account_from_item(item), services.clock.now()
    left_minor = left_today(services.programme, payer, payee_kind=intent.payee_kind, now=now)
    return Outcome(intent=intent, left_minor=left_minor, first=not knows(payer, intent.payee_known_as))


def _paid(services: Services, payment: Payment) -> Outcome:
    """Pay with a right code; where nothing was paid, it costs no attempt."""
    try:
        refusal = pay(services, payment)
        if refusal is None:
            return Outcome(intent=replace(payment.intent, status="paid", paid_at=services.clock.now()))
        outcome = _refused(services, payment.intent, refusal)
    except Unavailable:
        _forgive(services, payment.payer)
        raise
    if outcome.refusal:
        _forgive(services, payment.payer)
    return outcome


def _asked_again(services: Services, refused: Outcome) -> Outcome:
    """The form again after a refused code, with all that it showed before; the same for a wrong code and a block."""
    if refused.intent is None or refused.refusal is not Refusal.CODE_REFUSED:
        return refused
    return replace(_shown(services, refused.intent), refusal=refused.refusal)


def _closed(intent: Intent, link: Link, *, now: int) -> Refusal | None:
    """Why a genuine link opens nothing any more."""
    if intent.status != "pending":
        return Refusal.NOT_PENDING
    if intent.expires_at <= now:
        return Refusal.EXPIRED
    if link.number != intent.link_number:
        return Refusal.LINK_REPLACED
    return Refusal.LINK_EXPIRED if link.expires_at <= now else None


def _renewed(services: Services, intent: Intent) -> Outcome:
    now = services.clock.now()
    refusal = unrenewable(intent, renewals=services.programme.caps.link_renewals, now=now)
    if refusal:
        return Outcome(intent=intent, refusal=refusal)
    return _end(services, intent, renew_link(intent.link_number, now=now))


def _end(services: Services, intent: Intent, part: Part) -> Outcome:
    changed = change(services.table, update(intent_key(intent.id), part), clock=services.clock)
    if isinstance(changed, Rejection):
        return _refused(services, intent, changed.refusal)
    return Outcome(intent=from_item(changed))


def _spend_attempt(services: Services, intent: Intent) -> Account | None:
    """The payer's account with one attempt more, or None when none is left."""
    nonce = services.clock.nonce()
    part = code.attempt(nonce, tries=services.programme.caps.code_tries)
    changed = change(services.table, update(account_key(intent.payer), part), clock=services.clock)
    if not isinstance(changed, Rejection):
        return account_from_item(changed)
    stored = changed.items[0]
    ours = stored is not None and stored["guess"] == nonce
    return account_from_item(stored) if stored and ours else None


def _refused(services: Services, intent: Intent, refusal: Refusal) -> Outcome:
    """What a refusal means for the payer: an intent that is settled meanwhile is shown as it is.

    It is read again, because a second click may have lost against the first, and because the service need not flag
    every write of a transaction that failed.
    """
    current = store.read(services.table, intent.id, consistent=True) or intent
    return Outcome(intent=current, refusal=Refusal.NOT_PENDING if current.status != "pending" else refusal)


def _forgive(services: Services, account: Account) -> None:
    """Take back the attempts of a right code that paid nothing, also when another right one did so meanwhile."""
    key = account_key(account.id)
    part = code.forgive_alone(services.clock.nonce(), spent=account.attempts)
    changed = change(services.table, update(key, part), clock=services.clock)
    if isinstance(changed, Rejection) and changed.refusal is Refusal.STALE:
        change(services.table, update(key, code.forgive_rest(spent=account.attempts)), clock=services.clock)
