"""The topic and the sending of SMS fail: what is to be told waits, or dies and is put back."""

import pytest

from local import wire
from local.faults import Fault, Proxy
from tests.local.desk import told
from tests.local.faults import quiet, tries, waiting
from tests.local.town import PAID, Town

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]

TOPIC = "TopicArn"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(service="sns", how="down", part=TOPIC, times=1),
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


def test_sms_that_fail_are_put_back_and_those_whose_answer_is_lost_come_twice(town: Town, proxy: Proxy) -> None:
    """One dies after its queue's tries and the console sends it; SNS knows no idempotency, so the other comes again."""
    payer, other, payee = town.resident(), town.resident(), town.resident(0)
    faults = (
        Fault(service="sns", how="down", part=payer.phone.removeprefix("+")),
        Fault(service="sns", how="lost", part=other.phone.removeprefix("+"), times=1),
    )
    with tries(town.stack, "sms-links", 2), proxy.broken(*faults):
        dead, lost = (
            town.send(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", one, payee) for one in (payer, other)
        )
        wire.wait_for(lambda: waiting(town.stack, "sms-links-dead"), what="the dead letter")
        quiet(town.stack)
    (letter,) = told(town, "dead", "list")
    assert letter["subject"] == dead
    assert "console deliveries redrive" in letter["then"]
    moved = {row["queue"]: row["moved"] for row in told(town, "deliveries", "redrive")}
    assert moved == {"sms-links": 1, "sms-receipts": 0, "replies": 0}
    assert PAID in town.confirm(town.link(payer, dead)).text
    assert len(town.links(other, lost)) == 2
    assert all(PAID in town.confirm(wire.link_in(text)).text for text in town.links(other, lost))
    quiet(town.stack)
    assert (town.funds(payee), len(town.links(payer, dead))) == (2_000, 1)
