"""`parse`: how a message is read, as JSON; answers "why was my tweet not read?"."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from console import stage

if TYPE_CHECKING:
    from chalicelib.config import Programme


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the console."""
    parser = subparsers.add_parser("parse", help="show how a message is read, as JSON", description=__doc__)
    parser.add_argument("--programme", help="the bank's brand, such as smoney; default: the one that the stage runs")
    parser.add_argument("--private", action="store_true", help="read it as a private message: the verb needs no #")
    parser.add_argument("text", metavar="TEXT", help="the message; - reads one message a line from standard input")
    parser.set_defaults(run=run)
    stage.add_options(parser)


def run(options: argparse.Namespace) -> int:
    """Print one JSON line for each message, with `--json` and without; 2 when there is no such programme."""
    from chalicelib import config

    name = options.programme or stage.programme_of(options.stage)
    known = sorted(path.stem for path in config.PROGRAMMES.glob("*.toml") if path.stem != "defaults")
    if name not in known:
        sys.stderr.write(f"There is no programme {name!r}; known: {', '.join(known)}.\n")
        return 2
    programme = config.programme(name)
    texts = _lines() if options.text == "-" else iter([os.fsencode(options.text).decode(errors="replace")])
    for text in texts:
        line = json.dumps(shown(text, programme=programme, private=options.private), ensure_ascii=False)
        sys.stdout.buffer.write(line.encode() + b"\n")
        sys.stdout.buffer.flush()
    return 0


def shown(text: str, *, programme: "Programme", private: bool) -> dict[str, Any]:
    """The reading of a message as the support desk sees it; it is read without entities, so nobody has an id."""
    from chalicelib.intents.hint import hint
    from chalicelib.intents.mentions import named_in
    from chalicelib.intents.order import PAYING, read
    from chalicelib.intents.phones import as_names, is_phone, masked, without_numbers

    bot = next(iter(programme.bots.values()))
    text = as_names(text, programme.country) if private else text
    reading = read(text, named=named_in(text), programme=programme, bot=bot, author_id="", private=private)
    if reading.refusal:
        sentence = hint(reading.refusal, programme=programme, bot=bot, language=reading.language or programme.language)
        return {"order": reading.order, "refusal": str(reading.refusal), "hint": sentence}
    if reading.order in PAYING:
        return {
            "order": reading.order,
            "amount_minor": reading.amount_minor,
            "currency": reading.currency,
            "payees": [masked(one.handle) if is_phone(one.handle) else one.handle for one in reading.payees],
            "note": reading.note and without_numbers(reading.note),
        }
    return {"order": reading.order} | ({"code": reading.code} if reading.order == "pair" else {})


def _lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        yield line.decode(errors="replace").removesuffix("\n").removesuffix("\r")
