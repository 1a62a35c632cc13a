"""What never bends, checked at every commit on the items that it touches, by a model of its own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from chalicelib.conditions import Item
from chalicelib.ledger.account import BANK, OWN
from chalicelib.ledger.reversal import is_reversal
from chalicelib.ledger.transfer import BOOKINGS, moved_minor
from chalicelib.limits.policy import day_of
from chalicelib.table import Key
from tests.simulation.attempts import Attempts
from tests.simulation.bank import PROGRAMME
from tests.simulation.held import Held
from tests.simulation.returned import Returned
from tests.simulation.scheduler import Act, Scheduler, Violation
from tests.simulation.storage import Change

_FREE_OF_ACCOUNT = frozenset({"attempts", "guess", "code", "status"})
_FREE_OF_INTENT = frozenset({"status", "paid_at", "ended_at", "link_number", "ttl", "moved_micros", "credited"})
_MOST_LINKS = PROGRAMME.caps.link_renewals + 1
# A transaction is built, sent and tried again for some seconds before it commits.
LATE_SECONDS = 30


def demand(truth: object, what: str) -> None:
    """Raise a Violation unless it is true."""
    if not truth:
        raise Violation(what)


def legs(transfer: Item) -> Mapping[str, int]:
    """What a transfer does to each account: a payee's sub-balance may take what comes in."""
    payer, payee = transfer.get("debited", transfer["payer"]), transfer.get("credited", transfer["payee"])
    demand(payer.partition("#")[0] == transfer["payer"], f"{transfer['PK']} came from {payer}")
    demand(payee.partition("#")[0] == transfer["payee"], f"{transfer['PK']} went to {payee}")
    return {payer: -moved_minor(transfer), payee: moved_minor(transfer)}


