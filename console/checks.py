"""One point of the checklist for a real account: what was seen, and what to do where it is missing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Answer = Literal["ok", "missing", "cannot tell"]

# How AWS says that something is not there; any other error means that we cannot tell.
_ABSENT = ("NotFound", "NonExistentQueue", "NonexistentItem", "DoesNotExist")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one look found; `seen` is one clause without secrets."""

    answer: Answer
    seen: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """One look at a stage; it raises what boto3 raises."""

    name: str
    look: Callable[[str], Verdict]
    fix: str


def judged(condition: object, seen: str) -> Verdict:
    """`ok` where the condition holds, else `missing`."""
    return Verdict(answer="ok" if condition else "missing", seen=seen)


def unsure(seen: str) -> Verdict:
    """Neither: AWS did not say."""
    return Verdict(answer="cannot tell", seen=seen)


def listed(faults: Sequence[str], fine: str) -> Verdict:
    """`ok` with what is fine where there are no faults, else `missing` with the faults."""
    return Verdict(answer="missing", seen="; ".join(faults)) if faults else Verdict(answer="ok", seen=fine)


def judge(check: Check, stage: str) -> Verdict:
    """Look, whatever happens: a call that AWS or an emulator refuses is no answer and no end of the list."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return check.look(stage)
    except ClientError as error:
        code = error.response["Error"].get("Code", "") or "an error without a code"
        if any(word in code for word in _ABSENT):
            return Verdict(answer="missing", seen=f"not there ({code})")
        return unsure(f"AWS answered {code}")
    except BotoCoreError as error:
        return unsure(type(error).__name__)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        return unsure(f"AWS answered in a form that we do not know ({type(error).__name__})")
