"""What tests share: the local AWS with Envoi on it, started once in a run."""

import shutil
from collections.abc import Iterator

import pytest

from local import stack


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of the tests that need the local AWS, so that `-m "not local"` leaves them out."""
    config.addinivalue_line("markers", "local: needs the local AWS")


@pytest.fixture(scope="session")
def local_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stack.Stack]:
    """A local AWS of this run's own, on a free port, with Envoi deployed; its log is kept if a test fails."""
    home = tmp_path_factory.mktemp("local-aws")
    try:
        yield stack.up(home)
    finally:
        stack.down(home)
        for folder in ("tmp", "s3", "state"):
            shutil.rmtree(home / folder, ignore_errors=True)
