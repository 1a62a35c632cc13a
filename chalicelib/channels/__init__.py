"""Social networks: what each must do, and the one shape that all messages take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

OPENED = "opened"
"""The button of a chat that was opened by a link or an advertisement; where it stood is anybody's to write."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """Somebody whom a message names: the network's own id, and the @name as typed (without @)."""

    user_id: str
    handle: str


@dataclass(frozen=True, kw_only=True)
class Mention:
    """One message to the bot, whatever network and envelope it came in.

    `text` is the text to read: HTML entities decoded, automatic reply prefix cut off. `named` are the
    people it names, in order of appearance, the bot included. `origin_id` is the id of the first version of
    an edited post (else `message_id`). `sent_at` and `received_at` are epoch seconds; `sent_millis` is the network's
    own time in epoch milliseconds, 0 where it tells seconds only. `correlation_id` is the event's.
    `button` is what a button of ours carries that the author tapped, or OPENED; `text` is then the button's title.
    `ref` is a ref of our own form that the link brought by which the author opened the chat (`chalicelib.ref`).
    All three passed through the author's hands: they say what is wished, and prove nothing by themselves.
    """

    network: str
    page: str
    origin_id: str
    message_id: str
    author: Named
    text: str
    named: tuple[Named, ...]
    private: bool
    sent_at: int
    received_at: int
    sent_millis: int = 0
    language: str | None = None
    in_reply_to: str | None = None
    correlation_id: str = ""
    button: str | None = None
    ref: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """Somebody took the network's permission back from us: their identity is not linked any more."""

    network: str
    page: str
    user_id: str


@dataclass(frozen=True, kw_only=True)
class Linking:
    """Somebody came back from our link page, as the network tells it: the code is one that we gave them there."""

    network: str
    page: str
    user_id: str
    authorization_code: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Echo:
    """A message of the bot's own, told back by its network: it has arrived, whatever became of the answer to us.

    `metadata` is what we sent with it, `user_id` whom it went to.
    """

    network: str
    page: str
    user_id: str
    message_id: str
    metadata: str

    def tells_of(self, metadata: str, *, to: str) -> bool:
        """Whether this is the message that was sent to somebody with this metadata."""
        return bool(metadata) and (self.metadata, self.user_id) == (metadata, to)


@dataclass(frozen=True)
class Drop:
    """A message that is no order by rule; `reason` is a metric's name, such as `own_post`."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event of a webhook body, as it travels through the inbox queue.

    `payload` is JSON-able and small; only the network that made it knows its shape. `id` is given to it when it is
    queued: with it every line about it is found in the logs, from the webhook to the last receipt. `message_id` is the
    network's, if it is a message; it is logged and does not travel.
    """

    network: str
    payload: Mapping[str, Any]
    received_at: int
    id: str = ""
    message_id: str = ""


Reading = Mention | Revocation | Linking | Echo | Drop


class Network(Protocol):
    """What a social network's module must offer to be registered."""

    name: str

    def split(self, body: bytes, *, received_at: int) -> Sequence[Event | Drop]:
        """Split a verified webhook body; raises ValueError if it is not JSON of an object."""

    def mention(self, event: Event) -> Reading:
        """Read one event; what is neither a message to the bot nor news of a link is a Drop with its reason."""
