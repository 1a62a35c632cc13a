"""What is killed, denied or broken in between: nothing is lost, nothing is paid twice, and all of it can be mended."""

import json
import time
from functools import partial

import pytest

from local import wire
from tests.local import faults
from tests.local.town import FUNDS_MINOR, PAID, WRONG, Body, Ordered, Resident, Town, at_once, post_id

pytestmark = [pytest.mark.local]

API = "envoi-local"


def taken(town: Town, body: Body) -> int:
    """Deliver a webhook, again and again until it is taken, as X does."""
    return wire.wait_for(lambda: int(town.deliver(body).status == 200), what="a 200")


def killed(town: Town, after_seconds: float) -> int:
    """Kill whatever runs our functions after a while; returns how many there were."""
    time.sleep(after_seconds)
    return faults.kill_workers(town.stack)


def mended(town: Town, intents: list[str]) -> list[str]:
    """The orders of these intents that are stored, after dead letters were put back."""
    if faults.waiting(town.stack, "inbox-dead"):
        assert faults.console(town.stack, "inbox", "redrive", "--stage", "local").returncode == 0
    return [intent for intent in intents if town.item(intent)]


def test_every_taken_webhook_ends_as_an_order(town: Town) -> None:
    """With functions killed again and again, each webhook that got its 200 becomes an order, if need be redriven."""
    payers, payee = [town.resident() for _ in range(3)], town.resident(0)
    text = f"@{town.bot.handle} #envoyer 1 euro @{payee.handle}"
    bodies: list[Body] = []
    dead = 0
    for after_seconds in (0.02, 0.1, 0.3):
        posts = [town.tweet(text, payer, payee) for payer in payers]
        kill = partial(killed, town, after_seconds)
        number, *answers = at_once([kill, *(partial(taken, town, body) for body in posts)])
        assert all(answers)
        dead += number
        bodies += posts
    assert dead > 3
    intents = [town.intent_of(post_id(body)) for body in bodies]
    wire.wait_for(lambda: len(mended(town, intents)) == len(intents), what="every order", seconds=60)
    assert {town.order(intent)["status"] for intent in intents} == {"pending"}
    faults.quiet(town.stack)
    lost = {json.loads(json.loads(body)["Message"])["subject"] for body in faults.taken(town.stack, "sms-links-dead")}
    told = {intent for payer in payers for intent in town.intents_told(payer)}
    assert told | lost >= set(intents)


@pytest.mark.parametrize("after_seconds", [0.05, 0.15])
def test_a_confirmation_that_is_killed_can_be_repeated(town: Town, after_seconds: float) -> None:
    """The page's function dies while four confirm: whatever they saw, confirming again shows each paid, once."""
    payers, payee = [town.resident() for _ in range(4)], town.resident(0)
    orders = [town.pays(payer, payee) for payer in payers]
    deeds = [partial(killed, town, after_seconds), *(partial(status, town, order) for order in orders)]
    number, *statuses = at_once(deeds)
    assert number > 0
    assert set(statuses) <= {200, 500, 502, 503}
    for order in orders:
        wire.wait_for(partial(shows_paid, town, order), what="the paid page")
    assert [town.funds(payer) for payer in payers] == [FUNDS_MINOR - 1_000] * 4
    assert town.funds(payee) == 4_000


def status(town: Town, order: Ordered) -> int:
    """Confirm; the status of the answer."""
    return town.confirm(order.link).status


def shows_paid(town: Town, order: Ordered) -> bool:
    """Confirm; whether the page says that it is paid."""
    return PAID in town.confirm(order.link).text


