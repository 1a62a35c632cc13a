"""The networks' door: whatever X could sign is taken or refused, read to an outcome, and pays nobody else."""

import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib import secrets
from chalicelib.channels import Event, inbox
from chalicelib.intents.inbox import take
from chalicelib.telemetry import metrics
from chalicelib.web import taking
from local import x
from local.sandbox import envelopes
from tests.bank import IDS, NOON, Bank
from tests.fuzz import bodies
from tests.fuzz.door import call

SECRET = "the-consumer-secret-of-a-fuzzer"
PATH = "/webhooks/twitter"
OUTCOMES = {"OrdersTaken", "MessagesDropped", "HandlesRevoked"}
# With CI set Hypothesis derandomizes: the same examples each time.
BOUNDED = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


class Queue:
    """SQS: keeps message bodies, and has its limits."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def send(self, entries: list[dict[str, Any]]) -> None:
        """Take a batch that SQS would take."""
        told = [entry["MessageBody"] for entry in entries]
        assert 0 < len(told) <= inbox.BATCH_MESSAGES
        assert sum(len(one.encode()) for one in told) <= inbox.BATCH_BYTES
        self.messages += told


class Time:
    """The time of receipt."""

    @staticmethod
    def time() -> float:
        """Noon."""
        return NOON


@pytest.fixture(scope="module")
def queue() -> Iterator[Queue]:
    """The webhook's function with one live secret, at noon, before a queue."""
    taken = Queue()
    with pytest.MonkeyPatch.context() as patch:
        for read in ("values", "fresh"):
            patch.setattr(secrets, read, lambda _name: ({"consumer_secret": SECRET},))
        patch.setattr(inbox, "_send", taken.send)
        patch.setattr(taking, "time", Time)
        yield taken


@settings(BOUNDED, max_examples=400)
@given(body=bodies.bodies())
@example(body=b"[" * 100_000)
@example(body=b'{"a":' * 100_000)
@example(body=b'{"data":{"event_type":"post.mention.create","payload":{"id":' + b"1" * 5_000 + b"}}}")
@example(body=b" " * (taking.BODY_BYTES + 1))
def test_whatever_x_signs_ends_in_an_outcome(queue: Queue, body: bytes) -> None:
    """200, 400 or 413; each message is read to one outcome, a repeat changes nothing, no money moves."""
    queue.messages.clear()
    status = call("POST", PATH, body, x.sign(body, SECRET))["statusCode"]
    assert status in {200, 400, 413}
    assert status == 200 or not queue.messages
    bank = Bank()
    events = [inbox.read(message) for message in queue.messages]
    for event in events:
        assert outcomes(bank, event) == 1
        assert faithful(bank, event) == []
    once = repr(bank.table.items)
    for event in events:
        outcomes(bank, event)
    assert repr(bank.table.items) == once
    assert [bank.available(one) for one in ("alice", "bob")] == [100_000, 0]


@BOUNDED
@given(
    body=bodies.bodies() | st.binary(max_size=400),
    signature=st.none()
    | st.text(max_size=60)
    | st.binary(min_size=32, max_size=32).map(lambda key: x.sign(key, "another")["x-twitter-webhooks-signature"]),
    header=st.sampled_from(["x-twitter-webhooks-signature", "X-TWITTER-Webhooks-Signature-OAuth2"]),
)
def test_what_x_did_not_sign_is_refused(queue: Queue, body: bytes, signature: str | None, header: str) -> None:
    """A bare 401 whatever the body, and 413 for one that is too large; nothing is queued."""
    queue.messages.clear()
    headers = {"Content-Type": "application/json"} | ({} if signature is None else {header: signature})
    answer = call("POST", PATH, body, headers)
    assert answer["statusCode"] == (413 if len(body) > taking.BODY_BYTES else 401)
    assert queue.messages == []


@BOUNDED
@given(body=bodies.bodies(), place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_a_signed_body_with_one_bit_changed_is_refused(queue: Queue, body: bytes, place: int, bit: int) -> None:
    """The signature covers each bit."""
    queue.messages.clear()
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << bit
    answer = call("POST", PATH, bytes(changed), x.sign(body, SECRET))
    assert answer["statusCode"] == (413 if len(body) > taking.BODY_BYTES else 401)
    assert queue.messages == []


def test_the_fuzzer_reaches_orders(queue: Queue) -> None:
    """Unchanged, the seeds are payments that wait, refusals and answers: else the laws above would hold of nothing."""
    bank = Bank()
    for body in bodies.SEEDS:
        queue.messages.clear()
        raw = envelopes.encoded(body)
        assert call("POST", PATH, raw, x.sign(raw, SECRET))["statusCode"] == 200
        for message in queue.messages:
            take(bank.services, inbox.read(message))
    orders = [item for item in bank.table.items.values() if "order" in item]
    assert {item["status"] for item in orders} >= {"pending", "refused", "answered"}
    assert {item["payee"] for item in orders if item["status"] == "pending"} == {"bob", "croixbleue"}


def outcomes(bank: Bank, event: Event) -> int:
    """Take one message out of the inbox; how many outcomes were counted for it."""
    metrics._counts.clear()
    take(bank.services, event)
    counted = sum(number for names in metrics._counts.values() for name, number in names.items() if name in OUTCOMES)
    metrics._counts.clear()
    return counted


def faithful(bank: Bank, event: Event) -> list[str]:
    """What a waiting payment has that its post did not ask for: payer, payee or amount."""
    found = []
    for item in bank.table.items.values():
        if item.get("status") != "pending" or item.get("correlation_id") != event.id:
            continue
        post = event.payload
        named = {one["id"] for one in post["mentions"]}
        text = _letters(post["text"])
        found += [] if IDS[item["payer"]] == post["author_id"] else [f"payer {item['payer']}"]
        found += [] if IDS[item["payee"]] in named and f"@{item['payee']}" in text else [f"payee {item['payee']}"]
        whole, cents = divmod(item["amount_minor"], 100)
        digits = re.sub(r"[ .,']", "", text)
        found += [] if f"{whole}{cents:02}" in digits or (str(whole) in digits and not cents) else [f"amount {whole}"]
    return found


def _letters(text: str) -> str:
    """A text in its plainest letters, without what cannot be seen."""
    plain = unicodedata.normalize("NFKC", html.unescape(text)).casefold()
    return "".join(one for one in plain if unicodedata.category(one) not in ("Cf", "Cc", "Mn"))
