"""A customer, and the social identities that were proved to be theirs."""

import re
from dataclasses import dataclass
from typing import Any

from chalicelib.conditions import Item
from chalicelib.link import identifier
from chalicelib.table import handle_key, name_key, person_key, phone_key

NAME_BYTES = 90
PHONE = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A customer; `phone` is the bound number in E.164 form and `iban` their bank account, or empty."""

    id: str
    name: str
    phone: str
    language: str
    account: str
    iban: str = ""


@dataclass(frozen=True, kw_only=True)
class Handle:
    """One social identity: the network's immutable user id. `label` is the @name it was last seen with.

    `language` is the person's, for their pages. `paid_reply` says that they want "paid" told under their posts.
    `linked_at` is when it was proved to be theirs, in epoch seconds; 0 where that is not known.
    """

    network: str
    page: str
    user_id: str
    label: str
    person: str
    account: str
    name: str
    language: str = ""
    paid_reply: bool = False
    linked_at: int = 0


def shown_name(name: str) -> str:
    """A name as somebody may see it who is not known yet: the first name, and the initial of the last."""
    first, *others = name.split() or [""]
    return f"{first} {others[-1][0]}." if others else first


def person_from_item(item: Item) -> Person:
    """Read a person from their item."""
    return Person(
        id=item["PK"].removeprefix("P#"),
        name=item["name"],
        phone=item["phone"],
        language=item["language"],
        account=item["account"],
        iban=item.get("iban", ""),
    )


def person_item(person: Person, *, now: int) -> dict[str, Any]:
    """The item of a new person; raises ValueError for a phone number that is not in E.164 form or too long a name.

    Names are copied into intents, which must stay below a kilobyte.
    """
    if len(person.name.encode()) > NAME_BYTES:
        raise ValueError(f"a name has at most {NAME_BYTES} bytes")
    if person.phone and not PHONE.fullmatch(person.phone):
        raise ValueError("a phone number is written like +33612345678")
    key, sort = person_key(person.id)
    return {
        "PK": key,
        "SK": sort,
        "name": person.name,
        "phone": person.phone,
        "language": person.language,
        "account": person.account,
        "iban": person.iban,
        "created_at": now,
    }


def phone_id(number: str) -> str:
    """The id under which who has a number is found: no second copy of the number itself is stored."""
    return identifier("phone", number)


def phone_item(person: Person, *, now: int) -> dict[str, Any]:
    """The item by which a customer is found who has a number; what it is now, only the person's own item says."""
    key, sort = phone_key(phone_id(person.phone), person.id)
    return {"PK": key, "SK": sort, "created_at": now}


def linked(item: Item) -> bool:
    """Whether the identity is still bound; nothing is deleted, so that an auditor can see who it was."""
    return not item.get("unlinked_at")


def handle_from_item(item: Item) -> Handle:
    """Read a social identity from its item."""
    network, page, user_id = item["PK"].removeprefix("L#").split("#")
    return Handle(
        network=network,
        page=page,
        user_id=user_id,
        label=item["label"],
        person=item["person"],
        account=item["account"],
        name=item["name"],
        language=item.get("language", ""),
        paid_reply=item.get("paid_reply", False),
        linked_at=item.get("linked_at", 0),
    )


def handle_item(handle: Handle, *, now: int) -> dict[str, Any]:
    """The item of a social identity that was just linked."""
    key, sort = handle_key(handle.network, handle.page, handle.user_id)
    return {
        "PK": key,
        "SK": sort,
        "label": handle.label,
        "person": handle.person,
        "account": handle.account,
        "name": handle.name,
        "language": handle.language,
        "paid_reply": handle.paid_reply,
        "linked_at": now,
    }


def name_item(handle: Handle, *, now: int) -> dict[str, Any]:
    """The item that remembers which id an @name belongs to."""
    key, sort = name_key(handle.network, handle.label)
    return {"PK": key, "SK": sort, "user_id": handle.user_id, "seen_at": now}
