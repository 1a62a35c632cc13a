"""A measured figure against its goal, and how figures are told: one line of a table, JSON."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Result:
    """One figure. `goal` is its upper bound, or its lower one with `at_least`; None where there is none.

    `spread` is the 10th and the 90th percentile of what was measured, where it varies.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    at_least: bool = False
    spread: tuple[float, float] | None = None

    @property
    def ok(self) -> bool:
        """Whether the goal is met; a figure without one cannot miss it."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def share(self, value: float) -> float:
        """The share of what the goal allows that a value uses: above 1 it is missed, whichever way the goal points.

        Where nothing is allowed, nothing is 0 and anything is 2. Raises ValueError for a figure without a goal.
        """
        if self.goal is None:
            raise ValueError(f"{self.name} has no goal")
        part, whole = (self.goal, value) if self.at_least else (value, self.goal)
        return part / whole if whole else float(part > 0) * 2

    @property
    def bound(self) -> str:
        """The goal in words, empty where there is none."""
        if self.goal is None:
            return ""
        return f"{'≥' if self.at_least else '≤'} {number(self.goal)}"

    def line(self) -> str:
        """The figure as one line of the table that is shown while measuring."""
        verdict = "" if self.goal is None else "ok" if self.ok else "MISSED"
        between = f"  p10–p90 {number(self.spread[0])}–{number(self.spread[1])}" if self.spread else ""
        figure = f"{number(self.value):>7} {self.unit:<12} {self.bound:<8}"
        return f"  {self.name:<58} {figure} {verdict:<7}{between}".rstrip()


def number(value: float) -> str:
    """A figure with three digits that count, whole numbers without a point."""
    return f"{value:.0f}" if value == int(value) or value >= 100 else f"{value:.3g}"


def write(results: Iterable[Result], file: Path) -> None:
    """Write `{name, value, unit, goal, ok}` of each figure as a JSON list."""
    rows = [
        {
            "name": result.name,
            "value": round(result.value, 4),
            "unit": result.unit,
            "goal": result.goal,
            "ok": result.ok,
        }
        for result in results
    ]
    file.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
