"""One payment as its payer lives it: what they post, open, type and click, with a check of every answer."""

from collections.abc import Callable

from chalicelib.intents import lifecycle
from chalicelib.refusals import Refusal
from tests.simulation import posts
from tests.simulation.bank import BY_ACCOUNT, CODE, WRONG, Customer
from tests.simulation.invariants import demand
from tests.simulation.posts import Post
from tests.simulation.scheduler import Act
from tests.simulation.world import World

CLICKS = 4


class Payment:
    """A payer, a payee and an amount, and the post that names them."""

    def __init__(self, world: World, payer: Customer, payee: Customer, *, amount_minor: int, number: int) -> None:
        self.world = world
        self.payer = payer
        self.payee = payee
        self._number = number
        self._amount_minor = amount_minor
        self.post: Post

    @property
    def id(self) -> str:
        """The intent's id."""
        return self.post.intent_id

    def order(self) -> None:
        """Post it."""
        now = int(self.world.scheduler.now)
        self.post = posts.payment(self.payer, self.payee, self._amount_minor, number=self._number, now=now)
        self.world.send(self.post)

    def order_again(self, *, edited: bool) -> None:
        """The network delivers the same post again, or an edition of it."""
        self.world.send(posts.edited(self.post, number=self._number + 1) if edited else self.post)

    def cancel(self, *, number: int, reply: bool) -> None:
        """Post a cancel, as an answer to the order or for the newest that waits."""
        now = int(self.world.scheduler.now)
        origin = self.post.mention.origin_id if reply else None
        self.world.send(posts.cancel(self.payer, number=number, now=now, in_reply_to=origin))

    def cancelled_by(self, other: Customer, *, number: int) -> None:
        """Somebody else answers the order with a cancel."""
        now = int(self.world.scheduler.now)
        self.world.send(posts.cancel(other, number=number, now=now, in_reply_to=self.post.mention.origin_id))

    def sibling(self) -> "Payment":
        """Another payment of the same payer and amount, to somebody else."""
        payee = BY_ACCOUNT["merchant0" if self.payee.name != "merchant0" else "merchant1"]
        return Payment(self.world, self.payer, payee, amount_minor=self._amount_minor, number=self.world.number())

    def link(self, *, number: int = 1, seconds: float = 400.0) -> str:
        """Wait for the SMS with the link."""
        return self.world.wait_for_link(self.id, number=number, seconds=seconds)

    def think(self, seconds: float) -> None:
        """Let time pass, more or less."""
        self.world.scheduler.pause(seconds * (0.5 + self.world.random.random()))

    def until(self, time: float) -> None:
        """Wait until the clock of whoever answers says so."""
        scheduler = self.world.scheduler
        skew = scheduler.current.skew if scheduler.current else 0
        scheduler.pause(max(0.0, time - skew - scheduler.now))

    def look(self, link: str) -> lifecycle.Outcome | None:
        """Open the page."""
        return self.world.run(self._act("look", link), lambda: lifecycle.look(self.world.services, link))

    def confirm(self, link: str, *, right: bool = True) -> lifecycle.Outcome | None:
        """Type the code once; None when the page says that it does not know, or nothing at all."""
        world, act = self.world, self._act("confirm", link, right=right)
        world.counted["confirms"] += 1
        typed, account = CODE if right else WRONG, f"A#{self.payer.name}"
        world.invariants.attempts.begin(account, act)
        outcome = world.run(act, lambda: lifecycle.confirm(world.services, link, typed))
        world.invariants.attempts.end(account, act, answered=outcome is not None)
        if outcome is not None:
            self._answered(act, outcome)
        return outcome

    def pay(self, link: str) -> lifecycle.Outcome | None:
        """Type the right code, and click again when there is no answer."""
        for _ in range(CLICKS):
            outcome = self.confirm(link)
            if outcome is not None:
                return outcome
            self.think(2)
        return None

    def decline(self, link: str) -> lifecycle.Outcome | None:
        """Say no."""
        return self.world.run(self._act("decline", link), lambda: lifecycle.decline(self.world.services, link))

    def renew(self, link: str) -> lifecycle.Outcome | None:
        """Ask for another link."""
        return self.world.run(self._act("renew", link), lambda: lifecycle.renew(self.world.services, link))

    def beside(self, work: Callable[[], object], *, after: float = 0.0) -> None:
        """Do something at the same time, in another window."""
        self.world.scheduler.spawn(self.payer.name, work, after=after)

    def _act(self, kind: str, link: str, *, right: bool = False) -> Act:
        return Act(kind, f"T#{self.id}", right=right, link_number=int(link[17]))

    def _answered(self, act: Act, outcome: lifecycle.Outcome) -> None:
        """What a confirm's answer promises."""
        world, shown = self.world, outcome.intent
        demand(shown is not None, f"{self.id}: a genuine link was called forged")
        assert shown is not None
        name = outcome.refusal or "paid"
        world.counted[f"confirm_{name}"] += 1
        if outcome.refusal is None:
            demand(act.subject in world.invariants.paid, f"{self.id}: the page says paid, no money moved")
            demand(act.right, f"{self.id}: a wrong code was accepted")
        elif world.invariants.paid.get(act.subject) is act:
            demand(shown.status == "paid", f"{self.id}: paid, and the page says {outcome.refusal}")
        if outcome.refusal is Refusal.NOT_PENDING:
            demand(world.invariants.ended.get(act.subject), f"{self.id}: it waits, and the page says it does not")
