"""The other doors: the code key, link keys, phones, the topic, the network; each over the wire, each a small fake."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.errors import Unavailable
from chalicelib.services import Permanent, Posted, Sent
from tests.simulation.faults import DOOR
from tests.simulation.images import SAMPLED
from tests.simulation.queues import Topic
from tests.simulation.scheduler import Process, Violation
from tests.simulation.wire import Wire

LINK_KEY = b"the simulator's key of links, 32"
CLAIM_KEY = b"and its key of links to claims, 3"
_LINK = re.compile(r"#(\S{16}\.\S+)")


class SimCodes:
    """The key service: what is stored of a code is the code itself, under the key's name."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.keys: tuple[str, ...] = ("k1",)

    def mac(self, account: str, typed: str) -> str:
        """Under the current key."""
        return self.candidates(account, typed)[0]

    def candidates(self, account: str, typed: str) -> tuple[str, ...]:
        """Under each live key; raises Unavailable while the key service is down."""
        fault = self._wire.go("codes", DOOR)
        if self._wire.faults.keys_down:
            self._wire.faults.counted["outage"] += 1
            raise Unavailable("the code key is down")
        if fault:
            self._wire.back("codes", fault)
        return tuple(f"{key}.{account}|{typed}" for key in self.keys)


class SimLinks:
    """The link keys; a process has read them long ago."""

    def __init__(self, key: bytes = LINK_KEY) -> None:
        self._live = (key,)

    def keys(self, *, fresh: bool = False) -> tuple[bytes, ...]:  # noqa: ARG002  # the port's name
        """One key."""
        return self._live


class SimHolders:
    """The bank that checks names: each account is its owner's, whose name ends as its number does."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def matches(self, account: Mapping[str, str], name: str) -> bool | None:
        """Whether the last digits are in the name; nobody can tell of accounts of bank 9999. Raises Unavailable."""
        fault = self._wire.go("holders", DOOR)
        if fault:
            self._wire.back("holders", fault)
        return None if account["bank"] == "9999" else account["number"][-3:] == name[-3:]


@dataclass(frozen=True, slots=True)
class Text:
    """An SMS that reached a phone, and the process that sent it."""

    phone: str
    text: str
    link: str
    by: Process | None


@dataclass
class SimSms:
    """Phones; `heard` is told of each text as it arrives."""

    wire: Wire
    heard: Callable[[Text], None] = field(default=lambda _: None)

    def send(self, phone: str, text: str) -> None:
        """Send a text."""
        fault = self.wire.go("sms", DOOR)
        found = _LINK.search(text)
        self.heard(Text(phone, text, found[1] if found else "", self.wire.scheduler.current))
        if fault:
            self.wire.back("sms", fault)


class SimTopic:
    """The topic of changes."""

    def __init__(self, wire: Wire, topic: Topic) -> None:
        self._wire = wire
        self._topic = topic

    def publish(self, message: Mapping[str, Any], *, attributes: Mapping[str, str]) -> None:
        """Publish; see `already_loaded` for the JSON that SNS would carry."""
        fault = self._wire.go("topic", DOOR)
        self._topic.fan_out(dict(message), road=attributes["road"])
        if fault:
            self._wire.back("topic", fault)


def already_loaded(loads: Callable[[str], Any]) -> Callable[[str | Mapping[str, Any]], Any]:
    """A queue's reader may take messages as they are; one in `SAMPLED` goes through JSON and must come out the same."""
    count = 0

    def shortcut(message: str | Mapping[str, Any]) -> Any:
        nonlocal count
        if isinstance(message, str):
            return loads(message)
        count += 1
        if count % SAMPLED:
            return message
        found = loads(json.dumps(message))
        if found != message:
            raise Violation(f"{message} came out of the topic as {found}")
        return found

    return shortcut


class SimPosts:
    """The network; `posted` counts what stands under posts."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.posted: list[str] = []

    def reply(self, text: str, *, to: str, again: bool = False) -> Posted:  # noqa: ARG002  # the port's names
        """Answer under a post."""
        return self._post(to)

    def message(self, text: str, *, to: str) -> Posted:  # noqa: ARG002  # the port's names
        """Write privately."""
        return self._post(to)

    def _post(self, to: str) -> Posted:
        fault = self._wire.go("posts", DOOR)
        if self._wire.faults.rate and self._wire.scheduler.random.random() < 0.02:
            return Permanent("forbidden")
        self.posted.append(to)
        if fault:
            self._wire.back("posts", fault)
        return Sent(to)
