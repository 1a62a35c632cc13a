"""Whether every event that was answered with 200 has its outcome, as the functions' own log lines say. Pure."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# Of the largest stages this is some ten thousand lines, read in a few seconds.
WINDOW_SECONDS = 600
# An event may be read again and again for the inbox's five tries of three minutes each.
ALLOWED_SECONDS = 900


@dataclass(kw_only=True)
class Outcomes:
    """Events seen queued up to `until` (epoch seconds), and the ids of those without an outcome so far."""

    until: int
    queued: int = 0
    missing: list[str] = field(default_factory=list)

    def windows(self, end: int) -> Iterator[tuple[int, int]]:
        """The windows from here to the end, both in epoch seconds; take each one's lines in this order."""
        while self.until < end:
            yield self.until, min(self.until + WINDOW_SECONDS, end)

    def take(self, window: tuple[int, int], *, queued: Iterable[str], settled: Iterable[str]) -> None:
        """Account for a window: ids queued in it, and ids with an outcome in it or until ALLOWED_SECONDS later."""
        new = set(queued)
        self.queued += len(new)
        self.missing = sorted(({*self.missing} | new) - set(settled))
        self.until = window[1]


def ids(lines: Iterable[str], *messages: str) -> Iterator[str]:
    """The correlation ids of the log lines with one of these messages."""
    for line in lines:
        try:
            fields = json.loads(line)
        except ValueError:
            continue  # Lambda's own lines
        if isinstance(fields, dict) and fields.get("message") in messages and fields.get("correlation_id"):
            yield fields["correlation_id"]
