"""The account that a command names, and what is said where there is none."""

import argparse
from typing import TYPE_CHECKING

from console import output, stage

if TYPE_CHECKING:
    from chalicelib.ledger.account import Account
    from chalicelib.services import Services


def named(arguments: argparse.Namespace) -> "tuple[Services, Account] | None":
    """The stage's services and the account as it is now; None where there is none, which is said then."""
    from chalicelib import production
    from chalicelib.ledger import store as ledger

    stage.use(arguments.stage)
    services = production.services()
    account = ledger.account(services.table, arguments.account)
    if account is None:
        unknown(arguments)
        return None
    return services, account


def unknown(arguments: argparse.Namespace) -> int:
    """Say that there is no such account; returns exit status 1."""
    return output.refuse(f"There is no account {arguments.account}; `console person list` names them all.")
