"""The two legs of a transfer, each as its part of the account's update."""

from dataclasses import dataclass

from chalicelib.conditions import Clause, Item
from chalicelib.refusals import Refusal
from chalicelib.table import Part

# Transfers that no message asked for: money from outside, an account's own sub-balances, money given back; and what
# becomes of held money: claimed by its payee, returned to its payer, kept as a fee.
BOOKINGS = frozenset({"fund", "gather", "reversal", "claim", "return", "fee"})


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """Money that moves from payer to payee in one transaction; its id is its intent's.

    `payer` and `payee` are the accounts that the legs change: a payee's may be a sub-balance. `moved_micros` is the
    instant of the transaction in epoch microseconds: later than the last leg of either account, so that the transfers
    alone tell the order of an account's legs.
    """

    id: str
    payer: str
    payee: str
    amount_minor: int
    currency: str
    moved_micros: int


def moved_minor(transfer: Item) -> int:
    """What a paid transfer's item moved from its payer to its payee: the amount and, of held money, the fee."""
    return int(transfer["amount_minor"]) + int(transfer.get("fee_minor", 0))


def sub_balance(account: str, number: int) -> str:
    """The account's sub-balance with this number: an account item of its own, so that many can pay at once."""
    return f"{account}#{number}"


def holder(account: str) -> str:
    """The account that a sub-balance belongs to; any other account is its own."""
    return account.partition("#")[0]


def debit(transfer: Transfer, *, even_frozen: bool = False) -> Part:
    """The payer's leg: refused if the account is not open, of another currency, or would fall below zero.

    With `even_frozen` a frozen account pays too, as when an operator takes back what a fraud has brought.
    """
    return Part(
        clauses=(
            *_stands(Refusal.PAYER_FROZEN, Refusal.PAYER_CLOSED, even_frozen=even_frozen),
            *_money(transfer, at_least=transfer.amount_minor),
        ),
        assign=_leg(transfer, -transfer.amount_minor, holder(transfer.payee)),
        add={"available": -transfer.amount_minor, "seq": 1},
    )


def credit(transfer: Transfer, *, even_frozen: bool = False, even_closed: bool = False) -> Part:
    """The payee's leg: refused if the account is not open or of another currency; see `debit` for `even_frozen`.

    With `even_closed` it is refused for its currency alone: held money that comes back to its payer is never stuck.
    """
    stands = () if even_closed else _stands(Refusal.PAYEE_FROZEN, Refusal.PAYEE_CLOSED, even_frozen=even_frozen)
    return Part(
        clauses=(*stands, *_money(transfer)),
        assign=_leg(transfer, transfer.amount_minor, holder(transfer.payer)),
        add={"available": transfer.amount_minor, "seq": 1, **_gift(transfer)},
    )


def _gift(transfer: Transfer) -> dict[str, int]:
    """A sub-balance also counts what it ever received, for the payee's digest."""
    return {"gifts": 1, "received": transfer.amount_minor} if holder(transfer.payee) != transfer.payee else {}


def _stands(frozen: Refusal, closed: Refusal, *, even_frozen: bool) -> tuple[Clause, ...]:
    """That the account may move at all; one that is not there lacks the currency and is refused for that."""
    if even_frozen:
        return (Clause(attribute="status", operator="<>", value="closed", means=closed),)
    return (
        Clause(attribute="status", operator="<>", value="frozen", means=frozen),
        Clause(attribute="status", operator="=", value="open", means=closed),
    )


def _money(transfer: Transfer, *, at_least: int | None = None) -> tuple[Clause, ...]:
    """What any leg asks: the currency, an instant after the leg before, and, of who pays, the money."""
    instant = transfer.moved_micros
    funds = Clause(attribute="available", operator=">=", value=at_least, means=Refusal.FUNDS_MISSING)
    return (
        Clause(attribute="currency", operator="=", value=transfer.currency, means=Refusal.CURRENCY_MISMATCH),
        Clause(attribute="moved_micros", operator="<", value=instant, means=Refusal.LEG_LATE, or_absent=True),
        *(() if at_least is None else (funds,)),
    )


def _leg(transfer: Transfer, amount_minor: int, counterparty: str) -> dict[str, dict[str, str | int] | int]:
    """With `seq` and `available` this makes each stream image of an account a whole ledger entry."""
    last: dict[str, str | int] = {
        "transfer": transfer.id, "amount_minor": amount_minor, "counterparty": counterparty,
    }  # fmt: skip
    return {"last": last, "moved_micros": transfer.moved_micros}
