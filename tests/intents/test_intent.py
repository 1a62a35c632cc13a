"""An intent as it is stored, and what each of its changes asks of the item: condition by condition."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.conditions import broken
from chalicelib.intents.intent import (
    Intent,
    end,
    expire,
    from_item,
    intent_id,
    owned,
    reference,
    renew_link,
    settle,
    to_item,
)
from chalicelib.link import identifier
from chalicelib.refusals import Refusal
from chalicelib.table import Part

NOW = 1_790_000_000
WAITING = Intent(
    id="UxFTGgi86CoPUF2V",
    order="send",
    status="pending",
    network="twitter",
    page="900",
    author_id="101",
    message_id="20718",
    language="fr",
    private=False,
    created_at=NOW - 60,
    received_at=NOW - 70,
    payer="alice",
    payer_person="p-alice",
    payer_language="ja",
    paid_reply=True,
    payee="bob",
    payee_person="p-bob",
    payee_kind="person",
    payee_shards=2,
    amount_minor=1_000,
    currency="EUR",
    expires_at=NOW + 1,
    link_number=2,
    correlation_id="abcdefghijklmnop",
    ttl=NOW + 9,
    said={"note": "pizza"},
)
TRANSFER = WAITING.transfer(to="bob", moved_micros=NOW * 1_000_000)


def test_an_intent_reads_back_as_it_was_stored() -> None:
    """Whatever became of it; its refusal is a value again."""
    refused = replace(
        WAITING, status="refused", refusal=Refusal.FUNDS_MISSING, target="T1", credited="bob#1", paid_at=9
    )
    for intent in (WAITING, refused):
        assert from_item(to_item(intent)) == intent
    assert from_item(to_item(refused)).refusal is Refusal.FUNDS_MISSING
    assert type(to_item(refused)["refusal"]) is str


def test_what_is_empty_is_not_stored() -> None:
    """But for whether it is private and the number of its link, which conditions and readers rely on."""
    bare = Intent(
        id="x", order="help", status="answered", network="twitter", page="900", author_id="101", message_id="1",
        language="fr", private=False, created_at=NOW, received_at=NOW,
    )  # fmt: skip
    assert to_item(bare) == {
        "PK": "T#x", "SK": "0", "order": "help", "status": "answered", "network": "twitter", "page": "900",
        "author_id": "101", "message_id": "1", "language": "fr", "private": False, "created_at": NOW,
        "received_at": NOW, "link_number": 1,
    }  # fmt: skip
    assert from_item(to_item(bare)) == bare


def test_a_message_always_gets_the_same_id() -> None:
    """It is made of network, page and original event alone, and none of them stands for another."""
    assert intent_id("twitter", "900", "20718") == identifier("twitter", "900", "20718")
    assert (
        len({intent_id(*parts) for parts in (("a", "b", "c"), ("a", "c", "b"), ("b", "a", "c"), ("ab", "", "c"))}) == 4
    )


def test_a_reference_never_changes() -> None:
    """It is quoted to the support desk months later: six letters and digits that cannot be misread."""
    assert reference("UxFTGgi86CoPUF2V") == WAITING.reference == "CQXFKP"
    assert len({reference(f"intent-{number}") for number in range(2_000)}) == 2_000


def test_a_page_speaks_the_payers_language() -> None:
    """The post's, as long as the payer has none."""
    assert (WAITING.page_language, replace(WAITING, payer_language="").page_language) == ("ja", "fr")


def test_a_transfer_is_its_intents() -> None:
    """By its id, amount and currency; to the account or sub-balance that was chosen, at the transaction's instant."""
    to_part = WAITING.transfer(to="bob#1", moved_micros=7)
    assert (to_part.id, to_part.payer, to_part.payee) == (WAITING.id, "alice", "bob#1")
    assert (to_part.amount_minor, to_part.currency, to_part.moved_micros) == (1_000, "EUR", 7)


CHANGES: dict[str, Part] = {
    "settle": settle(WAITING, TRANSFER, link_number=2, now=NOW),
    "end": end("cancelled", now=NOW),
    "renew": renew_link(2, now=NOW),
    "expire": expire(now=NOW),
}


@pytest.mark.parametrize(
    ("doing", "change", "refusal"),
    [
        ("settle", {}, None),
        ("settle", {"status": "declined"}, Refusal.NOT_PENDING),
        ("settle", {"expires_at": NOW}, Refusal.EXPIRED),
        ("settle", {"amount_minor": 999}, Refusal.INTENT_CHANGED),
        ("settle", {"payer": "carol"}, Refusal.INTENT_CHANGED),
        ("settle", {"payee": "carol"}, Refusal.INTENT_CHANGED),
        ("settle", {"link_number": 3}, Refusal.LINK_REPLACED),
        ("end", {}, None),
        ("end", {"status": "paid"}, Refusal.NOT_PENDING),
        ("end", {"expires_at": NOW}, Refusal.EXPIRED),
        ("renew", {}, None),
        ("renew", {"status": "paid"}, Refusal.NOT_PENDING),
        ("renew", {"expires_at": NOW}, Refusal.EXPIRED),
        ("renew", {"link_number": 1}, Refusal.LINK_REPLACED),
        ("expire", {"expires_at": NOW}, None),
        ("expire", {}, Refusal.STALE),
        ("expire", {"expires_at": NOW, "status": "paid"}, Refusal.NOT_PENDING),
    ],
)
def test_pending_is_left_once_in_time_and_unchanged(
    doing: str, change: dict[str, Any], refusal: Refusal | None
) -> None:
    """Each condition by itself: up to the last second, or, to expire, from then on."""
    assert broken(CHANGES[doing].clauses, {**to_item(WAITING), **change}) is refusal


def test_an_intent_is_its_payers_own() -> None:
    """To anybody else there is nothing to cancel."""
    assert broken(owned("alice").clauses, to_item(WAITING)) is None
    assert broken(owned("bob").clauses, to_item(WAITING)) is Refusal.NOTHING_TO_CANCEL


def test_each_end_says_when_it_was() -> None:
    """A payment by its second and its instant, and it is kept for good; the others by their second."""
    paid = CHANGES["settle"]
    assert paid.assign == {"status": "paid", "paid_at": NOW, "moved_micros": NOW * 1_000_000}
    assert paid.remove == ("ttl",)
    to_part = settle(WAITING, replace(TRANSFER, payee="bob#1"), link_number=2, now=NOW)
    assert to_part.assign == {**paid.assign, "credited": "bob#1"}
    assert CHANGES["end"].assign == {"status": "cancelled", "ended_at": NOW}
    assert CHANGES["expire"].assign == {"status": "expired", "ended_at": NOW}
    assert (CHANGES["renew"].add, CHANGES["renew"].assign) == ({"link_number": 1}, {})
