"""Rotating the key of the security codes: a right code stays right, and is stored under the new key when it pays."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib import aws
from chalicelib.errors import Unavailable
from chalicelib.identity import code, kms
from chalicelib.identity.kms import KmsCodes
from chalicelib.intents import lifecycle
from chalicelib.intents.intent import Intent
from chalicelib.ledger import store as ledger
from chalicelib.refusals import Refusal
from chalicelib.table import Rejection
from tests.bank import CODE, Bank
from tests.memory_table import MemoryTable

REGION = "eu-west-3"
ALIAS = "alias/envoi-test-code"


def ordered(bank: Bank) -> Intent:
    """Alice's pending payment of 10 € to Bob."""
    intent: Intent = bank.say("@Smoneyfr #envoyer 10 € @bob")
    return intent


def confirm(bank: Bank, intent: Intent, typed: str = CODE) -> lifecycle.Outcome:
    """Confirm with a fresh link."""
    return lifecycle.confirm(bank.services, bank.link(intent), typed)


@pytest.fixture
def rotated() -> Bank:
    """A bank whose key was changed after Alice chose her code."""
    bank = Bank()
    bank.codes.keys = ("new", *bank.codes.keys)
    return bank


def test_a_right_code_pays_after_the_key_was_changed(rotated: Bank) -> None:
    """And is stored under the new key by the very transaction that pays, at no write more."""
    before = rotated.account("alice")["code"]
    writes = rotated.table.usage.write_units
    outcome = confirm(rotated, ordered(rotated))
    spent = rotated.table.usage.write_units - writes
    assert outcome.intent and outcome.intent.status == "paid"
    assert rotated.account("alice")["code"] == rotated.codes.mac("alice", CODE) != before
    again = rotated.table.usage.write_units
    confirm(rotated, ordered(rotated))
    assert rotated.table.usage.write_units - again == spent


def test_a_code_whose_key_is_not_there_is_not_judged(rotated: Bank) -> None:
    """Six right codes cost nothing while the alias before is missing or not seen yet; then the payer pays."""
    rotated.codes.keys = ("new",)
    intent = ordered(rotated)
    for _ in range(6):
        with pytest.raises(Unavailable, match="key"):
            confirm(rotated, intent)
    assert rotated.account("alice")["attempts"] == 0
    rotated.codes.keys = ("new", "key")
    outcome = confirm(rotated, intent)
    assert outcome.intent and outcome.intent.status == "paid"


def test_the_key_before_can_be_dropped_once_the_code_has_moved(rotated: Bank) -> None:
    """From then on the old key is needed by nobody who has paid since."""
    confirm(rotated, ordered(rotated))
    rotated.codes.keys = ("new",)
    outcome = confirm(rotated, ordered(rotated))
    assert outcome.intent and outcome.intent.status == "paid"


def test_a_wrong_code_is_wrong_under_either_key_and_moves_nothing(rotated: Bank) -> None:
    """Two keys are two chances for us, none for a guesser."""
    before = rotated.account("alice")["code"]
    assert confirm(rotated, ordered(rotated), "000000").refusal is Refusal.CODE_REFUSED
    assert rotated.account("alice")["code"] == before
    assert rotated.account("alice")["attempts"] == 1


def test_five_wrong_codes_block_while_the_key_is_rotated(rotated: Bank) -> None:
    """The count is the account's, whatever the key."""
    intent = ordered(rotated)
    for _ in range(5):
        confirm(rotated, intent, "000000")
    assert confirm(rotated, intent).refusal is Refusal.CODE_REFUSED
    assert rotated.available("bob") == 0


class Meanwhile(MemoryTable):
    """A table in which something happens just before the next transaction."""

    happens: Any = None

    def transact(self, writes: Any, *, token: str) -> Rejection | None:
        """Let it happen, then do the transaction."""
        happens, self.happens = self.happens, None
        if happens:
            happens()
        return super().transact(writes, token=token)


@pytest.fixture
def raced() -> Bank:
    """The same, with a table in which something can happen in between."""
    bank = Bank(table=Meanwhile())
    bank.codes.keys = ("new", *bank.codes.keys)
    return bank


