"""KMS and Secrets Manager fail: nobody gets in without a proof, nobody loses an attempt, what is kept goes on working."""

import pytest

from local.faults import Fault, How, Proxy
from tests.local.faults import kill_workers
from tests.local.town import PAID, WRONG, Town

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]

NOT_NOW = "Réessayez dans un instant"


@pytest.mark.parametrize("how", ["down", "throttled", "refused", "lost"])
def test_without_kms_no_code_is_judged(town: Town, proxy: Proxy, how: How) -> None:
    """Right and wrong code look the same, in 503; nothing is written, and afterwards the right one pays."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    before = town.account(payer)
    with proxy.broken(Fault(service="kms", how=how)):
        pages = [town.confirm(order.link, code) for code in ("271828", WRONG)]
    assert [(page.status, NOT_NOW in page.text) for page in pages] == [(503, True)] * 2
    assert town.account(payer) == before
    assert PAID in town.confirm(order.link).text
    assert town.funds(payee) == 1_000


def test_a_failure_of_kms_that_passes_is_not_seen(town: Town, proxy: Proxy) -> None:
    """Two of three tries fail, or KMS answers twice: the payment is made, once."""
    payer, payee = town.resident(), town.resident(0)
    for fault in (Fault(service="kms", how="down", times=2), Fault(service="kms", how="twice")):
        order = town.pays(payer, payee)
        with proxy.broken(fault):
            assert PAID in town.confirm(order.link).text
    assert town.funds(payee) == 2_000


@pytest.mark.parametrize("how", ["down", "throttled", "refused", "lost"])
def test_a_function_that_starts_without_secrets_turns_everybody_away(town: Town, proxy: Proxy, how: How) -> None:
    """No webhook is genuine and no link opens: 503 for both, so that X and customers come again."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    body = town.tweet(f"@{town.bot.handle} #envoyer 5 euros @{payee.handle}", payer, payee)
    kill_workers(town.stack)
    with proxy.broken(Fault(service="secretsmanager", how=how)):
        page = town.confirm(order.link)
        assert (page.status, NOT_NOW in page.text) == (503, True)
        assert town.deliver(body).status == 503
    assert PAID in town.confirm(order.link).text
    assert town.deliver(body).status == 200


def test_secrets_that_are_kept_outlast_an_outage(town: Town, proxy: Proxy) -> None:
    """For five minutes nobody notices: X's check and webhooks are answered, links are sent and opened, payments made."""
    payer, payee = town.resident(), town.resident(0)
    town.pays(payer, payee)
    with proxy.broken(Fault(service="secretsmanager", how="down")):
        assert PAID in town.confirm(town.pays(payer, payee).link).text
    assert town.funds(payee) == 1_000
