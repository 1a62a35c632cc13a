"""The page of code mutants counts what was noticed, and no reason hides a mutant that it does not explain."""

from pathlib import Path

from tests.mutants import page
from tests.mutants.mutant import Mutant
from tests.mutants.page import Equal


def mutant(number: int, *, file: str = "chalicelib/money.py", after: str = "a >= b") -> Mutant:
    """A mutant of `a > b`."""
    return Mutant(file=file, function="f", number=number, line=7, before="a > b", after=after, text="")


def test_equal_ones_are_counted_apart() -> None:
    """Of ten mutants one is equal and one lives: eight of nine were noticed, rounded down to a tenth."""
    made = [mutant(number) for number in range(9)] + [mutant(9, after="a > b | c")]
    why = Equal(file="chalicelib/*", before="a > b", after=r"\| c$", reason="c is never there")
    result = page.outcome(made, [made[0], made[9]], [why])
    assert (result.equal, result.survived, result.percent) == ([(made[9], why)], [made[0]], 88.8)
    text = page.text(result, tests=["tests/ledger"])
    assert "| `chalicelib/money.py` | 10 | 8 | 1 | 1 | 88.8 |" in text
    assert "c is never there" in text
    assert r"| `chalicelib/money.py:7` | `a > b` | `a >= b` |" in text


def test_a_reason_that_explains_nothing_fails_the_run() -> None:
    """A test may notice the mutant by now: then it is not equal."""
    idle = Equal(function="g", reason="nobody reads it")
    made = [mutant(number) for number in range(20)]
    assert page.outcome(made, [], []).fine
    result = page.outcome(made, [], [idle])
    assert (result.idle, result.percent, result.fine) == ([idle], 100.0, False)


def test_too_many_survivors_fail_the_run() -> None:
    """Ninety-five of a hundred must be noticed."""
    made = [mutant(number) for number in range(100)]
    assert page.outcome(made, made[:5], []).fine
    assert not page.outcome(made, made[:6], []).fine


def test_every_group_of_equal_mutants_can_be_read() -> None:
    """Each has a reason, and says of which file it is."""
    groups = page.reasons(Path(__file__).with_name("equal.toml"))
    assert all(len(group.reason) > 20 and group.file.startswith("chalicelib/") for group in groups)