def test_two_right_codes_at_once_both_pay(raced: Bank) -> None:
    """The one that comes second finds the code under the new key already, and goes on."""
    other = ordered(raced)
    assert isinstance(raced.table, Meanwhile)
    raced.table.happens = lambda: confirm(raced, other)
    outcome = confirm(raced, ordered(raced))
    assert outcome.intent and outcome.intent.status == "paid"
    assert raced.available("bob") == 2_000
    assert raced.account("alice")["attempts"] == 0


def test_a_code_set_meanwhile_is_not_overwritten(raced: Bank) -> None:
    """The bank gave Alice another code while the old one was typed: nothing is paid by the old one."""
    chosen = raced.codes.mac("alice", "135790")
    assert isinstance(raced.table, Meanwhile)
    raced.table.happens = lambda: ledger.set_code(raced.table, "alice", mac=chosen)
    outcome = confirm(raced, ordered(raced))
    assert outcome.refusal is Refusal.STALE
    assert raced.account("alice")["code"] == chosen
    assert raced.available("bob") == 0


class Keys:
    """KMS with the code key's alias, and how often it was asked under which."""

    def __init__(self) -> None:
        self.kms = boto3.client("kms", region_name=REGION)
        self.asked: list[str] = []
        aws.client("kms").meta.events.register("provide-client-params.kms.GenerateMac", self._ask)
        self.point(ALIAS, self.make())

    def _ask(self, params: dict[str, Any], **_: Any) -> None:
        self.asked.append(params["KeyId"].removeprefix(ALIAS))

    def make(self) -> str:
        """A new key."""
        made: str = self.kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
        return made

    def point(self, alias: str, key: str) -> None:
        """Make an alias lead to a key, as an operator does."""
        if alias in {one["AliasName"] for one in self.kms.list_aliases()["Aliases"]}:
            self.kms.update_alias(AliasName=alias, TargetKeyId=key)
        else:
            self.kms.create_alias(AliasName=alias, TargetKeyId=key)

    def rotate(self) -> None:
        """The key that was current gets the alias of the one before; then a new one becomes current."""
        current = self.kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"]
        self.point(ALIAS + kms.BEFORE, current)
        self.point(ALIAS, self.make())


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keys]:
    """An empty AWS account with a code key."""
    for name, value in {"AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(code, "digest", lambda account, digits: f"{account}|{digits}".encode())
    with mock_aws():
        aws.client.cache_clear()
        yield Keys()
    aws.client.cache_clear()


def test_a_code_verifies_under_both_keys_as_soon_as_the_key_is_changed(keys: Keys) -> None:
    """Also in a process that has just seen that there was no key before: the new key's name tells it to look again."""
    codes = KmsCodes(ALIAS)
    stored = codes.mac("alice", CODE)
    assert codes.candidates("alice", CODE) == (stored,)
    keys.rotate()
    current, before = codes.candidates("alice", CODE)
    assert (before, code.matches(stored, (current, before))) == (stored, True)
    assert current.partition(".")[0] != before.partition(".")[0], "an operator can count what is left"


def test_without_a_rotation_a_code_costs_one_call(keys: Keys) -> None:
    """The key before is looked for once in five minutes."""
    codes = KmsCodes(ALIAS)
    for _ in range(5):
        codes.candidates("alice", CODE)
    assert keys.asked == ["", kms.BEFORE, *[""] * 4]


def test_a_key_before_that_cannot_be_used_is_an_outage(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail closed: a right code must not count as a wrong one because half of the keys did not answer."""
    keys.rotate()
    generate = aws.client("kms").generate_mac

    def refuse(**parameters: Any) -> Any:
        if parameters["KeyId"].endswith(kms.BEFORE):
            raise aws.client("kms").exceptions.DisabledException(
                {"Error": {"Code": "DisabledException"}}, "GenerateMac"
            )
        return generate(**parameters)

    monkeypatch.setattr(aws.client("kms"), "generate_mac", refuse)
    with pytest.raises(Unavailable, match="KMS"):
        KmsCodes(ALIAS).candidates("alice", CODE)
