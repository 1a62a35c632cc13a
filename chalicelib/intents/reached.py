"""Customers whom a private message means otherwise than by an id: by number, by name, by an @name elsewhere. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.identity.person import Handle, Person, shown_name
from chalicelib.intents.phones import masked
from chalicelib.ledger.account import Account
from chalicelib.table import handle_key, person_key

# As many as an order's item has room for, and a chat shows in a row.
CHOICES = 10


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A customer as the payer who means them may see them.

    `key` is the partition of the item that says who it is. They have a `handle`, by which the payer knows them, and
    their whole name; or a `hint`, the end of their number, and the name that a stranger may see.
    """

    key: str
    person: str
    account: str
    name: str
    handle: str = ""
    hint: str = ""

    @property
    def label(self) -> str:
        """What tells two of one name apart."""
        return f"@{self.handle}" if self.handle else self.hint


def by_handle(handle: Handle) -> Reached:
    """Somebody by an identity that is linked."""
    key = handle_key(handle.network, handle.page, handle.user_id)[0]
    return Reached(key=key, person=handle.person, account=handle.account, name=handle.name, handle=handle.label)


def by_person(person: Person, *, handle: str = "") -> Reached:
    """Somebody by their number; or by the @name that the payer has paid them by, wherever they are linked now."""
    known = Reached(key=person_key(person.id)[0], person=person.id, account=person.account, name=person.name)
    if handle:
        return replace(known, handle=handle)
    hint = masked(person.phone) if person.phone else ""
    return replace(known, name=shown_name(person.name), hint=hint)


def distinct(found: Sequence[Reached]) -> Sequence[Reached]:
    """Each account once, as it was reached first."""
    return [*{one.account: one for one in reversed(found)}.values()][::-1]


def choices(found: Sequence[Reached]) -> tuple[str, str]:
    """What an order keeps of those whom it asks about: their keys, and what each is shown as, in lines."""
    shown = [f"{shown_name(one.name)}\t{one.label}" for one in found[:CHOICES]]
    return " ".join(one.key for one in found[:CHOICES]), "\n".join(shown)


def labels(said: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """The names that an order asks about and what tells them apart, in the order of their keys; none once erased."""
    lines = said["choices"].split("\n") if "choices" in said else []
    return [(name, label) for name, _, label in (line.partition("\t") for line in lines)]


def alone(holders: Sequence[Reached], accounts: Mapping[str, Account]) -> Sequence[Reached]:
    """Whose a number is: of those whose account is not closed the only one, else nobody."""
    living = [one for one in holders if one.account in accounts and accounts[one.account].status != "closed"]
    return living if len(living) == 1 else ()
