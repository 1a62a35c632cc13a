"""What is held: the claims' own word against the transfers into and out of suspense, claim by claim. Pure.

A table is read page by page while money moves. A claim is opened and ended in the transactions of its transfers, with
their instants: so of what had settled by the cutoff both must say the same, however late either was read.
"""

from collections.abc import Iterator, Mapping

from chalicelib.conditions import Item
from chalicelib.ledger.claim import ENDS, OPEN
from chalicelib.ledger.transfer import moved_minor


def state(claims: dict[str, list[int]], claim: Item, *, cutoff: int) -> None:
    """Take what a claim says, if anything of it was held at the cutoff: how much, and until when it may wait.

    Raises KeyError or ValueError if it cannot be read.
    """
    ended = claim["status"] in ENDS
    if not ended and claim["status"] != OPEN:
        raise ValueError(f"a claim cannot be {claim['status']}")
    if claim["opened_at"] <= cutoff and not (ended and claim["ended_at"] <= cutoff):
        name = _name(claim["PK"].removeprefix("C#"), claim)
        claims[name] = [moved_minor(claim), 0 if ended else claim["expires_at"]]


def add(held: dict[str, int], transfer: Item, leg: int) -> None:
    """Count a settled leg of suspense for its claim: the payment that opened it, or a transfer that ended it."""
    name = _name(transfer.get("claim", transfer["PK"].removeprefix("T#")), transfer)
    held[name] = held.get(name, 0) + leg
    if not held[name]:
        del held[name]


def faults(claims: Mapping[str, list[int]], held: Mapping[str, int], *, now: int) -> Iterator[str]:
    """Each claim that does not hold what its transfers give, and each that is still open after its time."""
    for name in sorted({*claims, *held}):
        stated, expires_at = claims.get(name, [0, 0])
        if stated != held.get(name, 0):
            yield f"{name}: holds {stated} as a claim, its transfers give {held.get(name, 0)}"
        if 0 < expires_at <= now:
            yield f"{name}: is still held after its time"


def _name(claim: str, item: Item) -> str:
    return f"claim {claim} ({item['currency']})"
