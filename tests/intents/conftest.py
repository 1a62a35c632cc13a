"""Fixtures of the tests of intents."""

import pytest

from tests.bank import Bank


@pytest.fixture
def bank() -> Bank:
    """A bank with Alice (1,000 €), Bob and the charity Croix-Bleue."""
    return Bank()
