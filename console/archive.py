"""A month of the journal copied to S3: entries by account, and a manifest of what each holds and hashes to."""

import argparse
import gzip
import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from console import output, stage

if TYPE_CHECKING:
    from chalicelib.ledger.entry import Entry
    from chalicelib.ledger.statement import Month

MANIFEST = "manifest.json"


def export(arguments: argparse.Namespace) -> int:
    """Write each account's entries of a month that is over, then the manifest; nothing, if a chain is broken.

    The same month gives the same bytes each time. `--retain-until` locks each object in the mode COMPLIANCE, which
    needs a bucket that was made with Object Lock.
    """
    from chalicelib import production
    from chalicelib.ledger import statement

    stage.use(arguments.stage)
    services = production.services()
    zone, now = services.programme.zone, services.clock.now()
    try:
        month = statement.month(arguments.month or _month_before(now, zone), zone)
        lock = _lock(arguments.retain_until, zone)
    except ValueError as error:
        return output.refuse(f"Nothing exported: {error}.")
    if month.until_micros > now * 1_000_000:
        return output.refuse(f"Nothing exported: {month.text} is not over.")
    chains, faults = _chains(month)
    if faults:
        return output.refuse(f"Nothing exported: {faults[0]}; see `console journal verify`.")
    folder = f"journal/envoi-{arguments.stage}/{month.text}"
    told = [_put(arguments.bucket, folder, chain, lock) for _, chain in sorted(chains.items())]
    manifest = {"stage": arguments.stage, "month": month.text, "zone": zone, "accounts": told}
    _put_object(arguments.bucket, f"{folder}/{MANIFEST}", _json(manifest), lock)
    entries = sum(len(chain) for chain in chains.values())
    row = {"month": month.text, "accounts": len(told), "entries": entries, "manifest": f"{folder}/{MANIFEST}"}
    return output.tell(arguments, [row])


def content(chain: "Iterable[Entry]") -> bytes:
    """Entries as NDJSON, gzipped without a time or a name: the same entries are the same bytes."""
    from chalicelib.ledger.entry import to_item

    return gzip.compress(b"".join(_json(to_item(entry)) + b"\n" for entry in chain), mtime=0)


def _chains(month: "Month") -> "tuple[Mapping[str, Sequence[Entry]], Sequence[str]]":
    """The month's entries by account, in order, and what is wrong with any of them."""
    from chalicelib.ledger.chain import chain_faults
    from chalicelib.ledger.entry import from_item
    from console import everything

    found: dict[str, list[Mapping[str, Any]]] = {}
    for item in everything.search(["E#"], lambda one: _is_in(one, month)):
        found.setdefault(item["PK"].removeprefix("E#"), []).append(item)
    ordered = {account: sorted(items, key=lambda one: str(one["SK"])) for account, items in found.items()}
    faults = [fault for account, items in sorted(ordered.items()) for fault in chain_faults(account, items)]
    return ({} if faults else {account: list(map(from_item, items)) for account, items in ordered.items()}), faults


def _is_in(item: Mapping[str, Any], month: "Month") -> bool:
    instant = item.get("moved_micros")
    return isinstance(instant, int) and month.since_micros <= instant < month.until_micros


def _put(bucket: str, folder: str, chain: "Sequence[Entry]", lock: Mapping[str, Any]) -> dict[str, Any]:
    """Write an account's entries; what the manifest says of them."""
    first, last = chain[0], chain[-1]
    body = content(chain)
    key = f"{folder}/{first.account.replace('#', '.')}.ndjson.gz"
    _put_object(bucket, key, body, lock)
    return {
        "account": first.account,
        "key": key,
        "sha256": hashlib.sha256(body).hexdigest(),
        "entries": len(chain),
        "first_seq": first.seq,
        "last_seq": last.seq,
        "before": first.before,
        "head": last.hash,
        "balance_minor": last.balance_minor,
        "currency": last.currency,
    }


def _put_object(bucket: str, key: str, body: bytes, lock: Mapping[str, Any]) -> None:
    """S3 checks what arrives against the checksum, and refuses anything else."""
    from chalicelib import aws

    checksum = b64encode(hashlib.sha256(body).digest()).decode()
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body, ChecksumSHA256=checksum, **lock)


def _lock(until: str, zone: str) -> Mapping[str, Any]:
    """The headers of an Object Lock until the end of a day; raises ValueError for a text that is no date."""
    if not until:
        return {}
    moment = datetime.combine(date.fromisoformat(until), time(23, 59, 59), tzinfo=ZoneInfo(zone))
    return {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": moment}


def _month_before(now: int, zone: str) -> str:
    """The month before the one of an instant."""
    moment = datetime.fromtimestamp(now, ZoneInfo(zone))
    year, number = (moment.year, moment.month - 1) if moment.month > 1 else (moment.year - 1, 12)
    return f"{year:04}-{number:02}"


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
