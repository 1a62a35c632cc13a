"""What a change in the table means for people: which notices go out, and which lists it changes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.channels.meta_sending import FORMS
from chalicelib.conditions import Clause, Item
from chalicelib.intents import store
from chalicelib.intents.due import due
from chalicelib.intents.intent import ASKED, DECLINED, Intent, from_item
from chalicelib.ledger.reversal import PAID, REQUESTED, is_reversal
from chalicelib.ledger.transfer import BOOKINGS
from chalicelib.refusals import Refusal
from chalicelib.table import Part, Write, update

LINKS = "sms-links"
RECEIPTS = "sms-receipts"
REPLIES = "replies"
HOUR_SECONDS = 3_600

# Told under the post, because they depend on the message alone and on whether its author is linked.
_PUBLIC = {refusal for refusal in Refusal if refusal.precedence <= Refusal.PAYER_UNKNOWN.precedence} | {
    Refusal.PAIRING_REFUSED
}


_TOLD_DAILY = {Refusal.ORDERS_TOO_MANY, Refusal.WAITING_TOO_MANY}

_FACTS = (
    *("order", "status", "refusal", "network", "payer", "payee", "amount_minor", "currency"),
    *("received_at", "correlation_id", "original", "fee_minor"),
)

# What an order that was carried out at once is answered with; a cancel is told by what it cancelled.
_ANSWERS = {
    "help": [("help", REPLIES)],
    "pair": [("paired", REPLIES), ("paired", RECEIPTS)],
    ASKED: [(ASKED, REPLIES)],
    DECLINED: [(DECLINED, REPLIES)],
}


# What is answered only where it was asked for: in private. `waiting` tells how to pay by the SMS with the link.
_ANSWERED = frozenset({"balance", "history", "contacts", "confirm", "cancel"})
ANSWER, WAITING = "answer", "waiting"

# A payment that is held: its payer by SMS, and once, in private, whom it is for.
_HELD = (("held", RECEIPTS), ("claim", REPLIES))


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing to tell one side, by one road.

    `subject` is the id of the intent, the reversal or the invitation, or of the account that was blocked. Two notices
    with the same `once` (the subject, if it is empty), kind and link number are the same one, told once.
    """

    kind: str
    road: str
    subject: str
    link_number: int = 0
    once: str = ""


def notices(old: Item | None, new: Item, *, tries: int) -> Sequence[Notice]:
    """The notices that a change calls for; none for attempts, entries and lists, nor for claims that are kept."""
    kind = new["PK"][:2]
    if kind == "A#":
        return _of_account(old, new, tries=tries)
    if kind == "R#":
        return _of_invitation(old, new)
    if kind == "N#":
        return _of_claim(old, new)
    if kind == "T#" and is_reversal(new):
        return _of_reversal(old, new)
    if kind != "T#" or new["order"] in BOOKINGS:
        return ()
    intent = from_item(new)
    return _of_order(intent) if old is None else _of_intent(from_item(old), intent)


def listed(old: Item | None, new: Item) -> Sequence[Write]:
    """What a change does to the payer's list and to the list of what expires; repeating it changes nothing."""
    if not new["PK"].startswith("T#") or not new.get("payer") or new["order"] in BOOKINGS:
        return ()
    intent = from_item(new)
    if old is None:
        waits = [due(intent)] if intent.status == "pending" else []
        return [store.list_order(intent), *waits]
    if old["status"] == "pending" and intent.status != "pending":
        key, part = store.unlist(intent)
        return [update(key, part, _listed())]
    return ()


def message(notice: Notice, new: Item) -> dict[str, Any]:
    """The message that is published: ids, states and amounts, but no name, no note and no number of a phone."""
    return {**vars(notice), **{name: new[name] for name in _FACTS if name in new}}


def _of_account(old: Item | None, new: Item, *, tries: int) -> Sequence[Notice]:
    if old is None or "attempts" not in new:
        return ()  # just opened, or a sub-balance
    blocked = old["attempts"] < tries <= new["attempts"]
    subject = new["PK"].removeprefix("A#")
    return [Notice(kind="blocked", road=RECEIPTS, subject=subject, once=f"{subject}#{new['guess']}")] if blocked else ()


