"""What tests share: the local AWS with Envoi on it, started once in a run, and a reader of every log line."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from chalicelib.telemetry.log import RedactingFormatter
from local import stack, wire
from tests.emptying import empty
from tests.leaks import leaks


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of the tests that need the local AWS, and let Hypothesis take its time."""
    config.addinivalue_line("markers", "local: needs the local AWS")
    settings.register_profile("untimed", deadline=None)  # no test is a matter of how busy the machine is
    if settings.get_current_profile_name() == "default":
        settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """Leave thousands of collected tests out of every later collection of garbage: a fifth of a second each."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def local_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stack.Stack]:
    """A local AWS of this run's own, on a free port, with Envoi deployed; its log is kept if a test fails."""
    home = tmp_path_factory.mktemp("local-aws")
    try:
        running = stack.up(home)
        yield running
        assert wire.sandbox(running)["up"], "the sandbox shows whatever the tests have left, in any order"
        logged = list(_function_lines(running))
        assert logged, "the functions wrote no line: this test of their logs would test nothing"
        assert not leaks(logged, secrets=[*running.x_secret.values(), *running.meta_secret.values()])
    finally:
        stack.down(home)
        empty(home)


@pytest.fixture(scope="session", autouse=True)
def _no_line_leaks() -> Iterator[None]:
    """Read every line that our code logs in this process, in whatever test, and find no secret in any."""
    lines: list[str] = []
    serialize = RedactingFormatter.serialize

    def kept(formatter: RedactingFormatter, log: dict[str, Any]) -> str:
        lines.append(serialize(formatter, log))
        return lines[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RedactingFormatter, "serialize", kept)
        yield
    assert not leaks(lines)


def _function_lines(running: stack.Stack) -> Iterator[str]:
    """Every line of every function's log on the local AWS, the runtime's own included."""
    logs = running.client("logs")
    for group in logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            yield from (event["message"] for event in page["events"])
