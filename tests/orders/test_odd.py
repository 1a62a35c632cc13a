"""Odd messages: nobody means them, somebody types them. How each is read was looked through, and stays."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.orders.reading import private, public

LINES = Path(__file__).with_name("odd_messages.jsonl").read_text(encoding="utf-8").splitlines()
ODD: list[dict[str, Any]] = [json.loads(line) for line in LINES]
CURRENCIES = {"public": "EUR", "private": "EUR", "yen": "JPY"}
WAYS = {"public": public, "private": private, "yen": lambda text: public(text, "JPY")}


@pytest.mark.parametrize("message", ODD, ids=lambda message: ascii(message["text"]))
def test_an_odd_message_is_read_as_it_was(message: dict[str, Any]) -> None:
    """Most are refused, each with the refusal that tells best; what is paid is what stands there."""
    reading = WAYS[message["read"]](message["text"])
    refusal = str(reading.refusal) if reading.refusal else None
    assert (reading.order, refusal) == (message["order"], message.get("refusal"))
    assert reading.amount_minor == message.get("amount_minor")
    assert reading.currency == (None if reading.amount_minor is None else CURRENCIES[message["read"]])
    assert [payee.handle for payee in reading.payees] == message.get("payees", [])
    assert (reading.note, reading.code) == (message.get("note"), message.get("code"))


def test_no_odd_message_stands_here_twice() -> None:
    """Each is here for something that no other tells."""
    assert len({(message["text"], message["read"]) for message in ODD}) == len(ODD)
