"""A claim: money that was paid to somebody who is not linked yet, held until it is theirs or goes back. Pure.

| status      | means                                                                                   |
|-------------|-----------------------------------------------------------------------------------------|
| `open`      | amount and fee are held; `wish` says whether somebody has asked to end it               |
| `claimed`   | the payee was linked (the fee went back to the payer), or named a bank account (fee due) |
| `returned`  | its time was over: amount and fee went back to the payer                                |
| `refused`   | the payee did not want it: likewise                                                     |
| `cancelled` | the payer, or the desk, took it back: likewise                                          |

`open` is left once, in the transaction of the transfers that move the money. Whoever asks for an end (`ask`) only
writes the wish down; `Ending` is what is done about it. What is held is the sum of the open claims, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.conditions import Clause, Item
from chalicelib.ledger.account import BANK, FEES, SUSPENSE, Account
from chalicelib.ledger.transfer import Transfer, holder
from chalicelib.link import identifier
from chalicelib.refusals import Refusal
from chalicelib.table import Part, claim_key, intent_key

OPEN, CLAIMED, RETURNED, REFUSED, CANCELLED = "open", "claimed", "returned", "refused", "cancelled"
ENDS = frozenset({CLAIMED, RETURNED, REFUSED, CANCELLED})
# What may be asked for: that it goes back, or, with a bank account, that it is paid there.
WISHES = frozenset({REFUSED, CANCELLED, CLAIMED})
# The orders of the transfers that end a claim: to the payee, back to the payer, to the programme.
CLAIM, RETURN, FEE = "claim", "return", "fee"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Held money as it is stored; its id is its intent's. Amounts in minor units, times in epoch seconds.

    It is for the identity `user_id` on a network and page. `wish` is `refused`, `cancelled` or, to a bank account,
    `claimed` once somebody asked for that, `asked_by` who did: an account, `payee`, or an operator. `payee` and
    `payee_person` are who claimed it; `said` holds the bank account that was named, which may be erased without
    touching the books. `name_tries` counts names of holders, `name_guess` is the last request that tried one. What the
    bank has sent is `sent_at` under its `sent_reference`.
    """

    id: str
    status: str
    payer: str
    payer_person: str
    network: str
    page: str
    user_id: str
    amount_minor: int
    currency: str
    opened_at: int
    expires_at: int
    fee_minor: int = 0
    wish: str = ""
    asked_by: str = ""
    payee: str = ""
    payee_person: str = ""
    ended_at: int = 0
    correlation_id: str = ""
    name_tries: int = 0
    name_guess: str = ""
    sent_at: int = 0
    sent_reference: str = ""
    said: dict[str, str] = field(default_factory=dict)

    @property
    def held_minor(self) -> int:
        """What is held for it: the amount and the fee."""
        return self.amount_minor + self.fee_minor

    def late(self, *, due: int) -> bool:
        """Whether it left by the bank up to `due` (epoch seconds), and nobody wrote down that the bank sent it."""
        return (self.status, self.payee) == (CLAIMED, BANK) and not self.sent_at and self.ended_at <= due

    def transfer(self, move: "Move", *, moved_micros: int) -> Transfer:
        """The transfer of one move out of what is held."""
        return Transfer(
            id=transfer_id(self.id, move.number),
            payer=SUSPENSE,
            payee=move.to or move.payee,
            amount_minor=move.amount_minor,
            currency=self.currency,
            moved_micros=moved_micros,
        )


@dataclass(frozen=True, kw_only=True)
class Move:
    """One transfer of an ending: its number, what it is for, who gets it (`to` a sub-balance of theirs), how much."""

    number: int
    order: str
    payee: str
    amount_minor: int
    to: str = ""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody asks for: that a claim ends as `refused` or `cancelled`; an account, `payee` or an operator.

    Or as `claimed`, which is to leave to the bank account that is `said`.
    """

    end: str
    by: str
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a claim ends: its status, the moves that leave nothing of it held, and what the claim keeps of it."""

    status: str
    moves: tuple[Move, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)


def transfer_id(claim: str, number: int) -> str:
    """The id of the first or second transfer that ends a claim, whichever way it ends: so it ends once."""
    return identifier("claim", claim, str(number))


def back(claim: Claim, status: str) -> Ending:
    """Amount and fee go back to the payer in one leg: `returned`, `refused` or `cancelled`."""
    return Ending(
        status=status, moves=(Move(number=1, order=RETURN, payee=claim.payer, amount_minor=claim.held_minor),)
    )


def credited(claim: Claim, payee: Account, *, to: str) -> Ending:
    """The payee is linked: the amount is theirs, and the fee, which was for a named bank account, goes back.

    `to` is the payee's account, or a sub-balance of it.
    """
    moves = (
        Move(number=1, order=CLAIM, payee=payee.id, amount_minor=claim.amount_minor, to=to),
        Move(number=2, order=RETURN, payee=claim.payer, amount_minor=claim.fee_minor),
    )
    return Ending(status=CLAIMED, moves=_moving(*moves), facts={"payee": payee.id, "payee_person": payee.person})


