"""What social networks call. X's webhook stands here; Meta's modules are imported when Meta calls."""

from collections.abc import Mapping

from chalice.app import Blueprint, Response

from chalicelib import secrets
from chalicelib.channels import signature
from chalicelib.config import stage
from chalicelib.errors import Unavailable
from chalicelib.web import taking

routes = Blueprint(__name__)
JSON = ["application/json"]


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
        return taking.challenged("twitter", 503)
    key = current.get(current.get("crc_key", "consumer_secret"), "")
    if not key:
        return taking.challenged("twitter", 503)
    token = signature.x_response_token(query.get("crc_token", ""), key)
    found = (400, "") if token is None else (200, {"response_token": token})
    return taking.challenged("twitter", *found)


@routes.route("/webhooks/twitter", methods=["POST"], content_types=JSON)
def take_x() -> Response:
    """Take a webhook of X; see `taking.take`."""
    return taking.take(routes.current_request, "twitter", _is_from_x)


@routes.route("/webhooks/facebook", methods=["GET"], content_types=[])
@routes.route("/webhooks/instagram", methods=["GET"], content_types=[])
@routes.route("/webhooks/whatsapp", methods=["GET"], content_types=[])
def answer_meta() -> Response:
    """Answer Meta's check of an endpoint."""
    from chalicelib.web import meta  # noqa: PLC0415  # X's webhook starts without it

    return meta.answer(routes.current_request)


@routes.route("/webhooks/facebook", methods=["POST"], content_types=JSON)
@routes.route("/webhooks/instagram", methods=["POST"], content_types=JSON)
@routes.route("/webhooks/whatsapp", methods=["POST"], content_types=JSON)
def take_meta() -> Response:
    """Take a webhook of Messenger, Instagram or WhatsApp."""
    from chalicelib.web import meta  # noqa: PLC0415  # X's webhook starts without it

    return meta.take(routes.current_request)


def _is_from_x(body: bytes) -> bool:
    """Whether X signed the body with the current secrets, or with those before while they are rotated."""
    return any(_is_signed(body, read(stage().x_secret)) for read in (secrets.values, secrets.fresh))


def _is_signed(body: bytes, versions: secrets.Versions) -> bool:
    keys, oauth2_keys = (
        [version[name] for version in versions if version.get(name)] for name in ("consumer_secret", "client_secret")
    )
    return signature.x_valid(routes.current_request.headers, body, keys, oauth2_secrets=oauth2_keys)
