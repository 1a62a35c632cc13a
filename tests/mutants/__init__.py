"""Mutants of the code: one place of it is changed at a time, and a test has to notice.

mutmut makes the mutants. Its own way to judge them starts pytest anew for each, which takes hours here: `judge` has
the tests collected once, forks, puts the mutant's code in the function's place, and runs the tests that reach it.
"""

from hypothesis import Phase, settings


def draw_few() -> None:
    """Let Hypothesis draw few examples, always the same, keep none and shrink none: what fails need not be nice."""
    settings.register_profile(
        "mutants",
        max_examples=30,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
    )
    settings.load_profile("mutants")
