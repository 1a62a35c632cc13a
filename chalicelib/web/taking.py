"""Taking a network's webhook: prove that it is theirs, queue what it says, answer at once. Nothing is decided here."""

import time
from collections.abc import Callable, Mapping

from chalice.app import Request, Response

from chalicelib.channels import Drop, Event, inbox
from chalicelib.channels.networks import network
from chalicelib.config import Programme, programme, stage
from chalicelib.errors import Unavailable
from chalicelib.telemetry import metrics
from chalicelib.telemetry.log import LOG

BODY_BYTES = 1_048_576
# For the operator's eyes alone: whoever is refused learns nothing of why.
REFUSED = {400: "no JSON object", 401: "no genuine signature", 404: "not the programme's", 413: "over 1 MiB"}

Proof = Callable[[bytes], bool]
"""Whether the network signed these bytes; raises Unavailable when its secret cannot be read."""


def take(request: Request, name: str, proof: Proof) -> Response:
    """Take a webhook of a network: 200 when each event in it is queued or dropped by rule.

    404 for a network that the programme is not on, 413 over 1 MiB, 401 without a genuine signature over the raw bytes,
    400 if it is not a JSON object, 503 when the secret or the queue is not there, so that it is sent again.
    """
    received_at = int(time.time())
    try:
        body = _body(request)
    except ValueError:  # said to be base64, and is not
        return answer(name, 400)
    ours = programme(stage().programme)  # one that breaks a rule is our fault: 500, so that it is sent again
    status = _proved(body, proof) if name in ours.bots else 404
    return answer(name, _queued(ours, name, body, received_at=received_at) if status == 200 else status)


def challenged(name: str, status: int, body: Mapping[str, str] | str = "") -> Response:
    """A counted answer to a network's check of our endpoint."""
    metrics.count("ChallengesAnswered", network=name, status=str(status))
    return answer(name, status, body)


def answer(name: str, status: int, body: Mapping[str, str] | str = "") -> Response:
    """A counted answer, empty unless it is the check's: whoever fails learns nothing of why."""
    metrics.count("WebhooksAnswered", network=name, status=str(status))
    if status in REFUSED:
        LOG.warning("webhook_refused", status=status, reason=REFUSED[status])
    if isinstance(body, str):
        return Response(body=body, status_code=status, headers={"Content-Type": "text/plain"})
    return Response(body=dict(body), status_code=status)


def _body(request: Request) -> bytes:
    raw = request.raw_body
    return raw if isinstance(raw, bytes) else raw.encode()


def _proved(body: bytes, proof: Proof) -> int:
    """The status that the sender has earned before a byte is parsed: 200 for the network."""
    if len(body) > BODY_BYTES:
        return 413
    try:
        return 200 if proof(body) else 401
    except Unavailable as error:
        LOG.warning("webhook_unavailable", reason=str(error))
        return 503


def _queued(ours: Programme, name: str, body: bytes, *, received_at: int) -> int:
    try:
        found = network(name, ours).split(body, received_at=received_at)
        events = [inbox.with_id(one) for one in found if isinstance(one, Event)]
        inbox.put(events)
    except ValueError:
        return 400
    except inbox.InboxUnavailable as error:
        LOG.warning("inbox_unavailable", reason=str(error))
        return 503
    for event in events:
        LOG.info("queued", correlation_id=event.id, network=event.network, message_id=event.message_id)
    for one in found or [Drop("unknown_shape")]:
        if isinstance(one, Drop):
            metrics.count("MessagesDropped", network=name, reason=one.reason)
    return 200
