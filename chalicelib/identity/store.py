"""Persons and social identities in the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.conditions import Clause
from chalicelib.identity.invitation import Invitation
from chalicelib.identity.invitation import from_item as invitation_from_item
from chalicelib.identity.invitation import to_item as invitation_item
from chalicelib.identity.person import (
    Handle,
    Person,
    handle_from_item,
    handle_item,
    name_item,
    person_from_item,
    person_item,
)
from chalicelib.refusals import Refusal
from chalicelib.services import Clock
from chalicelib.table import Put, Rejection, Table, absent, handle_key, invitation_key, name_key, person_key


def add_person(table: Table, person: Person, *, clock: Clock) -> Rejection | None:
    """Store a new person; refused with ALREADY_SEEN if the id is taken."""
    return table.put(Put(item=person_item(person, now=clock.now()), clauses=(absent(Refusal.ALREADY_SEEN),)))


def invitation(table: Table, invitation_id: str) -> Invitation | None:
    """Read an invitation."""
    item = table.get(invitation_key(invitation_id))
    return invitation_from_item(item) if item else None


def invite(table: Table, invited: Invitation, *, clock: Clock) -> Rejection | None:
    """Store an invitation; refused with ALREADY_SEEN while one for the same handle is open."""
    over = Clause(attribute="expires_at", operator="<=", value=clock.now(), means=Refusal.ALREADY_SEEN, or_absent=True)
    return table.put(Put(item=invitation_item(invited), clauses=(over,)))


def person(table: Table, person_id: str) -> Person | None:
    """Read a person."""
    item = table.get(person_key(person_id))
    return person_from_item(item) if item else None


def persons(table: Table, ids: Sequence[str]) -> Mapping[str, Person]:
    """Read persons in one round trip; missing ones are left out, and so is an empty id."""
    items = table.get_many([person_key(person_id) for person_id in ids if person_id]) if any(ids) else {}
    return {found.id: found for found in map(person_from_item, items.values())}


def link(table: Table, handle: Handle, *, clock: Clock) -> Rejection | None:
    """Bind a social identity and its @name; refused with ALREADY_SEEN if either is bound already."""
    taken = (absent(Refusal.ALREADY_SEEN),)
    now = clock.now()
    return table.transact(
        [Put(item=handle_item(handle, now=now), clauses=taken), Put(item=name_item(handle, now=now), clauses=taken)],
        token=clock.nonce(),
    )


def binding(handle: Handle, *, now: int) -> Sequence[Put]:
    """The writes that bind a proved handle: refused if the id is somebody else's; the @name is theirs from now on."""
    same = Clause(attribute="person", operator="=", value=handle.person, means=Refusal.PAIRING_REFUSED, or_absent=True)
    return [
        Put(item=handle_item(handle, now=now), clauses=(same,)),
        Put(item=name_item(handle, now=now), clauses=()),
    ]


@dataclass(frozen=True)
class Directory:
    """The social identities that one message touches: by user id, and which id each @name was last seen with."""

    handles: Mapping[str, Handle]
    names: Mapping[str, str]

    def renamed(self, user_id: str, *, name: str) -> bool:
        """Whether an @name is known to belong to somebody else: handles are sold and reassigned."""
        return self.names.get(name, user_id) != user_id


def look_up(table: Table, place: tuple[str, str], *, user_ids: Sequence[str], names: Sequence[str]) -> Directory:
    """Read what is known of user ids and @names on one (network, page), in one round trip."""
    by_key = {handle_key(*place, user_id): user_id for user_id in user_ids}
    by_name = {name_key(place[0], name): name for name in names}
    items = table.get_many([*by_key, *by_name])
    return Directory(
        handles={user_id: handle_from_item(items[key]) for key, user_id in by_key.items() if key in items},
        names={name: items[key]["user_id"] for key, name in by_name.items() if key in items},
    )
