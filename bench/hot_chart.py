"""The hot payee as an SVG: transactions a gift and gifts turned away, against gifts a minute."""

import math
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from bench.hot import SHARDS, Storm

WIDTH, HEIGHT, TOP, BOTTOM = 960, 380, 70, 330
PANELS = ((70, 450), (550, 930))
COLOURS = ("c0", "c1", "c2", "c3")
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 } .paper { fill: #ffffff; stroke: #d1d9e0 }
  .title { font-size: 15px; font-weight: 600 } .quiet { fill: #59636e }
  .end { text-anchor: end } .mid { text-anchor: middle }
  .grid { stroke: #d1d9e0 } polyline { fill: none; stroke-width: 2.5 } .goal { stroke: #59636e; stroke-dasharray: 4 3 }
  .c0 { stroke: #c2410c } .c1 { stroke: #1a7f7a } .c2 { stroke: #2563eb } .c3 { stroke: #7c3aed }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .paper { fill: #151b23; stroke: #3d444d } .quiet { fill: #9198a1 } .grid { stroke: #3d444d }
    .c0 { stroke: #fb923c } .c1 { stroke: #2dd4bf } .c2 { stroke: #60a5fa } .c3 { stroke: #c4b5fd }
  }
"""
Axis = tuple[float, Sequence[float], Callable[[Storm], float]]
ATTEMPTS: Axis = (8, (1, 2, 4, 6, 8), lambda storm: storm.attempts)
FAILED: Axis = (100, (0, 25, 50, 75, 100), lambda storm: storm.failed_percent)


def write(storms: Sequence[Storm], file: Path) -> None:
    """Draw both panels, a line for each number of sub-balances."""
    rates = sorted({storm.rate for storm in storms})
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    title = f"A hot payee, an item busy for {storms[0].busy_ms:.0f} ms (virtual time)"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">',
        '<title id="title">A hot payee: one item collapses at some eighty gifts a second, sub-balances do not</title>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="8"/>',
        f'<text class="title" x="16" y="26">{title}</text>',
        *_panel(storms, rates, 0, "transactions a gift"),
        *_panel(storms, rates, 1, "gifts told to try again later, %"),
        *_legend(),
        "</svg>",
    ]
    file.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _panel(storms: Sequence[Storm], rates: Sequence[float], number: int, title: str) -> list[str]:
    left, right = PANELS[number]
    most, marks, value = (ATTEMPTS, FAILED)[number]

    def x(rate: float) -> float:
        return left + (right - left) * math.log(rate / rates[0]) / math.log(rates[-1] / rates[0])

    def y(figure: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * min(figure, most) / most

    drawn = [f'<text x="{left}" y="{TOP - 14}">{escape(title)}</text>']
    for mark in marks:
        drawn.append(f'<line class="grid" x1="{left}" y1="{y(mark):.1f}" x2="{right}" y2="{y(mark):.1f}"/>')
        drawn.append(f'<text class="quiet end" x="{left - 8}" y="{y(mark) + 4:.1f}">{mark}</text>')
    drawn += [f'<text class="quiet mid" x="{x(rate):.1f}" y="{BOTTOM + 18}">{60 * rate:,.0f}</text>' for rate in rates]
    for shards, colour in zip(SHARDS, COLOURS, strict=True):
        points = " ".join(f"{x(s.rate):.1f},{y(value(s)):.1f}" for s in storms if s.shards == shards)
        drawn.append(f'<polyline class="{colour}" points="{points}"/>')
    return [*drawn, f'<text class="quiet" x="{left}" y="{BOTTOM + 38}">gifts a minute</text>']


def _legend() -> list[str]:
    drawn = []
    for place, (shards, colour) in enumerate(zip(SHARDS, COLOURS, strict=True)):
        x, name = 560 + 95 * place, "one item" if shards == 1 else f"{shards} items"
        drawn.append(f'<line class="{colour}" x1="{x}" y1="22" x2="{x + 20}" y2="22" stroke-width="2.5"/>')
        drawn.append(f'<text x="{x + 26}" y="26">{name}</text>')
    return drawn
