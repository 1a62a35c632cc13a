"""What answers later than we wait: everybody hears so in time, and what was done behind our back is done once."""

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pytest

from local.faults import Fault, Proxy
from tests.local.faults import quiet
from tests.local.town import FUNDS_MINOR, PAID, Town, at_once, post_id

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]

# X hangs up after ten seconds (X docs, webhooks), our function after 20 (.chalice/config.json), API Gateway after 29.
X_SECONDS, PAGE_SECONDS = 10, 20
MAYBE = "Le paiement n’a peut-être pas pu se finir"
T = TypeVar("T")


def timed(deed: Callable[[], T]) -> tuple[T, float]:
    """What a deed gave, and the seconds that it took."""
    start = time.monotonic()
    return deed(), time.monotonic() - start


def test_a_table_and_a_queue_that_are_slow(town: Town, proxy: Proxy) -> None:
    """The page does not claim that nothing was paid, and opening it tells; X sends again: one payment, one order."""
    payer, payee, other = town.resident(), town.resident(0), town.resident()
    order = town.pays(payer, payee)
    body = town.tweet(f"@{town.bot.handle} #envoyer 5 euros @{payee.handle}", other, payee)
    table, queue = (
        Fault(service="dynamodb", how="slow", operation="TransactWriteItems"),
        Fault(service="sqs", how="slow"),
    )
    with proxy.broken(table, queue):
        deeds = [partial(town.confirm, order.link), partial(town.deliver, body)]
        (page, page_seconds), (webhook, webhook_seconds) = at_once([partial(timed, deed) for deed in deeds])
    assert (page.status, MAYBE in page.text, webhook.status) == (503, True, 503)
    assert page_seconds < PAGE_SECONDS
    assert webhook_seconds < X_SECONDS
    assert PAID in town.step("open", order.link).text
    assert PAID in town.confirm(order.link).text
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR - 1_000, 1_000)
    town.told(payer, "vous avez payé")
    assert town.deliver(body).status == 200
    intent = town.intent_of(post_id(body))
    town.link(other, intent)
    quiet(town.stack)
    assert len(town.links(other, intent)) == 1
