"""A history told step by step: who called what, which fault befell it, and what changed in the table."""

from collections.abc import Callable, Sequence
from typing import Any, TextIO

from chalicelib.conditions import Item
from tests.simulation.scheduler import IDLE, Act
from tests.simulation.storage import Change
from tests.simulation.world import T, World

_QUIET = frozenset({"PK", "SK", "ttl", "said", "known_payees"})


class Story:
    """Writes a world's steps to a text file; `about` keeps to the lines that name one of these words, if any."""

    def __init__(self, world: World, out: TextIO, *, about: Sequence[str] = ()) -> None:
        self._world = world
        self._out = out
        self._about = about
        self._run = world.run
        self._watch = world.table.watch
        world.wire.heard = self._called
        world.table.watch = self._committed
        world.run = self._ran  # type: ignore[method-assign]  # the story stands beside it

    def _line(self, text: str, act: Act | None = None) -> None:
        scheduler = self._world.scheduler
        process = scheduler.current
        who = process.name if process else "bank"
        act = act or (process.act if process else IDLE)
        line = f"{scheduler.now - scheduler.begun_at:9.3f}  {who:<16} {act.kind:<8} {act.subject:<19} {text}"
        if not self._about or any(word in line for word in self._about):
            self._out.write(f"{line.rstrip()}\n")

    def _called(self, operation: str, fault: str) -> None:
        if fault:
            self._line(f"{operation}: {fault}")

    def _committed(self, changes: Sequence[Change], act: Act) -> None:
        for key, old, new in changes:
            self._line(f"{'#'.join(key)}: {_difference(old, new)}", act)
        self._watch(changes, act)

    def _ran(self, act: Act, work: Callable[[], T]) -> T | None:
        if act.kind not in ("publish", "sms", "reply"):
            self._line(
                f"begins{', the code is ' + ('right' if act.right else 'wrong') if act.kind == 'confirm' else ''}", act
            )
        answer = self._run(act, work)
        if answer is None:
            self._line("no answer: it is down, or has died", act)
        elif act.kind not in ("publish", "sms", "reply"):
            self._line(f"answers {_shown(answer)}", act)
        return answer


def _shown(answer: Any) -> str:
    refusal, intent = getattr(answer, "refusal", None), getattr(answer, "intent", None)
    status = getattr(intent or answer, "status", "")
    return " ".join(filter(None, [status, refusal and f"({refusal})"])) or type(answer).__name__


def _difference(old: Item | None, new: Item) -> str:
    """What a change did, in words of the item."""
    if old is None:
        shown = ("order", "status", "refusal", "payer", "payee", "amount_minor", "target", "message")
        return "new " + ", ".join(f"{name} {new[name]}" for name in shown if name in new)
    names = [name for name in (*new, *old) if name not in _QUIET and old.get(name) != new.get(name)]
    return ", ".join(f"{name} {old.get(name)} → {new.get(name)}" for name in dict.fromkeys(names))