def paid_out(claim: Claim, said: Mapping[str, str]) -> Ending:
    """The payee named a bank account (`said`, erasable): the amount leaves by the bank, and the fee is due."""
    moves = (
        Move(number=1, order=CLAIM, payee=BANK, amount_minor=claim.amount_minor),
        Move(number=2, order=FEE, payee=FEES, amount_minor=claim.fee_minor),
    )
    return Ending(status=CLAIMED, moves=_moving(*moves), facts={"payee": BANK, "said": dict(said)})


def ask(wish: Wish, *, payer: str = "") -> Part:
    """Ask for a claim's end, once: NOT_PENDING after that; with a `payer` only for a claim of theirs."""
    own = Clause(attribute="payer", operator="=", value=payer, means=Refusal.NOTHING_TO_CANCEL)
    clauses = (_OPEN, _UNASKED, *((own,) if payer else ()))
    said = {"said": dict(wish.said)} if wish.said else {}
    return Part(clauses=clauses, assign={"wish": wish.end, "asked_by": wish.by, **said})


def name_try(claim: Claim, nonce: str) -> Part:
    """Count one more name of an account's holder, before it is looked at; STALE if another was counted meanwhile."""
    same = _same("name_tries", claim.name_tries, means=Refusal.STALE)
    return Part(clauses=(_OPEN, _UNASKED, same), assign={"name_tries": claim.name_tries + 1, "name_guess": nonce})


def name_untried(claim: Claim) -> Part:
    """Take back the try that `claim` was read after, as nobody could judge it; STALE if another was counted since."""
    clauses = (_OPEN, _UNASKED, _same("name_guess", claim.name_guess, means=Refusal.STALE))
    if claim.name_tries == 1:
        return Part(clauses=clauses, remove=("name_tries", "name_guess"))
    return Part(clauses=clauses, assign={"name_tries": claim.name_tries - 1}, remove=("name_guess",))


def sent(*, at: int, reference: str) -> Part:
    """The bank has sent what left by it, once: NOT_PENDING for what did not leave or was sent."""
    left = Clause(attribute="payee", operator="=", value=BANK, means=Refusal.NOT_PENDING)
    unsent = Clause(attribute="sent_at", operator="absent", means=Refusal.NOT_PENDING)
    return Part(clauses=(left, unsent), assign={"sent_at": at, "sent_reference": reference})


def end(claim: Claim, ending: Ending, *, now: int) -> Part:
    """The claim's own part of the transaction that ends it: once, as it was read; STALE if it was asked meanwhile."""
    over = Clause(attribute="expires_at", operator="<=", value=now, means=Refusal.STALE)
    return Part(
        clauses=(
            _OPEN,
            _same("wish", claim.wish, means=Refusal.STALE),
            _same("payer", claim.payer),
            _same("amount_minor", claim.amount_minor),
            _same("fee_minor", claim.fee_minor),
            *((over,) if ending.status == RETURNED else ()),
        ),
        assign={"status": ending.status, "ended_at": now, **ending.facts},
    )


def booking(claim: Claim, move: Move, transfer: Transfer, *, now: int) -> dict[str, Any]:
    """The item of one of the transfers that end a claim."""
    key, sort = intent_key(transfer.id)
    credited_to = {"credited": transfer.payee} if transfer.payee != holder(transfer.payee) else {}
    return {
        "PK": key,
        "SK": sort,
        "order": move.order,
        "status": "paid",
        "claim": claim.id,
        "payer": SUSPENSE,
        "payee": move.payee,
        **credited_to,
        "amount_minor": transfer.amount_minor,
        "currency": transfer.currency,
        "created_at": now,
        "paid_at": now,
        "moved_micros": transfer.moved_micros,
    }


def to_item(claim: Claim) -> dict[str, Any]:
    """The item of a claim; what is empty is left out."""
    key, sort = claim_key(claim.id)
    fields = {name: value for name, value in vars(claim).items() if name != "id" and value}
    return {"PK": key, "SK": sort, **fields}


def from_item(item: Item) -> Claim:
    """Read a claim from its item; raises TypeError if it lacks what every one has."""
    known = {name: item[name] for name in Claim.__dataclass_fields__ if name in item}
    return Claim(id=item["PK"].removeprefix("C#"), **known)


_OPEN = Clause(attribute="status", operator="=", value=OPEN, means=Refusal.NOT_PENDING)
_UNASKED = Clause(attribute="wish", operator="absent", means=Refusal.NOT_PENDING)


def _moving(*moves: Move) -> tuple[Move, ...]:
    return tuple(move for move in moves if move.amount_minor)


def _same(attribute: str, value: Any, *, means: Refusal = Refusal.INTENT_CHANGED) -> Clause:
    """An attribute is as it was read; what is empty is not stored."""
    if not value:
        return Clause(attribute=attribute, operator="absent", means=means)
    return Clause(attribute=attribute, operator="=", value=value, means=means)
