"""The search for leaks finds what was planted, so that its silence over a whole run means something."""

import re
from collections.abc import Iterator

import pytest

from chalicelib.identity.iban import checked
from local.stages import ROOT
from tests.leaks import leaks

PLANTED = [
    '{"message": "sent to +33612345678"}',
    '{"phone": "06 12 34 56 78"}',
    '{"iban": "FR1420041010050500013M02606"}',
    '{"iban": "FR14 2004 1010 0505 0001 3M02 606"}',
    "paid to NO9386011117947.",
    "MT84MALT011000012345MTLCAST001S is Malta's",
    '{"note": "AB12 FR76 3000 6000 0112 3456 7890 189 MERCI BEAUCOUP"}',
    '{"note": "DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000"}',
    "iban_GB29NWBK60161331926819_of_alice",
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
    # Ids in the alphabet of IBANs, a customer's word in capitals, and IBANs with a wrong digit.
    '{"intent_id": "AB12CDEF34GH56IJ", "order": "FR76ABCD1234EFGH"}',
    '{"note": "OK12 POUR LES PIZZAS DE VENDREDI"}',
    '{"iban": "FR1420041010050500013M02607", "other": "DE88 3704 0044 0532 0130 00"}',
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


def test_an_id_seldom_looks_like_an_iban() -> None:
    """One in 97 of those that have its form, instead of all."""
    ids = [f"FR{number:02}ABCD1234EFGH" for number in range(100)]
    assert len([one for one in ids if leaks([one])]) <= 2


def test_every_iban_that_the_tests_plant_is_found() -> None:
    """Wherever one stands in the tests and in what they run against, as the bank itself reads IBANs."""
    planted = [*_planted()]
    assert len(planted) > 15
    for line in planted:
        assert [one for one in leaks([line]) if one.startswith("an IBAN")], line


def _planted() -> Iterator[str]:
    for folder in ("tests", "local"):
        for path in (ROOT / folder).rglob("*.py"):
            for line in path.read_text(encoding="utf-8").splitlines():
                found = (match[1] for match in re.finditer(r"\b(?=([A-Z]{2}\d{2}[ A-Z0-9]{11,40}))", line))
                if any(checked(text[:end]) for text in found for end in range(15, len(text) + 1)):
                    yield line
