"""`console journal`: making the ledger's entries again from its transfers, proving them, and keeping a copy of them."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from console import output, stage

if TYPE_CHECKING:
    from chalicelib.ledger.chain import Kept
    from chalicelib.services import Services

# What moved less than this before the reading began may be seen by halves.
SETTLING_SECONDS = 60
KINDS = ("A#", "T#", "E#")


def register(subparsers: Any) -> None:
    """Add `journal rebuild`, `verify` and `export`."""
    commands = subparsers.add_parser("journal", help="entries: rebuild, verify, export").add_subparsers(required=True)
    rebuild = commands.add_parser("rebuild", help="write the entries that are missing, from the transfers")
    rebuild.add_argument("--account", default="", help="one account with its sub-balances; all unless told")
    rebuild.add_argument(
        "--only", default="", metavar="MESSAGE", help="the account of one of the entries' dead letters"
    )
    rebuild.add_argument("--dry-run", action="store_true", help="only say what would be written")
    rebuild.add_argument("--replace", action="store_true", help="also replace entries that differ from their transfer")
    rebuild.add_argument("--yes", action="store_true", help="do not ask before entries are replaced")
    rebuild.set_defaults(run=_rebuild)
    verify = commands.add_parser("verify", help="walk chains, legs and balances; find any byte that was changed")
    verify.add_argument("--account", default="", help="one account with its sub-balances; all unless told")
    verify.set_defaults(run=_verify)
    export = commands.add_parser("export", help="copy a month's entries to S3, with a manifest of their hashes")
    export.add_argument("--bucket", required=True)
    export.add_argument("--month", default="", help="such as 2026-11; the last one that is over unless told")
    export.add_argument("--retain-until", default="", metavar="DATE", help="lock each object until this day")
    export.set_defaults(run=_export)
    for command in (rebuild, verify):
        stage.add_table(command)
    for command in (rebuild, verify, export):
        stage.add_options(command)


def gathered(account: str) -> "tuple[dict[str, Kept], Sequence[str]]":
    """What the table keeps of every account and sub-balance, or of one account and whom it paid; what is unreadable."""
    from chalicelib.ledger import chain
    from console import everything

    return chain.gather(everything.search(KINDS, lambda item: not account or _concerns(item, account)))


def of_account(found: "Mapping[str, Kept]", account: str) -> "Iterator[Kept]":
    """The accounts that were asked for, in order: all, or one with its sub-balances."""
    from chalicelib.ledger.transfer import holder

    yield from (kept for name, kept in sorted(found.items()) if account in ("", holder(name)))


def settled(services: "Services") -> int:
    """Up to which instant everything that moved is seen by a reading that begins now."""
    return (services.clock.now() - SETTLING_SECONDS) * 1_000_000


def _rebuild(arguments: argparse.Namespace) -> int:
    from dataclasses import replace

    from chalicelib import production
    from console import letters, rebuilding

    stage.use(arguments.stage)
    stage.use_table(arguments.table)
    account = arguments.account
    if arguments.only:
        named = [letters.keys(one) for one in letters.letters(arguments.stage, "entries") if one.id == arguments.only]
        if not named or not named[0].get("PK", "").startswith("A#"):
            return output.refuse(f"No dead letter {arguments.only} names an account; leave --only away to mend all.")
        account = named[0]["PK"][2:].partition("#")[0]
    services = production.services()
    moment = settled(services)
    found, _ = gathered(account)
    todo = rebuilding.Todo.of(of_account(found, account), settled_micros=moment, everything=not account)
    if account and not any(of_account(found, account)):
        return output.refuse(f"Nothing is kept of an account {account}; `console person list` names them all.")
    if arguments.dry_run:
        return output.tell(arguments, todo.rows("would write"), none=todo.nothing)
    question = f"Replace {todo.wrong} entries by what their transfers say?"
    if arguments.replace and todo.wrong and not stage.agreed(question, yes=arguments.yes):
        return 1
    rows = rebuilding.write(services, replace(todo, replace=arguments.replace), stage=arguments.stage)
    output.tell(arguments, rows, none=todo.nothing)
    return 0 if all(row["outcome"] == rebuilding.WHOLE for row in rows) else 1


def _verify(arguments: argparse.Namespace) -> int:
    """Exit status 1 if anything disagrees."""
    from chalicelib import production
    from chalicelib.ledger import chain

    stage.use(arguments.stage)
    stage.use_table(arguments.table)
    moment = settled(production.services())
    found, faults = gathered(arguments.account)
    asked = list(of_account(found, arguments.account))
    if not asked and arguments.account:
        return output.refuse(f"Nothing is kept of an account {arguments.account}.")
    for kept in asked:
        faults = [*faults, *chain.faults(kept, settled_micros=moment)]
        faults += chain.missing_legs(kept, found, settled_micros=moment)
    entries = sum(len(kept.entries) for kept in asked)
    good = f"{entries} entries of {output.count(len(asked), 'account')} agree with their transfers and their balances."
    output.tell(arguments, [{"fault": fault} for fault in faults], none=good)
    return 1 if faults else 0


def _export(arguments: argparse.Namespace) -> int:
    from console.archive import export

    return export(arguments)


def _concerns(item: Mapping[str, Any], account: str) -> bool:
    """Whether an item is of an account or a sub-balance of its own, or of whom it paid or was paid by.

    Only transfers name the other side, so every other account's items are read too.
    """
    from chalicelib.ledger.entry import sides
    from chalicelib.ledger.transfer import holder

    if item["PK"].startswith("T#"):
        return item.get("status") == "paid" and account in [holder(name) for name, _, _ in sides(item)]
    return item["PK"].startswith("E#") or holder(item["PK"][2:]) == account
