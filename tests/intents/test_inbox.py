"""What each message out of the inbox leaves behind: one count, one line with its outcome, and its trace."""

from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.channels import Drop, Echo, Event, Reading, Revocation
from chalicelib.intents import inbox
from chalicelib.telemetry.log import LOG
from tests.bank import BOT, IDS, NOON, Bank, mention

EVENT = Event(network="twitter", payload={}, received_at=NOON, id="abcdefghijklmnop")


@dataclass
class Network:
    """A network that reads every event as the same message, and sees which line keys are set meanwhile."""

    message: Reading
    keys: dict[str, Any]

    def mention(self, event: Event) -> Reading:
        """The message."""
        assert event is EVENT
        self.keys.update(LOG.get_current_keys())
        return self.message


@dataclass
class Told:
    """What taking a message counted and logged."""

    counted: list[tuple[str, dict[str, str]]]
    logged: list[tuple[str, dict[str, Any]]]


FACTS = ("intent_id", "order", "status", "refusal", "first_correlation_id", "reason")


@pytest.fixture
def taken(bank: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Any:
    """Takes a message, and says what it counted and logged."""

    def take(message: Reading) -> Told:
        counted: list[tuple[str, dict[str, str]]] = []
        caplog.clear()
        network = Network(message, {})

        def named(name: str, programme: object) -> Network:
            assert (name, programme) == ("twitter", bank.services.programme)
            return network

        monkeypatch.setattr(inbox, "network", named)
        monkeypatch.setattr(inbox, "count", lambda name, **dimensions: counted.append((name, dimensions)))
        inbox.take(bank.services, EVENT)
        assert network.keys["correlation_id"] == EVENT.id
        lines = [
            (one.message, {name: vars(one)[name] for name in FACTS if name in vars(one)}) for one in caplog.records
        ]
        return Told(counted, lines)

    return take


def test_an_order_is_counted_by_what_became_of_it(bank: Bank, taken: Any) -> None:
    """Its item keeps the event's id; its line has the trace of the event that made it, also when it comes again."""
    message = mention("@Smoneyfr #envoyer 10 € @bob")
    told = taken(message)
    (order,) = [item for item in bank.table.items.values() if item.get("order") == "send"]
    assert order["correlation_id"] == EVENT.id
    assert told.counted == [("OrdersTaken", {"network": "twitter", "order": "send", "outcome": "pending"})]
    facts = {"intent_id": order["PK"][2:], "order": "send", "status": "pending", "refusal": None}
    assert told.logged == [("order", {**facts, "first_correlation_id": EVENT.id})]
    order["correlation_id"] = "anothereventsids"
    assert taken(message).logged == [("order", {**facts, "first_correlation_id": "anothereventsids"})]


def test_a_refused_order_is_counted_by_its_refusal_too(taken: Any) -> None:
    """For the alarm that hears of refusals alone."""
    told = taken(mention("@Smoneyfr #envoyer 300 € @bob"))
    refused = {"network": "twitter", "order": "send", "outcome": "over_transfer_limit"}
    assert told.counted == [("OrdersTaken", refused), ("OrdersRefused", {"outcome": "over_transfer_limit"})]
    ((message, facts),) = told.logged
    assert (message, facts["status"], facts["refusal"]) == ("order", "refused", "over_transfer_limit")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (mention("Bonjour @Smoneyfr"), "no_order"),
        (Drop("own_post"), "own_post"),
        (Echo(network="twitter", page=BOT.user_id, user_id="1", message_id="2", metadata=""), "echo"),
    ],
)
def test_what_is_no_order_is_dropped_with_its_reason(taken: Any, message: Reading, reason: str) -> None:
    """Counted and logged under one short word."""
    told = taken(message)
    assert told.counted == [("MessagesDropped", {"network": "twitter", "reason": reason})]
    assert told.logged == [("dropped", {"reason": reason})]


def test_a_permission_that_is_taken_back_unlinks_its_handle(bank: Bank, taken: Any) -> None:
    """Counted once for each event; afterwards the same person orders nothing."""
    told = taken(Revocation(network="twitter", page=BOT.user_id, user_id=IDS["alice"]))
    assert told.counted == [("HandlesRevoked", {"network": "twitter"})]
    assert told.logged == [("revoked", {})]
    assert taken(mention("@Smoneyfr #envoyer 10 € @bob")).logged[0][1]["refusal"] == "payer_unknown"
    assert bank.available("bob") == 0
