"""Rotating a secret without losing a payment: what is signed with either live key counts, whatever a process keeps."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib import aws, secrets
from chalicelib.errors import Unavailable
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import Intent
from chalicelib.production import SecretLinks
from tests.bank import CODE, LINK_KEY, Bank, FakeLinks


class Manager:
    """Secrets Manager with one secret: rotating it makes the current version the previous one."""

    class exceptions:  # noqa: N801  # boto3's own name
        """As boto3 gives them."""

        class ResourceNotFoundException(Exception):
            """There is no such version."""

    def __init__(self) -> None:
        self.live = ["old"]
        self.calls = 0
        self.down = False

    def rotate(self, key: str) -> None:
        """Make a new version."""
        self.live = [key, *self.live][:2]

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> dict[str, Any]:  # noqa: N803  # boto3's names
        """One version."""
        assert SecretId == "s"
        self.calls += 1
        if self.down:
            raise EndpointConnectionError(endpoint_url="https://secrets.test")
        place = ("AWSCURRENT", "AWSPREVIOUS").index(VersionStage)
        if place >= len(self.live):
            raise self.exceptions.ResourceNotFoundException
        return {"SecretString": json.dumps({"key": self.live[place]})}


class Time:
    """A clock that stands still until it is moved."""

    now = 1_000.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The time of the module under test."""
    time = Time()
    monkeypatch.setattr(secrets, "time", time)
    return time


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    """A secret that holds `old`, and a process that has read nothing yet."""
    double = Manager()
    monkeypatch.setattr(aws, "client", lambda _: double)
    secrets.forget()
    yield double
    secrets.forget()


def keys(*, fresh: bool = False) -> list[str]:
    """The link keys that this process goes by."""
    return [key.decode() for key in SecretLinks("s").keys(fresh=fresh)]


def test_a_process_that_kept_the_old_key_learns_the_new_one_when_it_asks(manager: Manager) -> None:
    """Both keys are live at once; without asking, the process would go on with the old one for five minutes."""
    assert keys() == ["old"]
    manager.rotate("new")
    assert keys() == ["old"]
    assert keys(fresh=True) == ["new", "old"]
    assert keys() == ["new", "old"], "what was read is kept"


def test_forgers_cannot_make_the_secret_be_read_often(manager: Manager, clock: Time) -> None:
    """A thousand forged links in a minute cost thirteen reads of two versions at the most."""
    keys()
    before = manager.calls
    for _ in range(1_000):
        clock.now += 0.06
        keys(fresh=True)
    assert manager.calls - before <= 2 * (60 / secrets.FRESH_SECONDS + 1)


def test_somebody_who_asked_just_before_holds_up_the_new_key_for_five_seconds(manager: Manager, clock: Time) -> None:
    """At the most: less than an SMS takes to be read."""
    keys()
    keys(fresh=True)
    manager.rotate("new")
    clock.now += secrets.FRESH_SECONDS - 0.1
    assert keys(fresh=True) == ["old"]
    clock.now += 0.1
    assert keys(fresh=True) == ["new", "old"]


def test_an_outage_while_asking_leaves_what_is_kept(manager: Manager, clock: Time) -> None:
    """A forged link must not look different while Secrets Manager is down, and is not a reason to ask on and on."""
    keys()
    manager.down, calls = True, manager.calls
    clock.now += secrets.FRESH_SECONDS
    assert [keys(fresh=True) for _ in range(9)] == [["old"]] * 9
    assert manager.calls == calls + 1


def test_an_outage_does_not_keep_an_old_key_alive(manager: Manager, clock: Time) -> None:
    """After five minutes nothing is believed that was not read: fail closed."""
    keys()
    manager.down = True
    clock.now += secrets.KEPT_SECONDS
    for fresh in (False, True):
        with pytest.raises(Unavailable):
            keys(fresh=fresh)


NEW_KEY = b"the next link key of tests, 32 b"


def ordered(bank: Bank) -> Intent:
    """Alice's pending payment of 10 € to Bob."""
    intent: Intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    return intent


def test_a_link_of_a_new_key_pays_before_its_reader_has_the_key() -> None:
    """The sender has read the new key, the page still keeps the old one: the payer must not notice."""
    bank = Bank(links=FakeLinks(live=(NEW_KEY, LINK_KEY), kept=(LINK_KEY,)))
    intent = ordered(bank)
    outcome = lifecycle.confirm(bank.services, bank.link(intent, key=NEW_KEY), CODE)
    assert outcome.intent and outcome.intent.status == "paid"
    assert bank.available("bob") == 1_000


def test_a_link_of_the_old_key_pays_after_everybody_has_the_new_one() -> None:
    """A link in somebody's phone outlives the change of the key."""
    bank = Bank(links=FakeLinks(live=(NEW_KEY, LINK_KEY)))
    intent = ordered(bank)
    outcome = lifecycle.confirm(bank.services, bank.link(intent), CODE)
    assert outcome.intent and outcome.intent.status == "paid"


def test_a_link_of_a_key_that_is_gone_pays_nothing() -> None:
    """After two changes the first key is worthless, for whoever has kept it."""
    bank = Bank(links=FakeLinks(live=(b"third", NEW_KEY), kept=(NEW_KEY,)))
    outcome = lifecycle.confirm(bank.services, bank.link(ordered(bank)), CODE)
    assert outcome.intent is None
    assert bank.available("bob") == 0


@pytest.mark.parametrize("text", ["", "x", "B" * 16 + ".1.abcdefg." + "A" * 22])
def test_whatever_is_no_link_of_ours_asks_for_the_keys_as_often(text: str) -> None:
    """Garbage, an unknown id and a forged MAC do the same work: time tells nothing (invariant 6)."""
    bank = Bank(links=AskedLinks())
    genuine = bank.link(ordered(bank))
    forged = genuine[:-1] + ("A" if genuine[-1] != "A" else "B")
    asked = []
    for each in (text, forged):
        AskedLinks.asked = []
        assert lifecycle.look(bank.services, each).intent is None
        asked.append(AskedLinks.asked)
    assert asked[0] == asked[1] == [False, True]


class AskedLinks(FakeLinks):
    """Keys that remember how they were asked for."""

    asked: ClassVar[list[bool]] = []

    def keys(self, *, fresh: bool = False) -> tuple[bytes, ...]:
        """The live keys."""
        self.asked.append(fresh)
        return super().keys(fresh=fresh)
