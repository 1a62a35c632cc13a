"""How an item of the table is shown to support: who and what, and no secret. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.conditions import Item
from chalicelib.config import Programme
from chalicelib.identity.bank_account import BankAccount
from chalicelib.intents.intent import reference
from console.output import at, masked

Row = dict[str, Any]

_ORDER = (
    *("order", "status", "refusal", "payer", "payee", "amount_minor", "currency", "message_id", "author_id"),
    *("link_number", "correlation_id", "reversed_minor", "original", "requested_by", "decided_by"),
)
_MOMENTS = ("created_at", "received_at", "expires_at", "paid_at", "ended_at")
_CLAIM = (
    *("status", "wish", "asked_by", "payer", "network", "user_id", "payee"),
    *("amount_minor", "fee_minor", "currency", "name_tries", "sent_reference"),
)
_CLAIM_MOMENTS = ("opened_at", "expires_at", "ended_at", "sent_at")


def row(item: Item, *, programme: Programme, reveal: bool = False) -> Row | None:
    """One item as a row; None for one that tells support nothing, such as the line of a list.

    Phone numbers and IBANs are masked unless `reveal`; notes, names in orders, codes and links are never shown.
    """
    show = _SHOWN.get(item["PK"][:2])
    return show(item, programme, reveal) if show else None


def _person(item: Item, _: Programme, reveal: bool) -> Row:  # noqa: FBT001  # all of the table below are called alike
    return {
        "found": "person",
        "person": item["PK"][2:],
        "name": item["name"],
        "account": item["account"],
        "phone": masked(item["phone"], reveal=reveal),
        "iban": masked(item.get("iban", ""), reveal=reveal),
        "language": item["language"],
    }


def _handle(item: Item, programme: Programme, _: bool) -> Row:  # noqa: FBT001  # see _person
    network, page, user_id = item["PK"].removeprefix("L#").split("#")
    unlinked = item.get("unlinked_at")
    return {
        "found": "handle",
        "network": network,
        "page": page,
        "user_id": user_id,
        "handle": item["label"],
        "person": item["person"],
        "account": item["account"],
        "linked": f"no, since {at(unlinked, programme.zone)}" if unlinked else "yes",
    }


def _account(item: Item, programme: Programme, _: bool) -> Row:  # noqa: FBT001  # see _person
    return {
        "found": "account",
        "account": item["PK"][2:],
        "person": item["person"],
        "kind": item["kind"],
        "status": item["status"],
        "available_minor": item["available"],
        "currency": item["currency"],
        "blocked": item["attempts"] >= programme.caps.code_tries,
    }


def _order(item: Item, programme: Programme, _: bool) -> Row:  # noqa: FBT001  # see _person
    intent = item["PK"][2:]
    moments = {name: at(item[name], programme.zone) for name in _MOMENTS if item.get(name)}
    said = {name: item[name] for name in _ORDER if item.get(name)}
    return {"found": "intent", "intent": intent, "reference": reference(intent), **said, **moments}


def _claim(item: Item, programme: Programme, _: bool) -> Row:  # noqa: FBT001  # see _person
    """Held money, with as much of the account that its payee has named as it takes to know it by."""
    moments = {name: at(item[name], programme.zone) for name in _CLAIM_MOMENTS if item.get(name)}
    said = {name: item[name] for name in _CLAIM if item.get(name)}
    account = {"account": BankAccount(**item["said"]).masked} if item.get("said") else {}
    return {"found": "claim", "claim": item["PK"][2:], **said, **account, **moments}


def _invitation(item: Item, programme: Programme, _: bool) -> Row:  # noqa: FBT001  # see _person
    return {
        "found": "invitation",
        "handle": item["label"],
        "person": item["person"],
        "status": item["status"],
        "expires_at": at(item["expires_at"], programme.zone),
        "tries": item.get("tries", 0),
    }


_SHOWN: Mapping[str, Callable[[Item, Programme, bool], Row]] = {
    "P#": _person,
    "L#": _handle,
    "A#": _account,
    "T#": _order,
    "R#": _invitation,
    "C#": _claim,
}
