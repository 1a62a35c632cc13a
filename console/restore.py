"""`console restore check`: halves of transactions in a table that was restored to a point in time, and mending them."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from console import output, stage

if TYPE_CHECKING:
    from chalicelib.conditions import Item
    from chalicelib.ledger.chain import Kept
    from chalicelib.services import Services
    from console.halves import Half
    from console.uncounted import Uncounted


def register(subparsers: Any) -> None:
    """Add `restore check`."""
    commands = subparsers.add_parser("restore", help="a table that was restored to a point in time").add_subparsers(
        required=True
    )
    check = commands.add_parser("check", help="find halves of transactions; complete them, or remove them")
    stage.add_table(check)
    check.add_argument("--repair", action="store_true", help="complete or remove what was found, after a question")
    check.add_argument("--yes", action="store_true", help="do not ask")
    check.set_defaults(run=_check)
    stage.add_options(check)


def _check(arguments: argparse.Namespace) -> int:
    """Exit status 0 if the table holds no halves, or none any more."""
    from chalicelib import production
    from console import halves, journal, restoring, uncounted

    stage.use(arguments.stage)
    stage.use_table(arguments.table)
    services = production.services()
    moment = journal.settled(services)
    found, unreadable = journal.gathered("")
    orders = _orders(services, found, settled_micros=moment)
    decided: list[Half | Uncounted] = [*halves.halves(found, orders, settled_micros=moment)]
    decided += uncounted.payments(found, settled_micros=moment)
    faults = [*unreadable, *halves.unexplained(found, settled_micros=moment).values(), *_claims()]
    rows: list[dict[str, Any]] = [
        {"transfer": half.transfer, "found": half.found, "then": half.action, "why": half.why} for half in decided
    ]
    rows += [{"fault": fault} for fault in faults]
    todo = [half for half in decided if half.action != "left"]
    if not (arguments.repair and todo):
        output.tell(arguments, rows, none="No halves: every transfer is in its order and in both accounts, or in none.")
        return 1 if rows else 0
    for half in todo:
        print(f"{half.action} {half.transfer}: {half.found}", file=sys.stderr)
    if not stage.agreed(f"Complete or remove these {len(todo)} halves?", yes=arguments.yes):
        return 1
    for row, half in zip(rows, decided, strict=False):
        row["outcome"] = _mended(services, half, found)
    output.tell(arguments, rows)
    return 0 if all(row.get("outcome") in restoring.DONE for row in rows) else 1


def _claims() -> "Iterator[str]":
    """What is held by claims and not by their transfers, or the other way round; nothing moves in a restored table."""
    from chalicelib.ledger.books import Tally
    from console import everything

    tally = Tally()
    for item in everything.search(("C#", "T#"), lambda _: True):
        tally.add(item)
    return (fault for fault in tally.books().faults if fault.startswith("claim "))


def _mended(services: "Services", half: "Half | Uncounted", found: "Mapping[str, Kept]") -> str:
    from console import restoring, uncounted

    if isinstance(half, uncounted.Uncounted):
        return uncounted.mend(services, half)
    return restoring.mend(services, half, found) if half.action != "left" else "left"


def _orders(services: "Services", found: "Mapping[str, Kept]", *, settled_micros: int) -> "Mapping[str, Item | None]":
    """The orders of transfers that accounts or entries know of although they are not paid."""
    from chalicelib.table import intent_key
    from console import halves

    named = halves.traces(found, settled_micros=settled_micros)
    return {name: services.table.get(intent_key(name), consistent=True) for name in named}
