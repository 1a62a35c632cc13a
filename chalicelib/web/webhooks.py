"""What social networks call: prove that it is them, queue what they say, answer at once. Nothing is decided here."""

import time
from collections.abc import Mapping

from chalice.app import Blueprint, Response

from chalicelib import secrets
from chalicelib.channels import Drop, Event, inbox, signature
from chalicelib.channels.networks import network
from chalicelib.config import Programme, programme, stage
from chalicelib.errors import Unavailable
from chalicelib.telemetry import metrics
from chalicelib.telemetry.log import LOG

BODY_BYTES = 1_048_576
# For the operator's eyes alone: whoever is refused learns nothing of why.
REFUSED = {400: "no JSON object", 401: "no genuine signature", 413: "over 1 MiB"}

routes = Blueprint(__name__)


@routes.route("/webhooks/twitter", methods=["GET"], content_types=[])
def answer_x() -> Response:
    """Answer X's Challenge-Response Check; 400 for a token outside X's alphabet, 503 without a secret.

    An answer to any other token would sign a body for whoever asks. The key is the app's consumer secret, or what
    the secret's `crc_key` names (X docs, webhooks/quickstart, have said both).
    """
    query: Mapping[str, str] = routes.current_request.query_params or {}
    try:
        current = secrets.fresh(stage().x_secret)[0]
    except Unavailable:
        return _challenged(503)
    key = current.get(current.get("crc_key", "consumer_secret"), "")
    if not key:
        return _challenged(503)
    answer = signature.x_response_token(query.get("crc_token", ""), key)
    return _challenged(400) if answer is None else _challenged(200, {"response_token": answer})


@routes.route("/webhooks/twitter", methods=["POST"], content_types=["application/json"])
def take_x() -> Response:
    """Take a webhook of X: 200 when each event in it is queued or dropped by rule.

    413 over 1 MiB, 401 without a genuine signature over the raw bytes, 400 if it is not a JSON object, 503 when the
    secret or the queue is not there, so that X sends it again.
    """
    received_at = int(time.time())
    try:
        body = _body()
    except ValueError:  # said to be base64, and is not
        return _answer(400)
    ours = programme(stage().programme)  # one that breaks a rule is our fault: 500, so that X sends it again
    status = _proof(body)
    return _queue(ours, body, received_at) if status == 200 else _answer(status)


def _body() -> bytes:
    raw = routes.current_request.raw_body
    return raw if isinstance(raw, bytes) else raw.encode()


def _proof(body: bytes) -> int:
    """The status that the sender has earned before a byte is parsed: 200 for X."""
    if len(body) > BODY_BYTES:
        return 413
    try:
        return 200 if _is_from_x(body) else 401
    except Unavailable as error:
        LOG.warning("webhook_unavailable", reason=str(error))
        return 503


def _is_from_x(body: bytes) -> bool:
    """Whether X signed the body with the current secrets, or with those before while they are rotated."""
    return any(_is_signed(body, read(stage().x_secret)) for read in (secrets.values, secrets.fresh))


def _is_signed(body: bytes, versions: secrets.Versions) -> bool:
    keys, oauth2_keys = (
        [version[name] for version in versions if version.get(name)] for name in ("consumer_secret", "client_secret")
    )
    return signature.x_valid(routes.current_request.headers, body, keys, oauth2_secrets=oauth2_keys)


def _queue(ours: Programme, body: bytes, received_at: int) -> Response:
    try:
        found = network("twitter", ours).split(body, received_at=received_at)
        events = [inbox.with_id(one) for one in found if isinstance(one, Event)]
        inbox.put(events)
    except ValueError:
        return _answer(400)
    except inbox.InboxUnavailable as error:
        LOG.warning("inbox_unavailable", reason=str(error))
        return _answer(503)
    for event in events:
        LOG.info("queued", correlation_id=event.id, network=event.network, message_id=event.message_id)
    for one in found or [Drop("unknown_shape")]:
        if isinstance(one, Drop):
            metrics.count("MessagesDropped", network="twitter", reason=one.reason)
    return _answer(200)


def _challenged(status: int, body: Mapping[str, str] | None = None) -> Response:
    metrics.count("ChallengesAnswered", network="twitter", status=str(status))
    return _answer(status, body)


def _answer(status: int, body: Mapping[str, str] | None = None) -> Response:
    """A counted answer, empty unless it is the check's: whoever fails learns nothing of why."""
    metrics.count("WebhooksAnswered", network="twitter", status=str(status))
    if status in REFUSED:
        LOG.warning("webhook_refused", status=status, reason=REFUSED[status])
    if body is None:
        return Response(body="", status_code=status, headers={"Content-Type": "text/plain"})
    return Response(body=dict(body), status_code=status)
