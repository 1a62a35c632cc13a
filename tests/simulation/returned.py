"""What of each payment went back: a model of reversals, followed commit by commit and checked at rest."""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence

from chalicelib.conditions import Item
from chalicelib.ledger.reversal import PAID, REVERSIBLE, is_reversal
from tests.simulation.scheduler import Act, Violation
from tests.simulation.storage import Change

_DECIDED = {"status", "decided_by", "paid_at", "moved_micros"}


class Returned:
    """What of each payment went back, followed commit by commit."""

    def __init__(self) -> None:
        self._minor: dict[str, int] = defaultdict(int)

    def of_payment(self, old: Item, new: Item, act: Act) -> None:
        """A payment that was made changes once more with each reversal of it, in that alone."""
        changed = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        _demand(changed <= {"reversed_minor", "reversed_at"}, f"{new['PK']} was paid, and {changed} changed")
        _demand(act.kind == "reverse", f"{new['PK']}: {act.kind} gave money of it back")

    def of_reversal(self, old: Item | None, new: Item, act: Act, changes: Sequence[Change]) -> Item | None:
        """A reversal's change; the item if money moves with it."""
        name, status = new["PK"], new["status"]
        _demand(act.kind == "reverse", f"{name}: {act.kind} changed it")
        if old is None:
            _demand((status, new["requested_by"]) == ("requested", act.about), f"{name} was born {status}")
            return None
        changed = {field for field in {*old, *new} if old.get(field) != new.get(field)}
        _demand(old["status"] == "requested", f"{name} was {old['status']} and changed to {status} again")
        _demand(new["decided_by"] == act.about, f"{name} was decided by {new['decided_by']}")
        if status == "declined":
            _demand(changed == {"status", "decided_by", "ended_at"}, f"{name}: {changed} changed")
            return None
        _demand((status, changed) == (PAID, _DECIDED), f"{name} became {status}: {changed} changed")
        _demand(new["requested_by"] != new["decided_by"], f"{name} was asked for and agreed to by one operator")
        payments = [change for key, _, change in changes if key[0] == f"T#{new['original']}"]
        _demand(len(payments) == 1, f"{name} moved money without its payment")
        self._went_back(new, payments[0])
        return new

    def _went_back(self, new: Item, payment: Item) -> None:
        name = new["PK"]
        self._minor[payment["PK"]] += new["amount_minor"]
        back = self._minor[payment["PK"]]
        _demand((new["payer"], new["payee"]) == (payment["payee"], payment["payer"]), f"{name} went another way")
        _demand(back <= payment["amount_minor"], f"{back} of {payment['amount_minor']} of {payment['PK']} went back")
        _demand(
            payment["reversed_minor"] == back, f"{payment['PK']} says {payment['reversed_minor']} instead of {back}"
        )


def check(items: Iterable[Item], texts: Container[tuple[str, str]]) -> None:
    """At rest: each payment says what went back of it, no more than was paid; and both of its sides were told."""
    back: dict[str, int] = defaultdict(int)
    for item in items:
        if is_reversal(item) and item["status"] == PAID:
            back[item["original"]] += item["amount_minor"]
            told = {kind for kind in ("returned", "taken_back") if (item["PK"][2:], kind) in texts}
            _demand(len(told) == 2, f"{item['PK']} was told as {told}")
    for item in items:
        if item.get("order") in REVERSIBLE:
            said, sum_minor = item.get("reversed_minor", 0), back[item["PK"][2:]]
            _demand(said == sum_minor, f"{item['PK']} says {said}, its reversals give {sum_minor}")
            _demand(sum_minor == 0 or sum_minor <= item["amount_minor"], f"too much of {item['PK']} went back")


def _demand(truth: object, what: str) -> None:
    if not truth:
        raise Violation(what)
