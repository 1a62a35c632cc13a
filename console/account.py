"""`console account`: what an account holds, funding it, stopping it, and closing it."""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from console import accounts, output, shards, stage, statement

if TYPE_CHECKING:
    from chalicelib.ledger.transfer import Transfer
    from chalicelib.table import Rejection

CHANGES = {
    "freeze": ("frozen", "an account neither pays nor receives"),
    "unfreeze": ("open", "it pays and receives again"),
}


def register(subparsers: Any) -> None:
    """Add `account show`, `fund`, `freeze`, `unfreeze`, `unblock`, `close`, `balance` and `statement`."""
    commands = subparsers.add_parser("account", help="show, fund, freeze, close accounts; statements").add_subparsers(
        required=True
    )
    show = commands.add_parser("show", help="balance, status, attempts, what was spent")
    show.set_defaults(run=_show)
    fund = commands.add_parser("fund", help="credit money that came in from outside, once for each reference")
    fund.add_argument("account")
    fund.add_argument("amount", help="such as 50 or 50.25, in the account's currency")
    fund.add_argument("--reference", required=True, help="the bank's reference of this money; the same one funds once")
    fund.add_argument("--yes", action="store_true", help="do not ask")
    fund.set_defaults(run=_fund)
    others = []
    for name, (status, means) in CHANGES.items():
        change = commands.add_parser(name, help=means)
        change.set_defaults(run=_set_status, status=status)
        others.append(change)
    unblock = commands.add_parser("unblock", help="let the holder type the security code again")
    unblock.set_defaults(run=_unblock)
    close = commands.add_parser("close", help="end an empty account for good; it never opens again")
    close.add_argument("--yes", action="store_true", help="do not ask")
    close.set_defaults(run=_close)
    for command in (show, *others, unblock, close):
        command.add_argument("account")
    for command in (show, fund, *others, unblock, close):
        stage.add_options(command)
    shards.register(commands)
    statement.register(commands)


def _show(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import sharding
    from console import holding

    found = accounts.named(arguments)
    if found is None:
        return 1
    services, account = found
    parts = sharding.balances(services.table, account.id, account.shards)
    account = replace(account, available_minor=account.available_minor + sum(item["available"] for item in parts))
    tries = services.programme.caps.code_tries
    if not arguments.json:
        return output.tell(arguments, [holding.readable(account, tries=tries, zone=services.programme.zone)])
    shown = {name: value for name, value in vars(account).items() if name != "code_mac"}
    state = {"has_code": bool(account.code_mac), "blocked": account.attempts >= tries}
    return output.tell(arguments, [{**shown, **state}])


def _fund(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import store as ledger
    from chalicelib.money import minor

    found = accounts.named(arguments)
    if found is None:
        return 1
    services, account = found
    amount_minor = minor(arguments.amount, account.currency)
    if not amount_minor:
        return output.refuse(f"Nothing funded: {arguments.amount} is no amount in {account.currency}.")
    if not stage.agreed(f"Credit {arguments.amount} {account.currency} to {account.id}?", yes=arguments.yes):
        return 1
    funding = ledger.funding(
        f"fund-{arguments.reference}", payee=account.id, amount_minor=amount_minor, currency=account.currency
    )
    rejection = ledger.fund(services.table, funding, clock=services.clock)
    if rejection:
        return output.refuse(_why_not_funded(rejection, funding))
    return output.tell(arguments, [{"account": account.id, "funded_minor": amount_minor, "transfer": funding.id}])


def _why_not_funded(rejection: "Rejection", funding: "Transfer") -> str:
    if rejection.refusal.value != "already_seen":
        return f"Nothing funded: {rejection.refusal}. `console account show {funding.payee}` tells its status."
    before = rejection.items[0]
    same = before and (before["payee"], before["amount_minor"]) == (funding.payee, funding.amount_minor)
    done = "this very funding was done before" if same else "another funding was made under this reference"
    return f"Nothing funded: {done}."


def _set_status(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.ledger import store as ledger
    from chalicelib.table import Rejection

    stage.use(arguments.stage)
    services = production.services()
    before = ledger.account(services.table, arguments.account)
    # Done again even where nothing seems to do: a change that was cut off may have left sub-balances behind.
    changed = ledger.set_status(services.table, arguments.account, status=arguments.status, clock=services.clock)
    if isinstance(changed, Rejection):
        return _refused(arguments, changed)
    row = {"account": arguments.account, "status": changed["status"]}
    if before and before.status == changed["status"]:
        return _nothing_to_do(arguments, row, f"{arguments.account} is {before.status} already")
    return output.tell(arguments, [row])


def _unblock(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import store as ledger
    from chalicelib.table import Rejection

    found = accounts.named(arguments)
    if found is None:
        return 1
    services, before = found
    row: dict[str, Any] = {"account": before.id, "attempts": 0}
    if before.attempts == 0:
        return _nothing_to_do(arguments, row, f"{before.id} is not blocked, and no wrong code is counted")
    if isinstance(ledger.unblock(services.table, before.id), Rejection):
        return accounts.unknown(arguments)
    if before.attempts < services.programme.caps.code_tries and not arguments.json:
        row["note"] = f"it was not blocked; {output.count(before.attempts, 'wrong code')} counted no more"
    return output.tell(arguments, [row])


def _nothing_to_do(arguments: argparse.Namespace, row: Mapping[str, Any], why: str) -> int:
    """The wish is met already, which is no failure: programs get the row as ever, people the reason."""
    return output.tell(arguments, [row] if arguments.json else [], none=f"Nothing to do: {why}.")


def _close(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import store as ledger
    from chalicelib.table import Rejection

    found = accounts.named(arguments)
    if found is None:
        return 1
    services, _ = found
    question = f"Close {arguments.account}? It neither pays nor receives again, for good."
    if not stage.agreed(question, yes=arguments.yes):
        return 1
    changed = ledger.close(services.table, arguments.account, clock=services.clock)
    if isinstance(changed, Rejection):
        return _refused(arguments, changed)
    return output.tell(arguments, [{"account": arguments.account, "status": changed["status"]}])


def _refused(arguments: argparse.Namespace, rejection: "Rejection") -> int:
    from chalicelib.refusals import Refusal

    if rejection.refusal is Refusal.FUNDS_MISSING:
        return output.refuse(
            f"Nothing closed: {arguments.account} still holds money; have its holder send it on "
            "(`console account gather` first if it has sub-balances), then close it."
        )
    if rejection.refusal is Refusal.PAYEE_CLOSED:
        return output.refuse(f"Nothing changed: {arguments.account} is closed; open a new one by `console person add`.")
    if rejection.refusal is Refusal.STALE:
        return output.refuse(f"Nothing closed: {arguments.account} was given more sub-balances meanwhile; try again.")
    return accounts.unknown(arguments)
