"""The log's lines."""

import io
import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from aws_lambda_powertools.logging import Logger

from chalicelib.telemetry import log
from chalicelib.telemetry.log import LOG, RedactingFormatter, correlated


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """The lines that a logger wrote."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def logger(stream: io.StringIO) -> Logger:
    """A logger of its own, with the formatter of the service."""
    return Logger(service="test", stream=stream, logger_formatter=RedactingFormatter(utc=True), level="DEBUG")


def test_every_part_of_a_line_is_redacted() -> None:
    """Message, arguments, extra keys and exceptions are all redacted."""
    stream = io.StringIO()
    own = logger(stream)
    own.info("call %s", "+33612345678", extra={"note": "for Lucie", "phone": "0612345678"})
    own.info({"code": "482913", "reason": "own_post"})
    try:
        int("+33612345678 at /p#AbCdEfGhIjKl-_01.1.1784928824.aaaaBBBBccccDDDDeeee_-")
    except ValueError:
        own.exception("failed")
    written = stream.getvalue()
    for secret in ("612345", "Lucie", "482913", "AbCdEf"):
        assert secret not in written
    assert [line["level"] for line in lines(stream)] == ["INFO", "INFO", "ERROR"]
    assert lines(stream)[1]["message"]["reason"] == "own_post"
    assert lines(stream)[2]["exception_name"] == "ValueError"


def test_a_line_tells_service_time_and_place() -> None:
    """The service's own line is JSON with its time in UTC; nothing in it was taken for a secret."""
    record = logging.LogRecord("envoi", logging.INFO, "f.py", 1, "hello", None, None)
    line = json.loads(LOG.registered_formatter.format(record))
    assert line["service"] == "envoi"
    assert line["timestamp"].endswith("+0000")
    assert "***" not in json.dumps(line)
    assert isinstance(LOG.registered_formatter, RedactingFormatter)


def test_correlation_ids_nest() -> None:
    """Lines inside a block carry its id and keys; leaving it restores those of the block around it."""
    seen = []
    with correlated("a", intent_id="1"):
        with correlated("b"):
            seen.append(dict(LOG.get_current_keys()))
        seen.append(dict(LOG.get_current_keys()))
    seen.append(dict(LOG.get_current_keys()))
    ids = [(keys.get("correlation_id"), keys.get("intent_id")) for keys in seen]
    assert ids == [("b", "1"), ("a", "1"), (None, None)]


def test_correlation_ends_with_an_exception() -> None:
    """A block that fails takes its id with it."""
    with pytest.raises(KeyError), correlated("a"):
        raise KeyError("x")
    assert LOG.get_correlation_id() is None


def test_import_is_light() -> None:
    """Telemetry brings neither boto3 nor pydantic nor jinja2 into a function."""
    program = (
        "import sys; import chalicelib.telemetry.log, chalicelib.telemetry.metrics;"
        "print([one for one in ('boto3', 'botocore.session', 'pydantic', 'jinja2', 'urllib3') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert log.LOG is LOG
