"""Clauses are evaluated as DynamoDB does, and name the refusal that is told first."""

import pytest

from chalicelib.conditions import Clause, broken, holds
from chalicelib.refusals import Refusal
from chalicelib.table import Part, account_key, update


def clause(operator: str, value: object = None, **options: bool) -> Clause:
    """A clause on the attribute `n`."""
    return Clause(attribute="n", operator=operator, value=value, means=Refusal.STALE, **options)


@pytest.mark.parametrize(
    ("operator", "value", "item", "expected"),
    [
        ("=", 1, {"n": 1}, True),
        ("=", 1, {"n": 2}, False),
        ("=", 1, {}, False),
        ("=", 1, None, False),
        ("=", "1", {"n": 1}, False),
        ("<>", 1, {}, True),
        ("<>", 1, None, True),
        ("<>", 1, {"n": 1}, False),
        ("<>", "1", {"n": 1}, True),
        (">=", 1, {"n": 1}, True),
        (">=", 2, {"n": 1}, False),
        (">", 1, {"n": 1}, False),
        ("<", 1, {"n": 1}, False),
        ("<=", 1, {"n": 1}, True),
        ("<=", 1, {}, False),
        ("absent", None, {}, True),
        ("absent", None, None, True),
        ("absent", None, {"n": 0}, False),
        ("present", None, {"n": 0}, True),
        ("present", None, None, False),
    ],
)
def test_a_comparison_follows_the_services_rules(
    operator: str, value: object, item: dict[str, object] | None, *, expected: bool
) -> None:
    """A missing attribute fails every comparison but <>; another type is never equal nor ordered."""
    assert holds(clause(operator, value), item) is expected


def test_or_absent_accepts_a_missing_attribute_only() -> None:
    """It widens a clause by absence, not by another value."""
    assert holds(clause("=", 1, or_absent=True), {})
    assert not holds(clause("=", 1, or_absent=True), {"n": 2})


def test_the_first_refusal_in_precedence_is_told() -> None:
    """Whatever order the clauses stand in."""
    frozen = Clause(attribute="status", operator="=", value="open", means=Refusal.PAYER_FROZEN)
    poor = Clause(attribute="available", operator=">=", value=10, means=Refusal.FUNDS_MISSING)
    item = {"status": "frozen", "available": 1}
    assert broken([poor, frozen], item) is broken([frozen, poor], item) is Refusal.PAYER_FROZEN
    assert broken([poor, frozen], {"status": "open", "available": 10}) is None


def test_two_rules_may_not_touch_one_attribute() -> None:
    """Merging them silently would lose one: it is a bug and raises."""
    with pytest.raises(ValueError, match="one attribute"):
        update(account_key("a"), Part(assign={"seq": 1}), Part(add={"seq": 1}))
