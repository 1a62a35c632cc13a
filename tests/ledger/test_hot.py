"""A payee whom everybody pays: in virtual time, so the figures are the same on every machine."""

import pytest

from bench.hot import MOST_ATTEMPTS, PROMISES, promised, storm


@pytest.mark.parametrize(("rate", "shards"), PROMISES)
def test_a_telethon_is_carried(rate: float, shards: int) -> None:
    """5,000 gifts a minute on 16 sub-balances and 60,000 on 256: hardly a transaction twice, nobody turned away."""
    told = storm(rate, shards, gifts=1_500)
    assert told.attempts <= MOST_ATTEMPTS
    assert told.failed == 0


def test_one_item_would_not_carry_it() -> None:
    """The model is hard enough to show why there are sub-balances: one item turns people away."""
    told = storm(PROMISES[0][0], 1, gifts=1_500)
    assert told.attempts > 3
    assert told.failed_percent > 10


def test_every_storm_that_is_promised_is_told() -> None:
    """The figures that the benchmark prints have these goals."""
    assert [result.goal for result in promised(gifts=200)] == [MOST_ATTEMPTS, 0, MOST_ATTEMPTS, 0, None]
