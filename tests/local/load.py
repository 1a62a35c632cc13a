"""Payments of many people at once through the deployed API, recorded for the check of serializability.

`python -m tests.local.load --operations 2000` does it on a local AWS of its own and writes the history as JSON lines.
"""

import argparse
import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from chalicelib.ledger.entry import Entry, from_item
from chalicelib.table import account_key
from local import people, stack, wire
from tests.local.town import PAID, Ordered, Resident, Town
from tests.simulation.serializability import NEVER, Operation, Version, check, to_line

# A person may have ten orders waiting (programmes/defaults.toml).
WAITING, THREADS, CLICKS, LOOKS = 8, 6, 30, 3
AMOUNT = "1 euro"


@dataclass
class Load:
    """A town's people who pay each other in a ring, and what was seen of it."""

    town: Town
    people: Sequence[Resident]
    history: list[Operation] = field(default_factory=list)
    paid: dict[str, Operation] = field(default_factory=dict)
    clicks: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self, each: int = WAITING) -> list[tuple[Resident, Ordered]]:
        """So many payments of each person to the next one, waiting with their links."""
        ring = zip(self.people, [*self.people[1:], self.people[0]], strict=True)
        pairs = [pair for pair in ring for _ in range(each)]
        with ThreadPoolExecutor(THREADS) as pool:
            orders = pool.map(lambda pair: self.town.pays(pair[0], pair[1], AMOUNT), pairs)
            return [(payer, order) for (payer, _), order in zip(pairs, orders, strict=True)]

    def run(self, orders: Sequence[tuple[Resident, Ordered]]) -> None:
        """Confirm all of them at once, each until it is paid, and look at accounts in between."""
        watched = itertools.cycle(self.people)
        with ThreadPoolExecutor(THREADS) as pool:
            for done in [pool.submit(self._pay, payer, order, watched) for payer, order in orders]:
                done.result()

    def recorded(self) -> list[Operation]:
        """The history, each payment with the versions that it wrote, as the journal's entries tell them."""
        written: dict[str, list[Version]] = {}
        for person in self.people:
            seq = self.town.account(person)["seq"]
            for entry in wire.wait_for(lambda: self._entries(person.account, seq), what="entries"):  # noqa: B023  # asked at once
                written.setdefault(entry.transfer, []).append(Version(entry.account, entry.seq, entry.balance_minor))
        paid = [replace(operation, writes=tuple(written[transfer])) for transfer, operation in self.paid.items()]
        return [*self.history, *paid]

    def _pay(self, payer: Resident, order: Ordered, watched: "itertools.cycle[Resident]") -> None:
        called_at = time.monotonic()
        for _ in range(CLICKS):
            page = self.town.confirm(order.link)
            with self._lock:
                self.clicks += 1
            if PAID in page.text:
                break
            assert page.status in (200, 503), page
            time.sleep(0.2)
        else:
            raise AssertionError(f"{order.id} was not paid in {CLICKS} clicks")
        done = Operation(process=payer.account, called_at=called_at, returned_at=time.monotonic())
        with self._lock:
            self.paid[order.id] = done
            looked = [next(watched) for _ in range(LOOKS)]
        for person in looked:
            self._look(person)

    def _look(self, person: Resident) -> None:
        called_at = time.monotonic()
        item = self.town.table.get(account_key(person.account), consistent=True)
        assert item
        seen = Version(person.account, item["seq"], item["available"])
        look = Operation(process="look", called_at=called_at, returned_at=time.monotonic(), reads=(seen,))
        with self._lock:
            self.history.append(look)

    def _entries(self, account: str, seq: int) -> list[Entry]:
        found = [from_item(item) for item in self.town.table.query(f"E#{account}", limit=seq)]
        return found if len(found) == seq else []


def play(town: Town, *, persons: int, each: int = WAITING, during: Callable[[Load], None] = lambda _: None) -> Load:
    """Let so many people pay each other, so often each; `during` is called while their orders wait."""
    load = Load(town, [town.resident() for _ in range(persons)])
    orders = load.order(each)
    during(load)
    load.run(orders)
    return load


def main() -> int:
    """Record a history of so many operations and check it; 1 where something has no order."""
    parser = argparse.ArgumentParser(prog="python -m tests.local.load", description=__doc__)
    parser.add_argument("--operations", type=int, default=2_000)
    parser.add_argument("--out", type=Path, default=Path("history.jsonl"))
    arguments = parser.parse_args()
    persons = -(-arguments.operations // (WAITING * (1 + LOOKS)))
    with tempfile.TemporaryDirectory(prefix="envoi-load-", ignore_cleanup_errors=True) as folder:
        try:
            running = stack.up(Path(folder))
            people.reach(running.aws_endpoint_url, running.region, table=running.table)
            began = time.monotonic()
            history = play(Town(running), persons=persons).recorded()
            took = time.monotonic() - began
        finally:
            stack.down(Path(folder))
    arguments.out.write_text("".join(f"{to_line(operation)}\n" for operation in history), encoding="utf-8")
    began = time.monotonic()
    findings = check(history)
    seconds = time.monotonic() - began
    for finding in findings:
        print(f"{finding.kind}: {finding.words}")
    unanswered = sum(operation.returned_at == NEVER for operation in history)
    print(
        f"{len(history):,} operations over HTTP in {took:.0f} s ({unanswered} without an answer), "
        f"checked in {seconds:.2f} s: "
        f"{'strictly serializable' if not findings else f'{len(findings)} FINDINGS'}; {arguments.out}"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
