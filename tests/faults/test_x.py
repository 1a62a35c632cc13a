"""X's API limits us, or takes a reply and hangs up: it is posted later, once, and payments never wait for it."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from local import wire
from tests.local.faults import misconfigured, quiet
from tests.local.town import PAID, Town, post_id

pytestmark = [pytest.mark.local, pytest.mark.xdist_group("local")]

DUPLICATE = {"detail": "You are not allowed to create a Tweet with duplicate content.", "status": 403}


class MoodyX(ThreadingHTTPServer):
    """An X that fails the first try of every reply: one post is limited, any other is taken and hung up on."""

    daemon_threads = True

    def __init__(self, *, limits: str) -> None:
        self.limits = limits
        self.tries: defaultdict[str, int] = defaultdict(int)
        self.posts: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: MoodyX

    def do_POST(self) -> None:
        """Take a reply."""
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        to = content["reply"]["in_reply_to_tweet_id"]
        self.server.tries[to] += 1
        if to == self.server.limits and self.server.tries[to] == 1:
            self._say(429, {}, {"x-rate-limit-reset": str(int(time.time()) + 3)})
        elif to in self.server.posts:
            self._say(403, DUPLICATE, {})
        else:
            self.server.posts.append(to)
            if to == self.server.limits:
                self._say(201, {"data": {"id": "1"}}, {})  # else nothing: the connection is closed without an answer

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _say(self, status: int, told: dict[str, Any], headers: dict[str, str]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def moody(*, limits: str) -> Iterator[MoodyX]:
    """Serve it until the block ends."""
    with MoodyX(limits=limits) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_replies_wait_for_x_and_payments_do_not(town: Town) -> None:
    """Limited or cut off, each reply is posted once and none dies; meanwhile a payment goes from order to receipt."""
    payer, payee, other = town.resident(), town.resident(0), town.resident()
    limited, cut = (town.tweet(f"@{town.bot.handle} #envoyer @{payee.handle}", one, payee) for one in (payer, other))
    with moody(limits=post_id(limited)) as x:
        url = {"ENVOI_X_API_URL": f"http://127.0.0.1:{x.server_port}"}
        with misconfigured(town.stack, "envoi-local-send_replies", url):
            assert [town.deliver(body).status for body in (limited, cut)] == [200, 200]
            assert PAID in town.confirm(town.pays(payer, payee).link).text
            town.told(payee, "vous a payé")
            wire.wait_for(lambda: sum(x.tries.values()) == 4, what="the second try of both")
            quiet(town.stack)
    assert sorted(x.posts) == sorted(post_id(body) for body in (limited, cut))
    assert town.funds(payee) == 1_000
