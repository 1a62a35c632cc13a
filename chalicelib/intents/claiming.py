"""What becomes of held money: decided from the claim and its payee's identity as they are now, and done at once.

Nobody else ends a claim. Whoever wants an end writes the wish on it; whoever links an identity links it, and nothing
else; the table's stream writes a line for the sweep, and the sweep comes here, within a minute or two. So the functions
that read what comes from outside need no right to an account, and there is one place where held money moves.
"""

from chalicelib.errors import Unavailable
from chalicelib.identity.person import Handle, handle_from_item, linked
from chalicelib.ledger import claim as claims
from chalicelib.ledger import claiming, held
from chalicelib.ledger import store as ledger
from chalicelib.ledger.claim import Claim
from chalicelib.refusals import Refusal
from chalicelib.services import Services
from chalicelib.table import Rejection, handle_key
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count

# Each further try has seen another wish, and a claim takes only one.
TRIES = 3


def look(services: Services, name: str) -> int:
    """Settle what a line of the sweep names: a claim, or every claim for an identity; returns how many ended.

    A claim that our own code cannot read is left where it is, so that it holds up nobody else's; the audit names it.
    Raises Unavailable when the table is out of reach: doing it again does what is left.
    """
    kind, _, rest = name.partition("#")
    ids = [rest] if kind == "C" else list(held.claims(services.table, rest, now=services.clock.now()))
    return sum(_settled(services, claim) for claim in ids)


def settle(services: Services, claim_id: str) -> bool:
    """End a claim if it is time: as somebody asked, or because its time is over, or because its payee is linked.

    In this order: what was asked for first is done, and what is over is not claimed any more. So who named a bank
    account is paid there, for the fee, even if they are linked since. What a closed or frozen payee cannot take, and
    what somebody holds for themselves, waits until it is over.
    """
    for _ in range(TRIES):
        claim = claiming.read(services.table, claim_id)
        if claim is None or claim.status != claims.OPEN:
            return False
        rejection = _ended(services, claim)
        if rejection is None:
            count("ClaimsEnded")
            LOG.info("claim ended", extra={"intent_id": claim.id, "correlation_id": claim.correlation_id})
            return True
        if rejection.refusal is not Refusal.STALE:
            break
    return False


def _settled(services: Services, claim_id: str) -> bool:
    try:
        return settle(services, claim_id)
    except Unavailable:
        raise
    except Exception:
        LOG.exception("a claim could not be settled and was left", extra={"intent_id": claim_id})
        count("ClaimsLeft")
        return False


def _ended(services: Services, claim: Claim) -> Rejection | None:
    """Do what is to be done with an open claim; NOT_PENDING where that is nothing yet."""
    table, clock = services.table, services.clock
    if claim.wish == claims.CLAIMED:
        return claiming.pay_out(table, claim, claim.said, clock=clock)
    if claim.wish:
        return claiming.give_back(table, claim, claim.wish, clock=clock)
    if claim.expires_at <= clock.now():
        return claiming.give_back(table, claim, claims.RETURNED, clock=clock)
    payee = _linked(services, claim)
    account = ledger.account(table, payee.account) if payee else None
    if account is None:
        return Rejection(Refusal.NOT_PENDING, ())
    return claiming.credit_payee(table, claim, account, clock=clock)


def _linked(services: Services, claim: Claim) -> Handle | None:
    """Who is behind the identity that a claim is for, as it is now; None while it is nobody's."""
    item = services.table.get(handle_key(claim.network, claim.page, claim.user_id), consistent=True)
    return handle_from_item(item) if item and linked(item) else None
