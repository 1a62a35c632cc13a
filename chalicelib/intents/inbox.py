"""Taking one message out of the inbox: read it as its network writes, then do what it asks."""

from dataclasses import replace

from chalicelib.channels import Drop, Echo, Event, Mention, Revocation
from chalicelib.channels.networks import network
from chalicelib.identity.store import unlink
from chalicelib.intents import chat_pairing, choosing, echoes, inviting, naming, taps
from chalicelib.intents.intent import Intent
from chalicelib.intents.placing import place
from chalicelib.services import Services
from chalicelib.telemetry.log import LOG, correlated
from chalicelib.telemetry.metrics import count


def take(services: Services, event: Event) -> None:
    """Place the order of one event, unlink who revoked our permission, note what arrived, or count why it is neither.

    Each event leaves one line with its outcome, which the audit looks for. Raises Unavailable when the table is down,
    and any bug as it is: the queue delivers the message again, then keeps it as a dead letter.
    """
    with correlated(event.id):
        message = None if inviting.is_asked(event) else network(event.network, services.programme).mention(event)
        if message is None:
            _tell_asked(event, inviting.invite(services, event))
        elif isinstance(message, Mention):
            outcome = _done(services, replace(message, correlation_id=event.id))
            _tell_drop(event, outcome) if isinstance(outcome, Drop) else _tell_order(event, outcome)
        elif isinstance(message, Revocation):
            unlink(services.table, (message.network, message.page), message.user_id, clock=services.clock)
            count("HandlesRevoked", network=event.network)
            LOG.info("revoked")
        else:
            if isinstance(message, Echo):
                echoes.mark(services, message)
            _tell_drop(event, message if isinstance(message, Drop) else Drop(type(message).__name__.lower()))


def _done(services: Services, mention: Mention) -> Intent | Drop:
    """What a message asks for: a ref or a button says it before any text, since a button's title is none of its own."""
    if mention.ref:
        return chat_pairing.ask(services, mention)
    if answer := taps.answer_in(mention.button):
        return chat_pairing.settle(services, mention, answer)
    if choice := taps.choice_in(mention.button):
        return choosing.settle(services, mention, choice)
    tap = taps.read(mention.button)
    if tap and tap.order != "help":
        return place(services, mention, tap=tap)
    return place(services, naming.named(services, mention if mention.button is None else replace(mention, text="")))


def _tell_asked(event: Event, outcome: str) -> None:
    count("InvitationsAsked", network=event.network, outcome=outcome)
    LOG.info("asked_to_join", extra={"outcome": outcome})


def _tell_order(event: Event, order: Intent) -> None:
    count("OrdersTaken", network=event.network, order=order.order, outcome=order.refusal or order.status)
    if order.refusal:
        count("OrdersRefused", outcome=order.refusal)
    facts = {"intent_id": order.id, "order": order.order, "status": order.status, "refusal": order.refusal}
    LOG.info("order", extra={**facts, "first_correlation_id": order.correlation_id})


def _tell_drop(event: Event, drop: Drop) -> None:
    count("MessagesDropped", network=event.network, reason=drop.reason)
    LOG.info("dropped", extra={"reason": drop.reason})
