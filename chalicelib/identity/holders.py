"""Who holds an account outside: asked of the bank's own function, or of nobody."""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib import aws
from chalicelib.errors import Unavailable


class NobodyAsked:
    """The `Holders` port of a stage without a bank that checks names: it knows nothing, so nothing is paid out."""

    def matches(self, account: Mapping[str, str], name: str) -> bool | None:  # noqa: ARG002  # the port's names
        """Always None: cannot tell."""
        return None


class AskedOfTheBank:
    """The `Holders` port of a stage whose bank has a Lambda function that checks names.

    It is called with `{"account": {bank, branch, kind, number} or {iban}, "name": …}` and answers
    `{"matches": true, false or null}`; null where it cannot tell.
    """

    def __init__(self, function: str) -> None:
        self._function = function

    def matches(self, account: Mapping[str, str], name: str) -> bool | None:
        """What the function answers; raises Unavailable where it fails, is slow, or answers anything else."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # loaded with the client

        asked = {"account": {part: value for part, value in account.items() if part != "holder"}, "name": name}
        try:
            ran = aws.client("lambda").invoke(FunctionName=self._function, Payload=json.dumps(asked).encode())
            told = ran["Payload"].read()
        except (BotoCoreError, ClientError, OSError) as error:
            raise Unavailable(f"the bank's name check: {type(error).__name__}") from error
        if "FunctionError" in ran:
            raise Unavailable("the bank's name check failed")
        return _answer(told)


def _answer(told: bytes) -> bool | None:
    """The answer in what the function said; nothing of it is logged, as it may repeat what it was asked."""
    try:
        content: Any = json.loads(told)
    except ValueError:
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("matches", 0), bool | None):
        raise Unavailable("the bank's name check answers in another form")
    matches: bool | None = content["matches"]
    return matches
