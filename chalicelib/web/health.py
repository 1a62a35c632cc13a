"""GET /health, for load balancers and uptime checks: whether this stage can do its work, and nothing else about it."""

import time
from dataclasses import dataclass

from chalice.app import Blueprint, Response

from chalicelib import production
from chalicelib.errors import Unavailable
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count

# Anybody may ask as often as they like: the table is read at most once in this time by each process.
KEPT_SECONDS = 5
# An item that is there in every stage that runs; what it says does not matter.
KEY = ("D#swept", "0")

routes = Blueprint(__name__)


@dataclass
class _Seen:
    status: int = 0
    at: float = 0.0


_seen = _Seen()


@routes.route("/health", methods=["GET", "HEAD"], content_types=[])
def health() -> Response:
    """200 `{"status": "ok"}` while the table can be read, else 503 `{"status": "unavailable"}`.

    Without the table nothing can be ordered or paid; with it every other outage leaves something working, and has its
    own metric and alarm. What is down stands in the log alone.
    """
    if not _seen.status or time.monotonic() - _seen.at >= KEPT_SECONDS:
        _seen.status, _seen.at = _look(), time.monotonic()
    told = {"status": "ok" if _seen.status == 200 else "unavailable"}
    return Response(body=told, status_code=_seen.status)


def forget() -> None:
    """Look again when it is next asked."""
    _seen.status = 0


def _look() -> int:
    status = 200
    try:
        production.services().table.get(KEY)
    except Unavailable as error:
        LOG.warning("not healthy", extra={"error": str(error)})
        status = 503
    count("HealthLooked", status=str(status))
    return status
