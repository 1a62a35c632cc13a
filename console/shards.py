"""`console account shards` and `gather`: more room for a payee whom many pay at once, and its money in one place."""

import argparse
from typing import Any

from console import output, stage


def register(commands: Any) -> None:
    """Add `account shards` and `account gather`."""
    shards = commands.add_parser("shards", help="raise the number of sub-balances, live, when ConflictsAlarm rings")
    shards.add_argument("account")
    shards.add_argument("--to", type=int, required=True, metavar="N", help="such as 64; it never shrinks")
    shards.set_defaults(run=_raise)
    gather = commands.add_parser("gather", help="move what came in on the sub-balances to the account")
    gather.add_argument("account")
    gather.add_argument("--yes", action="store_true", help="do not ask")
    gather.set_defaults(run=_gather)
    for command in (shards, gather):
        stage.add_options(command)


def _raise(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.ledger import sharding
    from chalicelib.ledger import store as ledger

    stage.use(arguments.stage)
    services = production.services()
    account = ledger.account(services.table, arguments.account)
    if account is None:
        return _unknown(arguments)
    if not account.shards < arguments.to <= sharding.MOST:
        return output.refuse(
            f"Nothing raised: {account.id} has {account.shards} sub-balances; --to takes {account.shards + 1} to "
            f"{sharding.MOST}, as their number never shrinks."
        )
    rejection = sharding.raise_to(services.table, account, arguments.to, clock=services.clock)
    if rejection:
        return output.refuse(f"Not raised: {rejection.refusal}; look at `console account show {account.id}`.")
    return output.tell(arguments, [{"account": account.id, "shards": arguments.to}])


def _gather(arguments: argparse.Namespace) -> int:
    from chalicelib import production
    from chalicelib.ledger import gathering
    from chalicelib.ledger import store as ledger

    stage.use(arguments.stage)
    services = production.services()
    account = ledger.account(services.table, arguments.account)
    if account is None:
        return _unknown(arguments)
    question = f"Move what the {account.shards} sub-balances of {account.id} hold to it?"
    if not stage.agreed(question, yes=arguments.yes):
        return 1
    moved_minor = gathering.gather(services.table, account, clock=services.clock)
    return output.tell(arguments, [{"account": account.id, "gathered_minor": moved_minor}])


def _unknown(arguments: argparse.Namespace) -> int:
    return output.refuse(f"There is no account {arguments.account}; `console person list` names them all.")
