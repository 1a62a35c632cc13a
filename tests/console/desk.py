"""The console in this process, at a bank that is in memory: what a command prints, and what it leaves behind."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib import production
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import Intent
from chalicelib.ledger import journal
from chalicelib.ledger.books import balance
from console import __main__ as console
from console import everything, letters, stage
from console.letters import Letter
from tests.bank import CODE, Bank
from tests.ledger.money import record


@dataclass
class Desk:
    """A bank whose stream is projected when it is told to, and somebody who types commands."""

    patch: pytest.MonkeyPatch
    read: Callable[[], str]
    bank: Bank = field(default_factory=Bank)
    dead: list[Letter] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.patch.setattr(stage, "use", lambda name: self.patch.setenv("ENVOI_STAGE", name))
        self.patch.setenv("ENVOI_TABLE", "envoi-test")
        self.patch.setattr(everything, "search", self._search)
        self.patch.setattr(letters, "letters", lambda _, queue: iter([one for one in self.dead if one.queue == queue]))
        self.patch.setattr(letters, "remove", lambda letter, _: self.dead.remove(letter))
        for account in ("alice", "bob", "croixbleue"):
            self.project(self.bank.table.items[f"A#{account}", "0"])

    def project(self, *accounts: Mapping[str, Any]) -> None:
        """Project the images since the last time, after those of accounts that are told."""
        images: list[tuple[Any, Any]] = [(None, one) for one in accounts if one["seq"]]
        images += self.bank.table.images
        self.bank.table.images = []
        journal.project(self.bank.table, [record(old, new) for old, new in images], park=self.park)
        self.bank.table.images = []

    def park(self, body: Mapping[str, str]) -> None:
        """Keep a dead letter of the projector's."""
        self.post(json.dumps(body))

    def post(self, body: str) -> Letter:
        """Put a letter among the entries' dead ones."""
        name = f"m-{len(self.dead)}"
        self.dead.append(Letter(queue="entries", id=name, body=body, handle=name, sent_at=0, received_count=1))
        return self.dead[-1]

    def pay(self, text: str = "10 € @bob") -> Intent:
        """Alice orders and confirms."""
        intent = self.bank.say(f"@Smoneyfr #envoyer {text}")
        assert isinstance(intent, Intent)
        assert lifecycle.confirm(self.bank.services, self.bank.link(intent), CODE).refusal is None
        return intent

    def run(self, *words: str) -> tuple[int, list[dict[str, Any]]]:
        """Type a command; its exit status and rows."""
        with production.using(self.bank.services):
            status = console.main([*words, "--stage", "test", "--json"])
        said = self.read()
        return status, json.loads(said) if said.startswith("[") else []

    def rest(self) -> None:
        """Let two minutes pass, after which all that moved is settled."""
        self.bank.time.move(120)

    def sound(self) -> bool:
        """Whether balances, transfers and entries all agree."""
        return balance(self.bank.table.items.values()).balanced and self.run("journal", "verify") == (0, [])

    def entries(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Every entry that is stored."""
        return {key: dict(item) for key, item in self.bank.table.items.items() if key[0].startswith("E#")}

    def _search(
        self, kinds: Sequence[str], wanted: Callable[[dict[str, Any]], bool], **_: int
    ) -> Iterator[dict[str, Any]]:
        found = [dict(item) for key, item in sorted(self.bank.table.items.items()) if key[0][:2] in kinds]
        return filter(wanted, found)
