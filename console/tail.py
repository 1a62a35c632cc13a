"""`console tail`: what the stage's functions log, merged in order of time."""

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from console import output, stage

if TYPE_CHECKING:
    from console.logs import Line

POLL_SECONDS = 2
# Lines may reach the log a little after their time: so much is read again, and each line printed once.
OVERLAP_SECONDS = 30


def register(subparsers: Any) -> None:
    """Add the command to the console."""
    tail = subparsers.add_parser("tail", help="what the functions log, merged", description=__doc__)
    tail.add_argument("--follow", action="store_true", help="go on until Ctrl-C; with --json one object a line")
    tail.add_argument("--intent", default="", metavar="ID", help="lines that hold this id: intent or correlation")
    tail.add_argument("--minutes", type=float, default=10, metavar="N", help="how far back; default: %(default)s")
    tail.add_argument("--function", default="", metavar="NAME", help="api, read_orders, publish_changes, send_links…")
    tail.add_argument("--full", action="store_true", help="show the tracebacks of errors too")
    tail.set_defaults(run=_run)
    stage.add_options(tail)


def _run(arguments: argparse.Namespace) -> int:
    from chalicelib import config
    from console import logs

    stage.use(arguments.stage)
    if '"' in arguments.intent:
        return output.refuse("An id holds no quotation mark.")
    groups = logs.groups(arguments.stage, arguments.function)
    if not groups:
        known = ", ".join(logs.function_of(name, arguments.stage) for name in logs.groups(arguments.stage)) or "none"
        return output.refuse(f"No function of the stage {arguments.stage} has logged under that name; known: {known}.")
    zone = config.programme(config.stage().programme).zone
    span = logs.Span(since=time.time() - arguments.minutes * 60)
    lines = logs.read(arguments.stage, groups, span, words=[arguments.intent])
    if not arguments.follow:
        rows = [shown(line, zone, full=arguments.full) for line in lines]
        return _tell(arguments, rows)
    return _follow(arguments, groups, lines, zone)


def shown(line: "Line", zone: str, *, full: bool = False) -> dict[str, Any]:
    """One line as a row, with `full` also its traceback if it has one."""
    at = output.at(line.at, zone)
    named = {name: value for name, value in line.facts.items() if value not in (None, "")}
    row = {"at": at, "function": line.function, "level": line.level, "message": line.message, "facts": named}
    return row | {"trace": line.trace} if full and line.trace else row


def readable(row: dict[str, Any]) -> str:
    """One line for a person: time, function, level, message, ids; a traceback indented beneath."""
    facts = " ".join(f"{name}={value}" for name, value in row["facts"].items())
    clock = row["at"].split(maxsplit=1)[1]
    line = f"{clock}  {row['function']:15}  {row['level']:7}  {row['message']}  {facts}".rstrip()
    return "\n".join([line, *(f"    {each}" for each in row.get("trace", "").splitlines())])


def _tell(arguments: argparse.Namespace, rows: list[dict[str, Any]]) -> int:
    if arguments.json:
        return output.tell(arguments, rows)
    for row in rows:
        print(readable(row))
    if not rows:
        print(
            f"Nothing was logged in the last {output.count(arguments.minutes, 'minute')}; --minutes looks further back."
        )
    return 0


def _follow(arguments: argparse.Namespace, groups: list[str], lines: "list[Line]", zone: str) -> int:
    from console import logs

    printed: set[str] = set()
    try:
        while True:
            for line in lines:
                if line.event not in printed:
                    row = shown(line, zone, full=arguments.full)
                    print(json.dumps(row, ensure_ascii=False) if arguments.json else readable(row))
            sys.stdout.flush()
            printed = {line.event for line in lines}
            time.sleep(POLL_SECONDS)
            span = logs.Span(since=time.time() - OVERLAP_SECONDS)
            lines = logs.read(arguments.stage, groups, span, words=[arguments.intent])
    except KeyboardInterrupt:
        return 0
