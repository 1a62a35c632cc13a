"""What is held for a social identity: a line for each claim, found without a scan when the identity is linked."""

from collections.abc import Iterator

from chalicelib.ledger.claim import Claim
from chalicelib.refusals import Refusal
from chalicelib.table import Put, Table, absent

KEPT_SECONDS = 7 * 86_400
PAGE = 100


def identity(network: str, page: str, user_id: str) -> str:
    """How an identity is named in lists."""
    return f"{network}#{page}#{user_id}"


def line(claim: Claim) -> Put:
    """The line of a claim, kept a while after its time."""
    item = {
        "PK": f"K#{identity(claim.network, claim.page, claim.user_id)}",
        "SK": f"{claim.expires_at:012}#{claim.id}",
        "ttl": claim.expires_at + KEPT_SECONDS,
    }
    return Put(item=item, clauses=(absent(Refusal.ALREADY_SEEN),))


def claims(table: Table, for_identity: str, *, now: int) -> Iterator[str]:
    """The ids of claims for an identity whose time is not over; some may have ended."""
    start = f"{now:012}"
    while lines := table.query(f"K#{for_identity}", start=start, limit=PAGE):
        yield from (str(found["SK"]).partition("#")[2] for found in lines)
        start = f"{lines[-1]['SK']}\0"
