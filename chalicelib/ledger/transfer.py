"""The two legs of a transfer, each as its part of the account's update."""

from dataclasses import dataclass

from chalicelib.conditions import Clause
from chalicelib.refusals import Refusal
from chalicelib.table import Part


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """Money that moves from payer to payee in one transaction; its id is its intent's."""

    id: str
    payer: str
    payee: str
    amount_minor: int
    currency: str


def debit(transfer: Transfer) -> Part:
    """The payer's leg: refused if the account is not open, of another currency, or would fall below zero."""
    return Part(
        clauses=(
            Clause(attribute="status", operator="<>", value="frozen", means=Refusal.PAYER_FROZEN),
            Clause(attribute="status", operator="=", value="open", means=Refusal.PAYER_CLOSED),
            Clause(attribute="currency", operator="=", value=transfer.currency, means=Refusal.CURRENCY_MISMATCH),
            Clause(attribute="available", operator=">=", value=transfer.amount_minor, means=Refusal.FUNDS_MISSING),
        ),
        assign={"last": _leg(transfer, -transfer.amount_minor, transfer.payee)},
        add={"available": -transfer.amount_minor, "seq": 1},
    )


def credit(transfer: Transfer) -> Part:
    """The payee's leg: refused if the account is not open or of another currency."""
    return Part(
        clauses=(
            Clause(attribute="status", operator="<>", value="frozen", means=Refusal.PAYEE_FROZEN),
            Clause(attribute="status", operator="=", value="open", means=Refusal.PAYEE_CLOSED),
            Clause(attribute="currency", operator="=", value=transfer.currency, means=Refusal.CURRENCY_MISMATCH),
        ),
        assign={"last": _leg(transfer, transfer.amount_minor, transfer.payer)},
        add={"available": transfer.amount_minor, "seq": 1},
    )


def _leg(transfer: Transfer, amount_minor: int, counterparty: str) -> dict[str, str | int]:
    """With `seq` and `available` this makes each stream image of an account a whole ledger entry."""
    return {"transfer": transfer.id, "amount_minor": amount_minor, "counterparty": counterparty}
