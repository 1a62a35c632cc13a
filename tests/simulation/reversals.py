"""Money that goes back: operators at the desk ask for it, agree and decline, several at once."""

from collections.abc import Callable
from functools import partial

from chalicelib.conditions import Item
from chalicelib.ledger import reversing
from chalicelib.ledger.reversal import PAID, REVERSIBLE, Wish
from tests.simulation.scheduler import Act
from tests.simulation.world import World

OPERATORS = ("odile", "rachid", "zoe")
TRIES = 6


def give_back(world: World) -> None:
    """Somebody asks to give money of a payment back, in one or several requests, and others decide, all at once."""
    draw = world.random
    payments = [item for item in world.storage.items.values() if _was_made(item)]
    if not payments:
        return
    payment = draw.choice(payments)
    share = draw.choice((1, 1, 2, 3))
    for _ in range(draw.choice((1, 2, 4))):
        asked = request(world, payment, -(-payment["amount_minor"] // share))
        for _ in range(2 if asked else 0):
            deed = decline if draw.random() < 0.1 else approve
            who = draw.choice(OPERATORS)
            world.scheduler.spawn("operator", partial(deed, world, asked, who), after=draw.random())


def request(world: World, payment: Item, amount_minor: int, *, by: str = OPERATORS[0]) -> str:
    """Ask for money of a payment; the reversal's id, or an empty string."""
    wish = Wish(amount_minor=amount_minor, reason="", by=by)
    name, clock = payment["PK"][2:], world.services.clock
    outcome = world.run(Act("reverse", about=by), lambda: reversing.request(world.table, name, wish, clock=clock))
    return outcome.reversal.id if outcome and outcome.reversal else ""


def approve(world: World, reversal: str, by: str) -> reversing.Outcome | None:
    """Agree, as often as it takes until there is an answer."""
    return _decide(world, reversal, by, reversing.approve)


def decline(world: World, reversal: str, by: str) -> reversing.Outcome | None:
    """Say no, likewise."""
    return _decide(world, reversal, by, reversing.decline)


def _decide(world: World, reversal: str, by: str, deed: Callable[..., reversing.Outcome]) -> reversing.Outcome | None:
    for _ in range(TRIES):
        outcome = world.run(
            Act("reverse", f"T#{reversal}", about=by),
            lambda: deed(world.table, reversal, by=by, clock=world.services.clock),
        )
        if outcome:
            status = outcome.reversal.status if outcome.reversal else "unknown"
            world.counted[f"reversal_{outcome.refusal or status}"] += 1
            return outcome
        world.scheduler.pause(1)
    return None


def _was_made(item: Item) -> bool:
    return bool(item.get("order") in REVERSIBLE and item["status"] == PAID)
