"""Whom money is held for hears of it by private message on the network that named them; never in public, and no sum.

A network may let us write only to who has written to us. What it refuses is told to the payer, who is asked to tell the
payee: whoever then writes to the bot in private gets the link with the answer (`notices.waiting`).
"""

from collections.abc import Callable

from chalicelib.channels.graph_errors import UNKNOWN
from chalicelib.errors import Unavailable
from chalicelib.intents import store
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import OPEN, Claim
from chalicelib.notices import once, waiting
from chalicelib.notices.change import Notice
from chalicelib.notices.delivery import REPLY_SECONDS, Later, Told, dropped, told_of
from chalicelib.services import Permanent, Posted, Retry, Services
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count

# Writes a text privately to a user id.
Write = Callable[[str, str], Posted]

# Notices that are for the payee's eyes: that money is held, that it went back, that it goes to a bank account.
KINDS = (waiting.HELD, waiting.GONE, waiting.SENT)
UNTOLD = "claim_untold"
# After these it may have arrived, and is not written again.
_UNSURE = ("timeout", UNKNOWN)


def tell_payee(services: Services, write: Write, delivery: Told) -> None:
    """Write to whom money is or was held for, once; best effort, as networks let us write to few people.

    Dropped after an hour, and where it is not true any more; of an end only who was told of the beginning hears. That
    money is held and its payee could not be told goes by SMS to the payer. Raises Later when the network limits the
    rate, Unavailable when the claim cannot be read yet.
    """
    notice = delivery.notice
    intent = store.read(services.table, notice.subject, consistent=True)
    claim = claiming.read(services.table, notice.subject)
    if intent is None or claim is None:
        raise Unavailable(f"the claim {notice.subject} of a notice cannot be read")
    if reason := _unsaid(services, notice, claim):
        return dropped(notice, reason)
    if not once.put(services, once.key_of(notice), delivery.message_id, to=claim.user_id):
        return dropped(notice, "duplicate")
    if _late(services, notice, claim):
        _owe(services, delivery, claim)
        return dropped(notice, "too_old")
    posted = write(waiting.words(services, notice.kind, claim, intent=intent), claim.user_id)
    return _settled(services, posted, delivery, claim=claim)


def _unsaid(services: Services, notice: Notice, claim: Claim) -> str:
    """Why a notice is not to be told: it is not true any more, or ends what its payee never heard of."""
    if notice.kind == waiting.HELD:
        return "" if claim.status == OPEN and not claim.wish else "ended"
    if notice.kind == waiting.GONE and not waiting.was_told(services, claim.id):
        return "untold"
    return ""


def _late(services: Services, notice: Notice, claim: Claim) -> bool:
    since = claim.opened_at if notice.kind == waiting.HELD else claim.ended_at
    return services.clock.now() - since > REPLY_SECONDS


def _settled(services: Services, posted: Posted, delivery: Told, *, claim: Claim) -> None:
    match posted:
        case Retry(after_seconds=seconds, reason=reason) if reason not in _UNSURE:
            raise Later(seconds)
        case Retry(reason=reason) | Permanent(reason=reason):
            LOG.warning("the network refused a message", extra={"reason": reason, "intent_id": claim.id})
            count("RepliesRefused", reason=reason)
            if isinstance(posted, Permanent):
                if posted.alarm:
                    count("RepliesAlarming")
                _owe(services, delivery, claim)
            told_of(delivery.notice, "refused")
        case _:
            count("RepliesSent", network=claim.network)
            told_of(delivery.notice, "sent")


def _owe(services: Services, delivery: Told, claim: Claim) -> None:
    """Note that the payer is to be asked to tell the payee, which the stream's reader has sent by SMS."""
    if delivery.notice.kind != waiting.HELD:
        return
    owed = {"owed": claim.id, "owed_as": UNTOLD, "correlation_id": claim.correlation_id}
    once.put(services, once.key_of(delivery.notice), delivery.message_id, to=claim.user_id, **owed)
