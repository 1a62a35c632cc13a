"""A ref: what stands behind the chat link that the join page shows. Pure.

`p_<invitation's id>_<secret of 128 bit>`: whoever brings it into a chat has opened the link of the SMS and knows the
security code, or was sent the ref by somebody who has. So it only leads to a question there, never to a binding.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, field

SECRET_BYTES = 16
_FORM = re.compile(r"p_([A-Za-z0-9_-]{16})_([A-Za-z0-9_-]{22})", re.ASCII)


@dataclass(frozen=True)
class Ref:
    """The invitation that a ref is of, and the secret that proves it."""

    invitation: str
    secret: str = field(repr=False)

    def __str__(self) -> str:
        """As it stands in the link: letters that Messenger lets through."""
        return f"p_{self.invitation}_{self.secret}"

    @property
    def digest(self) -> str:
        """What is stored of it. One fast hash is enough: 128 random bits cannot be searched."""
        return base64.b64encode(hashlib.sha256(f"ref|{self}".encode()).digest()).decode()


def parse(text: str) -> Ref | None:
    """Read a ref of our own form; None for anything else, which anybody may have written."""
    match = _FORM.fullmatch(text)
    return Ref(match[1], match[2]) if match else None
