"""An entry of the journal: one leg of a transfer as its account saw it, sealed to the entry before it. Pure.

`E#<account>` / `<seq, 12 digits>`; a sub-balance has entries of its own. Entries are made of the account's images, in
their order, and can be made again of the transfers alone, byte for byte.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.conditions import Item
from chalicelib.ledger.account import OWN
from chalicelib.ledger.transfer import holder, moved_minor
from chalicelib.table import Key

MICROS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Leg:
    """What a transfer changed on one account: its `seq`-th leg, the amount (signed), the balance after it.

    Amounts are minor units; `counterparty` is the other side's main account, `moved_micros` the instant.
    """

    account: str
    seq: int
    transfer: str
    amount_minor: int
    balance_minor: int
    currency: str
    counterparty: str
    moved_micros: int


@dataclass(frozen=True, kw_only=True)
class Entry(Leg):
    """A leg in its chain: `before` is the hash of the entry before it, `hash` covers that and the leg."""

    before: str
    hash: str


def entry_key(account: str, seq: int) -> Key:
    """Where an entry is kept."""
    return f"E#{account}", f"{seq:012}"


def canonical(leg: Leg) -> bytes:
    """The bytes of a leg that are hashed: its fields as JSON, ordered by name, without spaces, in UTF-8."""
    fields = {name: value for name, value in vars(leg).items() if name not in ("before", "hash")}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def genesis(account: str) -> str:
    """What stands for the hash before an account's first entry; no two accounts share it."""
    return _digest(f"envoi journal {account}".encode())


def sealed(leg: Leg, *, before: str) -> Entry:
    """The leg as the entry that follows the one with the hash `before`."""
    return Entry(**vars(leg), before=before, hash=_digest(before.encode() + canonical(leg)))


def is_intact(entry: Entry) -> bool:
    """Whether an entry's hash is that of its own bytes and of the hash before it."""
    return entry.hash == _digest(entry.before.encode() + canonical(entry))


def leg_of(image: Item) -> Leg:
    """The last leg of an account or a sub-balance, from its item; raises KeyError for one that never moved."""
    last = image["last"]
    return Leg(
        account=image["PK"].removeprefix("A#"),
        seq=image["seq"],
        transfer=last["transfer"],
        amount_minor=last["amount_minor"],
        balance_minor=image["available"],
        currency=image["currency"],
        counterparty=holder(last["counterparty"]),
        moved_micros=image["moved_micros"],
    )


def sides(transfer: Item) -> Iterator[tuple[str, int, str]]:
    """Each account item that a paid transfer changed, with the signed amount and the counterparty.

    The programme's own accounts have no item.
    """
    amount_minor = moved_minor(transfer)
    debited, credited = transfer.get("debited", transfer["payer"]), transfer.get("credited", transfer["payee"])
    if debited not in OWN:
        yield debited, -amount_minor, holder(credited)
    if credited not in OWN:
        yield credited, amount_minor, holder(debited)


def moved_micros(transfer: Item) -> int:
    """When a paid transfer moved; one from before there were instants, at the beginning of its second."""
    instant: int = transfer.get("moved_micros", transfer["paid_at"] * MICROS)
    return instant


def legs_of(account: str, transfers: Iterable[Item]) -> Sequence[Leg]:
    """The legs of one account or sub-balance that its paid transfers give, in order, with the balance after each."""
    legs: list[Leg] = []
    for transfer in sorted(transfers, key=lambda item: (moved_micros(item), item["PK"])):
        for name, amount_minor, counterparty in sides(transfer):
            if name == account:
                legs.append(
                    Leg(
                        account=account,
                        seq=len(legs) + 1,
                        transfer=transfer["PK"].removeprefix("T#"),
                        amount_minor=amount_minor,
                        balance_minor=amount_minor + (legs[-1].balance_minor if legs else 0),
                        currency=transfer["currency"],
                        counterparty=counterparty,
                        moved_micros=moved_micros(transfer),
                    )
                )
    return legs


def entries_of(account: str, transfers: Iterable[Item]) -> Sequence[Entry]:
    """The whole chain of one account or sub-balance, from its paid transfers alone."""
    before, chain = genesis(account), list[Entry]()
    for leg in legs_of(account, transfers):
        chain.append(sealed(leg, before=before))
        before = chain[-1].hash
    return chain


def to_item(entry: Entry) -> dict[str, Any]:
    """An entry as it is stored."""
    key, sort = entry_key(entry.account, entry.seq)
    fields = {name: value for name, value in vars(entry).items() if name not in ("account", "seq")}
    return {"PK": key, "SK": sort, **fields}


def from_item(item: Item) -> Entry:
    """Read an entry; raises KeyError, TypeError or ValueError if it is none."""
    fields = {name: value for name, value in item.items() if name not in ("PK", "SK")}
    return Entry(account=item["PK"].removeprefix("E#"), seq=int(item["SK"]), **fields)


def _digest(data: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
