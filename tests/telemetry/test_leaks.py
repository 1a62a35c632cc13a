"""The search for leaks finds what was planted, so that its silence over a whole run means something."""

import pytest

from tests.leaks import leaks

PLANTED = [
    '{"message": "sent to +33612345678"}',
    '{"phone": "06 12 34 56 78"}',
    '{"iban": "FR1420041010050500013M02606"}',
    '{"iban": "FR14 2004 1010 0505 0001 3M02 606"}',
    '{"body": "link=6ehxXGvu-_8myzeG.1.toy7mn.r6YCsO4vyUw3QP-8ekSN_w"}',
    '{"ref": "p_oDTPRQjnPdO-Ndc2_WAAAbbbbCCCCddddEEEEff"}',
    '{"code": "482913"}',
    "ValueError: 271828 was typed",
    '{"authorization": "OAuth oauth_signature=abc"}',
    '{"key": "a secret of the stack"}',
]
HARMLESS = [
    '{"intent_id": "Zj8nDS35nA2teggm", "timestamp": "2026-11-23 08:38:29,941+0000"}',
    '{"post_id": "1790000000482913001", "phone": "***78"}',
    '{"function_request_id": "0b482913-1111-4222-8333-444455556666"}',
    "START RequestId: ad4daefe-7a54-45b2-8c0c-0784146869aa Version: $LATEST",
]


@pytest.mark.parametrize("line", PLANTED)
def test_what_was_planted_is_found(line: str) -> None:
    """Each kind of secret, as it would stand in a line."""
    assert leaks([line], secrets=["a secret of the stack"])


@pytest.mark.parametrize("line", HARMLESS)
def test_ids_and_times_are_no_leak(line: str) -> None:
    """What an operator needs is not taken for a secret."""
    assert not leaks([line])
