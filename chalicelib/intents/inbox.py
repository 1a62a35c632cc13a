"""Taking one message out of the inbox: read it as its network writes, then do what it asks."""

from chalicelib.channels import Drop, Event, Revocation
from chalicelib.channels.networks import network
from chalicelib.identity.store import unlink
from chalicelib.intents.placing import place
from chalicelib.services import Services
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count


def take(services: Services, event: Event) -> None:
    """Place the order of one event, unlink who revoked our permission, or count why it is neither.

    Raises Unavailable when the table is down, and any bug as it is: the queue delivers the message again, then keeps
    it as a dead letter.
    """
    message = network(event.network, services.programme).mention(event)
    if isinstance(message, Revocation):
        unlink(services.table, (message.network, message.page), message.user_id, clock=services.clock)
        count("HandlesRevoked", network=event.network)
        return
    outcome = message if isinstance(message, Drop) else place(services, message)
    if isinstance(outcome, Drop):
        count("MessagesDropped", network=event.network, reason=outcome.reason)
        return
    count("OrdersTaken", network=event.network, order=outcome.order, outcome=outcome.refusal or outcome.status)
    LOG.info(
        "order",
        extra={"intent_id": outcome.id, "order": outcome.order, "status": outcome.status, "refusal": outcome.refusal},
    )
