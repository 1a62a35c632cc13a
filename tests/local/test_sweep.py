"""Expiry on the local AWS: the deployed sweep finds what is due, and the payer is told."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from chalicelib.intents.due import due
from chalicelib.intents.intent import from_item
from chalicelib.table import Part, intent_key, update
from local import schedule
from tests.local.town import PAID, Ordered, Town, at_once

pytestmark = [pytest.mark.local]


def overdue(town: Town, ordered: Ordered) -> None:
    """Turn an order's clock forward: its time was over a moment ago."""
    past = {"expires_at": int(time.time()) - 5}
    changed = town.table.update(update(intent_key(ordered.id), Part(assign=past)))
    town.table.put(due(from_item(changed)))  # type: ignore[arg-type]  # without a condition nothing is rejected


def run_sweep(town: Town) -> None:
    """Run the sweep now, as the schedule does each minute."""
    assert schedule.run(town.stack, "sweep") == ""


def test_an_order_that_nobody_answered_expires_and_its_payer_is_told(town: Town) -> None:
    """One SMS, nothing moved, and the link pays nothing any more."""
    payer, payee = town.resident(), town.resident(0)
    ordered = town.pays(payer, payee)
    overdue(town, ordered)
    run_sweep(town)
    assert town.order(ordered.id)["status"] == "expired"
    assert len(town.told(payer, "expiré")) == 1
    assert PAID not in town.confirm(ordered.link).text
    assert (town.funds(payer), town.funds(payee)) == (10_000, 0)


def test_sweeps_beside_confirms_settle_each_order_once(town: Town) -> None:
    """Two sweeps and two clicks on each of four orders in the same moment: paid or expired, never both."""
    payer, payee = town.resident(), town.resident(0)
    orders = [town.pays(payer, payee, "1 euro") for _ in range(4)]
    for each in orders[:2]:
        overdue(town, each)
    clicks = [partial(town.confirm, each.link) for each in orders * 2]
    deeds: list[Callable[[], Any]] = [*clicks, partial(run_sweep, town), partial(run_sweep, town)]
    at_once(deeds)
    statuses = [town.order(each.id)["status"] for each in orders]
    assert statuses == ["expired", "expired", "paid", "paid"]
    assert (town.funds(payer), town.funds(payee)) == (9_800, 200)


def test_the_schedule_runs_the_sweep(town: Town) -> None:
    """A rule of one minute stands, and it calls this function and no other."""
    events = town.stack.client("events")
    rules = [rule for rule in events.list_rules()["Rules"] if "Sweep" in rule["Name"] or "sweep" in rule["Name"]]
    assert [(rule["ScheduleExpression"], rule["State"]) for rule in rules] == [("rate(1 minute)", "ENABLED")]
    (target,) = events.list_targets_by_rule(Rule=rules[0]["Name"])["Targets"]
    assert target["Arn"].endswith(":function:envoi-local-sweep")
