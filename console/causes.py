"""Why a dead letter died, as far as the log of its function tells."""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from console import logs, pasted
from console.letters import Letter, keys, subject

if TYPE_CHECKING:
    from console.logs import Line

FUNCTIONS = {
    "inbox": "read_orders",
    "sms-links": "send_links",
    "sms-receipts": "send_receipts",
    "replies": "send_replies",
    "changes": "publish_changes",
    "entries": "project_entries",
}
# Older letters are not told: a log is read from end to end for this.
LOOK_BACK_SECONDS = 86_400
LONGEST = 160


def read(stage: str, letters: "Sequence[Letter]") -> "Mapping[str, Sequence[Line]]":
    """The errors of each function whose letters died, by queue, since its oldest letter came or a day ago."""
    earliest = time.time() - LOOK_BACK_SECONDS
    since = {
        queue: max(earliest, min(letter.sent_at for letter in letters if letter.queue == queue))
        for queue in {letter.queue for letter in letters}
    }
    return {
        queue: logs.failures(stage, FUNCTIONS[queue], logs.Span(since=moment - 1)) for queue, moment in since.items()
    }


def cause(letter: Letter, errors: "Sequence[Line]", *, stage: str, now: float) -> str:
    """The error of the letter's last try, in one line of at most 160 characters.

    By its correlation id or, of a change, by its keys; else what all errors of its function since then have been, if
    they are alike; else the command that shows the log.
    """
    if told := subject(letter).get("why"):  # the letter itself says it
        return told
    own = [line for line in errors if _is_about(line, letter)]
    if own:
        return _said(own[-1])
    since = [line for line in errors if line.at >= letter.sent_at - 1 and not line.facts.get("correlation_id")]
    function = FUNCTIONS[letter.queue]
    if len({_said(line) for line in since}) == 1:
        return f"{_said(since[-1])} (all that {function} failed with since then)"
    minutes = max(int((now - letter.sent_at) // 60) + 1, 1)
    return f"not told: `{pasted.command(stage, 'tail', '--function', function, '--minutes', str(minutes), '--full')}`"


def _is_about(line: "Line", letter: Letter) -> bool:
    correlation = subject(letter).get("correlation_id")
    change = line.facts.get("change")
    if isinstance(change, dict):
        return bool(change) and change == keys(letter)
    return bool(correlation) and line.facts.get("correlation_id") == correlation


def _said(line: "Line") -> str:
    """The error itself; where a line of ours tells of one, that one."""
    from console import traces

    said = traces.error(line.trace) or line.message
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
