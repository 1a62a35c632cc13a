"""The topic and the sending of SMS fail: what is told waits, or dies and is put back; nobody is told a thing twice."""

import pytest

from local import wire
from local.faults import Fault, Proxy
from tests.local.desk import told
from tests.local.faults import failure_of, quiet, waiting
from tests.local.town import PAID, Town

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]

TOPIC, PHONE = "TopicArn", "PhoneNumber"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(service="sns", how="down", part=TOPIC, times=2),
        Fault(service="sns", how="lost", part=TOPIC, times=1),
        Fault(service="sns", how="twice", part=TOPIC),
    ],
    ids=lambda fault: fault.how,
)
def test_a_topic_that_fails_tells_later_and_once(town: Town, proxy: Proxy, fault: Fault) -> None:
    """The batch of the stream comes again; a notice that was published twice is one SMS."""
    payer, payee = town.resident(), town.resident(0)
    with proxy.broken(fault):
        order = town.pays(payer, payee)
        assert ("sns", "Publish", fault.how) in proxy.met
    assert PAID in town.confirm(order.link).text
    town.told(payee, "vous a payé")
    quiet(town.stack)
    assert len(town.links(payer, order.id)) == 1


def test_a_link_that_cannot_be_sent_dies_and_is_put_back(town: Town, proxy: Proxy) -> None:
    """After the queue's tries it lies among the dead letters; the console's redrive sends it."""
    payer, payee = town.resident(), town.resident(0)
    with proxy.broken(Fault(service="sns", how="down", part=PHONE)):
        intent = town.send(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", payer, payee)
        wire.wait_for(lambda: waiting(town.stack, "sms-links-dead"), what="the dead letter")
    (letter,) = [row for row in told(town, "dead", "list") if row.get("subject") == intent]
    assert letter["then"].startswith("console deliveries redrive")
    moved = {row["queue"]: row["moved"] for row in told(town, "deliveries", "redrive")}
    assert moved == {"sms-links": 1, "sms-receipts": 0, "replies": 0}
    assert PAID in town.confirm(town.link(payer, intent)).text
    quiet(town.stack)
    assert town.funds(payee) == 1_000
    assert len(town.links(payer, intent)) <= 2  # of one message, which comes twice if its function is slow to end


def test_an_sms_whose_answer_is_lost_comes_twice_at_most(town: Town, proxy: Proxy) -> None:
    """SNS knows no idempotency: a lost answer is a second SMS with the same link, which pays once."""
    payer, payee = town.resident(), town.resident(0)
    town.pays(payer, payee)  # the trigger's last result is a good one
    with proxy.broken(Fault(service="sns", how="lost", part=PHONE, times=1)):
        intent = town.send(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", payer, payee)
        failure_of(town.stack, "envoi-local-send_links")
        quiet(town.stack)
    assert len(town.links(payer, intent)) == 2
    pages = [town.confirm(wire.link_in(text)) for text in town.links(payer, intent)]
    assert all(PAID in page.text for page in pages)
    assert town.funds(payee) == 1_000
