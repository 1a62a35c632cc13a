"""Persons and social identities in the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.conditions import Clause, Item
from chalicelib.identity.invitation import Invitation
from chalicelib.identity.invitation import from_item as invitation_from_item
from chalicelib.identity.invitation import to_item as invitation_item
from chalicelib.identity.person import (
    Handle,
    Person,
    handle_from_item,
    handle_item,
    linked,
    name_item,
    person_from_item,
    person_item,
    phone_id,
    phone_item,
)
from chalicelib.refusals import Refusal
from chalicelib.retry import transact
from chalicelib.services import Clock
from chalicelib.table import (
    Part,
    Put,
    Rejection,
    Table,
    absent,
    handle_key,
    invitation_key,
    name_key,
    person_key,
    phone_key,
    update,
)

HOLDERS = 10


def add_person(table: Table, person: Person, *, clock: Clock) -> Rejection | None:
    """Store a new person, and that their number is theirs; refused with ALREADY_SEEN if the id is taken.

    Whoever else has the number keeps it: two at once are both found by it.
    """
    writes = [Put(item=person_item(person, now=clock.now()), clauses=(absent(Refusal.ALREADY_SEEN),))]
    if person.phone:
        writes.append(Put(item=phone_item(person, now=clock.now()), clauses=()))
    return transact(table, lambda: writes, clock=clock)


def put_number(table: Table, person: Person, *, clock: Clock) -> None:
    """Store that a person's number is theirs, if they have one, as `add_person` does; once more changes nothing."""
    if person.phone:
        table.put(Put(item=phone_item(person, now=clock.now()), clauses=()))


def holders(table: Table, number: str) -> Sequence[Person]:
    """Who has a phone number now, as their own items say, in two round trips; of very many the first `HOLDERS`."""
    return found_by(table, phone_id(number))


def found_by(table: Table, phone: str) -> Sequence[Person]:
    """Who has the number with this id now: as `holders`, where the number itself is not known."""
    found = table.query(phone_key(phone, "")[0], limit=HOLDERS)
    known = persons(table, [item["SK"] for item in found])
    return [one for one in known.values() if one.phone and phone_id(one.phone) == phone]


def named_on(table: Table, places: Sequence[tuple[str, str]], name: str) -> Sequence[Handle]:
    """Who is linked under an @name on each of several (network, page), in their order and in two round trips.

    An id that was seen under another name since is not meant by this one.
    """
    by_name = {name_key(network, name): (network, page) for network, page in places}
    seen = table.get_many(by_name) if by_name else {}
    keys = [handle_key(*place, seen[key]["user_id"]) for key, place in by_name.items() if key in seen]
    items = table.get_many(keys) if keys else {}
    handles = [handle_from_item(items[key]) for key in keys if linked(items.get(key, _GONE))]
    return [handle for handle in handles if handle.label.casefold() == name.casefold()]


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
    """Bind a social identity and its @name, if it has one; refused with ALREADY_SEEN if either is bound otherwise."""
    free = Clause(attribute="person", operator="=", value=handle.person, means=Refusal.ALREADY_SEEN, or_absent=True)
    same = Clause(attribute="user_id", operator="=", value=handle.user_id, means=Refusal.ALREADY_SEEN, or_absent=True)
    return table.transact(_named(handle, free, same, now=clock.now()), token=clock.nonce())


def binding(handle: Handle, *, now: int) -> Sequence[Put]:
    """The writes that bind a proved handle: refused if the id is somebody else's; the @name is theirs from now on."""
    same = Clause(attribute="person", operator="=", value=handle.person, means=Refusal.PAIRING_REFUSED, or_absent=True)
    return _named(handle, same, None, now=now)


def _named(handle: Handle, of_id: Clause, of_name: Clause | None, *, now: int) -> Sequence[Put]:
    """The items of a handle, each with its clause; no item for a name where the network has none."""
    bound = Put(item=handle_item(handle, now=now), clauses=(of_id,))
    if not handle.label:
        return [bound]
    return [bound, Put(item=name_item(handle, now=now), clauses=(of_name,) if of_name else ())]


def unlink(table: Table, place: tuple[str, str], user_id: str, *, clock: Clock) -> Item | Rejection:
    """Unbind a social identity; refused with PAYER_UNKNOWN if it is not bound. Its waiting orders stay."""
    bound = Clause(attribute="person", operator="present", means=Refusal.PAYER_UNKNOWN)
    return table.update(
        update(handle_key(*place, user_id), Part(clauses=(bound,), assign={"unlinked_at": clock.now()}))
    )


_GONE: Item = {"unlinked_at": 1}
LOOKED_UP = 50


@dataclass(frozen=True)
class Directory:
    """The social identities that one message touches: by user id, and which id each @name was last seen with.

    `unlinked` holds the user ids that were bound once and are not any more.
    """

    handles: Mapping[str, Handle]
    names: Mapping[str, str]
    unlinked: frozenset[str] = frozenset()

    def renamed(self, user_id: str, *, name: str) -> bool:
        """Whether an @name is known to belong to somebody else: handles are sold and reassigned."""
        return self.names.get(name, user_id) != user_id


def look_up(table: Table, place: tuple[str, str], *, user_ids: Sequence[str], names: Sequence[str]) -> Directory:
    """Read what is known of user ids and @names on one (network, page), in one round trip.

    Only the first of very many are looked at: no order is for so many people, and a read holds 100 items.
    """
    by_key = {handle_key(*place, user_id): user_id for user_id in user_ids[:LOOKED_UP] if user_id}
    by_name = {name_key(place[0], name): name for name in names[:LOOKED_UP] if name}
    items = table.get_many([*by_key, *by_name])
    return Directory(
        handles={id_: handle_from_item(items[key]) for key, id_ in by_key.items() if linked(items.get(key, _GONE))},
        names={name: items[key]["user_id"] for key, name in by_name.items() if key in items},
        unlinked=frozenset(id_ for key, id_ in by_key.items() if key in items and not linked(items[key])),
    )
