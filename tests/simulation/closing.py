"""The end of a history: everything comes to rest, then the whole is checked."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from chalicelib.conditions import Item
from chalicelib.intents.due import due
from chalicelib.intents.intent import Intent, from_item
from chalicelib.intents.store import list_order
from chalicelib.ledger.account import OWN
from chalicelib.ledger.audit import Evidence, audit
from chalicelib.ledger.entry import entries_of, to_item
from chalicelib.ledger.transfer import BOOKINGS
from chalicelib.table import Key
from tests.simulation import held, returned
from tests.simulation.bank import HOLD_SECONDS, INTENT_SECONDS, PROGRAMME
from tests.simulation.invariants import demand, legs
from tests.simulation.world import World

# Long enough for every intent that was placed last, and what is held by it; then for the audit to judge it.
REST_SECONDS = INTENT_SECONDS + HOLD_SECONDS + 60
JUDGED_SECONDS = 1_000
_TOLD = {
    "paid": ("receipt", "received"),
    "declined": ("declined",),
    "cancelled": ("cancelled",),
    "expired": ("expired",),
}


def close(world: World) -> None:
    """Let it come to rest without faults, then check it all."""
    world.faults.calm()
    world.scheduler.run()
    for queue in world.queues.values():
        world.counted["dead_letters"] += len(queue.dead)
        queue.redrive()
    world.scheduler.run(until=world.scheduler.now + REST_SECONDS)
    _swept(world)
    _gathered(world)
    world.scheduler.run(until=world.scheduler.now + JUDGED_SECONDS)
    demand(world.stream.depth == world.journal.depth == 0, "changes were never read")
    demand(not any(queue.depth or queue.dead for queue in world.queues.values()), "messages are left")
    check(world)


def _swept(world: World) -> None:
    """The sweep runs every minute until it has come to where time stands now."""
    until = world.scheduler.now
    while world.storage.items["D#swept", "0"]["until"] < int(until):
        world.scheduler.spawn("sweep", world.sweep)
        world.scheduler.run(until=world.scheduler.now + 60)
        demand(world.scheduler.now < until + 3_600, "the sweep gets nowhere")


def _gathered(world: World) -> None:
    """One round when nobody pays leaves nothing on a sub-balance of an account that may move."""
    world.scheduler.spawn("gather", world.gather)
    world.scheduler.run(until=world.scheduler.now + 60)
    for (partition, _), item in world.storage.items.items():
        if "#" in partition[2:] and partition[:2] == "A#" and item["status"] == "open":
            demand(not item["available"], f"{partition[2:]} was left with {item['available']}")


def check(world: World) -> None:
    """The whole of design.md section 5, as far as it can be seen at rest."""
    items = world.storage.items
    orders = [from_item(item) for key, item in items.items() if key[0][0] == "T" and item["order"] not in BOOKINGS]
    _books(items, own=world.invariants.own)
    _entries(world)
    _messages(world, {order.id for order in orders})
    for order in orders:
        _lists(items, order)
        _notices(world, order)
    returned.check(items.values(), world.texts)
    held.check(items, world.texts)
    _once(world)
    _attempts(world)
    _replies(world)
    _audited(world)


def _books(items: dict[Key, Item], *, own: Counter[str]) -> None:
    """Every balance is the sum of its transfers' legs, `seq` their number, and all with the bank's own sum to 0."""
    sums: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for key, item in items.items():
        if key[0][0] == "T" and item["status"] == "paid":
            for account, leg in legs(item).items():
                sums[account] += leg
                counts[account] += 1
    demand(sums.total() == 0 and all(sums[name] == own[name] for name in OWN), f"the legs sum to {sums.total()}")
    for key, item in items.items():
        if key[0][0] == "A":
            name = key[0][2:]
            demand(
                item["available"] == sums[name] >= 0, f"{name} holds {item['available']}, its legs sum to {sums[name]}"
            )
            demand(item["seq"] == counts[name], f"{name} counts {item['seq']} legs of {counts[name]}")


def _entries(world: World) -> None:
    """Every leg has its entry, in one chain for each account, as the transfers alone give it."""
    if not world.projecting:
        return
    transfers: dict[str, list[Item]] = defaultdict(list)
    found: dict[str, list[Item]] = defaultdict(list)
    for (partition, _), item in sorted(world.storage.items.items()):
        if partition[0] == "E":
            found[partition[2:]].append(item)
        elif partition[0] == "T" and item["status"] == "paid":
            for account in legs(item):
                transfers[account].append(item)
    for account in (found | transfers).keys() - OWN:
        chain = [to_item(entry) for entry in entries_of(account, transfers[account])]
        demand(found[account] == chain, f"{account}: {len(found[account])} entries are not its {len(chain)} transfers'")


def _messages(world: World, orders: set[str]) -> None:
    """Each message taken with 200 is an order or a counted drop by now."""
    for message, outcome in world.outcomes.items():
        demand(message in orders or outcome.startswith("dropped"), f"message {message} ended as {outcome}")


def _lists(items: dict[Key, Item], order: Intent) -> None:
    """The payer's list and the sweep's have followed."""
    demand(order.status != "pending", f"{order.id} waits for ever")
    if not order.payer:
        return
    line = items.get(list_order(order).key)
    status = "held" if order.held and order.status == "paid" else order.status
    demand(line and line["status"] == status, f"the list does not say that {order.id} is {status}")
    if order.expires_at:
        demand(due(order).key in items, f"{order.id} would never have been swept")


def _notices(world: World, order: Intent) -> None:
    """Whoever has money moved, or an order ended, is told at least once; who has sub-balances, of many at once."""
    if order.order in PROGRAMME.verbs and order.expires_at:
        told = ("held",) if order.held and order.status == "paid" else _TOLD[order.status]
        for kind in ("receipt",) if order.credited else told:
            demand(world.texts.get((order.id, kind)), f"nobody was told of {kind} for {order.id}")


def _once(world: World) -> None:
    """One message alone sends a notice, and not more often than it was delivered."""
    for notice, messages in world.texts.items():
        demand(len(set(messages)) == 1, f"{notice} was sent by {len(set(messages))} messages")
        demand(len(messages) <= world.deliveries[messages[0]], f"{notice} was sent twice in one delivery")


def _attempts(world: World) -> None:
    """What still counts is wrong guesses, and right ones whose process has died or met a table that was down."""
    for account, left in world.invariants.attempts.open.items():
        demand(world.storage.items[account, "0"]["attempts"] == len(left), f"{account}: attempts do not add up")


def _replies(world: World) -> None:
    """No author has more answers under their posts in a day than the programme allows."""
    slots = Counter(key[0] for key in world.storage.items if key[0][0] == "N" and key[1].startswith("reply#"))
    demand(max(slots.values(), default=0) <= PROGRAMME.caps.public_replies_a_day, "an author got too many replies")


class _NoNotes:
    """Nothing is put aside, and the last report was made as the history began."""

    def __init__(self, began: float) -> None:
        self._began = int(began)

    def load(self) -> None:
        """Nothing."""

    def save(self, state: object) -> None:
        """Forget it."""

    def clear(self) -> None:
        """Nothing to forget."""

    def file(self, report: object) -> None:
        """Keep nothing."""

    def last_report(self, *, by: str = "") -> dict[str, Any]:  # noqa: ARG002  # the port's name
        """The messages before it are judged."""
        return {"judged_until": self._began, "dead": []}


def _audited(world: World) -> None:
    """Production's own audit finds nothing either."""
    items = list(world.storage.items.values())

    def scan(start: Key | None, *, consistent: bool = False) -> tuple[Sequence[Item], Key | None]:  # noqa: ARG001  # the port's name
        first = int(start[0]) if start else 0
        more = first + 500 < len(items)
        return items[first : first + 500], (str(first + 500), "") if more else None

    evidence = Evidence(scan=scan, lines=lambda *_, **__: (), dead=lambda: 0)
    report = audit(world.services, evidence, _NoNotes(world.scheduler.begun_at))
    demand(report and report.clean and not report.moving, f"the audit says {report.faults if report else 'nothing'}")