def _of_invitation(old: Item | None, new: Item) -> Sequence[Notice]:
    """A new invitation, also one that takes the place of an old one, and every new link."""
    fresh = old is None or new["created_at"] != old["created_at"] or new["link_number"] > old["link_number"]
    subject, number = new["PK"].removeprefix("R#"), new["link_number"]
    once = f"{subject}#{new['created_at']}"
    return [Notice(kind="invite", road=LINKS, subject=subject, link_number=number, once=once)] if fresh else ()


def _of_claim(old: Item | None, new: Item) -> Sequence[Notice]:
    """What a network would not take and somebody must be told: by SMS then."""
    owed = "owed" in new and not (old and "owed" in old)
    return [Notice(kind=new.get("owed_as", "unanswered"), road=RECEIPTS, subject=new["owed"])] if owed else ()


def _of_order(intent: Intent) -> Sequence[Notice]:
    if intent.status == "pending":
        told = [Notice(kind=WAITING, road=REPLIES, subject=intent.id)] if intent.private else []
        return [_link(intent), *told]
    if intent.status == "refused":
        return _of_refusal(intent)
    if intent.private and intent.order in _ANSWERED:
        return [Notice(kind=ANSWER, road=REPLIES, subject=intent.id)]
    return [Notice(kind=kind, road=road, subject=intent.id) for kind, road in _ANSWERS.get(intent.order, ())]


def _of_refusal(intent: Intent) -> Sequence[Notice]:
    """By the road that the refusal allows; too many orders are told once a day, or each would cost an SMS."""
    road = REPLIES if intent.refusal in _PUBLIC or _in_chat(intent) else RECEIPTS
    day = intent.received_at // store.DAY_SECONDS
    once = f"{intent.payer}#{intent.refusal}#{day}" if intent.refusal in _TOLD_DAILY else ""
    told = [Notice(kind="refused", road=road, subject=intent.id, once=once)]
    warned = intent.refusal is Refusal.PAYEE_RENAMED and intent.payee_person
    return [*told, Notice(kind="renamed", road=RECEIPTS, subject=intent.id)] if warned else told


def _in_chat(intent: Intent) -> bool:
    """Whether the author hears of it where they asked: in a chat, where an SMS follows if that cannot be.

    On X only of what is asked in private alone.
    """
    return intent.private and (intent.network in FORMS or intent.order in store.ASKS)


def _of_intent(old: Intent, new: Intent) -> Sequence[Notice]:
    if old.status != "pending":
        return ()
    if new.status == "paid" and new.held:
        return [Notice(kind=kind, road=road, subject=new.id) for kind, road in _HELD]
    if new.status == "paid":
        receipts = [Notice(kind="receipt", road=RECEIPTS, subject=new.id), _received(new)]
        return [*receipts, Notice(kind="paid", road=REPLIES, subject=new.id)] if new.paid_reply else receipts
    if new.status != "pending":
        return [Notice(kind=new.status, road=RECEIPTS, subject=new.id)]
    return [_link(new)] if new.link_number > old.link_number else ()


def _of_reversal(old: Item | None, new: Item) -> Sequence[Notice]:
    """Both sides are told when the money has moved; that an operator asks for it, nobody."""
    if old is None or (old["status"], new["status"]) != (REQUESTED, PAID):
        return ()
    subject = new["PK"].removeprefix("T#")
    return [Notice(kind=kind, road=RECEIPTS, subject=subject) for kind in ("returned", "taken_back")]


def _received(intent: Intent) -> Notice:
    """The payee is told of each payment; whom many pay at once, of all gifts so far, once an hour at the most."""
    if not intent.credited:
        return Notice(kind="received", road=RECEIPTS, subject=intent.id)
    once = f"{intent.payee}#gifts#{intent.paid_at // HOUR_SECONDS}"
    return Notice(kind="gifts", road=RECEIPTS, subject=intent.id, once=once)


def _link(intent: Intent) -> Notice:
    return Notice(kind="link", road=LINKS, subject=intent.id, link_number=intent.link_number)


def _listed() -> Part:
    return Part(clauses=(Clause(attribute="PK", operator="present", means=Refusal.STALE),))
