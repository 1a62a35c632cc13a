"""The link by which whom money is held for may look at it, refuse it, or name a bank account for it. Pure.

It goes by the network's private messages, so it has a key of its own: whoever sends it can make no link that confirms.
"""

from collections.abc import Sequence

from chalicelib import link
from chalicelib.ledger.claim import Claim
from chalicelib.link import Link

PURPOSE = "envoi claim link v1"


def make(key: bytes, programme: str, claim: Claim) -> str:
    """The link of a claim, good as long as the claim may be open; made again it is the same."""
    return link.seal(Link(id=claim.id, number=1, expires_at=claim.expires_at), _covered(programme, claim), key=key)


def genuine(claimed: Link, programme: str, claim: Claim, *, keys: Sequence[bytes]) -> bool:
    """Whether we made this link for this claim as it is."""
    same = (claimed.id, claimed.expires_at) == (claim.id, claim.expires_at)
    return link.genuine(claimed, _covered(programme, claim), keys=keys) and same


def _covered(programme: str, claim: Claim) -> tuple[str, ...]:
    """What the payee sees, and whom it is for."""
    return PURPOSE, programme, str(claim.amount_minor), claim.currency, claim.network, claim.page, claim.user_id
