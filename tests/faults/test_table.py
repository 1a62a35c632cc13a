"""The table is down, throttled or answers twice: refused and told so, or paid once; never in between."""

import pytest

from chalicelib.config import programme
from local.faults import Fault, How, Proxy
from local.stages import PROGRAMME
from tests.local.faults import failure_of, quiet
from tests.local.town import FUNDS_MINOR, PAID, WRONG, Town

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]

MAYBE = "Le paiement n’a peut-être pas pu se finir"
NOT_NOW = "Réessayez dans un instant"


@pytest.mark.parametrize(("how", "words"), [("down", MAYBE), ("refused", MAYBE), ("throttled", NOT_NOW)])
def test_a_table_that_fails_pays_nothing_and_then_pays(town: Town, proxy: Proxy, how: How, words: str) -> None:
    """The page says to come again, in 503; the same link and code pay once the table is back."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    with proxy.broken(Fault(service="dynamodb", how=how)):
        page = town.confirm(order.link)
        assert (page.status, words in page.text) == (503, True)
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR, 0)
    assert PAID in town.confirm(order.link).text
    assert (town.funds(payee), town.account(payer)["attempts"]) == (1_000, 0)


def test_orders_of_an_outage_wait_in_the_inbox(town: Town, proxy: Proxy) -> None:
    """X gets its 200, since the queue keeps the order; read once the table is back, it is paid like any other."""
    payer, payee = town.resident(), town.resident(0)
    town.pays(payer, payee)  # the trigger's last result is a good one
    with proxy.broken(Fault(service="dynamodb", how="down")):
        intent = town.send(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", payer, payee)
        failure_of(town.stack, "envoi-local-read_orders")
    assert town.item(intent) is None
    assert PAID in town.confirm(town.link(payer, intent)).text
    quiet(town.stack)
    assert len(town.links(payer, intent)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(service="dynamodb", how="conflict", operation="TransactWriteItems", times=3),
        Fault(service="dynamodb", how="lost", operation="TransactWriteItems", times=2),
        Fault(service="dynamodb", how="lost", operation="UpdateItem", times=2),
        Fault(service="dynamodb", how="twice"),
    ],
    ids=lambda fault: f"{fault.how}-{fault.operation}",
)
def test_a_few_failures_are_outlived(town: Town, proxy: Proxy, fault: Fault) -> None:
    """The customer sees nothing of them: paid at once, once, and no attempt is left behind."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    with proxy.broken(fault):
        met = len(proxy.met)
        assert PAID in town.confirm(order.link).text
        assert len(proxy.met) > met
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR - 1_000, 1_000)
    assert town.account(payer)["attempts"] == 0
    town.told(payee, "vous a payé")


def test_a_wrong_code_whose_answer_is_lost_is_one_attempt(town: Town, proxy: Proxy) -> None:
    """Sent again, and even carried out twice, it counts once of the five."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    failures: tuple[How, ...] = ("lost", "twice")
    for number, how in enumerate(failures, start=1):
        with proxy.broken(Fault(service="dynamodb", how=how, operation="UpdateItem", times=1)):
            assert town.confirm(order.link, WRONG).status == 200
        assert town.account(payer)["attempts"] == number
    assert programme(PROGRAMME).caps.code_tries == 5
