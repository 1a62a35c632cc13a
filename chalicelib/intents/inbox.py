"""Taking one message out of the inbox: read it as its network writes, then place the order that it makes."""

from chalicelib.channels import Drop, Event
from chalicelib.channels.networks import network
from chalicelib.intents.placing import place
from chalicelib.services import Services
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count


def take(services: Services, event: Event) -> None:
    """Place the order of one event, or count why it is none.

    Raises Unavailable when the table is down, and any bug as it is: the queue delivers the message again, then keeps
    it as a dead letter.
    """
    mention = network(event.network, services.programme).mention(event)
    outcome = mention if isinstance(mention, Drop) else place(services, mention)
    if isinstance(outcome, Drop):
        count("MessagesDropped", network=event.network, reason=outcome.reason)
        return
    count("OrdersTaken", network=event.network, order=outcome.order, outcome=outcome.refusal or outcome.status)
    LOG.info(
        "order",
        extra={"intent_id": outcome.id, "order": outcome.order, "status": outcome.status, "refusal": outcome.refusal},
    )
