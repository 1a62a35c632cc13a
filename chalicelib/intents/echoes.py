"""What a network tells back of our own messages: each carries the key of its notice's claim, which is marked."""

import re

from chalicelib.channels import Echo
from chalicelib.conditions import Clause
from chalicelib.refusals import Refusal
from chalicelib.retry import change
from chalicelib.services import Services
from chalicelib.table import Key, Part, update

_METADATA = re.compile(r"(N#[!-~]{1,200}) ([!-~]{1,60})", re.ASCII)


def metadata(key: Key) -> str:
    """What goes out with the message of a notice that is claimed under this key."""
    return " ".join(key)


def mark(services: Services, echo: Echo) -> None:
    """Note on the claim that its message has arrived, if it is a claim and was for this person; raises Unavailable.

    Other apps of the page write metadata of their own, so nothing is made of what no claim is found for.
    """
    match = _METADATA.fullmatch(echo.metadata)
    if match:
        ours = Clause(attribute="to", operator="=", value=echo.user_id, means=Refusal.STALE)
        arrived = Part(clauses=(ours,), assign={"arrived_at": services.clock.now()})
        change(services.table, update((match[1], match[2]), arrived), clock=services.clock)
