"""Delivering one notice: claim it, write its words, send it by its road."""

from collections.abc import Mapping
from dataclasses import dataclass
from json import loads
from typing import Any

from chalicelib.notices import change, once
from chalicelib.notices.composing import compose
from chalicelib.services import Services
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count, prefix

REPLY_SECONDS = 3_600


class Later(Exception):
    """The network asks to wait: the message comes again after so many seconds."""

    def __init__(self, after_seconds: int) -> None:
        super().__init__(f"again in {after_seconds} s")
        self.after_seconds = after_seconds


@dataclass(frozen=True, kw_only=True)
class Told:
    """One delivery of a published notice; a message of the same `message_id` may be sent again after a crash.

    `correlation_id` is that of the order, where the notice is about one, and `network` the one that it came by.
    """

    notice: change.Notice
    message_id: str
    received_count: int = 1
    correlation_id: str = ""
    network: str = ""


def told(body: Mapping[str, Any], *, received_count: int) -> Told:
    """Read what SNS put into a queue; raises KeyError or ValueError if we did not publish it."""
    content = loads(body["Message"])
    fields = {name: content[name] for name in change.Notice.__dataclass_fields__}
    return Told(
        notice=change.Notice(**fields),
        message_id=body["MessageId"],
        received_count=received_count,
        correlation_id=content.get("correlation_id", ""),
        network=content.get("network", ""),
    )


def send_sms(services: Services, delivery: Told) -> None:
    """Send an SMS to the bound number of whom the notice is for; at least once for each published message.

    Dropped, and counted, where nobody has a number, where the link was replaced, or where another message of the same
    notice has the claim. Raises Unavailable when SNS or the table is down: the message comes again.
    """
    notice = delivery.notice
    composed = compose(services, notice)
    if composed is None:
        return dropped(notice, "nobody")
    person, text = composed
    if not once.put(services, once.key_of(notice), delivery.message_id):
        return dropped(notice, "duplicate")
    services.sms.send(person.phone, text)
    count("SmsSent", kind=notice.kind)
    count("SmsByPrefix", kind=notice.kind, prefix=prefix(person.phone))
    return told_of(notice, "sent")


def dropped(notice: change.Notice, reason: str) -> None:
    """Count and log why a notice says nothing."""
    count("NoticesDropped", kind=notice.kind, reason=reason)
    told_of(notice, reason)


def told_of(notice: change.Notice, outcome: str) -> None:
    """Log what became of a notice."""
    LOG.info("notice", extra={"kind": notice.kind, "subject": notice.subject, "outcome": outcome})
