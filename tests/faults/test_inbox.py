"""The queue between X and us fails: X hears 503 and sends again, and a message that comes twice is one order."""

import pytest

from local.faults import Fault, How, Proxy
from tests.local.faults import quiet
from tests.local.town import PAID, Town, post_id

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]


def test_x_is_asked_to_send_again(town: Town, proxy: Proxy) -> None:
    """503 while nothing can be queued, however the queue fails; the same webhook again is taken."""
    payer, payee = town.resident(), town.resident(0)
    body = town.tweet(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", payer, payee)
    failures: tuple[How, ...] = ("down", "throttled", "refused")
    for how in failures:
        with proxy.broken(Fault(service="sqs", how=how)):
            assert town.deliver(body).status == 503
    intent = town.intent_of(post_id(body))
    assert town.item(intent) is None
    assert town.deliver(body).status == 200
    assert PAID in town.confirm(town.link(payer, intent)).text


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault(service="sqs", how="lost"), 503),
        (Fault(service="sqs", how="lost", times=1), 200),
        (Fault(service="sqs", how="twice"), 200),
    ],
    ids=["lost", "lost-once", "twice"],
)
def test_what_is_queued_twice_is_ordered_once(town: Town, proxy: Proxy, fault: Fault, status: int) -> None:
    """Whatever X was told, and though it sends again: one order, one SMS."""
    payer, payee = town.resident(), town.resident(0)
    body = town.tweet(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", payer, payee)
    with proxy.broken(fault):
        assert town.deliver(body).status == status
    assert town.deliver(body).status == 200
    intent = town.intent_of(post_id(body))
    town.link(payer, intent)
    quiet(town.stack)
    assert len(town.links(payer, intent)) == 1
