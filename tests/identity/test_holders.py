"""Who holds an account outside, asked of the bank's own function."""

import io
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib import aws
from chalicelib.errors import Unavailable
from chalicelib.identity.bank_account import BankAccount
from chalicelib.identity.holders import AskedOfTheBank
from local import holders_function

YAMADA = BankAccount(bank="0036", branch="251", kind="ordinary", number="1234567", holder="ﾔﾏﾀﾞ ﾊﾅｺ")


@dataclass
class Lambda:
    """Runs the bank's function as Lambda does; `says` is answered instead."""

    says: bytes | Exception | None = None
    failed: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803  # boto3's names
        """Call a function."""
        self.asked.append({"function": FunctionName, **json.loads(Payload)})
        if isinstance(self.says, Exception):
            raise self.says
        told = self.says if self.says is not None else json.dumps(holders_function.handler(json.loads(Payload), None))
        content = told.encode() if isinstance(told, str) else told
        return {"Payload": io.BytesIO(content), **({"FunctionError": "Unhandled"} if self.failed else {})}


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Lambda:
    """The bank's function, in place of AWS."""
    made = Lambda()
    monkeypatch.setattr(aws, "client", lambda service: made if service == "lambda" else None)
    return made


@pytest.mark.parametrize(
    ("number", "name", "answer"),
    [("1234567", "ﾔﾏﾀﾞ ﾊﾅｺ", True), ("1234567", "ﾔﾏﾀﾞﾊﾅｺ", True), ("1234567", "ｽｽﾞｷ", False), ("0000000", "ﾔﾏﾀﾞ", None)],
)
@pytest.mark.usefixtures("bank")
def test_the_bank_says_whose_an_account_is(number: str, name: str, answer: bool | None) -> None:  # noqa: FBT001  # the port's
    """Theirs, somebody else's, or that it cannot tell."""
    account = BankAccount(bank="0036", branch="251", kind="ordinary", number=number, holder=name)
    assert AskedOfTheBank("envoi-x-holders").matches(account.fields(), name) is answer


def test_it_is_asked_for_the_account_and_the_name_alone(bank: Lambda) -> None:
    """No id of ours, nothing of the payer or the payment."""
    AskedOfTheBank("envoi-x-holders").matches(YAMADA.fields(), YAMADA.holder)
    account = {"bank": "0036", "branch": "251", "kind": "ordinary", "number": "1234567"}
    assert bank.asked == [{"function": "envoi-x-holders", "account": account, "name": YAMADA.holder}]


@pytest.mark.parametrize(
    "says",
    [
        b"", b"null", b"[]", b"{}", b'{"matches": "true"}', b'{"matches": 1}', b'{"match": true}', b"\xff",
        ReadTimeoutError(endpoint_url="https://lambda"), OSError("gone"),
    ],
)  # fmt: skip
def test_whatever_else_it_says_is_no_yes(bank: Lambda, says: bytes | Exception) -> None:
    """An outage is told as one, and costs nobody a try."""
    bank.says = says
    with pytest.raises(Unavailable) as failure:
        AskedOfTheBank("envoi-x-holders").matches(YAMADA.fields(), YAMADA.holder)
    assert "1234567" not in str(failure.value)


def test_a_function_that_failed_said_nothing(bank: Lambda) -> None:
    """Lambda tells so beside what it printed."""
    bank.failed = True
    with pytest.raises(Unavailable, match="failed"):
        AskedOfTheBank("envoi-x-holders").matches(YAMADA.fields(), YAMADA.holder)
