"""Money that waits for an author who is not linked: the answer to what they write in private may say so."""

from chalicelib.channels import Mention
from chalicelib.ledger import claiming, held
from chalicelib.services import Services


def claim_for(services: Services, mention: Mention) -> str:
    """A claim that is open for the author of a private message; empty if there is none, or nothing is held at all."""
    if not (mention.private and services.programme.claims.offered):
        return ""
    identity, after = held.identity(mention.network, mention.page, mention.author.user_id), services.clock.now() + 1
    return claiming.first_open(services.table, held.claims(services.table, identity, now=after))
