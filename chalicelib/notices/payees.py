"""Whom money is held for hears of it once, by private message on the network that named them; never in public."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.config import Programme
from chalicelib.errors import Unavailable
from chalicelib.intents import store
from chalicelib.intents.intent import Intent
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import OPEN, Claim
from chalicelib.money import format_amount
from chalicelib.notices import once
from chalicelib.notices.delivery import REPLY_SECONDS, Later, Told, dropped, told_of
from chalicelib.services import Permanent, Posted, Retry, Services
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count
from chalicelib.texts import say

# Writes a text privately to a user id.
Write = Callable[[str, str], Posted]


def tell_payee(services: Services, write: Write, delivery: Told) -> None:
    """Write to whom money is held for; best effort, as a network may let us write only to who has written to us.

    Dropped after an hour, and once the claim has ended or was asked to. Raises Later when the network limits the rate,
    Unavailable when the claim cannot be read yet.
    """
    notice = delivery.notice
    intent = store.read(services.table, notice.subject, consistent=True)
    claim = claiming.read(services.table, notice.subject)
    if intent is None or claim is None:
        raise Unavailable(f"the claim {notice.subject} of a notice cannot be read")
    if claim.status != OPEN or claim.wish or services.clock.now() - claim.opened_at > REPLY_SECONDS:
        return dropped(notice, "too_old")
    if not once.put(services, once.key_of(notice), delivery.message_id, to=claim.user_id):
        return dropped(notice, "duplicate")
    match write(words(intent, claim, programme=services.programme), claim.user_id):
        case Retry(after_seconds=seconds, reason=reason) if reason != "timeout":
            raise Later(seconds)
        case Retry(reason=reason) | Permanent(reason=reason):  # after a timeout it may have arrived: not twice
            LOG.warning("the network refused a message", extra={"reason": reason, "intent_id": intent.id})
            count("RepliesRefused", reason=reason)
            return told_of(notice, "refused")
        case _:
            count("RepliesSent", network=intent.network)
            return told_of(notice, "sent")


def words(intent: Intent, claim: Claim, *, programme: Programme) -> str:
    """How much is held, from whom and until when, in the language of the order; no link, and nothing is asked for."""
    author = intent.said.get("author_handle")
    return say(
        intent.language,
        "claim.message",
        payer=f"@{author}" if author else programme.brand,
        amount=format_amount(claim.amount_minor, claim.currency, intent.language),
        brand=programme.brand,
        until=datetime.fromtimestamp(claim.expires_at, ZoneInfo(programme.zone)).date().isoformat(),
    )
