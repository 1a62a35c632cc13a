"""What the page shows of the bank, read from the items of its table. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.channels import Named
from chalicelib.conditions import Item
from chalicelib.intents.intent import reference
from chalicelib.ledger.books import balance
from chalicelib.ledger.claim import OPEN, from_item
from chalicelib.ledger.transfer import BOOKINGS, holder
from chalicelib.money import format_amount
from local.sandbox.messenger import psid

LANGUAGE = "en"
INTENTS = 12
NOTICES = 14
HELD = 6
# That a question about a payee was answered is kept beside the notices, and is none.
_ANSWERED = "N#choice#"


def handles(items: Iterable[Item]) -> dict[str, Named]:
    """The accounts on X that the bank knows or has invited, by person."""
    found: dict[str, Named] = {}
    for item in items:
        if item["PK"].startswith("L#twitter#"):
            found[item["person"]] = Named(user_id=item["PK"].rsplit("#", 1)[1], handle=item["label"])
        elif item["PK"].startswith("R#") and item["label"] and item["person"] not in found:
            found[item["person"]] = Named(user_id=item.get("user_id", ""), handle=item["label"])
    return found


def chats(items: Iterable[Item]) -> dict[str, dict[str, Any]]:
    """Who each person is on Messenger: `psid`, whether it is `linked` now, and `chat_name`, an @name without its @."""
    found: dict[str, dict[str, Any]] = {}
    for item in items:
        linked = not item.get("unlinked_at")
        if item["PK"].startswith("L#facebook#") and (linked or item["person"] not in found):
            name = item["label"] if linked else ""
            found[item["person"]] = {"psid": item["PK"].rsplit("#", 1)[1], "linked": linked, "chat_name": name}
    return found


def phones(items: Sequence[Item], codes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Everybody with a phone; `codes` are the security codes that are known here, by account."""
    named, chatting = handles(items), chats(items)
    people = [item for item in items if item["PK"].startswith("P#") and item["phone"]]
    return [
        {
            "name": item["name"],
            "phone": item["phone"],
            "handle": named[item["PK"][2:]].handle if item["PK"][2:] in named else "",
            "code": codes.get(item["account"], ""),
            **chatting.get(item["PK"][2:], {"psid": psid(item["PK"][2:]), "linked": False, "chat_name": ""}),
        }
        for item in sorted(people, key=lambda item: (item["created_at"], item["phone"]))
    ]


def accounts(items: Sequence[Item], *, tries: int) -> list[dict[str, Any]]:
    """Every account with its holder, its balance, and whether it is open, frozen or blocked by wrong codes."""
    names = {item["account"]: item["name"] for item in items if item["PK"].startswith("P#")}
    found = sorted((item for item in items if "attempts" in item), key=lambda item: str(item["PK"]))
    held = held_minor(items)
    return [
        {
            "account": item["PK"][2:],
            "name": names.get(item["PK"][2:], item["PK"][2:]),
            "kind": item["kind"],
            "state": "blocked" if item["attempts"] >= tries else item["status"],
            "available": format_amount(held[item["PK"][2:]], item["currency"], LANGUAGE),
            "available_minor": held[item["PK"][2:]],
        }
        for item in found
    ]


def held_minor(items: Sequence[Item]) -> Mapping[str, int]:
    """What every account holds, its sub-balances included."""
    held: Counter[str] = Counter()
    for item in items:
        if item["PK"].startswith("A#"):
            held[holder(item["PK"][2:])] += item["available"]
    return held


def books(items: Sequence[Item]) -> dict[str, Any]:
    """The books: how many transfers, what all balances and the bank sum to, and what is wrong."""
    told = balance(items)
    sums = [format_amount(minor, currency, LANGUAGE) for currency, minor in sorted(told.sum_minor.items())]
    return {
        "transfers": told.transfers,
        "sum": ", ".join(sums) or "0",
        "balanced": told.balanced,
        "faults": list(told.faults),
    }


def orders(items: Sequence[Item]) -> dict[str, int]:
    """How many orders there are, and how many of them wait."""
    found = _orders(items)
    return {"placed": len(found), "pending": sum(item["status"] == "pending" for item in found)}


def intents(items: Sequence[Item]) -> list[dict[str, Any]]:
    """The last orders, newest first; `message` is the post or private message that each came by."""
    newest = sorted(_orders(items), key=_came, reverse=True)
    return [
        {
            "reference": reference(item["PK"][2:]),
            "message": item["message_id"],
            "order": item["order"],
            "status": item["status"],
            "refusal": item.get("refusal", ""),
            "payer": item.get("payer", ""),
            "payee": item.get("payee", ""),
            "amount": _amount(item),
            "at": item["received_at"],
        }
        for item in newest[:INTENTS]
    ]


def held(items: Sequence[Item]) -> list[dict[str, Any]]:
    """The money that is or was held for somebody, newest first: order, whom it is for, what is held, how it ended."""
    orders = {item["PK"][2:]: item for item in _orders(items)}
    claims = sorted((from_item(item) for item in items if item["PK"].startswith("C#")), key=lambda one: one.opened_at)
    return [
        {
            "reference": reference(claim.id),
            "payee": orders.get(claim.id, {}).get("said", {}).get("payee_handle", claim.user_id),
            "amount": format_amount(claim.held_minor, claim.currency, LANGUAGE),
            "status": f"{claim.wish}: the sweep is next" if claim.status == OPEN and claim.wish else claim.status,
            "at": claim.ended_at or claim.opened_at,
        }
        for claim in reversed(claims[-HELD:])
    ]


def notices(items: Sequence[Item]) -> list[dict[str, Any]]:
    """The last notices that were claimed to be sent, newest first."""
    found = (item for item in items if item["PK"].startswith("N#") and not item["PK"].startswith(_ANSWERED))
    claimed = sorted(found, key=lambda item: int(item["at"]))
    return [_notice(item) for item in reversed(claimed[-NOTICES:])]


def _orders(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item["PK"].startswith("T#") and item["order"] not in BOOKINGS]


def _came(item: Item) -> tuple[int, int, str]:
    """When an order came: to the second, then by its network's clock, where that is known."""
    return item["received_at"], item.get("sent_millis", 0), f"{item['message_id']:>020}"


def _amount(item: Item) -> str:
    minor = item.get("amount_minor")
    return format_amount(minor, item["currency"], LANGUAGE) if minor else ""


def _notice(item: Item) -> dict[str, Any]:
    """A notice of an order bears its reference; a slot of a reply bears its author's id and day."""
    subject, label = item["PK"].removeprefix("N#"), item["SK"]
    known = subject.count("#") == 0
    private = dict.fromkeys(("private", "hello"), "private message")
    road = {"reply": "reply", **private}.get(label.partition("#")[0], "SMS")
    road = "answer" if label.endswith("#reply") else road
    return {"notice": label, "road": road, "about": reference(subject) if known else "", "at": item["at"]}
