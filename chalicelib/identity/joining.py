"""How a person joins: the link in the SMS, a security code chosen, and a pairing code for the named handle."""

import secrets as randomness
from dataclasses import dataclass, field, replace

from chalicelib import link as links
from chalicelib.conditions import Clause
from chalicelib.errors import Unavailable
from chalicelib.identity import blocklist, code, invitation, store
from chalicelib.identity.invitation import Invitation
from chalicelib.link import Link
from chalicelib.ref import SECRET_BYTES, Ref
from chalicelib.refusals import Refusal
from chalicelib.retry import change, transact
from chalicelib.services import Services
from chalicelib.table import Part, Rejection, account_key, invitation_key, update

NOBODY = Invitation(
    id=links.NOWHERE, person="", account="", network="", page="", label="", language="", status="",
    created_at=0, expires_at=0,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What somebody typed on the join page."""

    digits: str
    again: str
    terms: bool


@dataclass(frozen=True, kw_only=True)
class Joining:
    """What to show: the invitation as it is now, why a wish was refused, and the pairing code or ref once it is issued.

    `invitation` is None without a genuine link. `has_code` tells whether the account has a security code already:
    then it is asked for, not chosen, since a link alone must not replace it.
    """

    invitation: Invitation | None
    refusal: Refusal | None = None
    has_code: bool = False
    pairing_code: str = ""
    ref: str = field(default="", repr=False)


def look(services: Services, text: str) -> Joining:
    """Read what a join link is for; changes nothing."""
    link, found = _read(services, text)
    if link is None or found is None:
        return Joining(invitation=None)
    refusal = _closed(found, link, now=services.clock.now())
    return Joining(invitation=found, refusal=refusal, has_code=_has_code(services, found))


def choose(services: Services, text: str, choice: Choice) -> Joining:
    """Choose the security code (or prove the one there is) and get a pairing code; raises Unavailable."""
    opened = look(services, text)
    if opened.invitation is None or opened.refusal:
        return opened
    refusal = _unfit(services, opened, choice)
    if refusal:
        return replace(opened, refusal=refusal)
    digits = code.typed(choice.digits) or ""
    candidates = services.codes.candidates(opened.invitation.account, digits)
    mac = candidates[0]
    if not opened.has_code:
        return _issue(services, opened, mac)
    spent = _proved(services, opened.invitation, candidates)
    if spent is None:
        return replace(opened, refusal=Refusal.CODE_REFUSED)
    try:
        joined = _issue(services, opened, mac)
    except Unavailable:
        _forgive(services, opened.invitation, spent=spent)
        raise
    if joined.refusal:
        _forgive(services, opened.invitation, spent=spent)
    return joined


def renew(services: Services, text: str) -> Joining:
    """Have a new join link sent to the bound number; refused after the programme's renewals."""
    link, found = _read(services, text)
    if link is None or found is None:
        return Joining(invitation=None)
    now = services.clock.now()
    refusal = _closed(found, link, now=now)
    if refusal not in (None, Refusal.LINK_EXPIRED):
        return Joining(invitation=found, refusal=refusal)
    if found.link_number > services.programme.caps.link_renewals:
        return Joining(invitation=found, refusal=Refusal.LINKS_TOO_MANY)
    renewed = update(invitation_key(found.id), invitation.renew_link(link.number, now=now))
    changed = change(services.table, renewed, clock=services.clock)
    refusal = changed.refusal if isinstance(changed, Rejection) else None
    return Joining(invitation=found, refusal=refusal)


def _read(services: Services, text: str) -> tuple[Link | None, Invitation | None]:
    """The link and its invitation, both None unless the link is genuine; the same work is done for any text."""
    link = links.parse(text)
    found = store.invitation(services.table, link.id if link else links.NOWHERE)
    claimed = link or Link(id=links.NOWHERE, number=1, expires_at=0)
    covered = (*(found or NOBODY).covered, services.programme.name)
    genuine = any(links.genuine(claimed, covered, keys=services.links.keys(fresh=fresh)) for fresh in (False, True))
    return (link, found) if link and found and genuine else (None, None)


def _closed(found: Invitation, link: Link, *, now: int) -> Refusal | None:
    if found.status == "paired":
        return Refusal.NOT_PENDING
    if found.expires_at <= now:
        return Refusal.EXPIRED
    if link.number != found.link_number:
        return Refusal.LINK_REPLACED
    return Refusal.LINK_EXPIRED if link.expires_at <= now else None


def _has_code(services: Services, found: Invitation) -> bool:
    item = services.table.get(account_key(found.account))
    return bool(item and item["code"])


def _unfit(services: Services, opened: Joining, choice: Choice) -> Refusal | None:
    """What is wrong with a choice; a code that is only proved may be an easy one of old."""
    digits = code.typed(choice.digits)
    if digits is None:
        return Refusal.CODE_MALFORMED
    if opened.has_code:
        return None
    if not choice.terms:
        return Refusal.TERMS_MISSING
    if digits != code.typed(choice.again):
        return Refusal.CODES_DIFFER
    person = store.person(services.table, opened.invitation.person) if opened.invitation else None
    return Refusal.CODE_GUESSABLE if blocklist.guessable(digits, phone=person.phone if person else "") else None


def _proved(services: Services, found: Invitation, candidates: tuple[str, ...]) -> int | None:
    """The attempts spent up to the account's own code, None for any other; one is spent first, as for a payment."""
    nonce = services.clock.nonce()
    part = code.attempt(nonce, tries=services.programme.caps.code_tries)
    changed = change(services.table, update(account_key(found.account), part), clock=services.clock)
    item = changed.items[0] if isinstance(changed, Rejection) else changed
    if item is None or item["guess"] != nonce:
        return None
    if not code.judgeable(item["code"], candidates):
        _forgive(services, found, spent=int(item["attempts"]))
        raise Unavailable("the key that this account's code was stored under is not there")
    if not code.matches(item["code"], candidates):
        return None
    return int(item["attempts"])


def _forgive(services: Services, found: Invitation, *, spent: int) -> None:
    """A right code that led to nothing costs nothing."""
    part = code.forgive_alone(services.clock.nonce(), spent=spent)
    change(services.table, update(account_key(found.account), part), clock=services.clock)


def _issue(services: Services, opened: Joining, mac: str) -> Joining:
    """Store the code and what is stored of the pairing code or ref in one transaction; these are only shown."""
    found, now = opened.invitation or NOBODY, services.clock.now()
    pairing, joined = _pairing(found, opened)
    issued = invitation.issue(
        pairing,
        link_number=found.link_number,
        now=now,
        expires_at=now + services.programme.durations.pairing_seconds,
    )
    writes = [
        update(invitation_key(found.id), issued),
        update(account_key(found.account), code.forgive() if opened.has_code else _first_code(mac)),
    ]
    rejection = transact(services.table, lambda: writes, clock=services.clock)
    if rejection:
        return replace(opened, refusal=rejection.refusal)
    return joined


def _first_code(mac: str) -> Part:
    """A link alone sets a code only where there is none yet."""
    none_yet = Clause(attribute="code", operator="=", value="", means=Refusal.STALE)
    return Part(clauses=(none_yet,), assign={"code": mac, "attempts": 0})


def _pairing(found: Invitation, opened: Joining) -> tuple[str, Joining]:
    """What is stored and what is shown: a code that the named handle writes, or a ref where nobody can be named."""
    if found.label:
        code_shown = f"{randomness.randbelow(10**6):06}"
        return invitation.pairing_digest(found.id, code_shown), replace(opened, pairing_code=code_shown)
    made = Ref(found.id, randomness.token_urlsafe(SECRET_BYTES))
    return made.digest, replace(opened, ref=str(made))
