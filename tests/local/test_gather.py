"""Gathering on the local AWS: the deployed round moves what a cause was given, under its own role."""

from functools import partial

import pytest

from chalicelib.ledger import sharding
from chalicelib.ledger import store as ledger
from chalicelib.services import Clock
from local import schedule
from tests.local.town import PAID, Resident, Town, at_once

pytestmark = [pytest.mark.local]


def cause(town: Town) -> Resident:
    """A charity with four sub-balances."""
    one = town.resident(0, kind="charity")
    account = ledger.account(town.table, one.account)
    assert account
    assert sharding.raise_to(town.table, account, 4, clock=Clock()) is None
    return one


def run_round(town: Town) -> None:
    """Run a round now, as the schedule does each hour."""
    assert schedule.run(town.stack, "gather") == ""


def given(town: Town, one: Resident, *, gifts: int) -> None:
    """Somebody gives ten euros, some times."""
    payer = town.resident(gifts * 1_000)
    for _ in range(gifts):
        assert PAID in town.confirm(town.pays(payer, one).link).text


def on_parts(town: Town, one: Resident) -> int:
    """What its sub-balances hold."""
    return sum(item["available"] for item in sharding.balances(town.table, one.account, 4))


def test_a_round_brings_gifts_to_the_account_that_its_holder_spends_from(town: Town) -> None:
    """All of them and once, also where two rounds run at once and another comes after."""
    one = cause(town)
    given(town, one, gifts=2)
    assert (town.funds(one), on_parts(town, one)) == (0, 2_000)
    at_once([partial(run_round, town), partial(run_round, town)])
    run_round(town)
    assert (town.funds(one), on_parts(town, one)) == (2_000, 0)


def test_the_schedule_runs_the_round(town: Town) -> None:
    """Every hour, by the function's own name."""
    events = town.stack.client("events")
    (rule,) = [rule for rule in events.list_rules()["Rules"] if "gather" in rule["Name"].lower()]
    assert rule["ScheduleExpression"] == "rate(1 hour)"
    (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"].endswith(":function:envoi-local-gather")
