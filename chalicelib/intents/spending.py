"""What a payer may spend, as limits and the payer's account say together. Pure."""

from chalicelib.config import Programme
from chalicelib.intents.intent import Intent
from chalicelib.ledger.account import Account
from chalicelib.limits import policy
from chalicelib.refusals import Refusal
from chalicelib.table import Part


def limit(programme: Programme, payer: Account, *, intent: Intent, now: int) -> Part | Refusal:
    """What a payment asks of the payer's limits, or the refusal that is certain already."""
    limits, today = programme.limits[intent.payee_kind], policy.day_of(now, programme.zone)
    return policy.spend(intent.amount_minor, limits=limits, spent=spent(payer), today=today)


def left_today(programme: Programme, payer: Account, *, payee_kind: str, now: int) -> int:
    """What the payer may still send today to payees of a kind, in minor units."""
    limits, today = programme.limits[payee_kind], policy.day_of(now, programme.zone)
    return policy.left_today(limits, spent=spent(payer), today=today)


def spent(account: Account) -> policy.Spent:
    """What an account has spent of its limits, as the policy wants it."""
    return policy.Spent(day=account.day, day_minor=account.spent_day_minor, month_minor=account.spent_month_minor)
