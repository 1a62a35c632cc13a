"""Answering in a private chat of Meta's: one message, once, and by SMS instead where it must be told and cannot be."""

from typing import Protocol

from chalicelib.channels.graph_errors import UNKNOWN
from chalicelib.channels.meta_sending import Outgoing
from chalicelib.errors import Unavailable
from chalicelib.intents import echoes, store
from chalicelib.intents.intent import Intent
from chalicelib.notices import once
from chalicelib.notices.answering import answer
from chalicelib.notices.chat_words import Said
from chalicelib.notices.delivery import REPLY_SECONDS, Later, Told, dropped, told_of
from chalicelib.services import Permanent, Posted, Retry, Services
from chalicelib.table import Key, notice_key
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count

# Some codes of Meta's say "try again" of a person who has blocked the page.
TRIES = 5


class Chats(Protocol):
    """Writes to people as the programme's page, account or number."""

    def send(self, message: Outgoing) -> Posted:
        """Write to somebody who wrote within the last 24 hours."""


def send_chat(services: Services, chats: Chats, delivery: Told) -> None:
    """Answer an order in the chat that it came by; best effort, only so many an author and day, dropped after an hour.

    The message carries its claim's key: what its echo has told of is not sent again. Raises Later when it is to be
    tried again, Unavailable when the order cannot be read yet.
    """
    notice = delivery.notice
    intent = store.read(services.table, notice.subject, consistent=True)
    if intent is None:
        raise Unavailable(f"the order {notice.subject} of an answer cannot be read")
    if services.clock.now() - intent.received_at > REPLY_SECONDS:
        return dropped(notice, "too_old")
    key = once.key_of(notice)
    claim = once.hold(services, key, delivery.message_id, to=intent.author_id)
    if claim is None or claim["message"] != delivery.message_id:
        return dropped(notice, "duplicate")
    if claim.get("arrived_at"):
        count("RepliesSent", network=intent.network)
        return told_of(notice, "sent")
    if not once.slot(services, intent, delivery.message_id):
        if once.talks(intent):
            _owe(services, intent, delivery)
        return dropped(notice, "replies_too_many")
    page = services.stage.linking_url
    posted = chats.send(_outgoing(intent, _opened(services, intent, delivery), key, page=page))
    return _settled(services, posted, delivery, intent=intent)


def _opened(services: Services, intent: Intent, delivery: Told) -> Said:
    """What is said; the first message to a person says before all that no human being writes."""
    key = notice_key(f"{intent.network}#{intent.author_id}", "hello")
    first = once.put(services, key, delivery.message_id)
    return answer(services, intent, message_id=delivery.message_id, first=first)


def _outgoing(intent: Intent, words: Said, key: Key, *, page: str) -> Outgoing:
    return Outgoing(
        to=intent.author_id,
        text=words.text,
        metadata=echoes.metadata(key),
        buttons=words.buttons,
        list_label=words.list_label,
        link_url=page if words.links else "",
    )


def _settled(services: Services, posted: Posted, delivery: Told, *, intent: Intent) -> None:
    match posted:
        case Retry() if posted.reason == "rate_limited" or delivery.received_count < TRIES:
            raise Later(posted.after_seconds)
        case Retry():
            count("RepliesRefused", reason=posted.reason)
            if posted.reason != UNKNOWN:
                _owe(services, intent, delivery)
        case Permanent():
            LOG.warning("the network refused an answer", extra={"reason": posted.reason, "intent_id": intent.id})
            count("RepliesRefused", reason=posted.reason)
            if posted.alarm:
                count("RepliesAlarming")
            _owe(services, intent, delivery)
        case _:
            count("RepliesSent", network=intent.network)
            told_of(delivery.notice, "sent")


def _owe(services: Services, intent: Intent, delivery: Told) -> None:
    """Note on the claim that its order's payer is to be told by SMS, which the stream's reader has sent.

    Only what a customer ordered and what was refused: they may think that it is on its way. All else is left unsaid.
    """
    if delivery.notice.kind == "refused" and intent.payer_person and intent.order not in store.ASKS - {"help"}:
        owed = {"to": intent.author_id, "owed": intent.id, "correlation_id": intent.correlation_id}
        once.put(services, once.key_of(delivery.notice), delivery.message_id, **owed)
    told_of(delivery.notice, "refused")
