"""The attempts of security codes in their true order: who spent one, who took some back, what is left."""

from chalicelib.conditions import Item
from tests.simulation.bank import PROGRAMME
from tests.simulation.scheduler import Act, Violation

_TRIES = PROGRAMME.caps.code_tries


class Attempts:
    """For each account the attempts that still count, oldest first.

    A right code takes back its own attempt and those before it, or all when it pays. Where several codes are typed for
    one account in the same moment this holds only more or less, and what it comes to is counted: `pardoned` wrong
    guesses that came later and were taken back too, requests that counted `twice`, right codes that `cost` an attempt.
    A request with nobody beside it bends nothing.
    """

    def __init__(self) -> None:
        self.open: dict[str, list[Act]] = {}
        self.pardoned = 0
        self.twice = 0
        self.cost = 0
        self._running: dict[str, list[Act]] = {}
        self._accompanied: set[int] = set()
        self._spent: set[int] = set()
        self._acts: list[Act] = []

    def begin(self, account: str, act: Act) -> None:
        """A code is typed for an account."""
        running = self._running.setdefault(account, [])
        running.append(act)
        if len(running) > 1:
            self._accompanied.update(id(one) for one in running)

    def end(self, account: str, act: Act, *, answered: bool) -> None:
        """The page has answered, or nothing came: a right code that was answered has cost nothing."""
        self._running[account].remove(act)
        if answered and act.right and act in self.open.get(account, ()):
            if id(act) not in self._accompanied:
                raise Violation(f"{account}: a right code cost an attempt")
            self.cost += 1

    def once(self, act: Act) -> bool:
        """Whether an act does its one write for the first time."""
        if id(act) in self._spent:
            return False
        self._spent.add(id(act))
        self._acts.append(act)  # or its id would be another's one day
        return True

    def spent(self, act: Act) -> bool:
        """Whether a confirm has spent its attempt."""
        return id(act) in self._spent

    def changed(self, old: Item, new: Item, act: Act) -> None:
        """An account's attempts may have changed, without a payment."""
        account, before, now = new["PK"], old["attempts"], new["attempts"]
        counted = self.open.setdefault(account, [])
        if now > before:
            if now != before + 1 or before >= _TRIES or act.kind != "confirm":
                raise Violation(f"{account}: {act.kind} raised the attempts from {before} to {now}")
            if not self.once(act):
                if id(act) not in self._accompanied:
                    raise Violation(f"{account}: one request counted as two attempts")
                self.twice += 1
            counted.append(act)
        elif now < before or (act.kind in ("unblock", "code") and not now):
            self._lowered(account, counted, act, now=now)
        if len(counted) != now:
            raise Violation(f"{account} has {now} attempts, {len(counted)} are open")

    def paid(self, old: Item, new: Item) -> None:
        """A payment counts anew."""
        if new["attempts"]:
            raise Violation(f"{new['PK']}: {new['attempts']} of {old['attempts']} attempts are left after a right code")
        self.open[new["PK"]] = []

    def _lowered(self, account: str, counted: list[Act], act: Act, *, now: int) -> None:
        if act.kind in ("unblock", "code"):
            counted.clear()
            return
        if act.kind != "confirm" or not act.right:
            raise Violation(f"{account}: {act.kind} took attempts back with a wrong code")
        if now > len(counted):
            raise Violation(f"{account} has {now} attempts, {len(counted)} are open")
        kept = counted[_last(counted, act) + 1 :] if act in counted else counted[:]
        left = counted[len(counted) - now :]
        self.pardoned += sum(1 for one in kept if one not in left and not one.right)
        counted[:] = left


def _last(counted: list[Act], act: Act) -> int:
    return len(counted) - 1 - counted[::-1].index(act)
