"""The port to the one table: what is stored where, and the few operations that everything is made of.

| access pattern                                   | key (PK / SK)                        | operation           |
|--------------------------------------------------|--------------------------------------|---------------------|
| the money of a holder, charity, pot or merchant  | `A#<account>` / `0`                  | get, update         |
| an order, its intent, its transfer               | `T#<id>` / `0`                       | get, put, update    |
| a customer                                       | `P#<person>` / `0`                   | get                 |
| who has a phone number, by its digest            | `F#<id of the number>` / `<person>`  | put, query          |
| who is behind a social identity                  | `L#<network>#<page>#<user id>` / `0` | get                 |
| which id an @name was last seen with             | `Q#<network>#<name>` / `0`           | get                 |
| who is invited to bind a handle                  | `R#<id of the name>` / `0`           | get, update         |
| what moved an account, in its order              | `E#<account>` / `<seq, 12 digits>`   | get, put, query     |
| what a payer has ordered lately, and what waits  | `W#<account>` / `<came>#…#<id>`      | query, newest first |
| what a customer has asked lately in private      | `W#<account>#asked` / as above       | query, newest first |
| what expires in an hour, for the sweep           | `D#<hour>#<0-15>` / `<expires>#<id>` | query               |
| up to when everything due was expired            | `D#swept` / `0`                      | get, update         |
| which accounts have sub-balances                 | `S#accounts` / `<account>`           | put, query          |
| with which account gathering goes on             | `S#gathered` / `0`                   | get, update         |
| money held for somebody who is not linked yet    | `C#<intent>` / `0`                   | get, put, update    |
| what is held for a social identity               | `K#<its key>` / `<expires>#<intent>` | put, query          |
| an audit that was put aside                      | `B#audit` / `state…`                 | get, put            |
| what audits found                                | `B#reports` / `<began>`              | query, put          |
| a notice that is being sent or was sent          | `N#<id>` / `<notice>`                | put                 |
| that a question about a payee was answered       | `N#choice#<order>` / `once`          | put                 |

Every write of money or orders states its conditions as named clauses. There is no index, no scan but the audit's, and
nothing is ever deleted but by the table's TTL.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from chalicelib.conditions import Clause, Item
from chalicelib.errors import Unavailable
from chalicelib.refusals import Refusal

Key = tuple[str, str]


def account_key(account: str) -> Key:
    """Where an account is kept."""
    return f"A#{account}", "0"


def intent_key(intent: str) -> Key:
    """Where an order, its intent and its transfer are kept: one item."""
    return f"T#{intent}", "0"


def person_key(person: str) -> Key:
    """Where a customer is kept."""
    return f"P#{person}", "0"


def phone_key(phone: str, person: str) -> Key:
    """Where it is kept that a customer has a phone number, under the id that the number gives."""
    return f"F#{phone}", person


def handle_key(network: str, page: str, user_id: str) -> Key:
    """Where a social identity is kept, by the network's immutable id."""
    return f"L#{network}#{page}#{user_id}", "0"


def name_key(network: str, name: str) -> Key:
    """Where the id is kept that an @name was last seen with."""
    return f"Q#{network}#{name.casefold()}", "0"


def invitation_key(invitation: str) -> Key:
    """Where an invitation is kept, under the id that its handle's name gives."""
    return f"R#{invitation}", "0"


def claim_key(claim: str) -> Key:
    """Where held money is kept, under the id of the intent that paid it."""
    return f"C#{claim}", "0"


def notice_key(intent: str, notice: str) -> Key:
    """Where a notice is claimed before it is sent."""
    return f"N#{intent}", notice


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one rule asks of one item: clauses, and attributes to set, add to or remove.

    Ledger, limits and identity each make a part; DynamoDB allows one action an item, so they are merged.
    """

    clauses: tuple[Clause, ...] = ()
    assign: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, int] = field(default_factory=dict)
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Put:
    """Write a whole item (its key included as PK and SK) if its clauses hold."""

    item: Item
    clauses: tuple[Clause, ...]

    @property
    def key(self) -> Key:
        """The item's key."""
        return self.item["PK"], self.item["SK"]


@dataclass(frozen=True, kw_only=True)
class Update:
    """Change attributes of one item if its clauses hold."""

    key: Key
    clauses: tuple[Clause, ...] = ()
    assign: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, int] = field(default_factory=dict)
    remove: tuple[str, ...] = ()


Write = Put | Update


def update(key: Key, *parts: Part) -> Update:
    """Merge the parts that several rules ask of one item into its one update.

    Raises ValueError if two of them touch the same attribute: that is a bug, not a refusal.
    """
    touched = [name for part in parts for name in (*part.assign, *part.add, *part.remove)]
    if len(touched) != len(set(touched)):
        raise ValueError(f"two parts of an update touch one attribute: {sorted(touched)}")
    return Update(
        key=key,
        clauses=tuple(clause for part in parts for clause in part.clauses),
        assign={name: value for part in parts for name, value in part.assign.items()},
        add={name: value for part in parts for name, value in part.add.items()},
        remove=tuple(name for part in parts for name in part.remove),
    )


def absent(means: Refusal) -> Clause:
    """The clause that there is no item yet under the key."""
    return Clause(attribute="PK", operator="absent", means=means)


@dataclass(frozen=True)
class Rejection:
    """A write that its conditions refused: nothing was changed.

    `items` are the stored items in the order of the writes, None where there is none or it was not told.
    """

    refusal: Refusal
    items: tuple[Item | None, ...]


class Busy(Unavailable):
    """Nothing was written: another transaction holds an item, or the table throttles. Rebuild and try again."""


class Ambiguous(Unavailable):
    """The write may or may not have happened: send the very same request again."""


class Table(Protocol):
    """The six operations. All raise Busy or Ambiguous when the table is out of reach."""

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        """Read one item; unless `consistent`, it may be a moment old and costs half."""

    def get_many(self, keys: Iterable[Key]) -> Mapping[Key, Item]:
        """Read up to 100 items in one round trip, eventually consistent; missing ones are left out."""

    def query(self, partition: str, *, start: str = "", limit: int, newest_first: bool = False) -> Sequence[Item]:
        """Read the items of a partition whose SK is at least `start`, in order of SK."""

    def put(self, put: Put) -> Rejection | None:
        """Write an item, or say why not."""

    def update(self, update: Update) -> Item | Rejection:
        """Change an item and return all of it as it is afterwards, or say why not."""

    def transact(self, writes: Sequence[Write], *, token: str) -> Rejection | None:
        """Do all the writes or none; the same token within 10 minutes does nothing a second time."""
