"""Everything that is known of one order or message, gathered: items, claims, queues, dead letters, log lines."""

import re
from typing import TYPE_CHECKING

from console.rows import Row

if TYPE_CHECKING:
    from chalicelib.conditions import Item
    from chalicelib.intents.intent import Intent
    from chalicelib.services import Services
    from console.clues import Clue
    from console.logs import Line, Span

CLAIMS = 50
# A webhook is logged before the order is stored, by clocks that may differ.
BEFORE_SECONDS = 300
# Receipts may be sent again, and links opened, after all is settled.
AFTER_SECONDS = 86_400
TOLD_OF_BLOCKS = ("publish_changes", "send_receipts")


def of_order(services: "Services", stage: str, item: "Item") -> Row:
    """What is known of an order that is stored."""
    from chalicelib.intents.intent import from_item

    intent = from_item(item)
    ids = {intent.id, item.get("correlation_id", ""), intent.message_id} - {""}
    elsewhere = _elsewhere(stage, ids, _span(item))
    if any(line["facts"].get("outcome") == "code_refused" for line in elsewhere["log"]):
        elsewhere["log"] += _blocks(stage, intent.payer, _span(item))
    return {
        "intent": intent.id,
        "reference": intent.reference,
        "post": intent.message_id,
        "correlation_id": item.get("correlation_id", ""),
        "order": intent.order,
        "status": intent.status,
        "refusal": str(intent.refusal) if intent.refusal else None,
        "hint": _hint(services, intent),
        "amount_minor": intent.amount_minor,
        "currency": intent.currency,
        "links": intent.link_number if intent.expires_at else 0,
        "private": intent.private,
        **{name: item.get(name) for name in ("created_at", "received_at", "expires_at", "paid_at", "ended_at")},
        "payer": _side(services, intent.payer, intent.payer_person, intent.said.get("author_handle", "")),
        "payee": _side(services, intent.payee, intent.payee_person, intent.said.get("payee_handle", "")),
        "author_id": intent.author_id,
        "reversals": _reversals(services, intent.id),
        "held": _held(services, intent.id) if intent.held and intent.status == "paid" else None,
        "notices": _claims(services, intent.id),
        **elsewhere,
    }


def of_message(services: "Services", stage: str, clue: "Clue", *, since: float) -> Row | None:
    """What logs and dead letters know of a message that made no order; None where they know nothing."""
    from console import clues, logs

    ids = ({clue.digits, clue.token} - {""}) | clues.order_ids(clue, services.programme.bots)
    found = _elsewhere(stage, ids, logs.Span(since=since)) if ids else {}
    return {"intent": None, "post": clue.digits, **found} if found.get("log") or found.get("dead") else None


def _span(item: "Item") -> "Span":
    """When the log may hold lines of an order: until a day after it was settled, or until now while it waits."""
    from console.logs import Span

    last = max(item.get(name, 0) for name in ("received_at", "paid_at", "ended_at"))
    until = None if item["status"] == "pending" else last + AFTER_SECONDS
    return Span(since=item["received_at"] - BEFORE_SECONDS, until=until)


def _elsewhere(stage: str, ids: set[str], span: "Span") -> Row:
    from console import letters, logs

    dead = [letter for letter in letters.dead(stage) if _names(letter.body, ids)]
    groups = logs.groups(stage)
    lines = logs.read(stage, groups, span, words=sorted(ids))
    # A message without an order is logged by its own id once, where it came in; from there on by its correlation id.
    events = {str(line.facts["correlation_id"]) for line in lines if line.facts.get("correlation_id")} - ids
    lines = logs.read(stage, groups, span, words=sorted({*ids, *events})) if events else lines
    return {
        "queues": {name: depth for name, depth in letters.depths(stage).items() if depth},
        "dead": [
            {
                "queue": f"{letter.queue}-dead",
                "message": letter.id,
                "sent_at": letter.sent_at,
                **letters.subject(letter),
            }
            for letter in dead
        ],
        "log": [_logged(line) for line in lines],
    }


def _blocks(stage: str, account: str, span: "Span") -> list[Row]:
    """The lines of an account's blocks: they know the account, and of no order."""
    from console import logs

    groups = [group for name in TOLD_OF_BLOCKS for group in logs.groups(stage, name)]
    lines = logs.read(stage, groups, span, words=[account])
    return [_logged(line) for line in lines if line.facts.get("kind") == "blocked"]


def _logged(line: "Line") -> Row:
    facts = {name: value for name, value in line.facts.items() if value not in (None, "")}
    return {"at": line.at, "function": line.function, "level": line.level, "message": line.message, "facts": facts}


def _names(body: str, ids: set[str]) -> bool:
    return any(re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", body) for one in ids)


def _hint(services: "Services", intent: "Intent") -> str | None:
    """What the author is told to type, where the message itself was the reason."""
    from chalicelib.intents.hint import hint

    bot = services.programme.bots.get(intent.network)
    if intent.refusal is None or bot is None:
        return None
    try:
        return hint(intent.refusal, programme=services.programme, bot=bot, language=intent.language)
    except KeyError:  # not a refusal of reading: the SMS tells it, and there is nothing to type
        return None


def _side(services: "Services", account_id: str, person_id: str, handle: str) -> Row | None:
    from chalicelib.identity import store as people
    from chalicelib.ledger import store as ledger

    account = ledger.account(services.table, account_id) if account_id else None
    person = people.person(services.table, person_id) if person_id else None
    if not (account or person or handle):
        return None
    return {
        "handle": handle,
        "account": account_id,
        "person": person_id,
        "name": person.name if person else "",
        "account_status": account.status if account else "",
        "attempts": account.attempts if account else 0,
        "blocked": account is not None and account.attempts >= services.programme.caps.code_tries,
    }


def _reversals(services: "Services", intent: str) -> list[Row]:
    """What was asked to go back of a payment, without the operators' reasons."""
    from chalicelib.ledger import reversing

    found = reversing.of_payment(services.table, intent)
    return [{name: value for name, value in vars(one).items() if name != "said"} for one in found]


def _held(services: "Services", intent: str) -> Row | None:
    """What became of a payment that was held, without the bank account that its payee may have named."""
    from chalicelib.ledger import claiming

    found = claiming.read(services.table, intent)
    return {name: value for name, value in vars(found).items() if name != "said"} if found else None


def _claims(services: "Services", intent: str) -> list[Row]:
    """The SMS notices that were claimed: what was sent, or was about to be. Replies are claimed by author and day."""
    items = services.table.query(f"N#{intent}", limit=CLAIMS)
    return [{"notice": item["SK"], "at": item["at"]} for item in items]
