"""`console account balance` and `console account statement`: what an account held at a time, and a month of it."""

import argparse
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from console import output, stage

if TYPE_CHECKING:
    from chalicelib.ledger.account import Account
    from chalicelib.ledger.statement import Statement
    from chalicelib.services import Services

FUNDING = "fund-"


def register(commands: Any) -> None:
    """Add `balance` and `statement` to the commands of `account`."""
    balance = commands.add_parser("balance", help="what the account held at a time, its sub-balances included")
    balance.add_argument("--at", required=True, metavar="TIME", help="2026-11-23T10:00, in the programme's zone")
    balance.set_defaults(run=_balance)
    statement = commands.add_parser("statement", help="a month: opening balance, movements, closing balance")
    statement.add_argument("--month", required=True, help="such as 2026-11")
    form = statement.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="for a spreadsheet")
    form.add_argument("--ndjson", action="store_true", help="for programs: an object a line")
    statement.set_defaults(run=_statement)
    for command in (balance, statement):
        command.add_argument("account")
        stage.add_options(command)


def parts(account: "Account") -> Sequence[str]:
    """The account and its sub-balances."""
    from chalicelib.ledger.transfer import sub_balance

    return [account.id, *(sub_balance(account.id, number) for number in range(account.shards))]


def _balance(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import entries

    opened = _open(arguments)
    if isinstance(opened, int):
        return opened
    services, account = opened
    try:
        at = datetime.fromisoformat(arguments.at)
    except ValueError:
        return output.refuse(f"{arguments.at} is no time such as 2026-11-23T10:00.")
    at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(services.programme.zone))
    until = int(at.timestamp()) * 1_000_000 + at.microsecond
    try:
        last = [entries.last_until(services.table, part, until_micros=until) for part in parts(account)]
    except entries.Gap as gap:
        return _gap(gap)
    balance_minor = sum(entry.balance_minor for entry in last if entry)
    row = {"account": account.id, "at": at.isoformat(), "balance_minor": balance_minor, "currency": account.currency}
    return output.tell(arguments, [row])


def _statement(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import entries, statement

    opened = _open(arguments)
    if isinstance(opened, int):
        return opened
    services, account = opened
    try:
        month = statement.month(arguments.month, services.programme.zone)
    except ValueError as error:
        return output.refuse(f"Nothing shown: {error}.")
    since, until = month.since_micros, month.until_micros
    try:
        found = [
            entry
            for part in parts(account)
            for entry in entries.between(services.table, part, since_micros=since, until_micros=until)
        ]
    except entries.Gap as gap:
        return _gap(gap)
    made = statement.statement(found, account=account.id, currency=account.currency, month=month)
    return _show(arguments, statement.named(made, names=_names(services, made), reference=_reference), services)


def _show(arguments: argparse.Namespace, made: "Statement", services: "Services") -> int:
    from chalicelib.ledger import statement_forms as forms

    if arguments.csv or arguments.ndjson:
        print(forms.to_csv(made) if arguments.csv else forms.to_ndjson(made), end="")
        return 0
    page = forms.to_page(made, language=services.programme.language)
    if arguments.json:
        return output.tell(arguments, [page])
    print(f"{page['account']}, {page['month']}: {page['opening']} at its beginning, {page['closing']} at its end")
    for line in page["lines"]:
        whom = line["name"] or line["counterparty"]
        print(f"  {line['date']}  {line['reference']:14}  {line['amount']:>14}  {line['balance']:>14}  {whom}")
    print(f"  in {page['in']}, out {page['out']}, {output.count(len(page['lines']), 'movement')}")
    return 0


def _open(arguments: argparse.Namespace) -> "tuple[Services, Account] | int":
    """The stage's services and the account; the exit status, told why, where there is none."""
    from chalicelib import production
    from chalicelib.ledger import store as ledger

    stage.use(arguments.stage)
    services = production.services()
    account = ledger.account(services.table, arguments.account)
    if account is None:
        return output.refuse(f"There is no account {arguments.account}; `console person list` names them all.")
    return services, account


def _gap(gap: LookupError) -> int:
    return output.refuse(f"Nothing shown: {gap}; `console journal rebuild` makes it from the transfers.")


def _names(services: "Services", made: "Statement") -> Mapping[str, str]:
    """The verified name of each counterparty; the brand's for the programme's own sides."""
    from chalicelib.identity import store as people
    from chalicelib.ledger import store as ledger
    from chalicelib.ledger.account import OWN

    names = dict.fromkeys(OWN, services.programme.brand)
    for counterparty in {line.counterparty for line in made.lines} - OWN:
        account = ledger.account(services.table, counterparty)
        person = people.person(services.table, account.person) if account else None
        names[counterparty] = person.name if person else ""
    return names


def _reference(transfer: str) -> str:
    """What a customer or the bank calls a transfer: six letters and digits, or the bank's own reference."""
    from chalicelib.intents.intent import reference

    return transfer.removeprefix(FUNDING) if transfer.startswith(FUNDING) else reference(transfer)
