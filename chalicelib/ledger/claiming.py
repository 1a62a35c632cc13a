"""Ending a claim: what is held moves to where it belongs, in one transaction with the claim itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from chalicelib.conditions import Item
from chalicelib.ledger import claim as claims
from chalicelib.ledger import sharding
from chalicelib.ledger.account import OWN, Account
from chalicelib.ledger.claim import Claim, Ending, Move, Wish
from chalicelib.ledger.moving import move
from chalicelib.ledger.transfer import credit
from chalicelib.refusals import Refusal
from chalicelib.retry import change
from chalicelib.services import Clock
from chalicelib.table import Put, Rejection, Table, Write, absent, account_key, claim_key, update


def read(table: Table, claim: str) -> Claim | None:
    """Read a claim as it is now."""
    item = table.get(claim_key(claim), consistent=True)
    return claims.from_item(item) if item else None


def read_many(table: Table, ids: Sequence[str]) -> Sequence[Claim]:
    """Read up to 100 claims, in the order of their ids, a moment old at most; missing ones are left out."""
    items = table.get_many([claim_key(claim) for claim in ids])
    return [claims.from_item(items[key]) for key in map(claim_key, ids) if key in items]


def first_open(table: Table, ids: Iterable[str]) -> str:
    """The first of up to 100 claims that is open and that nobody has asked to end; empty if there is none."""
    wanted = list(islice(ids, 100))
    found = read_many(table, wanted) if wanted else ()
    return next((claim.id for claim in found if claim.status == claims.OPEN and not claim.wish), "")


def ask(table: Table, claim: str, wish: Wish, *, clock: Clock) -> Item | Rejection:
    """Ask for a claim's end; NOT_PENDING if it was ended or asked for before, or is none. The sweep carries it out."""
    return change(table, update(claim_key(claim), claims.ask(wish)), clock=clock)


def give_back(table: Table, claim: Claim, status: str, *, clock: Clock) -> Rejection | None:
    """Amount and fee go back to the payer, whose account may be frozen or closed: money is never stuck.

    Refused with NOT_PENDING for a claim that has ended, with STALE for one that was asked to end otherwise meanwhile,
    or, as `returned`, before its time. Raises Unavailable: it may be done.
    """
    return _end(table, claim, lambda: claims.back(claim, status), clock=clock)


def credit_payee(table: Table, claim: Claim, payee: Account, *, clock: Clock) -> Rejection | None:
    """The amount goes to a linked payee, to a sub-balance if they have some, and a fee back to the payer.

    Refused with PAYEE_OWN where payer and payee are one person, and as any credit is; else as `give_back`.
    """
    if payee.id == claim.payer or payee.person == claim.payer_person:
        return Rejection(Refusal.PAYEE_OWN, ())
    choose = sharding.chooser(table, payee.id, payee.shards, chance=clock.chance)
    return _end(table, claim, lambda: claims.credited(claim, payee, to=choose()), clock=clock)


def pay_out(table: Table, claim: Claim, said: Mapping[str, str], *, clock: Clock) -> Rejection | None:
    """The amount leaves by the bank to the account that the payee named (`said`), and the fee is earned.

    Refused as `give_back` is.
    """
    return _end(table, claim, lambda: claims.paid_out(claim, said), clock=clock)


def _end(table: Table, claim: Claim, ending: Callable[[], Ending], *, clock: Clock) -> Rejection | None:
    def build(instant: int) -> Sequence[Write]:
        now, chosen = clock.now(), ending()
        moved = [_moved(claim, one, at=(now, instant)) for one in chosen.moves]
        return [
            update(claim_key(claim.id), claims.end(claim, chosen, now=now)),
            *(each for one in moved for each in one),
        ]

    return move(table, build, clock=clock)


def _moved(claim: Claim, one: Move, *, at: tuple[int, int]) -> Sequence[Write]:
    """One transfer out of what is held: its item, and its payee's leg unless that is the programme's own account."""
    now, instant = at
    transfer = claim.transfer(one, moved_micros=instant)
    put = Put(item=claims.booking(claim, one, transfer, now=now), clauses=(absent(Refusal.NOT_PENDING),))
    if one.payee in OWN:
        return [put]
    return [put, update(account_key(transfer.payee), credit(transfer, even_closed=one.order == claims.RETURN))]
