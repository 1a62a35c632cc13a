"""What the pages promise is held by tests that exist, and every link of a page leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_to_a_file_that_is_there(page: Path) -> None:
    """No page points at what was moved or never written."""
    for _, target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("#"):
            assert (page.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "security.md"], ids=lambda page: page.name)
def test_a_promise_is_held_by_a_test_of_that_name(page: Path) -> None:
    """A link into `tests/` is called like a test of that file, or like the file."""
    for words, target in LINK.findall(page.read_text(encoding="utf-8")):
        if re.search(r"tests/.*test_\w+\.py$", target):
            source = (page.parent / target).read_text(encoding="utf-8")
            name = re.sub(r"\W+", "_", words.strip().lower())
            called = Path(target).name
            assert f"def test_{name}(" in source or words in (called, "test"), f"{words} is no test of {target}"
