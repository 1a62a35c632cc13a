"""What the benchmarks compare: every function that is deployed, with the modules that it really imports."""

import ast

from bench.imports import FUNCTIONS
from local.stages import ROOT

DEPLOYED = sorted(path.stem for path in (ROOT / ".chalice" / "policies").glob("*.json"))


def test_the_import_time_of_every_function_is_compared() -> None:
    """A function that is added is added there too."""
    compared = {name for names in FUNCTIONS for name in names.split(", ")} - {"a webhook", "a page"}
    assert sorted(compared) == DEPLOYED


def test_what_a_schedule_imports_is_what_is_measured() -> None:
    """The module that a function of the clock imports in app.py, when it is first called."""
    app = ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))
    functions = {node.name: node for node in app.body if isinstance(node, ast.FunctionDef)}
    for name in ("sweep", "gather", "audit"):
        (line,) = (node for node in ast.walk(functions[name]) if isinstance(node, ast.ImportFrom))
        assert FUNCTIONS[name][1] == (f"{line.module}.{line.names[0].name}",)
