"""Fuzzing led by coverage: `python -m tests.fuzz.coverage --seconds 60`, for X's bodies and for the grammar of orders.

It needs atheris (`uv pip install atheris`), which is no dependency and which pytest does not import.
"""

import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

ATHERIS: Any = importlib.import_module("atheris")
with ATHERIS.instrument_imports(include=["chalicelib.channels", "chalicelib.intents", "chalicelib.money"]):
    from chalicelib.channels import Event, Mention, inbox, networks
    from chalicelib.config import programme
    from chalicelib.intents import mentions, order
    from chalicelib.intents.numerals import AMOUNT_MINOR_MAX
    from tests.bank import NOON
    from tests.fuzz import bodies

PROGRAMME = programme("smoney")
BOT = PROGRAMME.bots["twitter"]
X = networks.network("twitter", PROGRAMME)
LONGEST = 8_192


def webhook(body: bytes) -> None:
    """A body is split or raises ValueError; what comes of it travels through the queue and is read without raising."""
    try:
        found = X.split(body, received_at=NOON)
    except ValueError:
        return
    for one in found:
        if isinstance(one, Event):
            read = X.mention(inbox.read(inbox._body(one)))
            if isinstance(read, Mention):
                message(read.text, named=read.named)


def message(text: str, *, named: Any = None) -> None:
    """A text is read without raising; an order to pay has one payee and an amount in bounds."""
    whom = mentions.named_in(text) if named is None else named
    for private in (False, True):
        read = order.read(text, named=whom, programme=PROGRAMME, bot=BOT, author_id="101", private=private)
        if read.order in ("send", "give") and read.refusal is None:
            assert len(read.payees) == 1 and read.payees[0].user_id not in ("101", BOT.user_id)
            assert read.amount_minor is not None and 0 < read.amount_minor <= AMOUNT_MINOR_MAX
        assert read.note is None or 0 < len(read.note) <= PROGRAMME.caps.note_characters


def one(data: bytes) -> None:
    """The first byte says which door."""
    if data[:1] == b"{":
        webhook(data)
    else:
        message(_text(data))


def _text(data: bytes) -> str:
    """The bytes as a text, lone surrogates included where they are encoded as such."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def main() -> None:
    """Start from real bodies and orders; what makes it fail is kept in a folder that is named."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.coverage", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    home = Path(tempfile.mkdtemp(prefix="envoi-fuzz-"))
    seeds = home / "seeds"
    seeds.mkdir()
    for number, body in enumerate(bodies.SEEDS):
        (seeds / f"body-{number}").write_text(json.dumps(body), encoding="utf-8")
    for number, text in enumerate(bodies.ORDERS):
        (seeds / f"order-{number}").write_text(text, encoding="utf-8")
    sys.stderr.write(f"{home}\n")
    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=5", f"-artifact_prefix={home}/"]
    ATHERIS.Setup([sys.argv[0], str(seeds), *limits], one)
    ATHERIS.Fuzz()


if __name__ == "__main__":
    main()
