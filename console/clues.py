"""What somebody quotes to the support desk, and what it may be a handle on. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.conditions import Item
from chalicelib.config import Bot
from chalicelib.identity import iban as ibans
from chalicelib.identity.invitation import invitation_id
from chalicelib.intents.intent import intent_id, reference
from chalicelib.table import (
    Key,
    account_key,
    handle_key,
    intent_key,
    invitation_key,
    name_key,
    person_key,
)
from console.particulars import mobile

LONGEST = 200
# The kinds of items that a search without a key looks through.
SEARCHED = ("P#", "L#", "T#")

_URL = re.compile(r"(?:https?://)?(?:www\.|mobile\.)?(?:x|twitter)\.com/(\w{1,15})(?:/status(?:es)?/(\d{1,19}))?\b.*")
_NAME = re.compile(r"@?([A-Za-z0-9_]{1,15})")
_NUMBER = re.compile(r"[+0-9(][0-9 .()\u00a0\u202f-]{5,24}")
_REFERENCE = re.compile(r"[23456789BCDFGHJKMNPQRTVWXYZ]{6}")


@dataclass(frozen=True, kw_only=True)
class Clue:
    """Everything that a text may name; what it cannot be is empty.

    `digits` is a network's id of a user or a post, `token` one of our own ids or a correlation id, `words` a part of a
    verified name, without case and accents.
    """

    name: str = ""
    digits: str = ""
    phone: str = ""
    iban: str = ""
    token: str = ""
    reference: str = ""
    words: str = ""


def read(text: str, *, country: str, fiction: bool = False) -> Clue:
    """What a text may be: the surest reading alone where there is one, else every possible one."""
    plain = text.strip()
    if url := _URL.fullmatch(plain):
        return Clue(digits=url[2]) if url[2] else Clue(name=url[1])
    if plain.startswith("@"):
        name = _NAME.fullmatch(plain)
        return Clue(name=name[1]) if name else Clue()
    if iban := ibans.checked(plain):
        return Clue(iban=iban)
    phone = (mobile(plain, country, fiction=fiction) or "") if _NUMBER.fullmatch(plain) else ""
    if phone and not (plain.isascii() and plain.isdigit() and not plain.startswith("0")):
        return Clue(phone=phone)
    return _any(plain, phone)


def keys(clue: Clue, bots: Mapping[str, Bot]) -> list[Key]:
    """Where to read first, on every network: what this costs is one round trip, however large the table is."""
    found: list[Key] = []
    for network, page in ((network, bot.user_id) for network, bot in bots.items()):
        if clue.name:
            found += [name_key(network, clue.name), invitation_key(invitation_id(network, page, clue.name))]
        if clue.digits:
            found.append(handle_key(network, page, clue.digits))
    found += [intent_key(order) for order in sorted(order_ids(clue, bots))]
    if clue.token:
        found += [person_key(clue.token), account_key(clue.token), intent_key(clue.token)]
        found += [intent_key(f"fund-{clue.token}")]
    return found


def order_ids(clue: Clue, bots: Mapping[str, Bot]) -> set[str]:
    """The orders that the clue would be the message of, on every network: X counts its posts, Meta names messages."""
    messages = {clue.digits, clue.token} - {""}
    return {intent_id(network, bot.user_id, one) for network, bot in bots.items() for one in messages}


def matches(clue: Clue, item: Item) -> bool:
    """Whether a person, social identity or order is what the text names, where no key leads to it."""
    kind = item["PK"][:2]
    if kind == "P#":
        return _is_person(clue, item)
    if kind == "L#":
        return bool(clue.name) and item["label"].casefold() == clue.name.casefold()
    return kind == "T#" and _is_order(clue, item)


def fold(text: str) -> str:
    """A name without case, accents and doubled spaces."""
    marks = unicodedata.normalize("NFKD", text)
    return " ".join("".join(one for one in marks if not unicodedata.combining(one)).casefold().split())


def _any(plain: str, phone: str) -> Clue:
    name = _NAME.fullmatch(plain)
    capitals = plain.upper()
    fields: dict[str, Any] = {
        "name": name[1] if name else "",
        "digits": plain if re.fullmatch(r"[0-9]{1,19}", plain) else "",
        "phone": phone or (f"+{plain}" if re.fullmatch(r"[1-9][0-9]{7,14}", plain) else ""),
        "token": "" if re.search(r"\s", plain) else plain,
        "reference": capitals if _REFERENCE.fullmatch(capitals) else "",
        "words": fold(plain) if len(plain) > 1 and not plain.isdigit() else "",
    }
    return Clue(**fields)


def _is_person(clue: Clue, item: Item) -> bool:
    return (
        (bool(clue.phone) and item["phone"] == clue.phone)
        or (bool(clue.iban) and item.get("iban") == clue.iban)
        or (bool(clue.words) and clue.words in fold(item["name"]))
    )


def _is_order(clue: Clue, item: Item) -> bool:
    return (
        (bool(clue.reference) and reference(item["PK"].removeprefix("T#")) == clue.reference)
        or (bool(clue.token) and item.get("correlation_id") == clue.token)
        or (bool(clue.digits) and item.get("message_id") == clue.digits)
        or _is_for(clue, item)
    )


def _is_for(clue: Clue, item: Item) -> bool:
    """Whether it was paid to somebody who is not linked, and whom the text names: no other key leads there."""
    payee = item.get("payee_user", "")
    handle = item.get("said", {}).get("payee_handle", "") if payee else ""
    return (bool(clue.digits) and payee == clue.digits) or (
        bool(clue.name) and handle.casefold() == clue.name.casefold()
    )
