"""The doors to the outside, gathered in one frozen value; the simulator and the tests double every one of them."""

import random
import secrets as randomness
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chalicelib.config import Programme, Stage
from chalicelib.table import Table


class Codes(Protocol):
    """Turns a typed security code into what the account stores of it."""

    def mac(self, account: str, typed: str) -> str:
        """What to store of a chosen code; about 0.1 s of CPU. Raises Unavailable when the key service is down."""

    def candidates(self, account: str, typed: str) -> tuple[str, ...]:
        """What may be stored of a typed code: under the current key, then under the one before while it is rotated."""


class Sms(Protocol):
    """Sends text messages."""

    def send(self, phone: str, text: str) -> None:
        """Send a text to a number in E.164 form. Raises Unavailable when it may be tried again."""


class Topic(Protocol):
    """The topic that tells of every change."""

    def publish(self, message: Mapping[str, Any], *, attributes: Mapping[str, str]) -> None:
        """Publish a message with its filter attributes. Raises Unavailable."""


@dataclass(frozen=True)
class Sent:
    """The message is posted; `post_id` is None when it is not known, as when an earlier try had posted it."""

    post_id: str | None = None


@dataclass(frozen=True)
class Retry:
    """The network did not take it now; try again after so many seconds."""

    after_seconds: int
    reason: str


@dataclass(frozen=True)
class Permanent:
    """The network will not take it; `alarm` says that an operator must act, as every other message would fail too."""

    reason: str
    alarm: bool = False


Posted = Sent | Retry | Permanent


class Posts(Protocol):
    """Writes to a social network as the bot."""

    def reply(self, text: str, *, to: str, again: bool = False) -> Posted:
        """Answer under a post; `again` says that an earlier try may have arrived."""

    def message(self, text: str, *, to: str) -> Posted:
        """Write privately to a user id."""


class Links(Protocol):
    """The keys that links are made and checked with."""

    def keys(self, *, fresh: bool = False) -> tuple[bytes, ...]:
        """The current key first, then the one before it while it is rotated out.

        `fresh` asks for those of just now: a link may be made with a key that this process has not read yet.
        """


class Holders(Protocol):
    """Knows who holds accounts at other banks."""

    def matches(self, account: Mapping[str, str], name: str) -> bool | None:
        """Whether an account, by the fields of `identity.bank_account`, is this person's; None when nobody can tell.

        Raises Unavailable when it may be asked again.
        """


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Time and chance, so that tests and the simulator can set both; `micros` are epoch microseconds."""

    now: Callable[[], int] = lambda: int(time.time())
    micros: Callable[[], int] = lambda: time.time_ns() // 1_000
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    nonce: Callable[[], str] = field(default=lambda: randomness.token_urlsafe(16))


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that a process may ask of the outside."""

    stage: Stage
    programme: Programme
    table: Table
    codes: Codes
    links: Links
    claim_links: Links
    holders: Holders
    sms: Sms
    topic: Topic
    clock: Clock = field(default_factory=Clock)
