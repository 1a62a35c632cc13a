"""`console claim payouts` and `claim sent`: what the bank must send to accounts that payees have named, each once."""

import argparse
import csv
import sys
from typing import TYPE_CHECKING, Any

from console import output, stage

if TYPE_CHECKING:
    from chalicelib.ledger.claim import Claim
    from chalicelib.services import Services

REFERENCE_CHARACTERS = 35
COLUMNS = (
    *("claim", "reference", "amount_minor", "currency", "bank", "branch", "kind", "number", "iban", "holder"),
    *("claimed_at", "sent_at", "sent_reference", "late"),
)


def register(commands: Any) -> None:
    """Add `payouts` and `sent` to the commands of `console claim`."""
    listing = commands.add_parser("payouts", help="what the bank must send to accounts that payees have named")
    listing.add_argument("--all", action="store_true", help="also what was sent")
    listing.add_argument("--full", action="store_true", help="accounts and holders in full, as a transfer needs them")
    listing.add_argument("--csv", action="store_true", help="for a spreadsheet or the bank's own system; in full")
    listing.set_defaults(run=_payouts)
    sent = commands.add_parser("sent", help="write down that the bank has sent a payout")
    sent.add_argument("order", help="the claim's id, as `claim payouts` lists it")
    sent.add_argument("--reference", required=True, help="the bank's own reference of its transfer")
    sent.set_defaults(run=_sent)
    for command in (listing, sent):
        stage.add_options(command)


def _payouts(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.ledger import claim as claims
    from chalicelib.ledger.account import BANK
    from console import everything

    stage.use(arguments.stage)
    services = production.services()
    items = everything.search(("C#",), lambda item: item.get("payee") == BANK and item["status"] == claims.CLAIMED)
    found = sorted(map(claims.from_item, items), key=lambda claim: (claim.ended_at, claim.id))
    wanted = [claim for claim in found if arguments.all or not claim.sent_at]
    rows = [_row(claim, services=services, full=arguments.full or arguments.csv) for claim in wanted]
    if arguments.csv:
        return _table(rows)
    return output.tell(arguments, rows, none="Nothing is to be sent.")


def _sent(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.ledger import claim as claims
    from chalicelib.ledger import claiming
    from chalicelib.retry import change
    from chalicelib.table import claim_key, update

    reference = arguments.reference.strip()
    if not (reference.isprintable() and 0 < len(reference) <= REFERENCE_CHARACTERS):
        return output.refuse(f"A reference has 1 to {REFERENCE_CHARACTERS} printable characters.")
    stage.use(arguments.stage)
    services = production.services()
    part = claims.sent(at=services.clock.now(), reference=reference)
    change(services.table, update(claim_key(arguments.order), part), clock=services.clock)
    claim = claiming.read(services.table, arguments.order)
    if claim is None or claim.sent_reference != reference:
        before = f"it was sent as {claim.sent_reference}" if claim and claim.sent_at else "the bank owes it nothing"
        return output.refuse(f"Nothing done for {arguments.order}: {before}.")
    return output.tell(arguments, [_row(claim, services=services, full=False)])


def _row(claim: "Claim", *, services: "Services", full: bool) -> dict[str, Any]:
    """One payout: the account and its holder in full, or as much as it takes to know it by.

    `late` is true where it waits for longer than the programme's `claims.payout_seconds`.
    """
    from chalicelib.identity.bank_account import BankAccount
    from chalicelib.intents.intent import reference

    account = BankAccount(**claim.said)
    zone, now = services.programme.zone, services.clock.now()
    shown = account.fields() if full else {"account": account.masked}
    sent = {"sent_at": output.at(claim.sent_at, zone), "sent_reference": claim.sent_reference} if claim.sent_at else {}
    late = claim.late(due=now - services.programme.claims.payout_seconds)
    return {
        "claim": claim.id,
        "reference": reference(claim.id),
        "amount_minor": claim.amount_minor,
        "currency": claim.currency,
        **shown,
        "claimed_at": output.at(claim.ended_at, zone),
        **sent,
        **({"late": True} if late else {}),
    }


def _table(rows: list[dict[str, Any]]) -> int:
    from chalicelib.ledger.statement_forms import safe

    table = csv.writer(sys.stdout, lineterminator="\r\n")
    table.writerow(COLUMNS)
    table.writerows([safe(str(row.get(name, ""))) for name in COLUMNS] for row in rows)
    return 0
