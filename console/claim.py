"""`console claim`: money that is held for somebody who is not linked yet: what there is, and taking it back."""

import argparse
from typing import TYPE_CHECKING, Any

from console import output, payouts, stage

if TYPE_CHECKING:
    from chalicelib.ledger.claim import Claim
    from chalicelib.services import Services


def register(subparsers: Any) -> None:
    """Add `claim list`, `claim show`, `claim return`, and what is paid out."""
    commands = subparsers.add_parser("claim", help="money held for who is not linked yet").add_subparsers(required=True)
    listing = commands.add_parser("list", help="what is held now")
    listing.add_argument("--all", action="store_true", help="also what was claimed or went back")
    listing.set_defaults(run=_list)
    show = commands.add_parser("show", help="one claim, and the transfers that ended it")
    show.set_defaults(run=_show)
    returning = commands.add_parser("return", help="give held money back before its time; the payer is told")
    returning.add_argument("--yes", action="store_true", help="do not ask")
    returning.set_defaults(run=_return)
    payouts.register(commands)
    for command in (show, returning):
        command.add_argument("order", help="the payment's id, reference, post or post's URL")
    for command in (listing, show, returning):
        stage.add_options(command)


def _list(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import claim as claims
    from console import everything

    stage.use(arguments.stage)
    wanted = everything.search(("C#",), lambda item: bool(arguments.all or item.get("status") == claims.OPEN))
    found = sorted(map(claims.from_item, wanted), key=lambda claim: (claim.expires_at, claim.id))
    return output.tell(arguments, [_row(claim) for claim in found], none="Nothing is held.")


def _show(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger.claim import transfer_id
    from chalicelib.table import intent_key
    from console import rows

    services, claim = _find(arguments)
    if claim is None:
        return _unknown(arguments)
    ended = [services.table.get(intent_key(transfer_id(claim.id, number)), consistent=True) for number in (1, 2)]
    moved = [row for item in ended if item and (row := rows.row(item, programme=services.programme))]
    return output.tell(arguments, [_row(claim), *moved])


def _return(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import claiming
    from chalicelib.ledger.claim import CANCELLED, Wish
    from chalicelib.table import Rejection
    from console import caller

    services, claim = _find(arguments)
    if claim is None:
        return _unknown(arguments)
    if claim.status == "open" and not claim.wish and not stage.agreed(_question(claim), yes=arguments.yes):
        return 1
    wish = Wish(end=CANCELLED, by=caller.arn())
    asked = claiming.ask(services.table, claim.id, wish, clock=services.clock)
    now = claiming.read(services.table, claim.id) or claim
    if isinstance(asked, Rejection) and (now.wish, now.asked_by) != (wish.end, wish.by):
        done = f"{now.status}, since somebody asked for it: {now.wish}" if now.status == "open" else now.status
        return output.refuse(f"Nothing done: it is {done}.")
    return output.tell(arguments, [_row(now)])


def _find(arguments: argparse.Namespace) -> "tuple[Services, Claim | None]":
    """The services of the stage, and the claim of the one order that the handle names."""
    from chalicelib import production
    from chalicelib.ledger import claiming
    from console import clues, orders

    stage.use(arguments.stage)
    services = production.services()
    clue = clues.read(arguments.order[: clues.LONGEST], country=services.programme.country)
    found = orders.look(services, clue)
    claim = claiming.read(services.table, found[0]["PK"].removeprefix("T#")) if len(found) == 1 else None
    return services, claim


def _row(claim: "Claim") -> dict[str, Any]:
    from chalicelib import production
    from chalicelib.ledger import claim as claims
    from console import rows

    shown = rows.row(claims.to_item(claim), programme=production.services().programme) or {}
    return {name: value for name, value in shown.items() if name != "found"}


def _question(claim: "Claim") -> str:
    from chalicelib.money import format_amount

    amount = format_amount(claim.held_minor, claim.currency, "en")
    return f"Give {amount} back to {claim.payer}? It is held for {claim.user_id} on {claim.network}. The payer is told."


def _unknown(arguments: argparse.Namespace) -> int:
    return output.refuse(
        f"Nothing is or was held by an order {arguments.order}; `console claim list --all` names them."
    )
