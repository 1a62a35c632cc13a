"""An invitation: a person may bind one named handle. It is how somebody joins, and how a handle is proved theirs.

| status    | means                                                                     |
|-----------|---------------------------------------------------------------------------|
| `invited` | the SMS with the join link is sent                                        |
| `coded`   | the person chose a security code and was shown a pairing code             |
| `paired`  | the named handle wrote the pairing code: it is bound to the person        |
"""

import base64
from dataclasses import dataclass, fields
from typing import Any

from chalicelib.conditions import Clause, Item
from chalicelib.identity import code
from chalicelib.link import identifier
from chalicelib.refusals import Refusal
from chalicelib.table import Part, invitation_key

PURPOSE = "envoi join link v1"


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """An invitation as it was read; times in epoch seconds. `user_id` is empty until the network's id is known."""

    id: str
    person: str
    account: str
    network: str
    page: str
    label: str
    language: str
    status: str
    created_at: int
    expires_at: int
    user_id: str = ""
    link_number: int = 1
    tries: int = 0
    guess: str = ""
    pairing: str = ""
    pairing_expires_at: int = 0
    ttl: int = 0

    @property
    def covered(self) -> tuple[str, ...]:
        """What the join link vouches for."""
        return PURPOSE, self.person, self.network, self.label


def invitation_id(network: str, page: str, label: str) -> str:
    """The id under which a handle's invitation is found: by the link in the SMS and by the name of a post's author."""
    return identifier("invitation", network, page, label.casefold())


def to_item(invitation: Invitation) -> dict[str, Any]:
    """The item of an invitation."""
    key, sort = invitation_key(invitation.id)
    values = {field.name: getattr(invitation, field.name) for field in fields(invitation) if field.name != "id"}
    return {"PK": key, "SK": sort, **values}


def from_item(item: Item) -> Invitation:
    """Read an invitation from its item."""
    known = {field.name: item[field.name] for field in fields(Invitation) if field.name in item}
    return Invitation(id=item["PK"].removeprefix("R#"), **known)


def pairing_digest(invitation: str, digits: str) -> str:
    """The slow hash of a pairing code, salted by its invitation; it lives a quarter of an hour and five tries."""
    return base64.b64encode(code.digest(f"pairing|{invitation}", digits)).decode()


def issue(pairing: str, *, link_number: int, now: int, expires_at: int) -> Part:
    """A new pairing code for who holds the newest link; the tries are counted anew."""
    return Part(
        clauses=(
            *_open(now),
            Clause(attribute="link_number", operator="=", value=link_number, means=Refusal.LINK_REPLACED),
        ),
        assign={"status": "coded", "pairing": pairing, "pairing_expires_at": expires_at, "tries": 0},
    )


def attempt(nonce: str, *, tries: int, now: int) -> Part:
    """Spend a try before the pairing code is compared; the same message sent twice counts once."""
    return Part(
        clauses=(
            Clause(attribute="status", operator="=", value="coded", means=Refusal.PAIRING_REFUSED),
            Clause(attribute="pairing_expires_at", operator=">", value=now, means=Refusal.PAIRING_REFUSED),
            Clause(attribute="tries", operator="<", value=tries, means=Refusal.PAIRING_REFUSED),
            Clause(attribute="guess", operator="<>", value=nonce, means=Refusal.ALREADY_SEEN),
        ),
        assign={"guess": nonce},
        add={"tries": 1},
    )


def pair(*, now: int) -> Part:
    """The handle is bound: the invitation is over, and another may be made."""
    return Part(
        clauses=(Clause(attribute="status", operator="=", value="coded", means=Refusal.PAIRING_REFUSED),),
        assign={"status": "paired", "expires_at": now, "pairing": ""},
    )


def renew_link(link_number: int, *, now: int) -> Part:
    """The link with this number is the last one that is dead: the next number is good from now on."""
    current = Clause(attribute="link_number", operator="=", value=link_number, means=Refusal.LINK_REPLACED)
    return Part(clauses=(*_open(now), current), add={"link_number": 1})


def _open(now: int) -> tuple[Clause, ...]:
    return (
        Clause(attribute="status", operator="<>", value="paired", means=Refusal.NOT_PENDING),
        Clause(attribute="expires_at", operator=">", value=now, means=Refusal.EXPIRED),
    )
