"""Nouns made faster: a confirm makes ninety frozen dataclasses, each field of which takes a call of its own to set."""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import Any


@cache
def plain(noun: type) -> Callable[..., None]:
    """An `__init__` that sets the same fields to the same values, straight in the new object's `__dict__`.

    Raises TypeError for a dataclass with slots, with `__post_init__` or with fields that are not passed.
    """
    if "__slots__" in vars(noun) or hasattr(noun, "__post_init__") or not all(field.init for field in fields(noun)):
        raise TypeError(f"{noun.__name__} does more than to set its fields")
    made: dict[str, Any] = {"MISSING": MISSING}
    for field in fields(noun):
        made[f"{field.name}_default"] = field.default
        made[f"{field.name}_new"] = field.default_factory
    parameters = ", ".join(["self", *_parameters(noun)])
    source = f"def __init__({parameters}): of = self.__dict__; {'; '.join(map(_setting, fields(noun)))}"
    exec(source, made)  # noqa: S102  # as the standard library makes them; names and defaults are the class's own
    init: Callable[..., None] = made["__init__"]
    return init


def quick_replace(noun: Any, /, **changes: Any) -> Any:
    """`dataclasses.replace` for what `plain` takes: a copy with other values of fields that there are."""
    copy = object.__new__(type(noun))
    of = copy.__dict__
    of.update(noun.__dict__)
    of.update(changes)
    if len(of) != len(noun.__dict__):
        raise TypeError(f"{type(noun).__name__} has no such field: {sorted(changes)}")
    return copy


def _parameters(noun: type) -> Iterator[str]:
    named = False
    for field in sorted(fields(noun), key=lambda field: bool(field.kw_only)):
        if field.kw_only and not named:
            named = True
            yield "*"
        may_miss = field.default is not MISSING or field.default_factory is not MISSING
        yield f"{field.name}={field.name}_default" if may_miss else field.name


def _setting(field: Field[Any]) -> str:
    if field.default_factory is MISSING:
        return f"of[{field.name!r}] = {field.name}"
    return f"of[{field.name!r}] = {field.name}_new() if {field.name} is MISSING else {field.name}"
