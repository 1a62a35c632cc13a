"""Said once: a notice is sent by the one published message that has put its claim, and so is each slot of a day."""

from collections.abc import Mapping
from typing import Any

from chalicelib.conditions import Clause, Item
from chalicelib.intents.intent import Intent
from chalicelib.notices import change
from chalicelib.refusals import Refusal
from chalicelib.services import Services
from chalicelib.table import Key, Put, Rejection, absent, notice_key

CLAIM_SECONDS = 35 * 86_400
DAY_SECONDS = 86_400


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
    """Claim one of an author's public or private replies of the day; False when they are used up."""
    day, caps = intent.received_at // DAY_SECONDS, services.programme.caps
    author = f"{intent.network}#{intent.author_id}#{day}"
    road, cap = ("private", caps.private_replies_a_day) if intent.private else ("reply", caps.public_replies_a_day)
    slots = (notice_key(author, f"{road}#{number}") for number in range(1, cap + 1))
    return any(put(services, one, message) for one in slots)


def _item(services: Services, key: Key, facts: Mapping[str, Any]) -> dict[str, Any]:
    now = services.clock.now()
    return {"PK": key[0], "SK": key[1], "at": now, "ttl": now + CLAIM_SECONDS, **facts}
