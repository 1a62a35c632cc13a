"""Day and month turn in the programme's zone, whatever the clocks that look at them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.intents import lifecycle
from chalicelib.refusals import Refusal
from tests.bank import CODE, Bank

PARIS = ZoneInfo("Europe/Paris")


def at(local: str) -> int:
    """Epoch seconds of a local time in Paris."""
    return int(datetime.fromisoformat(local).replace(tzinfo=PARIS).timestamp())


def pay(bank: Bank, amount: int, *, local: str) -> Refusal | None:
    """Order and confirm so many euros at a local time."""
    bank.time.seconds = at(local)
    intent = bank.say(f"@Smoneyfr #envoyer {amount} € @bob")
    if intent.refusal:
        return Refusal(intent.refusal)
    return lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2026-11-23T23:59:59", "2026-11-24T00:00:00"),
        ("2026-10-25T23:59:59", "2026-10-26T00:00:00"),  # after the day of 25 hours
        ("2027-03-28T23:59:59", "2027-03-29T00:00:00"),  # after the day of 23 hours
        ("2026-12-31T23:59:59", "2027-01-01T00:00:00"),
    ],
)
def test_the_day_turns_at_midnight_in_paris(before: str, after: str) -> None:
    """500 € are spent; a second before midnight a euro more is refused, at midnight it is not."""
    bank = Bank()
    start = before[:11] + "08:00:00"
    assert [pay(bank, 250, local=start), pay(bank, 250, local=start)] == [None, None]
    assert pay(bank, 1, local=before) is Refusal.OVER_DAY_LIMIT
    assert pay(bank, 1, local=after) is None


def test_the_hour_that_comes_twice_is_one_day() -> None:
    """On the last Sunday of October 02:30 comes twice: the limit is one."""
    bank = Bank()
    first = at("2026-10-25T02:30:00")
    for seconds in (first, first + 3_600):
        bank.time.seconds = seconds
        intent = bank.say("@Smoneyfr #envoyer 250 € @bob")
        assert lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal is None
    assert bank.say("@Smoneyfr #envoyer 1 € @bob").refusal is Refusal.OVER_DAY_LIMIT


def test_the_month_turns_with_its_first_day() -> None:
    """2,000 € in November; the next euro waits for December, in Paris and not in Greenwich."""
    bank = Bank()
    bank.table.items["A#alice", "0"]["available"] = 1_000_000
    for day in (23, 24, 25, 26):
        assert [pay(bank, 250, local=f"2026-11-{day}T12:00:00") for _ in range(2)] == [None, None]
    assert pay(bank, 1, local="2026-11-30T23:59:59") is Refusal.OVER_MONTH_LIMIT
    assert pay(bank, 1, local="2026-12-01T00:00:00") is None


def test_an_order_of_yesterday_counts_on_the_day_it_is_confirmed() -> None:
    """Ordered before midnight, confirmed after it: the new day pays."""
    bank = Bank()
    for _ in range(2):
        assert pay(bank, 250, local="2026-11-23T12:00:00") is None
    bank.time.seconds = at("2026-11-24T00:00:10")
    waiting = bank.say("@Smoneyfr #envoyer 250 € @bob", received_at=at("2026-11-23T23:59:00"))
    assert lifecycle.confirm(bank.services, bank.link(waiting), CODE).refusal is None
    account = bank.account("alice")
    assert (account["day"], account["spent_day"], account["spent_month"]) == ("2026-11-24", 25_000, 75_000)


@settings(max_examples=80, deadline=None)
@given(
    skews=st.lists(st.integers(-7_200, 7_200), min_size=6, max_size=12),
    start=st.sampled_from(["2026-10-25T23:30:00", "2026-11-30T23:30:00", "2027-03-28T23:30:00", "2026-12-31T22:00:00"]),
)
def test_clocks_that_disagree_never_spend_more_than_a_day_holds(skews: list[int], start: str) -> None:
    """Functions with clocks hours apart pay around midnight: each day of the account stays within its limit."""
    bank = Bank()
    bank.table.items["A#alice", "0"]["available"] = 1_000_000
    spent: dict[str, int] = {}
    days = []
    for turn, skew in enumerate(skews):
        bank.time.seconds = at(start) + turn * 600 + skew
        intent = bank.say("@Smoneyfr #envoyer 200 € @bob")
        if intent.refusal or lifecycle.confirm(bank.services, bank.link(intent), CODE).refusal:
            continue
        account = bank.account("alice")
        spent[account["day"]] = spent.get(account["day"], 0) + 20_000
        days.append(account["day"])
        assert account["spent_day"] == spent[account["day"]] <= 50_000
    assert days == sorted(days)
