"""The link of held money: a key of its own, bound to one claim, good while it may be open."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.intents import claim_page
from chalicelib.ledger import claiming
from chalicelib.ledger.claim import Claim, Wish
from chalicelib.services import Clock
from tests.bank import CLAIM_KEY, LINK_KEY, Bank, FakeLinks
from tests.claims.holding import HELD, claim_of, held, holding_bank, sound, suspended, swept
from tests.claims.payee import link

Change = dict[str, Any]


def looked(bank: Bank, text: str) -> Claim | None:
    """What a link shows."""
    return claim_page.look(bank.services, text).claim


def test_a_link_shows_its_claim_and_only_a_shortened_name() -> None:
    """First name and initial: nothing else of the payer is read into the page."""
    bank = holding_bank()
    claim = held(bank)
    bank.table.items["P#alice", "0"]["name"] = "Alice de Vigny"
    shown = claim_page.look(bank.services, link(claim))
    assert (shown.claim, shown.payer) == (claim, "Alice V.")


@pytest.mark.parametrize(
    "change",
    [{"amount_minor": 1}, {"currency": "JPY"}, {"user_id": "1"}, {"page": "1"}, {"network": "facebook"}],
)
def test_it_vouches_for_what_the_payee_sees(change: Change) -> None:
    """A claim that was changed by hand has no link any more."""
    bank = holding_bank()
    claim = held(bank)
    assert looked(bank, link(replace(claim, **change))) is None
    assert looked(bank, link(claim)) == claim


def test_neither_key_opens_the_others_page() -> None:
    """Who sends private messages can make no link that confirms, nor one of another programme."""
    bank = holding_bank()
    claim = held(bank)
    for wrong in (link(claim, key=LINK_KEY), link(claim, programme="rakuten"), "", "x", link(claim)[:-1] + "="):
        assert looked(bank, wrong) is None


def test_it_is_good_until_the_money_goes_back_and_not_a_second_longer() -> None:
    """Also when the sweep is late; a time written into it does not help."""
    bank = holding_bank()
    claim = held(bank)
    bank.time.move(claim.expires_at - bank.services.clock.now() - 1)
    assert looked(bank, link(claim)) == claim
    bank.time.move(1.0)
    assert looked(bank, link(claim)) is None
    assert looked(bank, link(replace(claim, expires_at=claim.expires_at + HELD))) is None


def test_two_keys_live_while_one_is_changed() -> None:
    """The sender may have read the new one before the page, and an old link outlives the change."""
    new = b"the next claim key of tests, 32 b"
    bank = holding_bank()
    claim = held(bank)
    for live, kept in (((new, CLAIM_KEY), (CLAIM_KEY,)), ((new, CLAIM_KEY), ())):
        bank.services = replace(bank.services, claim_links=FakeLinks(live=live, kept=kept))
        assert looked(bank, link(claim, key=new)) == looked(bank, link(claim)) == claim
    bank.services = replace(bank.services, claim_links=FakeLinks(live=(b"third", new)))
    assert looked(bank, link(claim)) is None


def test_refusing_gives_it_back_once() -> None:
    """One step, told to the payer by the sweep; again and afterwards it changes nothing."""
    bank = holding_bank()
    claim = held(bank)
    for _ in range(2):
        shown = claim_page.refuse(bank.services, link(claim)).claim
        assert shown and (shown.status, shown.wish, shown.asked_by) == ("open", "refused", "payee")
    bank.stream()
    swept(bank)
    assert claim_of(bank, claim.id).status == "refused"
    assert bank.available("alice") == 100_000
    before = dict(bank.table.items)
    assert claim_page.refuse(bank.services, link(claim)).claim == claim_of(bank, claim.id)
    assert (bank.table.items, suspended(bank), sound(bank)) == (before, 0, True)


def test_whoever_asked_first_is_heard() -> None:
    """A refusal after the payer has taken it back says that it is gone."""
    bank = holding_bank()
    claim = held(bank)
    wish = Wish(end="cancelled", by="alice")
    claiming.ask(bank.table, claim.id, wish, clock=Clock())
    shown = claim_page.refuse(bank.services, link(claim)).claim
    assert shown and (shown.wish, shown.asked_by) == ("cancelled", "alice")


def test_a_wrong_link_refuses_nothing() -> None:
    """Nothing is written."""
    bank = holding_bank()
    claim = held(bank)
    before = dict(bank.table.items)
    assert claim_page.refuse(bank.services, link(claim, key=LINK_KEY)).claim is None
    assert bank.table.items == before


class AskedLinks(FakeLinks):
    """Keys that remember how they were asked for."""

    def __init__(self, asked: list[bool]) -> None:
        super().__init__(live=(CLAIM_KEY,))
        self.asked = asked

    def keys(self, *, fresh: bool = False) -> tuple[bytes, ...]:
        """The live keys."""
        self.asked.append(fresh)
        return super().keys(fresh=fresh)


@pytest.mark.parametrize("text", ["", "x", "B" * 16 + ".1.abcdefg." + "A" * 22])
def test_whatever_is_no_link_of_ours_does_the_same_work(text: str) -> None:
    """Garbage, an unknown id, a forged MAC: time tells nothing."""
    bank = holding_bank()
    genuine = link(held(bank))
    for each in (text, genuine[:-1] + ("A" if genuine[-1] != "A" else "B")):
        asked: list[bool] = []
        bank.services = replace(bank.services, claim_links=AskedLinks(asked))
        assert looked(bank, each) is None
        assert asked == [False, True]


def test_whoever_sends_has_no_name_when_their_item_is_gone() -> None:
    """The programme's brand stands for them."""
    bank = holding_bank()
    claim = held(bank)
    del bank.table.items["P#alice", "0"]
    assert claim_page.look(bank.services, link(claim)).payer == ""
