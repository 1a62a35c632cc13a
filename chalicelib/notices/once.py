"""Said once: a notice is sent by the one published message that has put its claim, and so is each slot of a day."""

from collections.abc import Mapping
from typing import Any

from chalicelib.conditions import Clause, Item
from chalicelib.config import Caps
from chalicelib.intents.intent import Intent
from chalicelib.notices import change
from chalicelib.refusals import Refusal
from chalicelib.services import Services
from chalicelib.table import Key, Put, Rejection, absent, notice_key

CLAIM_SECONDS = 35 * 86_400
DAY_SECONDS = 86_400
TALK_SECONDS = 600


def key_of(notice: change.Notice) -> Key:
    """Where a notice is claimed."""
    label = f"{notice.kind}#{notice.link_number}" if notice.link_number else notice.kind
    label = f"{label}#reply" if notice.road == change.REPLIES else label  # "paired" is told by both roads
    return notice_key(notice.once or notice.subject, label)


def put(services: Services, key: Key, message: str, **facts: Any) -> bool:
    """Claim for a message, by its id; False when another message has the claim. The same one may claim again."""
    ours = Clause(attribute="message", operator="=", value=message, means=Refusal.ALREADY_SEEN, or_absent=True)
    item = _item(services, key, {**facts, "message": message})
    return not isinstance(services.table.put(Put(item=item, clauses=(ours,))), Rejection)


def hold(services: Services, key: Key, message: str, **facts: Any) -> Item | None:
    """Claim, and return the claim as it is: with what was noted on it since it was first put, or another message's.

    None where it is gone again, which only its time to live does.
    """
    item = _item(services, key, {**facts, "message": message})
    rejection = services.table.put(Put(item=item, clauses=(absent(Refusal.ALREADY_SEEN),)))
    return rejection.items[0] if rejection else item


def slot(services: Services, intent: Intent, message: str) -> bool:
    """Claim one of an author's replies, public or private, of the day; False when they are used up.

    What a customer has ordered in private, and could be read, is answered so many times in ten minutes instead: a
    conversation may be long, and is used up by no stranger and no mistake.
    """
    road, cap, seconds = _allowance(intent, services.programme.caps)
    author = f"{intent.network}#{intent.author_id}#{intent.received_at // seconds}"
    slots = (notice_key(author, f"{road}#{number}") for number in range(1, cap + 1))
    return any(put(services, one, message) for one in slots)


def _allowance(intent: Intent, caps: Caps) -> tuple[str, int, int]:
    """What an answer counts towards, how many of these there are, and in how many seconds."""
    if talks(intent):
        return "answer", caps.private_answers_in_ten_minutes, TALK_SECONDS
    if intent.private:
        return "private", caps.private_replies_a_day, DAY_SECONDS
    return "reply", caps.public_replies_a_day, DAY_SECONDS


def talks(intent: Intent) -> bool:
    """Whether an order is a customer's own, in private, and could be read."""
    read = intent.refusal is None or intent.refusal.precedence > Refusal.NOT_OFFERED.precedence
    return intent.private and bool(intent.payer) and intent.order != "help" and read


def _item(services: Services, key: Key, facts: Mapping[str, Any]) -> dict[str, Any]:
    now = services.clock.now()
    return {"PK": key[0], "SK": key[1], "at": now, "ttl": now + CLAIM_SECONDS, **facts}
