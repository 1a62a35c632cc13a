"""A bank that knows who holds which account: a table of them, in place of a real name check."""

import io
import json
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalicelib.errors import Unavailable
from local import holders_function
from local.holders_function import ACCOUNTS

FILE = Path(holders_function.__file__)
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


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


def deploy(clients: Any, stage: str) -> None:
    """Put the bank's name check where a stage's pages ask it: `envoi-<stage>-holders`, with a role that may nothing.

    `clients` makes a boto3 client from a service's name.
    """
    name = f"envoi-{stage}-holders"
    role = clients("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as made:
        made.writestr("holders_function.py", FILE.read_text(encoding="utf-8"))
    clients("lambda").create_function(
        FunctionName=name,
        Runtime="python{}.{}".format(*sys.version_info[:2]),
        Role=role["Arn"],
        Handler="holders_function.handler",
        Code={"ZipFile": code.getvalue()},
    )
