"""`console account shards` and `gather`: more room for a payee whom many pay at once, and its money in one place.

Both also list the account for the hourly gathering, as one that was given sub-balances before there was a list.
"""

import argparse
from typing import Any

from console import accounts, output, stage


def register(commands: Any) -> None:
    """Add `account shards` and `account gather`."""
    shards = commands.add_parser("shards", help="raise the number of sub-balances, live, when ConflictsAlarm rings")
    shards.add_argument("account")
    shards.add_argument("--to", type=int, required=True, metavar="N", help="such as 64; it never shrinks, and may stay")
    shards.set_defaults(run=_raise)
    gather = commands.add_parser("gather", help="move what came in on the sub-balances to the account now")
    gather.add_argument("account")
    gather.add_argument("--yes", action="store_true", help="do not ask")
    gather.set_defaults(run=_gather)
    for command in (shards, gather):
        stage.add_options(command)


def _raise(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import sharded, sharding

    found = accounts.named(arguments)
    if found is None:
        return 1
    services, account = found
    if not max(account.shards, 1) <= arguments.to <= sharding.MOST:
        return output.refuse(
            f"Nothing raised: {account.id} has {account.shards} sub-balances; --to takes {account.shards + 1} to "
            f"{sharding.MOST}, as their number never shrinks."
        )
    rejection = sharding.raise_to(services.table, account, arguments.to, clock=services.clock)
    if rejection:
        return output.refuse(f"Not raised: {rejection.refusal}; look at `console account show {account.id}`.")
    services.table.put(sharded.line(account.id))
    return output.tell(arguments, [{"account": account.id, "shards": arguments.to}])


def _gather(arguments: argparse.Namespace) -> int:
    from chalicelib.ledger import gathering, sharded

    found = accounts.named(arguments)
    if found is None:
        return 1
    services, account = found
    question = f"Move what the {account.shards} sub-balances of {account.id} hold to it?"
    if not stage.agreed(question, yes=arguments.yes):
        return 1
    if account.shards:
        services.table.put(sharded.line(account.id))
    moved_minor = gathering.gather(services.table, account, clock=services.clock)
    return output.tell(arguments, [{"account": account.id, "gathered_minor": moved_minor}])
