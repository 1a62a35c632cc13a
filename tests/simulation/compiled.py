"""Conditions made ready once for each shape of clauses; the values come with each write."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from chalicelib.conditions import Clause, Item

Check = Callable[[Item, Sequence[Clause]], bool]
Shape = tuple[tuple[str, str, bool], ...]

_NOTHING: Item = {}


def allows(clauses: Sequence[Clause], item: Item | None) -> bool:
    """Whether an item (None where there is none) satisfies all clauses, as DynamoDB evaluates them."""
    if not clauses:
        return True
    shape = tuple([(clause.attribute, clause.operator, clause.or_absent) for clause in clauses])
    return _compiled(shape)(_NOTHING if item is None else item, clauses)


@cache
def _compiled(shape: Shape) -> Check:
    tests = [_test(place, *clause) for place, clause in enumerate(shape)]
    source = "lambda item, clauses, kind=type: " + " and ".join(f"({test})" for test in tests)
    check: Check = eval(source)  # noqa: S307  # our own text: places, operators and attribute names in quotes
    return check


def _test(place: int, attribute: str, operator: str, or_absent: Any) -> str:
    """One comparison: a missing attribute fails all but <>, and another type is never equal nor ordered."""
    name, value = repr(attribute), f"clauses[{place}].value"
    if operator == "absent":
        return f"{name} not in item"
    if operator == "present":
        return f"{name} in item"
    stored = f"item[{name}]"
    same_type = f"kind({stored}) is kind({value})"
    if operator == "<>":
        return f"{name} not in item or not ({same_type}) or {stored} != {value}"
    sign = "==" if operator == "=" else operator
    compared = f"{same_type} and {stored} {sign} {value}"
    return f"{name} not in item or {compared}" if or_absent else f"{name} in item and {compared}"
