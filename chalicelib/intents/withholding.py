"""Whether the SMS with an order's link is held back, because its payer ordered too much within a day."""

from chalicelib.intents import store
from chalicelib.intents.intent import Intent
from chalicelib.services import Services


def withheld(services: Services, intent: Intent) -> bool:
    """Whether an order is beyond as many as its payer may give in 24 hours, as their list says now.

    A burst of orders outruns the list that refuses them. The earlier ones count for a day: after that the order's link
    may be sent, if it still waits. One small query; raises Unavailable.
    """
    cap, now = services.programme.caps.orders_a_day, services.clock.now()
    return not store.is_among_first(services.table, intent, cap=cap, now=now)
