"""Named clauses: what must hold of an item for a write to happen, and the refusal when it does not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.refusals import Refusal, first

Item = Mapping[str, Any]

_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda stored, wanted: bool(stored == wanted),
    "<>": lambda stored, wanted: bool(stored != wanted),
    "<": lambda stored, wanted: bool(stored < wanted),
    "<=": lambda stored, wanted: bool(stored <= wanted),
    ">": lambda stored, wanted: bool(stored > wanted),
    ">=": lambda stored, wanted: bool(stored >= wanted),
}


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One comparison of one attribute with a value, and what it means when it fails.

    `operator` is one of = <> < <= > >= absent present. DynamoDB's rule for a missing attribute holds: every
    comparison with it fails but <>. With `or_absent` a missing attribute satisfies the clause.
    """

    attribute: str
    operator: str
    value: Any = None
    means: Refusal
    or_absent: bool = False


def holds(clause: Clause, item: Item | None) -> bool:
    """Tell whether a clause is satisfied by an item, as DynamoDB would evaluate it."""
    present = item is not None and clause.attribute in item
    if clause.operator in ("absent", "present"):
        return present == (clause.operator == "present")
    if item is None or not present:
        return clause.or_absent or clause.operator == "<>"
    stored = item[clause.attribute]
    if type(stored) is not type(clause.value):
        return clause.operator == "<>"
    return _HOLDS[clause.operator](stored, clause.value)


def broken(clauses: Iterable[Clause], item: Item | None) -> Refusal | None:
    """Name the refusal of the clauses that an item breaks, the first in precedence; None if all hold."""
    return first([clause.means for clause in clauses if not holds(clause, item)])
