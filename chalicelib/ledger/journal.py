"""The journal: every leg of every account becomes an entry, as the table's stream tells it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.errors import Unavailable
from chalicelib.expressions import decode_item
from chalicelib.ledger.entry import Leg, entry_key, genesis, leg_of, sealed, to_item
from chalicelib.refusals import Refusal
from chalicelib.table import Put, Table, absent, account_key
from chalicelib.telemetry.log import LOG
from chalicelib.telemetry.metrics import count

Park = Callable[[Mapping[str, str]], None]


def project(table: Table, records: Sequence[Mapping[str, Any]], *, park: Park) -> None:
    """Write the entry of each leg among a batch of stream records; a batch that comes again changes nothing.

    A leg whose predecessor has no entry, whose entry is there with other bytes, or that our code cannot read is parked
    by its keys and the batch goes on: `console journal rebuild` mends it. Nothing is overwritten. Raises Unavailable
    when the table or the parking queue is down: the batch comes again.
    """
    hashes: dict[tuple[str, int], str] = {}
    for record in records:
        images = record["dynamodb"]
        keys = {name: str(value) for name, value in decode_item(images["Keys"]).items()}
        if record["eventName"] == "REMOVE" or not keys["PK"].startswith("A#"):
            continue
        try:
            leg = _moved(images)
            wrong = _written(table, leg, hashes) if leg else ""
        except Unavailable:
            raise
        except Exception:
            LOG.exception("a leg could not be read and was parked", extra={"change": keys})
            leg, wrong = None, "unreadable"
        if wrong:
            count("EntriesParked", reason=wrong)
            park({**keys, **_named(leg, wrong), "entry": wrong})


def _named(leg: Leg | None, wrong: str) -> dict[str, str]:
    """What a parked leg is known by besides its keys."""
    if leg is None:
        return {}
    named = {"seq": str(leg.seq), "transfer": leg.transfer}
    key, sort = account_key(leg.account)
    LOG.error("a leg has no entry and was parked", extra={"change": {"PK": key, "SK": sort}, "reason": wrong, **named})
    return named


def _moved(images: Mapping[str, Any]) -> Leg | None:
    """The leg that a record tells of; None for one that changes no money, such as an attempt or a status."""
    old = images.get("OldImage", {}).get("seq", {"N": "0"})
    new = images["NewImage"].get("seq", {"N": "0"})
    return leg_of(decode_item(images["NewImage"])) if new != old else None


def _written(table: Table, leg: Leg, hashes: dict[tuple[str, int], str]) -> str:
    """Write a leg's entry; says what is wrong, or nothing. `hashes` holds those of this batch."""
    before = hashes.get((leg.account, leg.seq - 1)) or _hash_before(table, leg)
    if before is None:
        return "predecessor"
    entry = sealed(leg, before=before)
    rejection = table.put(Put(item=to_item(entry), clauses=(absent(Refusal.ALREADY_SEEN),)))
    if rejection and rejection.items[0] != to_item(entry):
        return "differs"
    hashes[leg.account, leg.seq] = entry.hash
    count("EntriesWritten")
    return ""


def _hash_before(table: Table, leg: Leg) -> str | None:
    if leg.seq == 1:
        return genesis(leg.account)
    item = table.get(entry_key(leg.account, leg.seq - 1), consistent=True)
    return item["hash"] if item else None
