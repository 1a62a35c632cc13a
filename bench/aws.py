"""A local AWS of the bench's own, with Envoi on it and every trigger off; gone when the bench is."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import people, stack
from local.stack import Stack

PAUSE_SECONDS = 1.5


@contextmanager
def local_aws() -> Iterator[tuple[Stack, Path]]:
    """Start it in a folder of its own, and point this process at it."""
    with tempfile.TemporaryDirectory(prefix="envoi-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        try:
            running = stack.up(home)
            people.reach(running.aws_endpoint_url, running.region, table=running.table)
            _pause(running)
            yield running, home
        finally:
            stack.down(home)


def _pause(running: Stack) -> None:
    """Switch every trigger off: what is measured must not share the machine with what follows from it."""
    functions = running.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    time.sleep(PAUSE_SECONDS)  # a poll that had begun may still take a message
