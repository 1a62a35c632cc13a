"""The CPU that a function's handler takes, without AWS's answers and without the code's hash; and that hash alone."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import app
from bench import orders
from bench.capacity import record
from bench.doubles import Context, FakeQueue, FakeSecrets, clients
from bench.results import Result
from bench.timing import Samples, each
from chalicelib import production
from chalicelib.identity import code
from chalicelib.intents import store
from chalicelib.notices import change
from chalicelib.table import intent_key
from local import x
from tests.bank import CODE, Bank

CALLS = 300
WARM_UP = 50
HASHES = 10
GOAL_MS = 1.0
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
Works = Sequence[Callable[[], object]]


def measure() -> Sequence[Result]:
    """Medians of thread CPU time, the log and metric lines included."""
    bank, queue = Bank(), FakeQueue()
    secret = FakeSecrets(json.dumps({"consumer_secret": orders.SECRET}))
    with production.using(bank.services), clients({"sqs": queue, "secretsmanager": secret}):
        webhook = _timed(_webhooks())
        reading = _timed(_reads(queue.bodies))
        intents = [new for old, new in bank.table.images if new["PK"].startswith("T#")]
        publishing = _timed([_publish(intent) for intent in intents])
        sending = _timed([_send(intent) for intent in intents])
        confirming = _timed([_confirm(bank, intent["PK"].removeprefix("T#")) for intent in intents])
        unpaid = [intent for intent in intents if bank.table.items[intent_key(intent["PK"][2:])]["status"] != "paid"]
    if unpaid:
        raise RuntimeError(f"{len(unpaid)} of {len(intents)} payments were not confirmed")
    hashing = each([lambda: code.digest("alice", CODE)] * HASHES, warm_up=1, clock=time.thread_time_ns)
    return [
        _result("webhook: verify, split, queue, answer", webhook),
        _result("read_orders: message to stored intent", reading),
        _result("publish_changes: one new intent", publishing),
        _result("send_links: one text message", sending),
        _result("page: confirm, without the hash", confirming),
        Result(name="hash of the security code, alone", value=hashing.p50, unit="ms CPU", spread=hashing.spread),
    ]


def _webhooks() -> Works:
    return [_call("/webhooks/twitter", body, x.sign(body, orders.SECRET)) for body in _bodies()]


def _bodies() -> list[bytes]:
    now = time.time()
    return [orders.webhook(sent_at=now) for _ in range(CALLS)]


def _reads(bodies: Sequence[str]) -> Works:
    return [_invoke(app.read_orders, [_message(body)]) for body in list(bodies)]


def _publish(intent: Any) -> Callable[[], object]:
    return _invoke(app.publish_changes, [record(None, intent)])


def _send(intent: Any) -> Callable[[], object]:
    (notice,) = change.notices(None, intent, tries=5)
    body = json.dumps({"Message": json.dumps(change.message(notice, intent)), "MessageId": intent["PK"]})
    return _invoke(app.send_links, [_message(body)])


def _message(body: str) -> dict[str, Any]:
    return {"body": body, "receiptHandle": "1", "attributes": {"ApproximateReceiveCount": "1"}}


def _confirm(bank: Bank, intent_id: str) -> Callable[[], object]:
    intent = store.read(bank.table, intent_id)
    if intent is None:
        raise LookupError(intent_id)
    body = urlencode({"link": bank.link(intent), "code": CODE}).encode()
    return _call("/p/confirm", body, FORM)


def _call(path: str, body: bytes, headers: dict[str, str]) -> Callable[[], object]:
    """A POST as API Gateway hands it to the function."""
    event = {
        "requestContext": {"httpMethod": "POST", "resourcePath": path, "identity": {}},
        "multiValueQueryStringParameters": None,
        "headers": headers,
        "pathParameters": None,
        "stageVariables": None,
        "isBase64Encoded": False,
        "body": body.decode(),
    }
    return lambda: _expect_200(app.app(event, Context()))


def _expect_200(answer: dict[str, Any]) -> None:
    if answer["statusCode"] != 200:
        raise RuntimeError(f"answered {answer['statusCode']}")


def _invoke(handler: Callable[[Any, Any], object], records: list[Any]) -> Callable[[], object]:
    event = {"Records": records}
    return lambda: handler(event, Context())


def _timed(works: Works) -> Samples:
    return each(works, warm_up=WARM_UP, clock=time.thread_time_ns)


def _result(name: str, samples: Samples) -> Result:
    return Result(name=name, value=samples.p50, unit="ms CPU", goal=GOAL_MS, spread=samples.spread)
