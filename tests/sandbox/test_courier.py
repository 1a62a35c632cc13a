"""The sandbox's courier: one way for the webhooks of every network, and it misbehaves as it is told to."""

import queue
from itertools import pairwise

import pytest

from local.sandbox.envelopes import Parcel
from local.sandbox.webhook import Courier

WAIT_SECONDS = 10


class Door:
    """Where webhooks arrive; it answers 200."""

    def __init__(self) -> None:
        self._arrived: queue.Queue[Parcel] = queue.Queue()
        self.courier = Courier(self._post)

    def brings(self, number: int) -> list[Parcel]:
        """The next so many webhooks, and nothing behind them."""
        found = [self._arrived.get(timeout=WAIT_SECONDS) for _ in range(number)]
        assert self._arrived.empty()
        return found

    def _post(self, parcel: Parcel) -> int:
        self._arrived.put(parcel)
        return 200


@pytest.fixture
def door() -> Door:
    """A door of the test's own."""
    return Door()


def parcel(about: str, *, network: str = "facebook") -> Parcel:
    """A webhook."""
    return Parcel(event="message", about=about, body=about.encode(), network=network)


def test_a_webhook_arrives_as_it_was_handed_in(door: Door) -> None:
    """Once, for its own network."""
    for network in ("twitter", "facebook"):
        door.courier.carry(parcel("1", network=network))
        assert door.brings(1) == [parcel("1", network=network)]


def test_one_that_is_sent_twice_is_the_same_twice(door: Door) -> None:
    """Each is a delivery of its own in the log."""
    door.courier.switch("duplicate", on=True)
    door.courier.carry(parcel("1"))
    first, second = door.brings(2)
    assert first == second == parcel("1")
    assert [one["note"] for one in door.courier.told()] == ["duplicate", ""]


def test_forging_is_told_to_whoever_signs(door: Door) -> None:
    """The body stays as it is."""
    door.courier.switch("forge", on=True)
    door.courier.carry(parcel("1"))
    (forged,) = door.brings(1)
    assert (forged.forged, forged.body, forged.network) == (True, b"1", "facebook")


def test_one_that_is_held_comes_after_the_next(door: Door) -> None:
    """Of whichever network that is."""
    door.courier.switch("reorder", on=True)
    door.courier.carry(parcel("1"))
    assert door.courier.told()[0]["state"] == "held"
    door.courier.carry(parcel("2", network="twitter"))
    assert [one.about for one in door.brings(2)] == ["2", "1"]
    numbers = [one["number"] for one in door.courier.told()]
    assert all(newer > older for newer, older in pairwise(numbers))


def test_one_that_is_dropped_never_comes(door: Door) -> None:
    """The next one does."""
    door.courier.switch("drop", on=True)
    door.courier.carry(parcel("1"))
    door.courier.switch("drop", on=False)
    door.courier.carry(parcel("2"))
    assert [one.about for one in door.brings(1)] == ["2"]