def test_a_dead_letter_is_put_back(town: Town) -> None:
    """Orders that cannot be read for a while wait among the dead letters, and the console brings them back."""
    payer, payee = town.resident(), town.resident(0)
    with faults.misconfigured(town.stack, f"{API}-read_orders", {"ENVOI_TABLE": "envoi-nowhere"}):
        intent = town.send(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", payer, payee)
        wire.wait_for(lambda: faults.waiting(town.stack, "inbox-dead") == 1, what="the dead letter")
        assert town.item(intent) is None
    redriven = faults.console(town.stack, "inbox", "redrive", "--stage", "local", "--json")
    assert (redriven.returncode, json.loads(redriven.stdout)) == (0, [{"moved": 1}])
    assert PAID in town.confirm(town.link(payer, intent)).text
    assert town.funds(payee) == 1_000
    again = faults.console(town.stack, "inbox", "redrive", "--stage", "local", "--json")
    assert json.loads(again.stdout) == [{"moved": 0}]


def test_an_sms_that_is_denied_comes_later_and_once(town: Town) -> None:
    """While SNS refuses, the link waits in its queue; afterwards it is sent once."""
    payer, payee = town.resident(), town.resident(0)
    town.pays(payer, payee)  # the trigger's last result is a good one
    with faults.denied(town.stack, f"{API}-send_links", "sns:Publish"):
        intent = town.send(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", payer, payee)
        faults.failure_of(town.stack, f"{API}-send_links")
        assert town.links(payer, intent) == []
    link = town.link(payer, intent)
    assert PAID in town.confirm(link).text
    faults.quiet(town.stack)
    assert len(town.links(payer, intent)) == 1


def test_a_topic_that_is_denied_holds_the_outbox(town: Town) -> None:
    """While the topic refuses, orders are stored and their changes wait in the stream; then everybody hears of them."""
    payer, payee = town.resident(), town.resident(0)
    town.pays(payer, payee)
    with faults.denied(town.stack, f"{API}-publish_changes", "sns:Publish"):
        intent = town.send(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", payer, payee)
        assert town.order(intent)["status"] == "pending"
        faults.failure_of(town.stack, f"{API}-publish_changes")
        assert town.links(payer, intent) == []
    assert PAID in town.confirm(town.link(payer, intent)).text
    town.told(payee, "vous a payé")
    faults.quiet(town.stack)
    assert len(town.links(payer, intent)) == 1


def test_a_code_service_that_is_down_decides_nothing(town: Town) -> None:
    """Without the key service a right and a wrong code are a 503 page; no attempt is burnt and nothing moves."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    before = town.account(payer)
    with faults.denied(town.stack, API, "kms:GenerateMac"):
        pages = [town.confirm(order.link), town.confirm(order.link, WRONG)]
        assert [page.status for page in pages] == [503, 503]
        assert all("Réessayez dans un instant" in page.text for page in pages)
        assert "Content-Security-Policy" in pages[0].headers
        assert town.account(payer) == before
    assert PAID in town.confirm(order.link).text
    assert town.funds(payee) == 1_000


@pytest.mark.parametrize("action", ["dynamodb:GetItem", "dynamodb:UpdateItem"])
def test_a_table_that_is_out_of_reach_pays_nothing(town: Town, action: str) -> None:
    """Whatever right on the table is lost, the page fails closed, and with the right back the same link pays."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    with faults.denied(town.stack, API, action):
        page = town.confirm(order.link)
        assert (page.status >= 500, PAID in page.text) == (True, False)
        assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR, 0)
    assert PAID in town.confirm(order.link).text
    assert (town.funds(payer), town.funds(payee)) == (FUNDS_MINOR - 1_000, 1_000)


def test_a_poisoned_change_is_parked(town: Town) -> None:
    """An item that our code cannot read is parked by its keys alone, and the orders behind it go on."""
    payer, payee = town.resident(), town.resident(0)
    key = {"PK": {"S": f"T#poison-{time.time_ns()}"}, "SK": {"S": "0"}}
    table = town.stack.client("dynamodb")
    poison = {
        "order": {"S": "send"},
        "status": {"S": "pending"},
        "payer": {"S": payer.account},
        "note": {"S": "secret"},
    }
    table.put_item(TableName=town.stack.table, Item=key | poison)
    try:
        assert PAID in town.confirm(town.pays(payer, payee).link).text
        (parked,) = wire.wait_for(lambda: faults.taken(town.stack, "changes-dead"), what="the parked change")
        assert json.loads(parked) == {name: value["S"] for name, value in key.items()}
    finally:
        table.delete_item(TableName=town.stack.table, Key=key)


def test_a_reply_that_x_cannot_take_comes_later(town: Town) -> None:
    """With X out of reach the order is stored and payments go on; the reply waits and is posted when X is back."""
    payer, payee, other = town.resident(), town.resident(0), town.resident()
    town.pays(other, payee)
    with faults.misconfigured(town.stack, f"{API}-send_replies", {"ENVOI_X_API_URL": "http://127.0.0.1:9"}):
        body = town.tweet(f"@{town.bot.handle} #envoyer @{payee.handle}", payer, payee)
        assert town.deliver(body).status == 200
        faults.failure_of(town.stack, f"{API}-send_replies")
        assert pays(town, other, payee)
    assert town.order(town.intent_of(post_id(body)))["refusal"] == "amount_missing"
    assert "Il manque le montant" in town.reply_to(body)


def pays(town: Town, payer: Resident, payee: Resident) -> bool:
    """Whether a whole payment works."""
    return PAID in town.confirm(town.pays(payer, payee).link).text
