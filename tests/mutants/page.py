"""docs/code-mutants.md: what became of each file's mutants."""

import fnmatch
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutant import Mutant

WANTED_PERCENT = 95.0

HEAD = """# Mutants of the code

[Mutants of conditions](mutants.md) are about the clauses that the table checks. Here the code of the ledger, the
limits, the intents and the amounts is changed: [mutmut](https://github.com/boxed/mutmut) turns `<` into `<=`, `and`
into `or`, adds one to a number, drops an argument, spoils a text, one place at a time, and the tests that reach the
function are run: from each test file in turn the fastest, four seconds in all at the most. A test that fails, or takes
far longer than it does, has killed the mutant. Constants of a module are not changed.

Judged by tests that need neither the local AWS nor a browser:
{tests}.

Equal are mutants that nobody could tell from the original; each group of them stands below with its reason
([tests/mutants/equal.toml](../tests/mutants/equal.toml)). The percentage is of the others. `make mutants` writes this
page, in about a quarter of an hour on two quiet cores.

| file | mutants | killed | equal | survived | % |
|---|---:|---:|---:|---:|---:|
"""


@dataclass(frozen=True, kw_only=True)
class Equal:
    """Mutants that nobody could tell from the original, and why.

    `file` and `function` are patterns of names; `before` and `after` are regular expressions on the changed lines.
    """

    reason: str
    file: str = "*"
    function: str = "*"
    before: str = ""
    after: str = ""

    def covers(self, mutant: Mutant) -> bool:
        """Whether this is one of them."""
        return bool(
            fnmatch.fnmatch(mutant.file, self.file)
            and fnmatch.fnmatch(mutant.function, self.function)
            and re.search(self.before, mutant.before)
            and re.search(self.after, mutant.after)
        )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How all mutants ended: the equal ones with their reasons, those that survived, and reasons that explain none."""

    mutants: Sequence[Mutant]
    equal: Sequence[tuple[Mutant, Equal]]
    survived: Sequence[Mutant]
    idle: Sequence[Equal]

    @property
    def percent(self) -> float:
        """How many of those that a test could notice were noticed, rounded down to a tenth."""
        return _percent(len(self.mutants) - len(self.equal), len(self.survived))

    @property
    def fine(self) -> bool:
        """Enough are killed, and every reason is needed."""
        return self.percent >= WANTED_PERCENT and not self.idle


def reasons(file: Path) -> list[Equal]:
    """The groups of equal mutants."""
    return [Equal(**group) for group in tomllib.loads(file.read_text(encoding="utf-8")).get("equal", [])]


def outcome(mutants: Sequence[Mutant], living: Iterable[Mutant], groups: Sequence[Equal]) -> Outcome:
    """Part those that live into equal ones and survivors."""
    equal, survived = [], []
    for mutant in living:
        group = next((group for group in groups if group.covers(mutant)), None)
        if group:
            equal.append((mutant, group))
        else:
            survived.append(mutant)
    used = {group for _, group in equal}
    files = {mutant.file for mutant in mutants}
    asked = [group for group in groups if fnmatch.filter(files, group.file)]
    return Outcome(
        mutants=mutants, equal=equal, survived=survived, idle=[group for group in asked if group not in used]
    )


def text(result: Outcome, *, tests: Sequence[str]) -> str:
    """The page."""
    lines = [HEAD.format(tests=", ".join(f"`{test}`" for test in tests if not test.startswith("-")))]
    total = Counter(mutant.file for mutant in result.mutants)
    equal = Counter(mutant.file for mutant, _ in result.equal)
    survived = Counter(mutant.file for mutant in result.survived)
    lines += [_row(f"`{file}`", total[file], equal[file], survived[file]) for file in sorted(total)]
    lines.append(_row("**all**", total.total(), equal.total(), survived.total()))
    lines.append(
        f"\n## Equal\n\n{len(result.equal)} mutants.\n\n| mutants | where | why nobody could tell |\n|---:|---|---|\n"
    )
    for group, count in Counter(group for _, group in result.equal).items():
        where = next(mutant for mutant, other in result.equal if other == group)
        lines.append(f"| {count} | `{group.file}`: {_code(where.before)} → {_code(where.after)} | {group.reason} |\n")
    lines.append(f"\n## Survived\n\n{len(result.survived)} mutants: no test tells them from the original yet.\n\n")
    if result.survived:
        lines.append("| where | before | after |\n|---|---|---|\n")
    lines += [
        f"| `{mutant.file}:{mutant.line}` | {_code(mutant.before)} | {_code(mutant.after)} |\n"
        for mutant in result.survived
    ]
    return "".join(lines)


def _row(name: str, mutants: int, equal: int, survived: int) -> str:
    percent = _percent(mutants - equal, survived)
    return f"| {name} | {mutants:,} | {mutants - equal - survived:,} | {equal:,} | {survived:,} | {percent:.1f} |\n"


def _percent(noticeable: int, survived: int) -> float:
    return (noticeable - survived) * 1000 // noticeable / 10 if noticeable else 100.0


def _code(line: str, longest: int = 110) -> str:
    shown = line if len(line) <= longest else line[: longest - 1] + "…"
    return f"`{shown.replace('|', chr(92) + '|').replace('`', chr(39))}`" if shown else "–"
