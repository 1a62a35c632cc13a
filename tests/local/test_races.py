"""Everything at the same moment: clicks, guesses, a payment and its cancellation, two payments of one money."""

import time
from functools import partial

import pytest

from tests.local import faults
from tests.local.town import FUNDS_MINOR, PAID, WRONG, Ordered, Town, at_once, without_nonce

pytestmark = [pytest.mark.local]

NOT_ACCEPTED = "Ce code n’est pas accepté"


def said(town: Town, order: Ordered) -> str:
    """Confirm; what the page says."""
    return town.confirm(order.link).text


def test_a_double_click_pays_once(town: Town) -> None:
    """Eight confirmations of one link at the same moment move the money once, and the next one shows it paid."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    pages = at_once([lambda: town.confirm(order.link)] * 8)
    assert {page.status for page in pages} == {200}
    assert any(PAID in page.text for page in pages)
    assert all(PAID in page.text or NOT_ACCEPTED in page.text for page in pages)
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR - 1_000, 1_000)
    assert PAID in town.confirm(order.link).text
    assert town.account(payer)["attempts"] == 0
    town.told(payee, "vous a payé")
    faults.quiet(town.stack)
    assert len(set(town.told(payer, "vous avez payé"))) == 1
    assert len(set(town.told(payee, "vous a payé"))) == 1
    assert not [text for text in town.texts(payer) if "codes faux" in text]


@pytest.mark.parametrize("late_seconds", [0.0, 0.03, 0.06, 0.09])
def test_a_payment_and_its_cancellation_race(town: Town, late_seconds: float) -> None:
    """Confirmed and cancelled at the same moment, a payment is either paid or cancelled, and everybody is told so."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)

    def cancel_late() -> str:
        time.sleep(late_seconds)
        return town.send(f"@{town.bot.handle} #annuler", payer)

    page, cancel = at_once([lambda: town.confirm(order.link).text, cancel_late])
    cancelled = town.order(cancel)["status"] == "answered"
    assert town.order(order.id)["status"] == ("cancelled" if cancelled else "paid")
    assert ("Paiement annulé" if cancelled else PAID) in page
    assert town.funds(payee) == (0 if cancelled else 1_000)
    town.told(payer, "annulé" if cancelled else "vous avez payé")
    town.told(payer, "annulé" if cancelled else "Aucun paiement")


def test_five_wrong_codes_block_whatever_is_in_parallel(town: Town) -> None:
    """Twelve guesses at once get five tries; then the right code is refused, one SMS tells, and support unblocks."""
    payer, payee = town.resident(), town.resident(0)
    orders = [town.pays(payer, payee), town.pays(payer, payee)]
    wrong = at_once([partial(town.confirm, orders[number % 2].link, WRONG) for number in range(12)])
    assert all(NOT_ACCEPTED in page.text for page in wrong)
    assert town.account(payer)["attempts"] == 5
    blocked = town.confirm(orders[1].link)
    assert blocked.status == 200
    assert without_nonce(blocked) == without_nonce(wrong[1])
    assert town.account(payer)["attempts"] == 5
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR, 0)
    town.told(payer, "5 codes faux")
    assert faults.console(town.stack, "account", "unblock", payer.account, "--stage", "local").returncode == 0
    assert PAID in town.confirm(orders[1].link).text
    town.told(payer, "vous avez payé")
    faults.quiet(town.stack)
    assert len(set(town.told(payer, "5 codes faux"))) == 1


def test_the_last_money_is_spent_once(town: Town) -> None:
    """Two payments confirmed at once, with money for one: one is paid, the other refused, nothing falls below zero."""
    payer, payee = town.resident(1_500), town.resident(0)
    orders = [town.pays(payer, payee), town.pays(payer, payee)]
    pages = at_once([partial(said, town, order) for order in orders])
    assert sorted(PAID in page for page in pages) == [False, True]
    assert sum("Le solde de votre compte ne suffit pas" in page for page in pages) == 1
    assert (town.funds(payer), town.funds(payee)) == (500, 1_000)
    assert town.account(payer)["attempts"] == 0


def test_the_day_is_spent_once(town: Town) -> None:
    """Three payments that each fit the limit of the day, confirmed at once: no more than the limit is paid."""
    payer, payee = town.resident(90_000), town.resident(0)
    orders = [town.pays(payer, payee, "200 euros") for _ in range(3)]
    pages = at_once([partial(said, town, order) for order in orders])
    assert sum(PAID in page for page in pages) == 2
    assert sum("limite du jour" in page for page in pages) == 1
    assert (town.funds(payer), town.funds(payee)) == (50_000, 40_000)
