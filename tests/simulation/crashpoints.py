"""Every call of every use case with every fault that it can meet: nothing is left to chance, and nothing left out.

A use case is played once without faults, and its calls are counted. Then it is played again for each of them and each
fault, with the retry that follows in life: the payer clicks again, the queue and the stream deliver again, the operator
types the command again. Everything comes to rest, every invariant is checked, and the use case's own end.
For confirms every pair of faults is played too, so that calls that a first fault alone leads to are met as well.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.simulation import cases_of_desks as desks
from tests.simulation import cases_of_payers as payers
from tests.simulation import cases_of_reversals as returns
from tests.simulation import cases_of_triggers as triggers
from tests.simulation import closing
from tests.simulation.cases_of_choices import CHOICES
from tests.simulation.cases_of_claims import CLAIMS
from tests.simulation.history import quiet
from tests.simulation.scheduler import EVENING, MORNING, Violation
from tests.simulation.stage import Call, Plan, Stage, world
from tests.simulation.world import World

Faults = Mapping[int, str]
# Worlds between two collections of garbage; each is a few thousand objects.
COLLECTED = 50


@dataclass(frozen=True)
class Case:
    """A use case: what is played, whose calls are tried, at what time, and whether pairs of faults are too."""

    play: Callable[[Stage], None]
    act: str
    at: int = MORNING
    pairs: bool = False

    @property
    def name(self) -> str:
        """How it is called in tables."""
        return self.play.__name__.replace("_", " ")


CASES = (
    Case(triggers.placed, "place"),
    Case(triggers.refused, "place"),
    Case(triggers.refused_in_public, "place"),
    Case(triggers.cancelled_by_reply, "place"),
    Case(triggers.cancelled_newest, "place"),
    Case(triggers.cancelled_nothing, "place"),
    Case(triggers.paired, "place"),
    Case(triggers.paired_wrong, "place"),
    Case(triggers.paired_twice_at_once, "place"),
    Case(triggers.paired_with_somebody_else, "place"),
    Case(payers.look, "look"),
    Case(payers.confirm, "confirm", pairs=True),
    Case(payers.confirm_again, "confirm"),
    Case(payers.confirm_once_without_funds, "confirm"),
    Case(payers.confirm_twice_at_once, "confirm"),
    Case(payers.confirm_wrong, "confirm"),
    Case(payers.confirm_fifth_wrong, "confirm"),
    Case(payers.confirm_without_funds, "confirm"),
    Case(payers.confirm_over_the_limit, "confirm"),
    Case(payers.confirm_over_the_months_limit, "confirm"),
    Case(payers.confirm_beside_a_wrong_code, "confirm"),
    Case(payers.confirm_of_a_closed_payer, "confirm"),
    Case(payers.confirm_to_frozen, "confirm"),
    Case(payers.confirm_a_gift, "confirm"),
    Case(payers.confirm_on_a_new_day, "confirm", at=EVENING),
    Case(payers.confirm_across_midnight, "confirm", at=EVENING),
    Case(payers.confirm_as_the_day_turns, "confirm", at=EVENING),
    Case(payers.confirm_with_the_code_before, "confirm"),
    Case(payers.confirm_while_the_code_is_set, "confirm"),
    Case(payers.confirm_without_the_key, "confirm"),
    Case(payers.decline, "decline"),
    Case(payers.renew, "renew"),
    Case(payers.renew_too_often, "renew"),
    Case(payers.resend, "resend"),
    Case(triggers.published, "publish"),
    Case(triggers.projected, "project"),
    Case(triggers.notices_sent, "sms"),
    Case(triggers.replied, "reply"),
    Case(triggers.swept, "sweep"),
    Case(triggers.gathered, "gather"),
    Case(triggers.gathered_twice_at_once, "gather"),
    Case(desks.expire, "expire"),
    Case(desks.freeze, "status"),
    Case(desks.close, "status"),
    Case(desks.freeze_cause, "status"),
    Case(desks.close_cause, "status"),
    Case(desks.close_cause_with_money, "status"),
    Case(desks.gather, "gather"),
    Case(desks.raise_shards, "shards"),
    Case(desks.raise_first, "shards"),
    Case(returns.ask_back, "reverse"),
    Case(returns.give_back, "reverse"),
    Case(returns.give_back_at_once, "reverse"),
    Case(returns.give_back_the_rest, "reverse"),
    Case(returns.say_no, "reverse"),
    Case(desks.unblock, "unblock"),
    Case(desks.set_code, "code"),
    Case(desks.fund, "fund"),
    Case(desks.fund_nobody, "fund"),
    Case(desks.audited, "audit"),
    *(Case(case, act) for case, act in (*CLAIMS, *CHOICES)),
)


@dataclass
class Explored:
    """What came of a use case: its calls, the points that were to be met and those that were, and what bent."""

    case: Case
    calls: Sequence[Call] = ()
    points: set[tuple[int, str]] = field(default_factory=set)
    met: set[tuple[int, str]] = field(default_factory=set)
    pairs: int = 0
    bent: dict[tuple[tuple[int, str], ...], str] = field(default_factory=dict)
    plays: int = 0
    seconds: float = 0.0

    def played(self, faults: Faults) -> "Played":
        """Play it once more, and keep what bent."""
        played = play(self.case, faults)
        if played.violation:
            self.bent[tuple(faults.items())] = played.violation
        self.plays += 1
        if not self.plays % COLLECTED:
            gc.collect()
        return played


@dataclass(frozen=True)
class Played:
    """One play: the calls that were made, the faults that befell them, and what bent, if anything."""

    calls: Sequence[Call]
    met: Faults
    violation: str = ""


def explore(case: Case) -> Explored:
    """Play a use case with every fault at every call, one at a time, and in pairs where that is asked for."""
    told, began = Explored(case), time.perf_counter()
    with prepared():
        told.calls = told.played({}).calls
        told.points = set(points(told.calls))
        for number, fault in sorted(told.points):
            played = told.played({number: fault})
            if played.met == {number: fault}:
                told.met.add((number, fault))
            for later in points(played.calls, after=number) if case.pairs else ():
                told.played(dict(((number, fault), later)))
                told.pairs += 1
    told.seconds = time.perf_counter() - began
    return told


def play(case: Case, faults: Faults, *, begun: Callable[[World], object] = lambda _: None) -> Played:
    """Play a use case once; `begun` is handed its world before anything happens."""
    scene = world(at=case.at)
    begun(scene)
    plan = scene.faults.plan = Plan(scene, case.act, faults)
    stage = Stage(scene, plan)
    scene.scheduler.spawn("somebody", lambda: case.play(stage))
    violation = ""
    try:
        scene.scheduler.run()
        closing.close(scene)
        for check in stage.ends:
            check()
    except Violation as found:
        violation = str(found)
    return Played(plan.calls, plan.met, violation)


@contextmanager
def prepared() -> Iterator[None]:
    """Make no log lines, and leave the garbage to `explore`."""
    gc.disable()
    try:
        with quiet():
            yield
    finally:
        gc.enable()


def table(cases: Iterable[Case] = CASES, *, tell: Callable[[str], object]) -> bool:
    """Explore use cases and tell the table of counts; whether nothing bent."""
    tell(f"{'use case':<30} {'calls':>5} {'points':>6} {'pairs':>6} {'seconds':>7}")
    sums, sound = [0, 0, 0, 0.0], True
    for told in map(explore, cases):
        counts = (len(told.calls), len(told.met), told.pairs, told.seconds)
        tell(f"{told.case.name:<30} {counts[0]:>5} {counts[1]:>6} {counts[2]:>6} {counts[3]:>7.2f}")
        for faults, violation in told.bent.items():
            tell(f"  VIOLATION with {_named(told.calls, faults)}: {violation}")
        sums = [total + count for total, count in zip(sums, counts, strict=True)]
        sound = sound and not told.bent and told.met == told.points
    tell(f"{'all':<30} {sums[0]:>5} {sums[1]:>6} {sums[2]:>6} {sums[3]:>7.2f}")
    return sound


def points(calls: Sequence[Call], *, after: int = 0) -> Iterator[tuple[int, str]]:
    """Each call after one, with each fault that it can meet."""
    for number, call in enumerate(calls[after:], after + 1):
        for fault in dict.fromkeys(call.kinds):
            yield number, fault


def _named(calls: Sequence[Call], faults: Iterable[tuple[int, str]]) -> str:
    known = {number: call.operation for number, call in enumerate(calls, 1)}
    return ", ".join(f"{fault} at call {number} ({known.get(number, 'of a retry')})" for number, fault in faults)
