"""What is held for people who are not linked: a model of claims, followed commit by commit and checked at rest."""

from collections.abc import Container, Mapping, Sequence

from chalicelib.conditions import Item
from chalicelib.intents.naming_account import NAME_TRIES
from chalicelib.table import Key, handle_key
from tests.simulation.bank import FEE_MINOR, HOLD_SECONDS
from tests.simulation.scheduler import Act, Scheduler, Violation
from tests.simulation.storage import Change

_WISHES = {"refused": ("refuse",), "cancelled": ("place", "take_back"), "claimed": ("name",)}
_ENDED = {"status", "ended_at", "payee", "payee_person"}


class Held:
    """Each claim is opened by its payment, asked to end once, and ended once, by transfers that leave nothing of it."""

    def __init__(self, items: Mapping[Key, Item], scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._handles = {key: item for key, item in items.items() if key[0][0] == "L"}

    def follow(self, changes: Sequence[Change], act: Act) -> None:
        """Check what a commit does to claims: suspense moves by what the claims that it opens and ends hold."""
        moved = 0
        for key, old, new in changes:
            if key[0][0] == "L":
                self._handles[key] = new
            if key[0][0] in "LQ" and old is not None and act.kind == "link":
                whose = [(item.get("person"), item.get("user_id")) for item in (old, new)]
                _demand(whose[0] == whose[1], f"{key} was {whose[0]} and became {whose[1]}")
            if key[0][0] == "C":
                moved += self._claim(old, new, act, changes)
            if key[0][0] == "K" and old is not None:
                _demand(old == new, f"{key} was written again")
        _demand(moved == sum(_suspended(old, new) for key, old, new in changes if key[0][0] == "T"), "suspense is off")

    def _claim(self, old: Item | None, new: Item, act: Act, changes: Sequence[Change]) -> int:
        """One claim's change; by how much what is held grows with it."""
        name, held_minor = new["PK"], new["amount_minor"] + new.get("fee_minor", 0)
        if old is None:
            self._opened(new, act, changes)
            return int(held_minor)
        changed = {field for field in {*old, *new} if old.get(field) != new.get(field)}
        _demand(old["status"] == "open", f"{name} was {old['status']}, and {changed} changed")
        if new["status"] == "open" and "wish" not in changed:
            self._tried(old, new, act)
            return 0
        if new["status"] == "open":
            self._asked(old, new, act, changes)
            said = {"said"} if new["wish"] == "claimed" else set()
            _demand(changed == {"wish", "asked_by"} | said, f"{name}: {changed} changed")
            return 0
        _demand(changed <= _ENDED, f"{name}: {changed} changed at its end")
        self._ended(new, act, changes)
        return -int(held_minor)

    def _opened(self, new: Item, act: Act, changes: Sequence[Change]) -> None:
        name = new["PK"]
        _demand((act.kind, act.subject) == ("confirm", f"T#{name[2:]}"), f"{name}: {act.kind} opened it")
        (payment,) = [change[2] for change in changes if change[0][0] == act.subject]
        same = ("payer", "payer_person", "network", "page", "amount_minor", "fee_minor", "currency", "correlation_id")
        _demand([new.get(field) for field in same] == [payment.get(field) for field in same], f"{name} is no copy")
        _demand((new["user_id"], payment["payee"]) == (payment["payee_user"], "suspense"), f"{name} is for another")
        _demand(new["fee_minor"] == FEE_MINOR, f"{name} has the fee {new['fee_minor']}")
        _demand((new["status"], new["opened_at"]) == ("open", payment["paid_at"]), f"{name} was born {new['status']}")
        _demand(new["expires_at"] - new["opened_at"] == HOLD_SECONDS, f"{name} is held until {new['expires_at']}")

    def _tried(self, old: Item, new: Item, act: Act) -> None:
        """A name of an account's holder is counted, or taken back as nobody could tell: one at a time, three in all."""
        name, before, now = new["PK"], old.get("name_tries", 0), new.get("name_tries", 0)
        changed = {field for field in {*old, *new} if old.get(field) != new.get(field)}
        _demand(act.kind == "name" and changed == {"name_tries", "name_guess"}, f"{name}: {changed} changed")
        _demand(abs(now - before) == 1 and 0 <= now <= NAME_TRIES, f"{name}: {before} names became {now}")
        _demand("wish" not in old, f"{name}: a name was counted after {old.get('wish')}")
        _demand(("name_guess" in new) == (now > before), f"{name}: a name was taken back for another")

    def _asked(self, old: Item, new: Item, act: Act, changes: Sequence[Change]) -> None:
        name, wish = new["PK"], new["wish"]
        _demand("wish" not in old and act.kind in _WISHES[wish], f"{name}: {act.kind} asked for {wish}")
        if wish == "claimed":
            said = new["said"]
            checked = said["bank"] != "9999" and said["holder"][-3:] == said["number"][-3:]
            _demand(checked and 0 < new["name_tries"] <= NAME_TRIES, f"{name} goes to a name that was not checked")
        if act.kind == "place":
            orders = [change[2] for change in changes if change[1] is None and change[0][0][0] == "T"]
            target = len(orders) == 1 and orders[0].get("target") == name[2:] and orders[0]["payer"] == new["payer"]
            _demand(target, f"{name} was cancelled by no order of its payer")

    def _ended(self, new: Item, act: Act, changes: Sequence[Change]) -> None:
        """How a claim may end, and that its transfers say the same."""
        name, status = new["PK"], new["status"]
        _demand(act.kind == "sweep", f"{name}: {act.kind} ended it")
        moves = {item["order"]: item for _, _, item in changes if item.get("claim") == name[2:]}
        own = {order: (item["payer"], item["payee"], item["amount_minor"]) for order, item in moves.items()}
        back = ("suspense", new["payer"])
        if status == "claimed" and new["payee"] == "bank":
            _demand(new.get("wish") == "claimed", f"{name} left by the bank, and nobody asked for that")
            left = {"claim": ("suspense", "bank", new["amount_minor"]), "fee": ("suspense", "fees", FEE_MINOR)}
            _demand(own == left, f"{name} left by {own}")
            return
        if status == "claimed":
            handle = self._handles.get(handle_key(new["network"], new["page"], new["user_id"]), {})
            _demand(handle.get("account") == new["payee"], f"{name} was claimed by {new['payee']}")
            _demand(new["payee_person"] != new["payer_person"] and "wish" not in new, f"{name} was claimed wrongly")
            came = ("suspense", new["payee"], new["amount_minor"])
            _demand(own == {"claim": came, "return": (*back, FEE_MINOR)}, f"{name} was claimed by {own}")
            return
        _demand(own == {"return": (*back, new["amount_minor"] + FEE_MINOR)}, f"{name} went back by {own}")
        early = new["expires_at"] > self._scheduler.now + 2 or new["ended_at"] < new["expires_at"]
        _demand(status == new.get("wish") or (status == "returned" and not early), f"{name} is {status}")
        _demand(status != "returned" or "wish" not in new, f"{name} was asked to end as {new.get('wish')}")


def check(items: Mapping[Key, Item], texts: Container[tuple[str, str]]) -> None:
    """At rest, when the time of every claim is over: none is open; each was listed, and how it ended was told."""
    for (partition, _), item in items.items():
        if partition[0] == "C":
            _demand(item["status"] != "open", f"{partition} is held for ever")
            listed = (
                f"K#{item['network']}#{item['page']}#{item['user_id']}",
                f"{item['expires_at']:012}#{partition[2:]}",
            )
            _demand(listed in items, f"{partition} was never listed")
            kinds = [f"claim_{item['status']}", *(["claim_received"] if item.get("payee_person") else [])]
            untold = [kind for kind in kinds if (partition[2:], kind) not in texts]
            _demand(not untold, f"nobody was told of {untold} for {partition}")


def _suspended(old: Item | None, new: Item) -> int:
    """What one order's change moves into suspense."""
    if new["status"] != "paid" or (old and old["status"] == "paid"):
        return 0
    moved_minor = int(new["amount_minor"] + new.get("fee_minor", 0))
    return moved_minor * (int(new["payee"] == "suspense") - int(new["payer"] == "suspense"))


def _demand(truth: object, what: str) -> None:
    if not truth:
        raise Violation(what)
