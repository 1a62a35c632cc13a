"""A bank that knows who holds which account: a table of them, in place of a real name check."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalicelib.errors import Unavailable
from local import holders_function
from local.holders_function import ACCOUNTS

FILE = Path(holders_function.__file__)


@dataclass
class TableHolders:
    """The `Holders` port: an account that is not in the table is one that nobody can tell of; `down` fails."""

    accounts: Mapping[str, str] = field(default_factory=lambda: dict(ACCOUNTS))
    down: bool = False
    asked: int = 0

    def matches(self, account: Mapping[str, str], name: str) -> bool | None:
        """Whether the table has this name for the account; spaces do not matter."""
        self.asked += 1
        if self.down:
            raise Unavailable("the name check is down")
        return holders_function.handler({"account": dict(account), "name": name}, None)["matches"]


def deploy(client: Any, stage: str) -> None:
    """Put the bank's name check where a stage's pages ask it: `envoi-<stage>-holders`."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as made:
        made.writestr("holders_function.py", FILE.read_text(encoding="utf-8"))
    client.create_function(
        FunctionName=f"envoi-{stage}-holders",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/holders",
        Handler="holders_function.handler",
        Code={"ZipFile": code.getvalue()},
    )
