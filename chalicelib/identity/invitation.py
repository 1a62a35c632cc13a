"""An invitation: a person may bind one named handle. It is how somebody joins, and how a handle is proved theirs.

| status    | means                                                                     |
|-----------|---------------------------------------------------------------------------|
| `invited` | the SMS with the join link is sent                                        |
| `coded`   | the person chose a security code and was shown a pairing code             |
| `paired`  | the named handle wrote the pairing code: it is bound to the person        |

Where a network knows no @names, nobody can be named beforehand: the label is empty, the invitation's id is made of the
person, and a ref takes the place of the pairing code (`chalicelib.ref`). Whoever brings it is asked first.
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
    """An invitation as it was read; times in epoch seconds. `user_id` is empty until the network's id is known.

    `pairing` is what is stored of the pairing code or ref, `asked` the user id that brought the ref and was asked.
    """

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
    asked: str = ""
    ttl: int = 0

    @property
    def covered(self) -> tuple[str, ...]:
        """What the join link vouches for."""
        return PURPOSE, self.person, self.network, self.label


def invitation_id(network: str, page: str, label: str) -> str:
    """The id under which an invitation is found: by the link in the SMS, and by the @name of a post's author.

    Where there are no @names, the label is the person's id, and the ref brings the invitation's own.
    """
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
        assign={"status": "coded", "pairing": pairing, "pairing_expires_at": expires_at, "tries": 0, "asked": ""},
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
        assign={"status": "paired", "expires_at": now, "pairing": "", "asked": ""},
    )


def asked_of(user_id: str, *, now: int) -> Part:
    """Only whom we asked answers, once and in time."""
    return Part(
        clauses=(
            Clause(attribute="asked", operator="=", value=user_id, means=Refusal.PAIRING_REFUSED),
            Clause(attribute="pairing_expires_at", operator=">", value=now, means=Refusal.PAIRING_REFUSED),
        )
    )


def ask(user_id: str, *, pairing: str, now: int) -> Part:
    """Note who is asked; the ref is theirs from now on, and asks nobody else."""
    return Part(
        clauses=(
            Clause(attribute="status", operator="=", value="coded", means=Refusal.PAIRING_REFUSED),
            Clause(attribute="pairing", operator="=", value=pairing, means=Refusal.PAIRING_REFUSED),
            Clause(attribute="pairing_expires_at", operator=">", value=now, means=Refusal.PAIRING_REFUSED),
        ),
        assign={"asked": user_id, "pairing": ""},
    )


def drop() -> Part:
    """The answer was no: the ref is dead, and the join page gives another."""
    return Part(assign={"asked": "", "pairing": ""})


def renew_link(link_number: int, *, now: int) -> Part:
    """The link with this number is the last one that is dead: the next number is good from now on."""
    current = Clause(attribute="link_number", operator="=", value=link_number, means=Refusal.LINK_REPLACED)
    return Part(clauses=(*_open(now), current), add={"link_number": 1})


def _open(now: int) -> tuple[Clause, ...]:
    return (
        Clause(attribute="status", operator="<>", value="paired", means=Refusal.NOT_PENDING),
        Clause(attribute="expires_at", operator=">", value=now, means=Refusal.EXPIRED),
    )
