"""Transfers and the images of accounts that they leave, by a model of its own: what the journal is held against."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.conditions import Item
from chalicelib.expressions import encode_item, encode_key

START = 1_790_000_000_000_000


def transfer(name: str, payer: str, payee: str, amount_minor: int, *, at: int = 0, **more: Any) -> dict[str, Any]:
    """A paid transfer's item, `at` microseconds after the start."""
    return {
        "PK": f"T#{name}",
        "SK": "0",
        "order": "fund" if payer == "bank" else "send",
        "status": "paid",
        "payer": payer,
        "payee": payee,
        "amount_minor": amount_minor,
        "currency": "EUR",
        "paid_at": (START + at) // 1_000_000,
        "moved_micros": START + at,
        **more,
    }


@dataclass
class Till:
    """Accounts that transfers are carried out on: their items, and every image of them in order."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    images: list[tuple[dict[str, Any] | None, dict[str, Any]]] = field(default_factory=list)

    def move(self, transfers: Iterable[dict[str, Any]]) -> "Till":
        """Carry transfers out in their order: both legs of each."""
        for one in transfers:
            debited, credited = one.get("debited", one["payer"]), one.get("credited", one["payee"])
            for account, amount, other in (
                (debited, -one["amount_minor"], credited),
                (credited, one["amount_minor"], debited),
            ):
                if account != "bank":
                    self._leg(account, amount, {**one, "other": other.partition("#")[0]})
        return self

    def _leg(self, account: str, amount: int, one: dict[str, Any]) -> None:
        old = self.items.get(account)
        held = old or {"PK": f"A#{account}", "SK": "0", "available": 0, "seq": 0, "currency": "EUR", "status": "open"}
        last = {"transfer": one["PK"][2:], "amount_minor": amount, "counterparty": one["other"]}
        moved = {"available": held["available"] + amount, "seq": held["seq"] + 1, "last": last}
        new = {**held, **moved, "moved_micros": one["moved_micros"]}
        self.items[account] = new
        self.images.append((old, new))


def record(old: Any, new: Item) -> dict[str, Any]:
    """One record of the table's stream."""
    images: dict[str, Any] = {"Keys": encode_key((new["PK"], new["SK"])), "NewImage": encode_item(new)}
    if old:
        images["OldImage"] = encode_item(old)
    return {"eventName": "MODIFY" if old else "INSERT", "dynamodb": images}


def records(till: Till) -> list[dict[str, Any]]:
    """The stream's records of all that a till has done."""
    return [record(old, new) for old, new in till.images]


def by_name(transfers: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Transfers by their ids."""
    return {one["PK"][2:]: one for one in transfers}
