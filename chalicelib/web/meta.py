"""Meta's side of the webhooks: one check and one signature for Messenger, Instagram and WhatsApp."""

from collections.abc import Mapping

from chalice.app import Request, Response

from chalicelib import secrets
from chalicelib.channels.meta_signature import hub_challenge, meta_valid
from chalicelib.config import programme, stage
from chalicelib.errors import Unavailable
from chalicelib.telemetry.metrics import count
from chalicelib.web import taking


def answer(request: Request) -> Response:
    """Give Meta's challenge back as plain text to whoever knows the verify token of now or of before.

    404 for a network that the programme is not on, 403 for anybody else, 503 when the secret cannot be read.
    """
    name = _network(request)
    query: Mapping[str, str] = request.query_params or {}
    if name not in programme(stage().programme).bots:
        return taking.challenged(name, 404)
    try:
        versions = secrets.fresh(stage().meta_secret)
    except Unavailable:
        return taking.challenged(name, 503)
    challenge = hub_challenge(query, [version.get("verify_token", "") for version in versions])
    return taking.challenged(name, 403) if challenge is None else taking.challenged(name, 200, challenge)


def take(request: Request) -> Response:
    """Take a webhook of one of Meta's networks; see `taking.take`."""
    taken = taking.take(request, _network(request), lambda body: _is_from_meta(request.headers, body))
    count("MetaAnswered", status=str(taken.status_code))  # by one name, so that one alarm hears of each network
    return taken


def _is_from_meta(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the app's secret signed the body: the current one, or the one before while it is rotated."""
    return any(
        meta_valid(headers, body, [version.get("app_secret", "") for version in read(stage().meta_secret)])
        for read in (secrets.values, secrets.fresh)
    )


def _network(request: Request) -> str:
    """The network that a route is for; each of them ends in its name."""
    return str(request.context["resourcePath"].rpartition("/")[2])
