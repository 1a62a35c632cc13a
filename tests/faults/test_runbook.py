"""The runbook: a section for every alarm and none without one, commands that exist, faults and tests by their names."""

import ast
import re
import shlex

import pytest

from console.__main__ import parser
from local.stages import ROOT
from tests.template.parts import of_type, template

TEXT = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
ALARMS = of_type("AWS::CloudWatch::Alarm")
COMMANDS = sorted(
    set(re.findall(r"python -m (console [^`\n#>|]+)", TEXT)) | set(re.findall(r"`(console [^`]+)`", TEXT))
)


def anchor(heading: str) -> str:
    """What a link to a heading is called."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_alarm_has_its_section_and_no_section_is_without_an_alarm() -> None:
    """`console alarms` leads whoever is woken to the heading of the alarm's name."""
    named = [heading for heading in HEADINGS if heading.endswith("Alarm")]
    assert sorted(named) == sorted(ALARMS)


@pytest.mark.parametrize("alarm", sorted(ALARMS))
def test_a_section_says_what_it_means_what_to_look_at_and_when_it_is_mended(alarm: str) -> None:
    """In this order, the same in all."""
    section = re.split(r"^#+ ", TEXT.split(f"### {alarm}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    marks = [section.find(mark) for mark in ("**Means**", "**Look", "ended when**")]
    assert marks == sorted(marks)
    assert min(marks) >= 0, section


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_runbook_exists(command: str) -> None:
    """With the arguments that are shown; capitals stand for what the operator fills in."""
    words = shlex.split(command)[1:]
    if len(words) == 1:
        assert f"    {words[0]}" in parser().format_help()
        return
    parser().parse_args([word.replace("$(date", "x") for word in words])


def test_every_link_leads_somewhere() -> None:
    """To a heading of the page, or to a file."""
    anchors = {anchor(heading) for heading in HEADINGS}
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        path, _, heading = target.partition("#")
        assert (heading in anchors) if not path else (ROOT / "docs" / path).exists(), target


def test_every_graph_that_is_named_is_on_the_dashboard() -> None:
    """Names in italics are titles, or the beginning of one."""
    dashboard = str(template()["Resources"]["Dashboard"])
    titles = re.findall(r'"title\\*": \\*"([^"\\]+)', dashboard)
    named = set(re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", TEXT))
    assert titles
    assert not {name for name in named if not any(title.startswith(name) for title in titles)}


def test_every_fault_of_the_audit_is_explained() -> None:
    """Each sentence that the books or the audit can say is found by its own words."""
    section = TEXT.split("## The audit found a fault", 1)[1].split("\n## ", 1)[0]
    said = {words for name in ("books", "audit") for words in fault_words(name)}
    assert len(said) >= 9
    assert not {words for words in said if words not in section}


def fault_words(module: str) -> set[str]:
    """The fixed words of every sentence `…: …` that a module of the ledger makes of a name."""
    tree = ast.parse((ROOT / "chalicelib" / "ledger" / f"{module}.py").read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and len(node.values) > 1 and isinstance(node.values[1], ast.Constant):
            words = str(node.values[1].value)
            if words.startswith(": "):
                found.add(words[2:].strip())
    return found


def test_every_way_to_break_something_is_in_the_matrix() -> None:
    """What the proxy can do to a service is told in the page's words."""
    rows = TEXT.split("## What breaks", 1)[1].split("### Practise", 1)[0]
    assert all(word in rows for word in ("down", "throttled", "slow", "lost", "twice", "refused", "collide"))
