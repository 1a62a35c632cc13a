"""`console measure`: ten minutes on a real account that tell what no emulator can; writes JSON and a plot."""

import argparse
import json
from pathlib import Path
from typing import Any

from console import output, stage

SECONDS = 600
# Shares of the time: the latency of single calls, each crowd, transactions that only check.
LATENCY, CROWD, CHECKS = 0.3, 0.15, 0.1


def register(subparsers: Any) -> None:
    """Add the command to the console."""
    measure = subparsers.add_parser("measure", help="latency and conflicts of this account's DynamoDB")
    measure.add_argument("--seconds", type=float, default=SECONDS, help="how long in all; default: %(default)s")
    measure.add_argument("--out", type=Path, default=Path("measured"), metavar="NAME", help="NAME.json and NAME.svg")
    measure.add_argument("--yes", action="store_true", help="do not ask")
    measure.set_defaults(run=_run)
    stage.add_options(measure)


def _run(arguments: argparse.Namespace) -> int:
    import boto3
    from botocore.config import Config

    from console import measured_chart, measuring

    stage.use(arguments.stage)
    once = Config(retries={"total_max_attempts": 1}, max_pool_connections=2 * measuring.THREADS)
    client = boto3.client("dynamodb", config=once)

    where = f"{client.meta.region_name} ({client.meta.endpoint_url})"
    question = f"Measure for {arguments.seconds:.0f} s in {where}, on a table of its own, for some cents?"
    if not stage.agreed(question, yes=arguments.yes):
        return 1
    seconds = arguments.seconds
    with measuring.own_table(client) as table:
        output.progress(f"latency, {LATENCY * seconds:.0f} s")
        taken = measuring.latencies(client, table, seconds=LATENCY * seconds)
        crowds = []
        for rate in measuring.RATES:
            output.progress(f"{rate} transactions a second on one item, {CROWD * seconds:.0f} s")
            crowds.append(measuring.crowd(client, table, rate, seconds=CROWD * seconds))
        output.progress(f"transactions that only check an item, {CHECKS * seconds:.0f} s")
        checks = measuring.checks_conflict(client, table, seconds=CHECKS * seconds)
        flagged = measuring.flags(client, table)
    told: dict[str, Any] = {
        "where": where,
        "seconds": seconds,
        "latency_ms": {name: {**measuring.percentiles(ms), "calls": len(ms)} for name, ms in taken.items()},
        "crowds": [{**vars(one), "share": one.share, "busy_ms": one.busy_ms} for one in crowds],
        "checks_only": checks,
        "failing_conditions": flagged,
    }
    arguments.out.with_suffix(".json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    arguments.out.with_suffix(".svg").write_text(measured_chart.drawn(told), encoding="utf-8")
    return output.tell(arguments, [*_latency_rows(told), *_crowd_rows(told)])


def _latency_rows(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"what": name, **figures} for name, figures in told["latency_ms"].items()]


def _crowd_rows(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "what": f"{one['offered_a_second']} transactions a second on one item",
            "turned_away_percent": round(100 * one["share"], 1),
            "item_busy_ms": one["busy_ms"] and round(one["busy_ms"], 1),
        }
        for one in told["crowds"]
    ]
