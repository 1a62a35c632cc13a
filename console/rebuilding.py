"""Writing the entries that a journal lacks, up to the live end of accounts that go on moving meanwhile."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.conditions import Clause
from chalicelib.ledger import chain
from chalicelib.ledger.chain import Kept, Plan
from chalicelib.ledger.entries import PAGE
from chalicelib.ledger.entry import Entry, entry_key, to_item
from chalicelib.refusals import Refusal
from chalicelib.table import Put, Table, absent, account_key, intent_key

if TYPE_CHECKING:
    from chalicelib.services import Services
    from console.letters import Letter

# How often an account is looked at again that has moved while its entries were written.
ROUNDS = 5
WHOLE = "whole"
WAIT_SECONDS = 1


@dataclass(frozen=True)
class Todo:
    """What a rebuild has found: the accounts that lack something, with what they lack."""

    plans: Sequence[tuple[Kept, Plan]]
    read: frozenset[str]
    entries: int
    settled_micros: int
    everything: bool
    replace: bool = False

    @classmethod
    def of(cls, found: Iterable[Kept], *, settled_micros: int, everything: bool = True) -> "Todo":
        """Plan every account; those that lack nothing are only counted. `everything` says that these are all."""
        planned = [(kept, chain.plan(kept, settled_micros=settled_micros)) for kept in found]
        lacking = [(kept, plan) for kept, plan in planned if plan.missing or plan.wrong or plan.surplus]
        entries = sum(len(kept.entries) for kept, _ in planned)
        read = frozenset(kept.account for kept, _ in planned)
        return cls(lacking, read, entries, settled_micros, everything)

    @property
    def wrong(self) -> int:
        """How many entries stand there with other bytes than their transfers give."""
        return sum(len(plan.wrong) for _, plan in self.plans)

    @property
    def nothing(self) -> str:
        """What is said when there is nothing to do."""
        return f"Nothing to rebuild: {self.entries} entries of {len(self.read)} accounts are as their transfers say."

    def rows(self, outcome: str) -> list[dict[str, Any]]:
        """A row for each account that lacks something."""
        return [_row(kept, plan, outcome) for kept, plan in self.plans]


def write(services: "Services", todo: Todo, *, stage: str) -> list[dict[str, Any]]:
    """Write what is missing and, if the todo says so, replace what is wrong; then take whole accounts' letters away.

    The projector goes on meanwhile and parks what follows a gap; its letters name those legs, so that the end is
    reached without reading the table again. A row says `whole`, or why not.
    """
    rows, left = [], set()
    for kept, plan in todo.plans:
        rows.append(_row(kept, plan, ""))
        outcome = _mended(services, (kept, plan), todo, stage=stage)
        rows[-1]["outcome"] = outcome
        left |= {kept.account} if outcome != WHOLE else set()
    _clear(services.table, stage, todo, left=left)
    return rows


def _mended(services: "Services", found: tuple[Kept, Plan], todo: Todo, *, stage: str) -> str:
    """Write one account's entries, again while it moves on; says what became of it."""
    kept, plan = found
    for _ in range(ROUNDS):
        if plan.wrong and not todo.replace:
            return "left: entries differ from their transfers; find out why, then --replace"
        if plan.surplus:
            return "left: entries of no transfer; see `console restore check`"
        for entry in (*plan.wrong, *plan.missing):
            if differs := _put(services.table, entry, kept):
                return differs
        kept = _again(services.table, kept, stage)
        plan = chain.plan(kept, settled_micros=todo.settled_micros)
        if plan.proven and not (plan.missing or plan.wrong):
            return WHOLE
        services.clock.sleep(WAIT_SECONDS)
    return "left: it moves too often, or does not agree with its transfers; see `console journal verify`"


def _put(table: Table, entry: Entry, kept: Kept) -> str:
    """Write an entry, over the one that was read if there was one; says what is wrong."""
    item, stored = to_item(entry), kept.entries.get(entry_key(entry.account, entry.seq)[1])
    clauses: tuple[Clause, ...] = (absent(Refusal.ALREADY_SEEN),)
    if stored:
        clauses = tuple(_unchanged(name, value) for name, value in stored.items() if name not in ("PK", "SK"))
    rejection = table.put(Put(item=item, clauses=clauses))
    if rejection and rejection.items[0] != item:
        return f"left: another hand wrote entry {entry.seq} meanwhile; run this again"
    kept.entries[item["SK"]] = item
    return ""


def _unchanged(name: str, value: Any) -> Clause:
    return Clause(attribute=name, operator="=", value=value, means=Refusal.STALE)


def _again(table: Table, kept: Kept, stage: str) -> Kept:
    """The account as it is now, with the legs that were parked or projected since it was read."""
    bodies = [_body(one) for one in _letters(stage)]
    names = {
        body["transfer"] for body in bodies if body.get("PK") == account_key(kept.account)[0] and "transfer" in body
    }
    held = table.get(account_key(kept.account), consistent=True)
    names |= {held["last"]["transfer"]} if held and "last" in held else set()
    page = table.query(entry_key(kept.account, 0)[0], limit=PAGE, newest_first=True)
    names |= {item["transfer"] for item in page}
    entries = kept.entries | {item["SK"]: item for item in page}
    found = {kept.account: Kept(account=kept.account, held=held, entries=entries, transfers=dict(kept.transfers))}
    for name in sorted(names - kept.transfers.keys()):
        transfer = table.get(intent_key(name), consistent=True)
        if transfer and transfer["status"] == "paid":
            chain.add(found, transfer)
    return found[kept.account]


def _clear(table: Table, stage: str, todo: Todo, *, left: set[str]) -> None:
    """Take away the letters of what is mended now; a range that Lambda gave up, only after a rebuild of everything."""
    from console import letters

    for letter in _letters(stage):
        body = _body(letter)
        account = body.get("PK", "").removeprefix("A#")
        if "seq" in body:
            mended = account not in left and _is_written(table, account, body)
        elif account:
            mended = account in todo.read - left
        else:
            mended = "DDBStreamBatchInfo" in letter.body and todo.everything and not left
        if mended:
            letters.remove(letter, stage)


def _is_written(table: Table, account: str, body: Mapping[str, str]) -> bool:
    """Whether the leg that a letter names has its entry now, of its own transfer."""
    entry = table.get(entry_key(account, int(body["seq"])), consistent=True)
    return entry is not None and entry["transfer"] == body["transfer"]


def _letters(stage: str) -> "Iterator[Letter]":
    """The projector's dead letters; none where a restored table is rebuilt, which they do not speak of."""
    from chalicelib.config import stage as configured
    from console import letters

    yield from letters.letters(stage, "entries") if configured().table == f"envoi-{stage}" else ()


def _body(letter: "Letter") -> Mapping[str, str]:
    """What a letter says; nothing for one that is not of the projector's."""
    try:
        body = json.loads(letter.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) and "entry" in body else {}


def _row(kept: Kept, plan: Plan, outcome: str) -> dict[str, Any]:
    counts = {"missing": len(plan.missing), "wrong": len(plan.wrong), "surplus": len(plan.surplus)}
    return {"account": kept.account, "entries": len(kept.entries), **counts, "outcome": outcome}
