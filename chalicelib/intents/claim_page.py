"""What whom money is held for does with their link: look, refuse, or name a bank account. Each asks for one end."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib import link as links
from chalicelib.identity import store as people
from chalicelib.identity.person import shown_name
from chalicelib.intents import claim_link, naming_account
from chalicelib.intents.naming_account import PAYEE
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import OPEN, REFUSED, Claim, Wish
from chalicelib.link import Link
from chalicelib.refusals import Refusal
from chalicelib.services import Services


@dataclass(frozen=True, kw_only=True)
class Held:
    """A claim as it is now, None without a genuine link; `payer` is all that is told of who sends it.

    `refusal` is why a bank account was not taken. `over` is for our own count alone: there was a genuine link, and its
    time is over.
    """

    claim: Claim | None = None
    over: bool = False
    payer: str = ""
    refusal: Refusal | None = None


def look(services: Services, text: str) -> Held:
    """Read what a link is for; changes nothing."""
    held = _read(services, text)
    return _shown(services, held.claim) if held.claim else held


def refuse(services: Services, text: str) -> Held:
    """Say no to what is held: the sweep gives it back. What was asked for before, or has ended, stays as it is."""
    held = _read(services, text)
    claim = held.claim
    if claim is None:
        return held
    if claim.status == OPEN and not claim.wish:
        claiming.ask(services.table, claim.id, Wish(end=REFUSED, by=PAYEE), clock=services.clock)
    return _shown(services, claiming.read(services.table, claim.id) or claim)


def name_account(services: Services, text: str, form: Mapping[str, str]) -> Held:
    """Name a bank account for what is held; what was asked for before, or has ended, stays as it is."""
    held = _read(services, text)
    claim = held.claim
    if claim is None:
        return held
    refusal = naming_account.name(services, claim, form) if claim.status == OPEN and not claim.wish else None
    return _shown(services, claiming.read(services.table, claim.id) or claim, refusal=refusal)


def _shown(services: Services, claim: Claim, *, refusal: Refusal | None = None) -> Held:
    payer = people.person(services.table, claim.payer_person)
    return Held(claim=claim, payer=shown_name(payer.name) if payer else "", refusal=refusal)


def _read(services: Services, text: str) -> Held:
    """The claim of a genuine link unless its time is over; the same work is done for any text."""
    link = links.parse(text)
    claimed = link or Link(id=links.NOWHERE, number=1, expires_at=0)
    claim, programme = claiming.read(services.table, claimed.id), services.programme.name
    genuine = any(
        claim_link.genuine(claimed, programme, claim or _NOTHING, keys=services.claim_links.keys(fresh=fresh))
        for fresh in (False, True)
    )
    over = claimed.expires_at <= services.clock.now()
    if link is None or not genuine:
        return Held()
    return Held(over=True) if over else Held(claim=claim)


_NOTHING = Claim(
    id=links.NOWHERE, status=OPEN, payer="", payer_person="", network="", page="", user_id="",
    amount_minor=0, currency="", opened_at=0, expires_at=0,
)  # fmt: skip
