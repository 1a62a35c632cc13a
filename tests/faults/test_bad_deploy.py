"""A deploy whose code cannot start: its function is named by its own Errors, and what came meanwhile is not lost."""

import io
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from local import wire
from local.package import package
from local.stack import Stack
from local.stages import LOCAL_STAGE
from tests.local.faults import failure_of, quiet
from tests.local.town import PAID, Town, post_id

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]

API, READER = "envoi-local", "envoi-local-read_orders"


@contextmanager
def badly_deployed(stack: Stack, function: str) -> Iterator[None]:
    """Give a function code that cannot be imported, then its own again, as a rollback does."""
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as bundle:
        bundle.writestr("app.py", "import no_such_module_of_a_bad_deploy\n")
    functions = stack.client("lambda")
    functions.update_function_code(FunctionName=function, ZipFile=broken.getvalue())
    try:
        yield
    finally:
        functions.update_function_code(FunctionName=function, ZipFile=package(LOCAL_STAGE).code.read_bytes())


def errors(stack: Stack, since: float) -> set[str]:
    """The functions of whose Errors something was counted; each has an alarm of its own.

    The local AWS counts calls by name alone, not those of triggers or the API.
    """
    watch, found = stack.client("cloudwatch"), set()
    for alarm in watch.describe_alarms(MaxRecords=100)["MetricAlarms"]:
        if alarm.get("MetricName") != "Errors":
            continue
        points = watch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Dimensions=alarm["Dimensions"],
            StartTime=datetime.fromtimestamp(since, UTC),
            EndTime=datetime.now(UTC) + timedelta(minutes=1),
            Period=1,
            Statistics=["Sum"],
        )["Datapoints"]
        if any(point["Sum"] for point in points):
            found.add(alarm["Dimensions"][0]["Value"])
    return found


def tried(stack: Stack) -> dict[str, str]:
    """What each function answers that is called with nothing to do; empty for one that works."""
    functions, answers = stack.client("lambda"), {}
    for name in (READER, *(f"{API}-{each}" for each in ("publish_changes", "send_links", "send_receipts"))):
        answer = functions.invoke(FunctionName=name, Payload=b'{"Records": []}')
        answers[name] = answer["Payload"].read().decode() if "FunctionError" in answer else ""
    return answers


def begun() -> float:
    """Now, once the second is over in which functions may have failed before: metrics are kept by the second."""
    time.sleep(1 - time.time() % 1)
    return time.time()


def test_a_reader_that_cannot_start_is_named_and_loses_nothing(town: Town) -> None:
    """Called with nothing to do it alone fails, and its own alarm's metric counts; orders wait for the rollback."""
    payer, payee = town.resident(), town.resident(0)
    town.pays(payer, payee)  # the trigger's last result is a good one
    quiet(town.stack)
    since = begun()
    with badly_deployed(town.stack, READER):
        intent = town.send(f"@{town.bot.handle} #envoyer 10 euros @{payee.handle}", payer, payee)
        failure_of(town.stack, READER)
        said = tried(town.stack)
        assert "no_such_module_of_a_bad_deploy" in said.pop(READER)
        assert set(said.values()) == {""}
        assert errors(town.stack, since) == {READER}
    assert PAID in town.confirm(town.link(payer, intent)).text
    assert town.funds(payee) == 1_000


def test_an_api_that_cannot_start_loses_no_webhook(town: Town) -> None:
    """X and customers get an error, nothing moves, and the same webhook and link are good after the rollback."""
    payer, payee = town.resident(), town.resident(0)
    order = town.pays(payer, payee)
    body = town.tweet(f"@{town.bot.handle} #envoyer 5 euros @{payee.handle}", payer, payee)
    with badly_deployed(town.stack, API):
        assert town.deliver(body).status in (500, 502)
        assert town.confirm(order.link).status in (500, 502)
        assert town.item(town.intent_of(post_id(body))) is None
    wire.wait_for(lambda: int(town.deliver(body).status == 200), what="a 200")
    assert PAID in town.confirm(order.link).text
    town.link(payer, town.intent_of(post_id(body)))
    assert town.funds(payee) == 1_000
