"""Delivering one notice: claim it, write its words, send it by its road."""

from collections.abc import Mapping
from dataclasses import dataclass
from json import loads
from typing import Any

from chalicelib.conditions import Clause
from chalicelib.errors import Unavailable
from chalicelib.intents import store
from chalicelib.intents.intent import Intent
from chalicelib.notices import change, message
from chalicelib.notices.composing import compose
from chalicelib.refusals import Refusal
from chalicelib.services import Permanent, Posts, Retry, Services
from chalicelib.table import Put, Rejection, notice_key
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count, prefix

REPLY_SECONDS = 3_600
CLAIM_SECONDS = 35 * 86_400
DAY_SECONDS = 86_400


class Later(Exception):
    """The network asks to wait: the message comes again after so many seconds."""

    def __init__(self, after_seconds: int) -> None:
        super().__init__(f"again in {after_seconds} s")
        self.after_seconds = after_seconds


@dataclass(frozen=True, kw_only=True)
class Told:
    """One delivery of a published notice; a message of the same `message_id` may be sent again after a crash.

    `correlation_id` is that of the order, where the notice is about one.
    """

    notice: change.Notice
    message_id: str
    received_count: int = 1
    correlation_id: str = ""


def told(body: Mapping[str, Any], *, received_count: int) -> Told:
    """Read what SNS put into a queue; raises KeyError or ValueError if we did not publish it."""
    content = loads(body["Message"])
    fields = {name: content[name] for name in change.Notice.__dataclass_fields__}
    return Told(
        notice=change.Notice(**fields),
        message_id=body["MessageId"],
        received_count=received_count,
        correlation_id=content.get("correlation_id", ""),
    )


def send_sms(services: Services, delivery: Told) -> None:
    """Send an SMS to the bound number of whom the notice is for; at least once for each published message.

    Dropped, and counted, where nobody has a number, where the link was replaced, or where another message of the same
    notice has the claim. Raises Unavailable when SNS or the table is down: the message comes again.
    """
    notice = delivery.notice
    composed = compose(services, notice)
    if composed is None:
        return _dropped(notice, "nobody")
    person, text = composed
    if not _claim(services, delivery):
        return _dropped(notice, "duplicate")
    services.sms.send(person.phone, text)
    count("SmsSent", kind=notice.kind)
    count("SmsByPrefix", kind=notice.kind, prefix=prefix(person.phone))
    return _told(notice, "sent")


def send_reply(services: Services, posts: Posts, delivery: Told) -> None:
    """Answer under the post, or by private message to one; best effort, and only so many an author and day.

    Dropped after an hour. Raises Later when the network limits the rate, Unavailable when the order cannot be read yet.
    """
    intent = store.read(services.table, delivery.notice.subject, consistent=True)
    now = services.clock.now()
    if intent is None:
        raise Unavailable(f"the order {delivery.notice.subject} of a reply cannot be read")
    if now - intent.received_at > REPLY_SECONDS:
        return _dropped(delivery.notice, "too_old")
    if not _claim(services, delivery):
        return _dropped(delivery.notice, "duplicate")
    if not _claim_slot(services, delivery, intent):
        return _dropped(delivery.notice, "replies_too_many")
    text = message.reply(intent, programme=services.programme)
    again = delivery.received_count > 1
    if intent.private:
        answer = posts.message(text, to=intent.author_id)
    else:
        answer = posts.reply(text, to=intent.message_id, again=again)
    match answer:
        case Retry():
            raise Later(answer.after_seconds)
        case Permanent():
            LOG.warning("the network refused a reply", extra={"reason": answer.reason, "intent_id": intent.id})
            count("RepliesRefused", reason=answer.reason)
            if answer.alarm:
                count("RepliesAlarming")
        case _:
            count("RepliesSent", network=intent.network)
            _told(delivery.notice, "sent")
    return None


def _dropped(notice: change.Notice, reason: str) -> None:
    count("NoticesDropped", kind=notice.kind, reason=reason)
    _told(notice, reason)


def _told(notice: change.Notice, outcome: str) -> None:
    LOG.info("notice", extra={"kind": notice.kind, "subject": notice.subject, "outcome": outcome})


def _claim(services: Services, delivery: Told) -> bool:
    """Claim a notice for this message; False when another message has it."""
    notice = delivery.notice
    label = f"{notice.kind}#{notice.link_number}" if notice.link_number else notice.kind
    label = f"{label}#reply" if notice.road == change.REPLIES else label  # "paired" is told by both roads
    return _put_claim(services, notice_key(notice.once or notice.subject, label), delivery)


def _claim_slot(services: Services, delivery: Told, intent: Intent) -> bool:
    """Claim one of an author's public or private replies of the day; False when they are used up."""
    day, caps = intent.received_at // DAY_SECONDS, services.programme.caps
    author = f"{intent.network}#{intent.author_id}#{day}"
    road, cap = ("private", caps.private_replies_a_day) if intent.private else ("reply", caps.public_replies_a_day)
    slots = (notice_key(author, f"{road}#{slot}") for slot in range(1, cap + 1))
    return any(_put_claim(services, slot, delivery) for slot in slots)


def _put_claim(services: Services, key: tuple[str, str], delivery: Told) -> bool:
    ours = Clause(
        attribute="message", operator="=", value=delivery.message_id, means=Refusal.ALREADY_SEEN, or_absent=True
    )
    item = {
        "PK": key[0],
        "SK": key[1],
        "message": delivery.message_id,
        "at": services.clock.now(),
        "ttl": services.clock.now() + CLAIM_SECONDS,
    }
    return not isinstance(services.table.put(Put(item=item, clauses=(ours,))), Rejection)
