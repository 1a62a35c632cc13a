"""The mutants that mutmut makes of a file, each as the text of one function."""

import ast
import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libcst
from mutmut.configuration import config
from mutmut.mutation.file_mutation import create_mutations, deep_replace

from tests.mutants.mutant import Mutant

# mutmut leaves decorated functions out, as it swaps functions; we swap their code, below the decorator.
DECORATORS = re.compile(r"^( *)@(property|cached_property|cache|lru_cache\(.*\))$", re.MULTILINE)


def files() -> list[Path]:
    """The files to mutate, as pyproject.toml names them for mutmut."""
    found = {path for pattern in config().only_mutate for path in Path().glob(pattern)}
    return sorted(path for path in found if path.name != "__init__.py")


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of a file, in order; one that changes nothing when compiled is none."""
    code = DECORATORS.sub(r"\1# @\2", path.read_text(encoding="utf-8"))
    module, mutations, _, _ = create_mutations(str(path), code)
    starts = dict(_starts(ast.parse(code).body))
    names = dict(_names(module.body))
    numbers: dict[str, int] = {}
    for mutation in mutations:
        function: Any = mutation.contained_by_top_level_function
        if function not in names:
            continue
        name = names[function]
        plain = function.with_changes(decorators=[], leading_lines=[], lines_after_decorators=[])
        before = module.code_for_node(plain)
        changed: Any = deep_replace(plain, mutation.original_node, mutation.mutated_node)
        after = module.code_for_node(changed)
        numbers[name] = numbers.get(name, 0) + 1
        lines = _changed(before, after)
        yield Mutant(
            file=str(path),
            function=name,
            number=numbers[name],
            line=starts[name] + lines[0],
            before=lines[1],
            after=lines[2],
            text=after,
        )


def _names(body: Any, owner: str = "") -> Iterator[tuple[Any, str]]:
    """Each function as libcst holds it: `function`, or `Class.method`."""
    for statement in body:
        if isinstance(statement, libcst.FunctionDef):
            yield statement, owner + statement.name.value
        elif isinstance(statement, libcst.ClassDef) and not _is_protocol(statement):
            yield from _names(statement.body.body, f"{statement.name.value}.")


def _is_protocol(statement: Any) -> bool:
    """A protocol's methods are never run."""
    return any(getattr(base.value, "value", "") == "Protocol" for base in statement.bases)


def _starts(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, int]]:
    """The line that each function begins on."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            yield owner + statement.name, statement.lineno
        elif isinstance(statement, ast.ClassDef):
            yield from _starts(statement.body, f"{statement.name}.")


def _changed(before: str, after: str) -> tuple[int, str, str]:
    """How many lines into the function the change is, and the lines before and after it."""
    old, new = before.splitlines(), after.splitlines()
    codes = [
        code for code in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"
    ]
    first, last = codes[0], codes[-1]
    gone, came = old[first[1] : last[2]], new[first[3] : last[4]]
    return first[1], " ".join(line.strip() for line in gone), " ".join(line.strip() for line in came)


def whole(mutant: Mutant) -> str:
    """The text of the mutant's module, for a process that imports it so."""
    source = Path(mutant.file).read_text(encoding="utf-8")
    name = mutant.function.rpartition(".")[2]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name == name and node.col_offset == 0:
            lines = source.splitlines(keepends=True)
            return "".join([*lines[: node.lineno - 1], mutant.text.strip("\n") + "\n", *lines[node.end_lineno :]])
    raise LookupError(mutant.function)
