"""What a person and a network do from outside, over HTTP: post, read an SMS, open its page, type a code."""

import html
import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from chalicelib.channels import Named
from local import meta, x
from local.stack import Stack

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
WAIT_SECONDS = 30.0
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `text` is what a person would read of a page."""

    status: int
    body: str
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        """The visible words of a page, one space between."""
        visible = re.sub(r"<(style|script|title).*?</\1>", " ", self.body, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", visible)).split())


def call(
    url: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """One HTTP request to this machine."""
    target = urlsplit(url)
    with closing(HTTPConnection(target.netloc, timeout=30)) as connection:
        connection.request(
            method, target.path + (f"?{target.query}" if target.query else ""), body, dict(headers or {})
        )
        answer = connection.getresponse()
        return Answer(answer.status, answer.read().decode("utf-8", "replace"), dict(answer.getheaders()))


def post(stack: Stack, text: str, *, author: str, sent_at: float | None = None) -> Answer:
    """Have somebody post a text that X delivers to our webhook, signed."""
    known = {person["handle"]: Named(user_id=person["user_id"], handle=person["handle"]) for person in stack.people}
    bot = Named(user_id=stack.bot_user_id, handle=stack.bot_handle)
    writer = known.get(author, Named(user_id="999000999", handle=author))
    body = x.mention(text, author=writer, named=[bot, *known.values()], sent_at=sent_at)
    return deliver(stack, body)


def deliver(stack: Stack, body: bytes) -> Answer:
    """Deliver a webhook body, signed as X signs it."""
    signed = x.sign(body, stack.x_secret["consumer_secret"])
    return call(f"{stack.api_url}/webhooks/twitter", method="POST", body=body, headers=signed)


def deliver_meta(stack: Stack, body: bytes) -> Answer:
    """Deliver a webhook body of Messenger, signed as Meta signs it."""
    signed = meta.sign(body, stack.meta_secret["app_secret"])
    return call(f"{stack.api_url}/webhooks/facebook", method="POST", body=body, headers=signed)


def do(stack: Stack, deed: str, wish: Mapping[str, Any]) -> Mapping[str, Any]:
    """Do in the sandbox what its page can do; raises ValueError with the sentence that it refuses with."""
    headers = {"Content-Type": "application/json"}
    answer = call(f"{stack.sandbox_url}/do/{deed}", method="POST", body=json.dumps(wish).encode(), headers=headers)
    told: Mapping[str, Any] = json.loads(answer.body)
    if answer.status != 200:
        raise ValueError(told.get("error", answer.body))
    return told


def sandbox(stack: Stack) -> Mapping[str, Any]:
    """Everything that the sandbox's page shows now; raises ValueError with what it fell over."""
    answer = call(f"{stack.sandbox_url}/snapshot")
    told: Mapping[str, Any] = json.loads(answer.body)
    if answer.status != 200:
        raise ValueError(f"{told['title']}: {told.get('detail', '')}")
    return told


def step(stack: Stack, name: str, *, link: str, code: str = "") -> Answer:
    """Post one step of the confirm page, as its form does."""
    fields = {"link": link, "code": code} if code else {"link": link}
    return call(f"{stack.page_url}/{name}", method="POST", body=urlencode(fields).encode(), headers=FORM)


def texts(stack: Stack, phone: str) -> list[str]:
    """Every SMS that a phone has got, oldest first."""
    query = urlencode({"phoneNumber": phone})
    answer = json.loads(call(f"{stack.aws_endpoint_url}/_ministack/sns/sms-messages?{query}").body)
    return [message["Message"] for message in answer["sms_messages"][phone]]


def wait_for(find: Callable[[], T | None], *, what: str, seconds: float = WAIT_SECONDS) -> T:
    """Look again until there is something; raises TimeoutError that names what did not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(0.05)
    raise TimeoutError(f"{what} did not come within {seconds:.0f} s")


def link_in(text: str) -> str:
    """The secret of the link in an SMS: what stands behind its #."""
    return text.rsplit("#", 1)[1]
