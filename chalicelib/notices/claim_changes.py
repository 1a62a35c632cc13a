"""What a change of held money, or of whom it may be for, means: who is told, which lines are written. Pure."""

from collections.abc import Sequence

from chalicelib.conditions import Item
from chalicelib.identity.person import linked
from chalicelib.intents import due
from chalicelib.ledger import claim as claims
from chalicelib.ledger import held
from chalicelib.ledger.account import BANK
from chalicelib.notices.change import RECEIPTS, REPLIES, Notice
from chalicelib.table import Write

_PRIVATELY = {claims.RETURNED: "claim_gone", claims.CANCELLED: "claim_gone", claims.CLAIMED: "claim_sent"}


def notices(old: Item | None, new: Item) -> Sequence[Notice]:
    """The payer is told how their held money ended, and who was linked to claim it, that it has come.

    Whom it was held for is told in private where they have it not in an account of ours, unless they refused it. That
    it is held is told with its payment; that somebody asked for an end, nobody.
    """
    if not new["PK"].startswith("C#") or old is None or old["status"] == new["status"]:
        return ()
    kinds = (f"claim_{new['status']}", *(("claim_received",) if new.get("payee_person") else ()))
    privately = _PRIVATELY.get(new["status"], "") if new.get("payee", BANK) == BANK else ""
    told = [Notice(kind=kind, road=RECEIPTS, subject=new["PK"][2:]) for kind in kinds]
    return [*told, Notice(kind=privately, road=REPLIES, subject=new["PK"][2:])] if privately else told


def listed(old: Item | None, new: Item) -> Sequence[Write]:
    """A claim that was just opened is listed for its identity, and is due at its end; again changes nothing."""
    if old is not None or not new["PK"].startswith("C#"):
        return ()
    claim = claims.from_item(new)
    return [held.line(claim), due.claim_due(claim)]


def for_the_sweep(old: Item | None, new: Item, *, now: int) -> Sequence[Write]:
    """The lines that make the sweep look at held money now; again only makes it look again.

    At a claim that was just opened, since its identity may have been linked meanwhile, or that was asked to end; at all
    that is held for an identity that was just linked. They follow those of `listed`: so whichever of claim and identity
    comes last finds the other.
    """
    kind, name = new["PK"][:2], new["PK"][2:]
    if kind == "C#" and (old is None or old.get("wish") != new.get("wish")):
        return [due.claim_asked(claims.from_item(new), now=now)]
    if kind == "L#" and linked(new) and (old is None or not linked(old) or old["person"] != new["person"]):
        return [due.identity_linked(name, now=now)]
    return ()
