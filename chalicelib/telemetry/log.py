"""The one log of a function: JSON lines, each redacted before it is written. No event and no environment is logged."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from chalicelib.telemetry.redaction import redact


class RedactingFormatter(LambdaPowertoolsFormatter):
    """Powertools' JSON lines, every value of which went through `redact`."""

    def serialize(self, log: dict[str, Any]) -> str:  # type: ignore[override]  # its own type lists only some keys
        """The line, as JSON."""
        return super().serialize(redact(log))


LOG = Logger(service="envoi", logger_formatter=RedactingFormatter(utc=True))


@contextmanager
def correlated(correlation_id: str, **keys: str) -> Iterator[None]:
    """Write this id and these keys into every line inside, as for one message or one intent; blocks may be nested."""
    inner = {"correlation_id": correlation_id, **keys}
    outer = {key: value for key, value in LOG.get_current_keys().items() if key in inner}
    LOG.append_keys(**inner)
    try:
        yield
    finally:
        LOG.remove_keys(inner)
        LOG.append_keys(**outer)
