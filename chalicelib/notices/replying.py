"""Answering on X: under the post, or by private message to one."""

from chalicelib.errors import Unavailable
from chalicelib.intents import store
from chalicelib.notices import message, once
from chalicelib.notices.answering import answer
from chalicelib.notices.delivery import REPLY_SECONDS, Later, Told, dropped, told_of
from chalicelib.services import Permanent, Posts, Retry, Services
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count


def send_reply(services: Services, posts: Posts, delivery: Told) -> None:
    """Answer under the post, or by private message to one; best effort, and only so many an author and day.

    Dropped after an hour. Raises Later when the network limits the rate, Unavailable when the order cannot be read yet.
    """
    intent = store.read(services.table, delivery.notice.subject, consistent=True)
    now = services.clock.now()
    if intent is None:
        raise Unavailable(f"the order {delivery.notice.subject} of a reply cannot be read")
    if now - intent.received_at > REPLY_SECONDS:
        return dropped(delivery.notice, "too_old")
    if not once.put(services, once.key_of(delivery.notice), delivery.message_id):
        return dropped(delivery.notice, "duplicate")
    if not once.slot(services, intent, delivery.message_id):
        return dropped(delivery.notice, "replies_too_many")
    again = delivery.received_count > 1
    if intent.private:
        said = answer(services, intent, message_id=delivery.message_id, first=False)
        posted = posts.message(said.text, to=intent.author_id)
    else:
        text = message.reply(intent, programme=services.programme)
        posted = posts.reply(text, to=intent.message_id, again=again)
    match posted:
        case Retry():
            raise Later(posted.after_seconds)
        case Permanent():
            LOG.warning("the network refused a reply", extra={"reason": posted.reason, "intent_id": intent.id})
            count("RepliesRefused", reason=posted.reason)
            if posted.alarm:
                count("RepliesAlarming")
        case _:
            count("RepliesSent", network=intent.network)
            told_of(delivery.notice, "sent")
    return None
