"""A signed webhook through the local API Gateway, side by side with two bare Chalice routes on the same AWS."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import empty, orders
from bench.results import Result
from bench.timing import in_turns, ratios
from chalicelib.channels import Named
from local import wire
from local.stack import Stack

ROUNDS = 200
WARM_UP = 20
GOAL = 1.3
NAME = "signed webhook → 200, to an empty route"
PATHS = (empty.EMPTY, empty.SEND)
JSON = {"Content-Type": "application/json"}


def measure(stack: Stack, home: Path) -> Sequence[Result]:
    """The ratio of the medians from request to answer, and the medians; the triggers behind must be off.

    The route that only sends tells how much of the webhook's time is the queue's.
    """
    address = empty.deploy(stack, home)
    rounds = [_round(stack, address) for _ in range(WARM_UP + ROUNDS)]
    in_turns(rounds[:WARM_UP])
    ours, bare, sending = in_turns(rounds[WARM_UP:])
    ratio, spread = ratios(ours, bare)
    beside_send, send_spread = ratios(ours, sending)
    return [
        Result(name=NAME, value=ratio, unit="of its time", goal=GOAL, spread=spread),
        Result(
            name="signed webhook → 200, to a bare route that sends to SQS",
            value=beside_send,
            unit="of its time",
            spread=send_spread,
        ),
        Result(name="signed webhook → 200", value=ours.p50, unit="ms", spread=ours.spread),
        Result(name="empty Chalice route → 200", value=bare.p50, unit="ms", spread=bare.spread),
        Result(name="Chalice route that sends to SQS → 200", value=sending.p50, unit="ms", spread=sending.spread),
    ]


def _round(stack: Stack, address: str) -> Sequence[Callable[[], object]]:
    payer, payee = (Named(user_id=one["user_id"], handle=one["handle"]) for one in stack.people[:2])
    body = orders.webhook(author=payer, payee=payee, sent_at=time.time())
    return (lambda: _expect_200(wire.deliver(stack, body)), *(_post(address + path, body) for path in PATHS))


def _post(url: str, body: bytes) -> Callable[[], object]:
    return lambda: _expect_200(wire.call(url, method="POST", body=body, headers=JSON))


def _expect_200(answer: wire.Answer) -> None:
    if answer.status != 200:
        raise RuntimeError(f"answered {answer.status}: {answer.body[:200]}")
