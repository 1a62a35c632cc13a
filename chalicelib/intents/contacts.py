"""Whom a payer has paid before: nobody else is found by a plain name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.identity import store as people
from chalicelib.identity.person import Person, shown_name
from chalicelib.intents import store
from chalicelib.intents.intent import PAYMENTS, Intent
from chalicelib.intents.phones import masked
from chalicelib.ledger import entries
from chalicelib.ledger.account import OWN
from chalicelib.table import Table

LEGS = 100


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Somebody whom a payer has paid; `handle` is the @name that they were paid by last, or empty.

    `payment` is the id of the last payment to them.

    The person's own data are for finding them: what a payer may see is `name` and `hint`.
    """

    person: Person = field(repr=False)
    handle: str = ""
    payment: str = ""

    @property
    def name(self) -> str:
        """The first name, and the initial of the last."""
        return shown_name(self.person.name)

    @property
    def hint(self) -> str:
        """What tells two of one name apart: the @name, or the end of the phone number."""
        if self.handle:
            return f"@{self.handle}"
        return masked(self.person.phone) if self.person.phone else ""

    @property
    def text(self) -> str:
        """What names them in a private message, as in "send 5 to …": the @name without its @, or the first name."""
        return self.handle or self.name.partition(" ")[0]


def contacts(table: Table, payer: str) -> Sequence[Contact]:
    """Whom an account has paid among its last `LEGS` legs, the last paid first, a moment behind; nobody twice.

    Three round trips at the most, one more where money was taken back for somebody since. Money that is held for
    somebody makes no contact. Raises Unavailable.
    """
    legs = [leg for leg in entries.newest(table, payer, limit=LEGS) if leg.amount_minor < 0]
    transfers: dict[str, list[str]] = {}
    for leg in legs:
        if leg.counterparty not in OWN:
            transfers.setdefault(leg.counterparty, []).append(leg.transfer)
    paid = _payments(table, [*transfers.values()])
    last: dict[str, Intent] = {}
    for leg in legs:
        if leg.transfer in paid:
            last.setdefault(paid[leg.transfer].payee_person, paid[leg.transfer])
    known = people.persons(table, [*last])
    return [
        Contact(person=known[id_], handle=one.said.get("payee_handle", ""), payment=one.id)
        for id_, one in last.items()
        if id_ in known
    ]


def _payments(table: Table, transfers: Sequence[Sequence[str]]) -> Mapping[str, Intent]:
    """The last transfer of each payee, newest first, if it is a payment; all of those whose last one is a reversal."""
    found = store.read_many(table, [each[0] for each in transfers])
    paid = {one.id: one for one in found if one.order in PAYMENTS}
    older = [one for each in transfers if each[0] not in paid for one in each[1:]]
    return paid | {one.id: one for one in store.read_many(table, older) if one.order in PAYMENTS}
