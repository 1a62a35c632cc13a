"""What axe-core finds on a page: WCAG 2.2 AA and its best practices."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = """tags => axe.run(document, {runOnly: tags, resultTypes: ['violations', 'incomplete']}).then(found => ({
  passes: found.passes.length, violations: found.violations, incomplete: found.incomplete}))"""


def findings(page: Page) -> list[str]:
    """What is wrong or undecided, a line for each rule and place; raises AssertionError if axe did not look at all."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: dict[str, Any] = page.evaluate(RUN, TAGS)
    assert found["passes"] > 10
    return [
        f"{rule['id']}: {node['html'][:120]}"
        for rule in (*found["violations"], *found["incomplete"])
        for node in rule["nodes"]
    ]


@cache
def _source() -> str:
    """The script as axe-playwright-python ships it."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
