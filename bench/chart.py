"""The figures that have a goal, as an SVG: horizontal bars, each as long as its share of what its goal allows."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from bench.results import Result, number

WIDTH, ROW, TOP, BOTTOM = 960, 22, 58, 30
BARS_AT, GOAL_AT, BARS_END = 330, 600, 720
LONGEST = (BARS_END - BARS_AT) / (GOAL_AT - BARS_AT)
# Paper, ink and bars of its own for light and for dark surroundings, so that it never depends on what is behind it.
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 } .paper { fill: #ffffff; stroke: #d1d9e0 }
  .title { font-size: 15px; font-weight: 600 } .quiet { fill: #59636e } .figure { text-anchor: end }
  .ok { fill: #1a7f7a } .missed { fill: #c2410c } .goal { stroke: #1f2328; stroke-dasharray: 4 3 }
  .spread { stroke: #59636e; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .paper { fill: #151b23; stroke: #3d444d } .quiet { fill: #9198a1 }
    .ok { fill: #2dd4bf } .missed { fill: #fb923c } .goal { stroke: #e6edf3 } .spread { stroke: #9198a1 }
  }
"""


def write(results: Sequence[Result], file: Path) -> None:
    """Draw every figure that has a goal."""
    shown = [result for result in results if result.goal is not None]
    height = TOP + ROW * len(shown) + BOTTOM
    missed = sum(not result.ok for result in shown)
    counted = f"{len(shown) - missed} goals met, {missed} missed"
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    legend = "A bar is the share of its goal that is used; a rate has a lower goal, so its bar is goal over rate."
    rows = [_row(result, TOP + ROW * place) for place, result in enumerate(shown)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">',
        f'<title id="title">What a payment costs, measured against its goals: {counted}</title>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        f'<text class="title" x="16" y="26">What a payment costs: {counted}</text>',
        f'<text class="quiet" x="{GOAL_AT}" y="46" text-anchor="middle">goal</text>',
        *rows,
        f'<line class="goal" x1="{GOAL_AT}" y1="{TOP - 6}" x2="{GOAL_AT}" y2="{height - BOTTOM}"/>',
        f'<text class="quiet" x="16" y="{height - 11}">{legend} The thin line: p10 to p90.</text>',
        "</svg>",
    ]
    file.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _row(result: Result, top: int) -> str:
    kind, mark = ("ok", "✓") if result.ok else ("missed", "✗ missed")
    length = max(2.0, min(result.share(result.value), LONGEST) * (GOAL_AT - BARS_AT))
    middle = top + ROW / 2 + 4
    return (
        f'<text x="16" y="{middle}">{escape(result.name)}</text>'
        f'<rect class="{kind}" x="{BARS_AT}" y="{top + 4}" width="{length:.1f}" height="{ROW - 8}" rx="2"/>'
        f"{_whisker(result, top + ROW // 2)}"
        f'<text class="figure" x="{WIDTH - 16}" y="{middle}">'
        f"{number(result.value)} {result.unit}, goal {result.bound} {mark}</text>"
    )


def _whisker(result: Result, y: int) -> str:
    """A thin line from the 10th to the 90th percentile."""
    if result.spread is None:
        return ""
    ends = sorted(min(result.share(value), LONGEST) for value in result.spread)
    left, right = (BARS_AT + end * (GOAL_AT - BARS_AT) for end in ends)
    return f'<line class="spread" x1="{left:.1f}" y1="{y}" x2="{right:.1f}" y2="{y}"/>'
