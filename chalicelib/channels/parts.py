"""From one part of a webhook body to the event that is queued."""

import json
from collections.abc import Callable
from typing import Any

from chalicelib.channels import Drop, Event
from chalicelib.channels.fields import Malformed

Payload = dict[str, Any]
Part = Callable[[], Payload | Drop] | Drop
"""What one event of a webhook is made by (it may raise Malformed), or why it is none."""

# One queued event, as ASCII JSON: an order takes 1 kB, the longest post in Latin letters 30 kB.
EVENT_BYTES = 100_000


def queueable(part: Part, *, network: str, received_at: int) -> Event | Drop:
    """The event that a part makes; malformed or too_large where it makes none."""
    try:
        payload = part if isinstance(part, Drop) else part()
    except Malformed:
        return Drop("malformed")
    if isinstance(payload, Drop):
        return payload
    if len(json.dumps(payload)) > EVENT_BYTES:
        return Drop("too_large")
    return Event(network=network, payload=payload, received_at=received_at, message_id=str(payload.get("id", "")))
