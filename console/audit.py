"""`console audit`: prove a stage's books now, or show what the last audit found."""

import argparse
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from console import output, stage

if TYPE_CHECKING:
    from chalicelib.ledger.audit import Progress


def register(subparsers: Any) -> None:
    """Add `audit`."""
    audit = subparsers.add_parser(
        "audit",
        help="prove the books: balances, transfers, orders, messages",
        description="Reads the table and the logs since the last audit. Ctrl-C puts it aside; the next one goes on.",
    )
    audit.add_argument("--last", action="store_true", help="only show the last report")
    audit.set_defaults(run=_audit)
    stage.add_options(audit)


def _audit(arguments: argparse.Namespace) -> int:
    """Print the report; exit status 1 if anything disagrees."""
    from dataclasses import asdict

    from chalicelib import auditing, evidence, production

    stage.use(arguments.stage)
    services = production.services()
    if arguments.last:
        report = evidence.Notes(services.table, services.clock.now).last_report()
        if report is None:
            return output.refuse("There was no audit yet; `console audit` makes one.")
    else:
        try:
            found = auditing.run(_tell, by="console")
        except KeyboardInterrupt:
            return output.refuse("\nPut aside; `console audit` goes on from here.")
        finally:
            print(file=sys.stderr)
        report = asdict(found) | {"clean": found.clean} if found else {}
    if arguments.json:
        print(json.dumps([report], ensure_ascii=False))
    else:
        print(text(report, stage_name=arguments.stage, zone=services.programme.zone))
    return 0 if report["clean"] else 1


def text(report: Mapping[str, Any], *, stage_name: str, zone: str) -> str:
    """The report as a person reads it."""
    answered = f"{report['messages']} answered 200 since the last audit"
    dead = output.count(len(report["dead"]), "dead letter")
    orders = ", ".join(f"{number} {status}" for status, number in report["orders"].items()) or "none"
    sums = ", ".join(f"{currency} {total}" for currency, total in sorted(report["sum_minor"].items())) or "nothing"
    lines = [
        f"Audit of envoi-{stage_name}, begun {output.at(report['started_at'], zone)}",
        f"  accounts   {report['accounts']}, each with its legs, as of now",
        f"  transfers  {report['transfers']}; all balances and the bank's side sum to {sums}, as of now",
        f"  orders     {orders}; as of now",
        f"  messages   {answered}, judged up to {output.at(report['judged_until'], zone)}; {dead}",
    ]
    if report["moving"]:
        moving = ", ".join(report["moving"][:5])
        restless = output.count(len(report["moving"]), "account")
        lines.append(f"  moving     {restless} never rested, left to the next audit: {moving}")
    if report.get("late_payouts"):
        late = output.count(report["late_payouts"], "payout")
        lines.append(f"  payouts    {late} of held money not sent in time: `console claim payouts`")
    lines += [f"  FAULT      {fault}" for fault in report["faults"]]
    told = (
        "CLEAN"
        if report["clean"]
        else f"{output.count(report['fault_count'], 'FAULT')}; docs/runbook.md says what to do"
    )
    return "\n".join([*lines, told])


def _tell(progress: "Progress") -> bool:
    """A line of progress that writes over itself on a terminal."""
    if sys.stderr.isatty():
        print(f"\r{progress.phases[0]:9} {progress.items:>12,} items", end="", file=sys.stderr, flush=True)
    return True
