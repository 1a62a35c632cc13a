"""A pytest plugin that runs, instead of the tests, each mutant against the tests that reach its function."""

import functools
import gc
import importlib
import itertools
import json
import mmap
import os
import resource
import signal
import sys
import threading
import time
import types
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.mutant import Mutant

# A test may take so many times as long under a mutant as without one, plus some seconds; then it counts as failed.
TIMES_AS_LONG, CPU_SECONDS, WALL_SECONDS = 10, 2.0, 30.0
MEMORY_BYTES = 4 << 30
# A mutant is given the tests that reach it up to so many seconds of CPU time, so that the run stays bounded.
SECONDS_A_MUTANT = 4.0
KILLED, SURVIVED, TIMED_OUT, UNREACHED = "killed", "survived", "timed out", "unreached"

Tell = Callable[[Mutant, str, str], None]

Reached = dict[tuple[str, int], dict[int, float]]
"""For a function (file, line): the tests that call it, and how many seconds each takes."""


class Judge:
    """Judges mutants in so many processes at once, and tells the verdict on each and the test that gave it.

    `early` holds the functions that are called while their modules are imported.
    """

    def __init__(self, mutants: Sequence[Mutant], *, workers: int, tell: Tell, since: float) -> None:
        self.early: set[tuple[str, int]] = set()
        self._mutants = mutants
        self._workers = workers
        self._tell = tell
        self._since = since
        self._failed = False
        self._watched = {str(Path(mutant.file).resolve()) for mutant in mutants}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note that a test failed, in whatever part."""
        self._failed = self._failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take pytest's place once the tests are collected."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors while the tests were collected")
        if any(Path(file).stat().st_mtime > self._since for file in self._watched):
            raise pytest.UsageError("the code was changed while its mutants were made: run it again")
        sys.setprofile(None)
        gc.collect()
        gc.freeze()
        reached = _reached(self, session.items)
        self._share(session.items, reached)
        return True

    def watch(self, calls: set[tuple[str, int]], *, while_imported: bool = False) -> None:
        """From now on note every function under test that is called, or called while its module is imported."""
        watched = self._watched

        def called(frame: types.FrameType, event: str, _argument: object) -> None:
            code = frame.f_code
            if event == "call" and code.co_filename in watched and (not while_imported or _is_importing(frame)):
                calls.add((code.co_filename, code.co_firstlineno))

        threading.setprofile(called)
        sys.setprofile(called)

    def passes(self, item: pytest.Item, following: pytest.Item | None) -> bool:
        """Run one test with its fixtures."""
        self._failed = False
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return not self._failed

    def _share(self, items: Sequence[pytest.Item], reached: Reached) -> None:
        """Give each worker every n-th mutant, and tell the verdicts as they come."""
        ours, theirs = os.pipe()
        pids = [
            _fork(functools.partial(self._work, items, reached, (number, theirs))) for number in range(self._workers)
        ]
        os.close(theirs)
        with os.fdopen(ours, encoding="utf-8") as lines:
            for line in lines:
                place, verdict, by = json.loads(line)
                self._tell(self._mutants[place], verdict, by)
        for pid in pids:
            os.waitpid(pid, 0)

    def _work(self, items: Sequence[pytest.Item], reached: Reached, share: tuple[int, int]) -> int:
        number, out = share
        killers: dict[str, Counter[int]] = defaultdict(Counter)
        running = mmap.mmap(-1, 8)
        for place in range(number, len(self._mutants), self._workers):
            mutant = self._mutants[place]
            _, place_in_file = target(mutant)
            seconds = reached.get(place_in_file, {})
            order = sorted(_first(items, seconds), key=lambda test: (-killers[mutant.file][test], seconds[test]))
            verdict = self._verdict(mutant, [(items[test], test, seconds[test]) for test in order], running)
            test = int.from_bytes(running[:], "big")
            if verdict in (KILLED, TIMED_OUT):
                killers[mutant.file][test] += 1
            by = items[test].nodeid if verdict in (KILLED, TIMED_OUT) else ""
            os.write(out, (json.dumps([place, verdict, by]) + "\n").encode())
        return 0

    def _verdict(self, mutant: Mutant, tests: list[tuple[pytest.Item, int, float]], running: mmap.mmap) -> str:
        if not tests:
            return UNREACHED
        pid = _fork(functools.partial(self._judge, mutant, tests, running))
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code in (-signal.SIGALRM, -signal.SIGPROF):
            return TIMED_OUT
        return SURVIVED if code == 0 else KILLED

    def _judge(self, mutant: Mutant, tests: list[tuple[pytest.Item, int, float]], running: mmap.mmap) -> int:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        running[:] = tests[0][1].to_bytes(8, "big")
        put(mutant)
        followers = [item for item, _, _ in tests[1:]] + [None]
        for (item, test, seconds), following in zip(tests, followers, strict=True):
            running[:] = test.to_bytes(8, "big")
            signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS + TIMES_AS_LONG * seconds)
            signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS + TIMES_AS_LONG * seconds)
            if not self.passes(item, following):
                return 1
        return 0


def _is_importing(frame: types.FrameType) -> bool:
    """Whether a module of ours is being imported by what calls this."""
    caller = frame.f_back
    while caller and not (
        caller.f_code.co_name == "<module>" and caller.f_globals["__name__"].startswith("chalicelib")
    ):
        caller = caller.f_back
    return caller is not None


def _first(items: Sequence[pytest.Item], seconds: dict[int, float]) -> Sequence[int]:
    """As many tests as there is time for, always one: from each file in turn its fastest."""
    ranks: Counter[Path] = Counter()
    order = []
    for test in sorted(seconds, key=lambda test: seconds[test]):
        order.append((ranks[items[test].path], seconds[test], test))
        ranks[items[test].path] += 1
    tests = [test for _, _, test in sorted(order)]
    spent = itertools.accumulate(seconds[test] for test in tests)
    return [test for test, until in zip(tests, spent, strict=True) if until <= SECONDS_A_MUTANT] or tests[:1]


def target(mutant: Mutant) -> tuple[types.FunctionType, tuple[str, int]]:
    """The function that a mutant changes, below its decorators, and where it stands."""
    found: Any = importlib.import_module(mutant.module)
    for name in mutant.function.split("."):
        found = vars(found)[name]
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, functools.cached_property):
        found = found.func
    found = getattr(found, "__func__", found)
    found = getattr(found, "__wrapped__", found)
    return found, (found.__code__.co_filename, found.__code__.co_firstlineno)


def put(mutant: Mutant) -> None:
    """Put the mutant's code in the function's place, for whoever holds the function."""
    function, _ = target(mutant)
    space = dict(vars(importlib.import_module(mutant.module)))
    exec(compile(mutant.text, mutant.file, "exec"), space)  # noqa: S102  # it is our own source
    changed = space[mutant.function.rpartition(".")[2]]
    function.__code__ = changed.__code__
    function.__defaults__, function.__kwdefaults__ = changed.__defaults__, changed.__kwdefaults__
    forget()


def forget() -> None:
    """Empty every cache of ours, or a test would not reach what an earlier one has called."""
    for module in [module for name, module in sys.modules.items() if name.startswith("chalicelib.")]:
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def _fork(work: Callable[[], int]) -> int:
    """Do the work in a process of its own, which says nothing; returns its id."""
    pid = os.fork()
    if pid:
        return pid
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    code = 3
    try:
        code = work()
    finally:
        os._exit(code)


def _reached(judge: Judge, items: Sequence[pytest.Item]) -> Reached:
    """Run every test twice as it is: to see which functions it calls, and how long it takes when nobody looks."""
    calls = _surveyed(judge, items, watching=True)
    seconds = {test: spent for test, (spent, _) in _surveyed(judge, items, watching=False).items()}
    reached: Reached = defaultdict(dict)
    for test, (_, places) in calls.items():
        for file, line in places:
            reached[file, line][test] = seconds[test]
    return reached


def _surveyed(
    judge: Judge, items: Sequence[pytest.Item], *, watching: bool
) -> dict[int, tuple[float, list[tuple[str, int]]]]:
    """For each test its seconds of CPU time and, if it was watched, what it calls."""
    ours, theirs = os.pipe()
    pid = _fork(functools.partial(_survey, judge, items, theirs, watching=watching))
    os.close(theirs)
    found = {}
    with os.fdopen(ours, encoding="utf-8") as lines:
        for line in lines:
            test, seconds, passed, calls = json.loads(line)
            if not passed:
                raise pytest.UsageError(f"{items[test].nodeid} fails without any mutant")
            found[test] = seconds, calls
    if os.waitpid(pid, 0)[1]:
        raise pytest.UsageError("the tests end before their time")
    return found


def _survey(judge: Judge, items: Sequence[pytest.Item], out: int, *, watching: bool) -> int:
    for test, item in enumerate(items):
        calls: set[tuple[str, int]] = set()
        start = time.process_time()
        if watching:
            forget()
            judge.watch(calls)
        passed = judge.passes(item, items[test + 1] if test + 1 < len(items) else None)
        sys.setprofile(None)
        os.write(out, (json.dumps([test, time.process_time() - start, passed, sorted(calls)]) + "\n").encode())
    return 0
