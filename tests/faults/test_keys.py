"""KMS and Secrets Manager fail: nobody gets in without a proof, nobody loses an attempt, what is kept goes on."""

import json
from typing import Any

import pytest

from local import wire
from local.faults import Fault, How, Proxy
from tests.local.faults import kill_workers
from tests.local.town import CODE, PAID, WRONG, Resident, Town, post_id

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]

NOT_NOW = "Réessayez dans un instant"


FAILURES: tuple[How, ...] = ("down", "throttled", "refused", "lost")


def test_without_kms_no_code_is_judged(town: Town, proxy: Proxy) -> None:
    """However it fails, a right and a wrong code are the same 503; nothing is written, and then the right one pays."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    before = town.account(payer)
    for how in FAILURES:
        with proxy.broken(Fault(service="kms", how=how)):
            page = town.confirm(order.link, WRONG if how == "down" else CODE)
        assert (page.status, NOT_NOW in page.text) == (503, True)
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


def test_a_function_that_starts_without_secrets_turns_everybody_away(town: Town, proxy: Proxy) -> None:
    """However they fail, no webhook is genuine and no link opens: 503, so that X and customers come again."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    body = town.tweet(f"@{town.bot.handle} #envoyer 5 euros @{payee.handle}", payer, payee)
    kill_workers(town.stack)
    wire.wait_for(lambda: wire.call(town.stack.page_url).status == 200, what="a function that has read no secret")
    for how in FAILURES:
        with proxy.broken(Fault(service="secretsmanager", how=how)):
            if how in ("down", "lost"):
                page = town.confirm(order.link)
                assert (page.status, NOT_NOW in page.text) == (503, True)
            else:
                assert town.deliver(body).status == 503
    assert PAID in town.confirm(order.link).text
    assert town.deliver(body).status == 200
    town.link(payer, town.intent_of(post_id(body)))


def test_secrets_that_are_kept_outlast_an_outage(town: Town, proxy: Proxy) -> None:
    """For five minutes nobody notices: webhooks are genuine, links are sent and opened, payments are made."""
    payer, payee = town.resident(), town.resident(0)
    town.confirm(town.pays(payer, payee).link)
    with proxy.broken(Fault(service="secretsmanager", how="down")):
        assert PAID in town.confirm(town.pays(payer, payee).link).text
    assert town.funds(payee) == 2_000


def test_a_leaked_secret_is_dead_once_the_new_one_is_written_twice(town: Town) -> None:
    """Written once, what the old one signs is still taken; written twice and read anew, it is a forgery."""
    payer, leaked = town.resident(), town.stack.x_secret["consumer_secret"]
    manager = town.stack.client("secretsmanager")
    kept = manager.get_secret_value(SecretId="envoi-local-x")["SecretString"]
    new = json.dumps({**json.loads(kept), "consumer_secret": "n" * 40})
    try:
        statuses = [written(town, manager, text, payer) for text in (new, new)]
    finally:
        restored = [written(town, manager, kept, payer) for _ in range(2)]
    assert leaked not in new
    assert (statuses, restored) == ([200, 401], [200, 200])


def written(town: Town, manager: Any, secret: str, author: Resident) -> int:
    """Write a version of X's secret, restart the functions, and deliver a webhook that the old one signs."""
    manager.put_secret_value(SecretId="envoi-local-x", SecretString=secret)
    kill_workers(town.stack)
    wire.wait_for(lambda: wire.call(town.stack.page_url).status == 200, what="a function that starts anew")
    return town.deliver(town.tweet("@nobody", author)).status
