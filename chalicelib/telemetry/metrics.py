"""Counted events, written to the log in CloudWatch's embedded metric format; no call to AWS is made.

Each has the dimensions `service` (envoi) and `stage` besides its own.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock

from chalicelib.config import stage

NAMESPACE = "Envoi"
# Each combination of values is a metric that is paid for, so both names and values come from short lists.
DIMENSIONS = frozenset(
    {"function", "kind", "network", "order", "outcome", "outside", "prefix", "reason", "route", "status"}
)
_VALUE = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,63}|[1-5]\d\d")

Dimensions = tuple[tuple[str, str], ...]

_counts: defaultdict[Dimensions, Counter[str]] = defaultdict(Counter)
_lock = Lock()


def count(name: str, **dimensions: str) -> None:
    """Count one event, kept until `flush`; raises ValueError for a dimension that is not in DIMENSIONS.

    A value that is no short word or HTTP status, such as an id or a person's text, is counted as `other`.
    """
    key = _key(tuple(dimensions.items()))
    with _lock:
        _counts[key][name] += 1


def prefix(phone: str) -> str:
    """The first four digits of a number in E.164 form, as a value: a country's block of numbers, never a phone."""
    return f"p{phone[1:5]}"


def flush() -> None:
    """Write what was counted, one line for each set of dimensions, and start from zero."""
    with _lock:
        counted = {key: dict(names) for key, names in _counts.items()}
        _counts.clear()
    for dimensions, names in counted.items():
        _write(dimensions, names)


@contextmanager
def counting() -> Iterator[None]:
    """Flush at the end of a block or, as a decorator, of a function, whatever way it ends."""
    try:
        yield
    finally:
        flush()


@lru_cache(maxsize=256)
def _key(given: Dimensions) -> Dimensions:
    if unknown := {one for one, _ in given} - DIMENSIONS:
        raise ValueError(f"no such dimension: {sorted(unknown)}")
    return tuple((one, _value(value)) for one, value in sorted(given))


def _value(value: str) -> str:
    return value if _VALUE.fullmatch(value) and not re.search(r"\d{6}", value) else "other"


def _write(dimensions: Dimensions, names: dict[str, int]) -> None:
    from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit  # noqa: PLC0415  # only when there is one

    metrics = EphemeralMetrics(namespace=NAMESPACE, service="envoi")
    metrics.add_dimension(name="stage", value=stage().name)
    for dimension, value in dimensions:
        metrics.add_dimension(name=dimension, value=value)
    for name, number in names.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
    metrics.flush_metrics()
