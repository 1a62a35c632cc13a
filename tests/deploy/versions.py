"""Two versions of the app that can be told apart by an SMS, and customers who order while one follows the other."""

import shutil
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from chalicelib.ledger.books import balance
from console import everything
from local import wire
from local.package import Package
from tests.local.town import FUNDS_MINOR, PAID, Body, Resident, Town, post_id

TEXTS = "chalicelib/texts/fr.toml"
BEFORE, AFTER = "Ouvrez ce lien", "Suivez ce lien"
# Below a customer's cap of waiting orders, in all that a test sends.
ORDERS_EACH = 8
PRICE_MINOR = 100


def next_version(made: Package, folder: Path) -> Package:
    """The package with other words in the SMS that holds the link: other code, another digest."""
    project = folder / "project"
    shutil.copytree(made.project, project)
    texts = (project / TEXTS).read_text()
    assert BEFORE in texts
    (project / TEXTS).write_text(texts.replace(BEFORE, AFTER))
    code = folder / "deployment.zip"
    with zipfile.ZipFile(made.code) as old, zipfile.ZipFile(code, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(
                entry, content.replace(BEFORE.encode(), AFTER.encode()) if entry.filename == TEXTS else content
            )
    return replace(made, code=code, project=project, digest=f"{made.digest}-next")


class Orders:
    """Orders of many payers to one payee, sent by several at once while something else goes on."""

    def __init__(self, town: Town, payers: Sequence[Resident], payee: Resident) -> None:
        self._town, self._payee = town, payee
        self._next = iter(list(payers) * ORDERS_EACH)
        self._lock = threading.Lock()
        self.sent: list[tuple[Resident, str]] = []
        self.turned_away = 0

    @contextmanager
    def flowing(self, *, at_once: int = 4, every_seconds: float = 0.1) -> Iterator[None]:
        """Orders come while the block runs, and for a second before and after; all have been taken when it ends."""
        ended = threading.Event()
        with ThreadPoolExecutor(at_once) as pool:
            senders = [pool.submit(self._send, ended, every_seconds) for _ in range(at_once)]
            try:
                time.sleep(1)
                yield
                time.sleep(1)
            finally:
                ended.set()
        for sender in senders:
            sender.result()

    def _send(self, ended: threading.Event, every_seconds: float) -> None:
        while not ended.is_set() and (payer := self._payer()):
            body = self._town.tweet(
                f"@{self._town.bot.handle} #envoyer 1 euro @{self._payee.handle}", payer, self._payee
            )
            while not self._taken(body):  # X delivers again what was not taken
                self.turned_away += 1
                time.sleep(0.2)
            self.sent.append((payer, self._town.intent_of(post_id(body))))
            time.sleep(every_seconds)

    def _taken(self, body: Body) -> bool:
        """Whether a webhook was answered with 200; one that nobody answers in time was not, for X."""
        with suppress(TimeoutError):
            return self._town.deliver(body).status == 200
        return False

    def _payer(self) -> Resident | None:
        with self._lock:
            return next(self._next, None)


def settle(town: Town, orders: Orders, payee: Resident) -> None:
    """Confirm every order that was taken, twice, and see that each moved its euro once and told it."""
    assert len({intent for _, intent in orders.sent}) == len(orders.sent)
    before = town.funds(payee)

    def pay_twice(payer: Resident, intent: str) -> None:
        link = town.link(payer, intent)
        assert town.order(intent)["status"] == "pending"
        assert PAID in town.confirm(link).text
        assert PAID in town.confirm(link).text

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: pay_twice(*one), orders.sent))
    assert town.funds(payee) - before == PRICE_MINOR * len(orders.sent)
    ordered = Counter(payer.account for payer, _ in orders.sent)
    payers = {payer.account: payer for payer, _ in orders.sent}
    spent = {account: FUNDS_MINOR - town.funds(payer) for account, payer in payers.items()}
    assert spent == {account: PRICE_MINOR * number for account, number in ordered.items()}
    wire.wait_for(lambda: len(town.told(payee, "vous a payé")) >= len(orders.sent), what="every receipt")
    books = balance(everything.items())
    assert books.balanced, books.faults


def next_text(town: Town, payer: Resident, payee: Resident) -> str:
    """The SMS for one more order; it is declined, so that it moves nothing."""
    order = town.pays(payer, payee, "2 euros")
    text = town.links(payer, order.id)[0]
    town.step("decline", order.link)
    return text
