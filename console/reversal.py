"""`console reversal`: money of a payment goes back to its payer; one operator asks, another one agrees."""

import argparse
from typing import TYPE_CHECKING, Any

from console import output, stage

if TYPE_CHECKING:
    from chalicelib.conditions import Item
    from chalicelib.ledger.reversal import Reversal
    from chalicelib.ledger.reversing import Outcome
    from chalicelib.services import Services

_SHOWN = ("status", "original", "payer", "payee", "amount_minor", "currency", "requested_by", "decided_by")


def register(subparsers: Any) -> None:
    """Add `reversal request`, `list`, `approve` and `decline`."""
    commands = subparsers.add_parser("reversal", help="give money of a payment back; two operators").add_subparsers(
        required=True
    )
    request = commands.add_parser("request", help="ask to give money of a payment back; another operator decides")
    request.add_argument("order", help="the payment's id, reference, post or post's URL")
    request.add_argument("--amount", help="such as 5 or 5.25, in the payment's currency; all that is left by default")
    request.add_argument("--reason", required=True, help="why, for the operator who decides; no customer reads it")
    request.set_defaults(run=_request)
    listing = commands.add_parser("list", help="reversals that wait for another operator")
    listing.add_argument("--all", action="store_true", help="also those that were decided")
    listing.set_defaults(run=_list)
    approve = commands.add_parser("approve", help="agree as another operator: the money moves, both sides are told")
    approve.add_argument("--yes", action="store_true", help="do not ask")
    approve.set_defaults(run=_approve)
    decline = commands.add_parser("decline", help="say no; nothing moves")
    decline.set_defaults(run=_decline)
    for command in (approve, decline):
        command.add_argument("reversal", help="its id, as `reversal list` shows it")
    for command in (request, listing, approve, decline):
        stage.add_options(command)


def _request(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import reversing
    from chalicelib.ledger.reversal import Wish
    from console import caller

    services = _services(arguments)
    payment = _payment(services, arguments.order)
    if payment is None:
        return output.refuse(f"There is no single order {arguments.order}; `console find` looks for it by any handle.")
    amount_minor = _amount(payment, arguments.amount)
    if amount_minor is None:
        return output.refuse(f"Nothing requested: {arguments.amount} is no amount in {payment.get('currency', 'it')}.")
    wish = Wish(amount_minor=amount_minor, reason=arguments.reason.strip(), by=caller.arn())
    outcome = reversing.request(services.table, payment["PK"].removeprefix("T#"), wish, clock=services.clock)
    if outcome.reversal is None:
        return output.refuse(f"Nothing requested: {_why(outcome, payment=payment)}.")
    return output.tell(arguments, [_row(outcome.reversal, zone=services.programme.zone)])


def _list(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger.reversal import REQUESTED, from_item, is_reversal
    from console import everything

    services = _services(arguments)
    items = everything.search(
        ("T#",), lambda item: is_reversal(item) and (arguments.all or item["status"] == REQUESTED)
    )
    found = sorted(map(from_item, items), key=lambda one: (one.created_at, one.id))
    rows = [_row(one, zone=services.programme.zone) for one in found]
    return output.tell(arguments, rows, none="No reversal waits for an operator.")


def _approve(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import reversing
    from console import caller

    services, by = _services(arguments), caller.arn()
    asked = reversing.read(services.table, arguments.reversal)
    if asked is None:
        return _unknown(arguments)
    if asked.status == "requested" and not stage.agreed(_question(asked), yes=arguments.yes):
        return 1
    outcome = reversing.approve(services.table, asked.id, by=by, clock=services.clock)
    return _told(arguments, outcome, zone=services.programme.zone)


def _decline(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import reversing
    from console import caller

    services = _services(arguments)
    outcome = reversing.decline(services.table, arguments.reversal, by=caller.arn(), clock=services.clock)
    return _told(arguments, outcome, zone=services.programme.zone)


def _services(arguments: argparse.Namespace) -> "Services":
    from chalicelib import production

    stage.use(arguments.stage)
    return production.services()


def _payment(services: "Services", handle: str) -> "Item | None":
    """The one order that a handle names, if there is one."""
    from console import clues, orders

    found = orders.look(services, clues.read(handle[: clues.LONGEST], country=services.programme.country))
    return found[0] if len(found) == 1 else None


def _amount(payment: "Item", typed: str | None) -> int | None:
    """What is asked for in minor units: what was typed, or all that is left."""
    from chalicelib.ledger.reversal import reversed_minor
    from chalicelib.money import minor

    if typed is not None:
        return minor(typed, payment.get("currency", "")) or None
    return int(payment.get("amount_minor", 0)) - reversed_minor(payment)


def _question(asked: "Reversal") -> str:
    from chalicelib.money import format_amount

    amount = format_amount(asked.amount_minor, asked.currency, "en")
    return (
        f"Give {amount} of {asked.original} back, from {asked.payer} to {asked.payee}, as {asked.requested_by} asks "
        f"({asked.said.get('reason', 'no reason')})? Both are told by SMS."
    )


def _told(arguments: argparse.Namespace, outcome: "Outcome", *, zone: str) -> int:
    if outcome.reversal is None:
        return _unknown(arguments)
    if outcome.refusal:
        return output.refuse(f"Nothing done: {_why(outcome)}.")
    return output.tell(arguments, [_row(outcome.reversal, zone=zone)])


def _row(one: "Reversal", *, zone: str) -> dict[str, Any]:
    moments = {
        name: output.at(at, zone) for name in ("created_at", "paid_at", "ended_at") if (at := getattr(one, name))
    }
    said = {name: getattr(one, name) for name in _SHOWN if getattr(one, name)}
    return {"reversal": one.id, **said, "reason": one.said.get("reason", ""), **moments}


def _why(outcome: "Outcome", *, payment: "Item | None" = None) -> str:
    """Why a reversal was not requested, approved or declined, and what to do."""
    from chalicelib.ledger.reversal import reversed_minor
    from chalicelib.money import format_amount
    from chalicelib.refusals import Refusal

    one = outcome.reversal
    match outcome.refusal:
        case Refusal.NOT_REVERSIBLE:
            return "only a payment that was made goes back; `console intent show` tells what became of this order"
        case Refusal.REVERSED_TOO_MUCH if payment:
            left_minor = payment["amount_minor"] - reversed_minor(payment)
            return f"{format_amount(left_minor, payment['currency'], 'en')} of this payment is left to go back"
        case Refusal.AMOUNT_ZERO:
            return "nothing of this payment is left to go back"
        case Refusal.NOT_PENDING if one:
            return f"it is {one.status}, decided by {one.decided_by}"
        case _:
            return _why_not_moved(outcome)


def _why_not_moved(outcome: "Outcome") -> str:
    from chalicelib.refusals import Refusal

    payer = outcome.reversal.payer if outcome.reversal else ""
    reasons = {
        Refusal.SAME_OPERATOR: "you have asked for it yourself; another operator agrees",
        Refusal.REVERSED_TOO_MUCH: "other reversals left less of this payment; decline it and ask for what is left",
        Refusal.FUNDS_MISSING: f"{payer} has not so much; with sub-balances, `console account gather {payer}` first",
        Refusal.PAYER_CLOSED: f"{payer} is closed; the money is to come by another way",
        Refusal.PAYEE_CLOSED: "the account that it would go back to is closed; the money is to go by another way",
    }
    return reasons.get(outcome.refusal, f"it was refused ({outcome.refusal})") if outcome.refusal else ""


def _unknown(arguments: argparse.Namespace) -> int:
    return output.refuse(f"There is no reversal {arguments.reversal}; `console reversal list --all` names them all.")