class Invariants:
    """The bank as it must be: balances folded from transfers, who left `pending` and how, attempts in their order."""

    def __init__(self, items: dict[Key, Item], scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.held: dict[str, list[int]] = {}
        self.own: Counter[str] = Counter()
        self.paid: dict[str, Act] = {}
        self.ended: dict[str, str] = {}
        self.attempts = Attempts()
        self.returned = Returned()
        self.claims = Held(items, scheduler)
        for key, item in items.items():
            if key[0].startswith("A#"):
                self.held[key[0]] = [item["available"], item["seq"]]
                self.own[BANK] -= item["available"]

    def check(self, changes: Sequence[Change], act: Act) -> None:
        """Check one commit, a single write or all items of a transaction, of an act."""
        accounts = [change for change in changes if change[0][0][0] == "A"]
        transfers: list[Item] = []
        for key, old, new in changes:
            if key[0][0] == "T":
                transfers += filter(None, [self._order(old, new, act, changes)])
            elif key[0][0] == "N" and old is not None:
                demand(old["message"] == new["message"], f"{key} was claimed by two messages")
            elif key[0][0] == "W" and old is not None:
                demand(new["status"] != "pending", f"{key} waits again")
            elif key[0][0] == "E" and old is not None:
                demand(old == new, f"{key}: an entry was written again")
            elif key[0] == "D#swept" and old is not None:
                demand(new["until"] >= old["until"], f"the sweep's mark went back from {old['until']}")
        self.claims.follow(changes, act)
        if transfers:
            self._transfers(transfers, accounts, act)
        elif act.kind == "shards":
            self._raised(accounts)
        elif accounts:
            demand(len(accounts) == 1, "two accounts changed without a transfer")
            self._account(accounts[0], act)

    def _order(self, old: Item | None, new: Item, act: Act, changes: Sequence[Change]) -> Item | None:
        """One order's change; the item if money moves with it."""
        name, status = new["PK"], new["status"]
        if is_reversal(new):
            return self.returned.of_reversal(old, new, act, changes)
        if old is None:
            return self._born(new, act, changes)
        if old["status"] == "paid":
            self.returned.of_payment(old, new, act)
            return None
        demand(old["status"] == "pending", f"{name} was {old['status']} and changed to {status} again")
        changed = _changed(old, new) - _FREE_OF_INTENT
        demand(not changed, f"{name}: {changed} changed")
        if status == "pending":
            step = new["link_number"] - old["link_number"]
            demand(step == 1 and act.kind in ("renew", "resend"), f"{name}: {act.kind} moved the link number by {step}")
            demand(new["link_number"] <= _MOST_LINKS, f"{name} got link {new['link_number']}")
            demand(self.attempts.once(act), f"{name}: one request renewed twice")
            return None
        demand(new["link_number"] == old["link_number"], f"{name}: the link number changed at its end")
        self.ended[name] = status
        if status == "paid":
            return new
        self._over(new, act, changes)
        return None

    def _born(self, new: Item, act: Act, changes: Sequence[Change]) -> Item | None:
        name, status = new["PK"], new["status"]
        if new["order"] == "fund":
            demand(act.kind == "fund" and status == "paid", f"{name}: {act.kind} made a funding")
            return new
        if new["order"] == "gather":
            demand(act.kind == "gather" and status == "paid", f"{name}: {act.kind} gathered")
            demand("#" in new["debited"] and new["payer"] == new["payee"], f"{name} left its account")
            return new
        if new["order"] in ("claim", "return", "fee"):
            ended = [change[2]["status"] for change in changes if change[0][0] == f"C#{new['claim']}"]
            demand(status == "paid" and ended and ended != ["open"], f"{name} moved what is held, and no claim ended")
            return new
        demand(status in ("pending", "refused", "answered"), f"{name} was born {status}")
        if status == "pending":
            demand(new["amount_minor"] > 0 and new["payer"] != new["payee"], f"{name} cannot be paid")
        if target := new.get("target"):
            hit = [change[2] for change in changes if change[0][0] in (f"T#{target}", f"C#{target}")]
            said = hit and "cancelled" in (hit[0]["status"], hit[0].get("wish"))
            demand(said, f"{name} says it cancelled {target}")
        return None

    def _over(self, new: Item, act: Act, changes: Sequence[Change]) -> None:
        """How an intent may end without a payment, and by whom."""
        name, status = new["PK"], new["status"]
        if status == "expired":
            demand(act.kind in ("sweep", "expire"), f"{name}: {act.kind} expired it")
            early = new["expires_at"] > self._scheduler.now + 2 or new["ended_at"] < new["expires_at"]
            demand(not early or act.kind == "expire", f"{name} expired before its time")
        elif status == "declined":
            demand(act.kind == "decline" and act.subject == name, f"{name}: {act.kind} {act.subject} declined it")
        else:
            demand(status == "cancelled", f"{name} became {status}")
            orders = [change[2] for change in changes if change[1] is None and change[0][0][0] == "T"]
            demand(
                len(orders) == 1 and f"T#{orders[0]['target']}" == name and orders[0]["payer"] == new["payer"],
                f"{name} was cancelled by no order of its payer",
            )

    def _transfers(self, transfers: Sequence[Item], accounts: Sequence[Change], act: Act) -> None:
        """Money moves: by one transfer, or by all that end a claim."""
        moved: dict[str, tuple[Item, int]] = {}
        for transfer in transfers:
            name = transfer["PK"]
            demand(name not in self.paid, f"{name} moved money twice")
            self.paid[name] = act
            for account, leg in legs(transfer).items():
                if account in OWN:
                    self.own[account] += leg
                else:
                    demand(f"A#{account}" not in moved, f"{account} has two legs of one transaction")
                    moved[f"A#{account}"] = transfer, leg
            if transfer["order"] not in BOOKINGS:
                self._proved(transfer, act)
        demand({change[0][0] for change in accounts} == moved.keys(), f"{moved.keys()} touched other accounts")
        for (partition, _), old, new in accounts:
            assert old is not None
            transfer, leg = moved[partition]
            self._leg(transfer, old, new, leg)
            if partition == f"A#{transfer['payer']}" and transfer["order"] not in BOOKINGS:
                self._spent(transfer, old, new)
                self.attempts.paid(old, new)

    def _proved(self, transfer: Item, act: Act) -> None:
        """Money leaves an account by a confirm alone: right code, newest link, this intent, in time."""
        name = transfer["PK"]
        demand(act.kind == "confirm" and act.subject == name, f"{name}: {act.kind} {act.subject} moved its money")
        demand(act.right, f"{name} was paid with a wrong code")
        demand(self.attempts.spent(act), f"{name} was paid without an attempt")
        demand(act.link_number == transfer["link_number"], f"{name} was paid by link {act.link_number}")
        demand(transfer["paid_at"] < transfer["expires_at"], f"{name} was paid after its time")
        demand(self._scheduler.now < transfer["expires_at"] + LATE_SECONDS, f"{name} was paid long after its time")
        demand("ttl" not in transfer, f"{name} is paid and would be forgotten")

    def _leg(self, transfer: Item, old: Item, new: Item, leg: int) -> None:
        name, account = transfer["PK"], new["PK"]
        held = self.held[account]
        held[0] += leg
        held[1] += 1
        demand(new["available"] == held[0], f"{account} holds {new['available']}, its legs give {held[0]}")
        demand(new["seq"] == held[1], f"{account}: leg {held[1]} has seq {new['seq']}")
        demand(new["available"] >= 0, f"{account} fell below zero with {name}")
        moves = {"reversal": ("open", "frozen"), "return": ("open", "frozen", "closed")}.get(
            transfer["order"], ("open",)
        )
        demand(old["status"] == new["status"] in moves, f"{account} is {old['status']} and moved money with {name}")
        demand(old["currency"] == new["currency"] == transfer["currency"], f"{account}: currency of {name}")
        instants = old.get("moved_micros", 0), new.get("moved_micros", 1)
        demand(instants[0] < instants[1] == transfer.get("moved_micros", 1), f"{account}: {name} moved at {instants}")
        last = new["last"]
        demand((last["transfer"], last["amount_minor"]) == (name[2:], leg), f"{account}: its last leg is {last}")

    def _spent(self, transfer: Item, old: Item, new: Item) -> None:
        """The payer's limits: the counters follow the payments, and stay within what the payee's kind allows."""
        name, amount_minor, limits = transfer["PK"], transfer["amount_minor"], PROGRAMME.limits[transfer["payee_kind"]]
        same_day, same_month = new["day"] == old["day"], new["day"][:7] == old["day"][:7]
        now = int(self._scheduler.now)
        today = {_day(now + 2), _day(now - LATE_SECONDS), old["day"]}
        demand(new["day"] >= old["day"] and new["day"] in today, f"{name} was counted on {new['day']}")
        day_minor = amount_minor + (old["spent_day"] if same_day else 0)
        month_minor = amount_minor + (old["spent_month"] if same_month else 0)
        demand((new["spent_day"], new["spent_month"]) == (day_minor, month_minor), f"{name} was not counted as spent")
        demand(amount_minor <= limits.transfer_minor, f"{name} is over the limit of a transfer")
        demand(day_minor <= limits.day_minor, f"{name} is over the limit of a day")
        demand(month_minor <= limits.month_minor, f"{name} is over the limit of a month")

    def _raised(self, accounts: Sequence[Change]) -> None:
        """More sub-balances: empty ones of an open account, whose own item says how many, and else is as it was."""
        ((name, _), main, more) = next(change for change in accounts if change[1] is not None)
        assert main is not None
        demand(_changed(main, more) == {"shards"} and main["status"] == "open", f"{name} was changed while raised")
        made = {change[0][0]: change[2] for change in accounts if change[1] is None}
        has = main.get("shards", 0)
        demand(made.keys() == {f"{name}#{n}" for n in range(has, more["shards"])}, f"{name}: {sorted(made)} are new")
        for balance, item in made.items():
            demand((item["available"], item["seq"]) == (0, 0), f"{balance} begins with {item['available']}")
            self.held[balance] = [0, 0]

    def _account(self, change: Change, act: Act) -> None:
        """An account that changes without a transfer: attempts, code and status only."""
        (name, _), old, new = change
        assert old is not None
        changed = _changed(old, new) - _FREE_OF_ACCOUNT
        demand(not changed, f"{name}: {act.kind} changed {changed}")
        demand(old["status"] == new["status"] or act.kind == "status", f"{name}: {act.kind} changed its status")
        if "attempts" in new:
            self.attempts.changed(old, new, act)


def _changed(old: Item, new: Item) -> set[str]:
    """The attributes that are not what they were."""
    gone = old.keys() - new.keys()
    return {*gone, *(field for field, value in new.items() if field not in old or old[field] != value)}


@cache
def _day(now: int) -> str:
    return day_of(now, PROGRAMME.zone)
