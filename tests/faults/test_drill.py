"""`python -m local.faults`: an operator breaks a service of the local AWS on purpose, and it is mended afterwards."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from local import faults, stack
from local.stack import Stack

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]


def mac(endpoint: str, local: Stack) -> str:
    """Ask KMS behind an address for a MAC; the algorithm that it says it used, or its error."""
    kms = replace(local, aws_endpoint_url=endpoint).client("kms")
    try:
        answer = kms.generate_mac(KeyId="alias/envoi-local-code", Message=b"m", MacAlgorithm="HMAC_SHA_256")
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return str(answer["MacAlgorithm"])


def test_a_drill_breaks_one_service_and_mends_it(
    local_stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Functions are led to a proxy where that service alone fails, and back to where they were."""
    seen: dict[str, str] = {}

    @contextmanager
    def redirected(local: Stack, variables: Mapping[str, str]) -> Iterator[None]:
        seen["while"] = mac(variables[faults.REDIRECT], local)
        seen["direct"] = mac(local.aws_endpoint_url, local)
        yield
        seen["ended"] = "yes"

    monkeypatch.setattr(stack, "status", lambda: local_stack)
    monkeypatch.setattr(faults, "redirected", redirected)
    assert faults.main(["kms", "down", "--seconds", "0"]) == 0
    assert seen == {"while": "KMSInternalException", "direct": "HMAC_SHA_256", "ended": "yes"}
    assert capsys.readouterr().out == "kms is down. Ctrl-C mends it.\nMended.\n"


def test_a_drill_without_a_stack_says_how_to_start_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, status 1."""
    monkeypatch.setattr(stack, "status", lambda: None)
    assert faults.main(["table", "slow"]) == 1
    assert "python -m local up" in capsys.readouterr().err
