"""`console intent`: an order to pay, ended or told again on behalf of its payer."""

import argparse
from typing import TYPE_CHECKING, Any

from console import output, stage

if TYPE_CHECKING:
    from chalicelib.intents.intent import Intent
    from chalicelib.refusals import Refusal
    from chalicelib.services import Services


def register(subparsers: Any) -> None:
    """Add `intent show`, `intent expire` and `intent resend`."""
    commands = subparsers.add_parser("intent", help="show, end, send an intent's link again").add_subparsers(
        required=True
    )
    show = commands.add_parser("show", help="the intent as it is stored, without its note and names; its reversals")
    show.set_defaults(run=_show)
    expire = commands.add_parser("expire", help="end an intent that waits; its payer is told, nothing is debited")
    expire.add_argument("--yes", action="store_true", help="do not ask")
    expire.set_defaults(run=_expire)
    resend = commands.add_parser("resend", help="send the payer a new link by SMS; the old ones are dead")
    resend.set_defaults(run=_resend)
    for command in (show, expire, resend):
        command.add_argument("intent", help="its id, reference, post or post's URL")
        stage.add_options(command)


def _show(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import reversal, reversing
    from chalicelib.table import intent_key
    from console import rows

    services, intent = _find(arguments)
    if intent is None:
        return _unknown(arguments)
    item = services.table.get(intent_key(intent), consistent=True)
    back = map(reversal.to_item, reversing.of_payment(services.table, intent))
    shown = [rows.row(one, programme=services.programme) for one in (item, *back) if one]
    return output.tell(arguments, [row for row in shown if row])


def _expire(arguments: argparse.Namespace) -> int:
    from chalicelib.intents import lifecycle, store

    services, intent_id = _find(arguments)
    intent = store.read(services.table, intent_id) if intent_id else None
    if intent is None:
        return _unknown(arguments)
    if intent.status == "pending" and not stage.agreed(_question(intent), yes=arguments.yes):
        return 1
    outcome = lifecycle.expire(services, intent.id)
    if outcome.intent is None or outcome.refusal:
        return _refused("ended", outcome.intent or intent, outcome.refusal)
    return output.tell(
        arguments, [{"intent": intent.id, "reference": intent.reference, "status": outcome.intent.status}]
    )


def _resend(arguments: argparse.Namespace) -> int:
    from chalicelib.intents import lifecycle

    services, intent_id = _find(arguments)
    outcome = lifecycle.resend(services, intent_id) if intent_id else None
    if outcome is None or outcome.intent is None:
        return _unknown(arguments)
    intent = outcome.intent
    if outcome.refusal:
        return _refused("sent", intent, outcome.refusal)
    return output.tell(
        arguments, [{"intent": intent.id, "reference": intent.reference, "link_number": intent.link_number}]
    )


def _find(arguments: argparse.Namespace) -> "tuple[Services, str | None]":
    """The services of the stage and the id of the one intent that the handle names, if there is one."""
    from chalicelib import production
    from console import clues, orders

    stage.use(arguments.stage)
    services = production.services()
    clue = clues.read(arguments.intent[: clues.LONGEST], country=services.programme.country)
    found = orders.look(services, clue)
    return services, found[0]["PK"].removeprefix("T#") if len(found) == 1 else None


def _question(intent: "Intent") -> str:
    from chalicelib.money import format_amount

    amount = format_amount(intent.amount_minor, intent.currency, "en")
    return f"End {intent.reference}, {amount} from {intent.payer} to {intent.payee}? Its payer is told by SMS."


def _refused(done: str, intent: "Intent", refusal: "Refusal | None") -> int:
    from chalicelib.refusals import Refusal

    if refusal is Refusal.LINKS_TOO_MANY:
        why = f"{intent.link_number} links were sent, the programme's cap; let it expire and have the order made again"
    elif refusal is Refusal.LINK_WITHHELD:
        why = "its payer gave too many orders in 24 hours; try again in some hours, or have the order made again"
    elif refusal is Refusal.EXPIRED:
        why = "its time is over and the sweep is about to end it; have the order made again"
    elif intent.status != "pending":
        why = f"it is {intent.status}; `console explain {intent.id}` tells its story"
    else:
        why = f"it was refused ({refusal}); look at `console explain {intent.id}`, then try again"
    return output.refuse(f"Nothing {done}: {why}.")


def _unknown(arguments: argparse.Namespace) -> int:
    return output.refuse(
        f"There is no single order {arguments.intent}; `console find` looks for it by any handle, "
        "and `console explain` tells what became of a post."
    )
