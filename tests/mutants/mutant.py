"""A mutant: one function of ours with one change."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A function with one change: `before` and `after` are the changed lines, `text` is the whole function."""

    file: str
    function: str
    number: int
    line: int
    before: str
    after: str
    text: str

    @property
    def key(self) -> str:
        """Its name from run to run, while the function stays as it is."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:12]
        return f"{self.file}:{self.function}:{self.number}:{digest}"

    @property
    def module(self) -> str:
        """The dotted name of its module."""
        return self.file.removesuffix(".py").replace("/", ".")
