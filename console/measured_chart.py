"""What `console measure` found, as an SVG: latency by operation, and what one item turns away. Pure."""

from collections.abc import Mapping
from html import escape
from typing import Any

WIDTH, ROW, TOP, LEFT, BAR = 760, 26, 60, 300, 380
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 } .paper { fill: #ffffff; stroke: #d1d9e0 }
  .title { font-size: 15px; font-weight: 600 } .quiet { fill: #59636e } .p50 { fill: #1a7f7a } .p99 { fill: #9fd3d0 }
  .away { fill: #c2410c }
"""


def drawn(told: Mapping[str, Any]) -> str:
    """The whole picture; `told` is what is written as JSON beside it."""
    rows = [*_latencies(told["latency_ms"]), *_crowds(told["crowds"])]
    height = TOP + ROW * len(rows) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        f'<text class="title" x="16" y="26">DynamoDB of {escape(told["where"])}</text>',
        '<text class="quiet" x="16" y="46">dark: p50, light: p99, ms; below: turned away, %</text>',
        *(row.replace("TOP", f"{TOP + ROW * place}").replace("MIDDLE", f"{TOP + ROW * place + 17}")
          for place, row in enumerate(rows)),
        "</svg>",
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _latencies(latency_ms: Mapping[str, Mapping[str, float]]) -> list[str]:
    most = max(figures["p99"] for figures in latency_ms.values()) or 1
    return [
        f'<text x="16" y="MIDDLE">{escape(name)}</text>'
        f'<rect class="p99" x="{LEFT}" y="TOP" width="{BAR * figures["p99"] / most:.1f}" height="{ROW - 8}"/>'
        f'<rect class="p50" x="{LEFT}" y="TOP" width="{BAR * figures["p50"] / most:.1f}" height="{ROW - 8}"/>'
        f'<text class="quiet" x="{LEFT - 110}" y="MIDDLE">{figures["p50"]:.1f} / {figures["p99"]:.1f} ms</text>'
        for name, figures in latency_ms.items()
    ]


def _crowds(crowds: list[Mapping[str, Any]]) -> list[str]:
    return [
        f'<text x="16" y="MIDDLE">{one["offered_a_second"]} a second on one item</text>'
        f'<rect class="away" x="{LEFT}" y="TOP" width="{max(1.0, BAR * one["share"]):.1f}" height="{ROW - 8}"/>'
        f'<text class="quiet" x="{LEFT - 110}" y="MIDDLE">{100 * one["share"]:.1f} %</text>'
        for one in crowds
    ]
