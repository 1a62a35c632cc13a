"""One point of the checklist for a real account: what was seen, and what to do where it is missing or not told."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from local.stages import EMULATED

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

Answer = Literal["ok", "missing", "cannot tell"]

# Stages of the local AWS.
# What such a stage is told to do about a point that only a real account can meet.
NOT_LOCALLY = "Nothing to do on the local AWS: only a real account can meet this."
DEPLOY = "Deploy the stage (docs/deploying.md), then look again."

# How AWS says that something is not there; any other error means that we cannot tell.
_ABSENT = ("NotFound", "NonExistentQueue", "NonexistentItem", "DoesNotExist")
_UNDEPLOYED = ("ResourceNotFoundException", "TableNotFoundException")
_DENIED = ("AccessDenied", "Unauthorized", "AuthorizationError", "NotAuthorized", "Forbidden")
_UNHEARD_OF = ("InvalidAction", "UnknownOperation", "NotImplemented", "Unsupported")
_TRY_AGAIN = "Look at the network and the Region, then try again."


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one look found; `seen` is one clause without secrets, `remedy` what to do where the check's own is wrong."""

    answer: Answer
    seen: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One look at a stage; it raises what boto3 raises. A stage of the local AWS never passes if it is `real_only`."""

    name: str
    look: Callable[[str], Verdict]
    fix: str
    real_only: bool = False


def judged(condition: object, seen: str, *, remedy: str = "") -> Verdict:
    """`ok` where the condition holds, else `missing`."""
    return Verdict(answer="ok", seen=seen) if condition else Verdict(answer="missing", seen=seen, remedy=remedy)


def unsure(seen: str, *, remedy: str) -> Verdict:
    """Neither: AWS did not say; `remedy` is how to find out."""
    return Verdict(answer="cannot tell", seen=seen, remedy=remedy)


def listed(faults: Sequence[str], fine: str) -> Verdict:
    """`ok` with what is fine where there are no faults, else `missing` with the faults."""
    return Verdict(answer="missing", seen="; ".join(faults)) if faults else Verdict(answer="ok", seen=fine)


def judge(check: Check, stage: str) -> Verdict:
    """Look, whatever happens: a call that AWS or an emulator refuses is no answer and no end of the list."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return check.look(stage)
    except ClientError as error:
        return _refused(error, stage)
    except BotoCoreError as error:
        return unsure(type(error).__name__, remedy=_TRY_AGAIN)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        seen = f"AWS answered in a form that we do not know ({type(error).__name__})"
        return unsure(seen, remedy="Look at it in the AWS console: only the eye can tell.")


def remedy(check: Check, verdict: Verdict, stage: str) -> str:
    """What to do about a verdict; empty where all is well."""
    if verdict.answer == "ok":
        return ""
    general = NOT_LOCALLY if check.real_only and stage in EMULATED else check.fix
    return (verdict.remedy or general).replace("<stage>", stage)


def _refused(error: "ClientError", stage: str) -> Verdict:
    code = error.response["Error"].get("Code", "") or "an error without a code"
    if any(word in code for word in _ABSENT):
        # A table, function or secret is there on the local AWS too, once the stage is deployed.
        undeployed = stage in EMULATED and code in _UNDEPLOYED
        return Verdict(answer="missing", seen=f"not there ({code})", remedy=DEPLOY if undeployed else "")
    seen = f"AWS answered {code}"
    if any(word in code for word in _DENIED):
        # AWS names the right in its message, with few exceptions.
        named = re.search(r"perform:? ([\w-]+:\w+)", error.response["Error"].get("Message", ""))
        right = named[1] if named else f"to call {error.operation_name}"
        return unsure(seen, remedy=f"Your role may not look: ask for the right {right}, then look again.")
    if any(word in code for word in _UNHEARD_OF) and stage in EMULATED:
        return unsure(seen, remedy="The local AWS has no such call. Look again on a real account.")
    return unsure(seen, remedy=f"Try again; if AWS keeps refusing {error.operation_name}, look in the AWS console.")
