"""What `console explain` tells of held money."""

from typing import Any

import pytest

from console.facts import _held
from console.story import story
from tests.claims.holding import held, holding_bank, join, swept
from tests.console.test_story import BASE

OPENED = 1_790_000_060
CLAIM: dict[str, Any] = {
    "status": "open", "payer": "a-1", "payee": "", "network": "twitter", "user_id": "998", "asked_by": "",
    "amount_minor": 1_000, "fee_minor": 165, "currency": "EUR", "opened_at": OPENED, "expires_at": OPENED + 604_800,
    "ended_at": 0,
}  # fmt: skip


def told(**changes: Any) -> str:
    """The story of a payment whose claim is so."""
    return "\n".join(story(BASE | {"status": "paid", "paid_at": OPENED, "held": CLAIM | changes}, zone="Europe/Paris"))


def test_what_is_held_says_for_whom_and_until_when() -> None:
    """And how the desk gives it back before."""
    text = told()
    assert "Held for 998 on twitter: €10.00, fee €1.65." in text
    assert "It is held until 2026-09-28 16:14:20 CEST: `console claim return lxzmZ2eJxhJN_biv` gives it back" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": "claimed", "payee": "a-2"}, "What was held is claimed by a-2."),
        ({"status": "returned"}, "What was held is returned to a-1."),
        ({"status": "cancelled", "asked_by": "arn:odile"}, "What was held is cancelled to a-1, as arn:odile asked."),
    ],
)
def test_an_end_says_which_way_it_went(changes: dict[str, Any], said: str) -> None:
    """By whom it was claimed, or to whom it went back and at whose wish."""
    text = told(**changes, ended_at=OPENED + 60)
    assert said in text
    assert "It is held until" not in text


def test_facts_of_a_claim_hold_no_bank_account() -> None:
    """What a payee has named is theirs."""
    bank = holding_bank()
    claim = held(bank)
    join(bank)
    swept(bank)
    facts = _held(bank.services, claim.id)
    assert facts and facts["status"] == "claimed" and "said" not in facts
    assert _held(bank.services, "nothing") is None
