"""A small X on this machine: it checks the OAuth 1.0a signature of each request by its own computation."""

import base64
import hashlib
import hmac
import json
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote

KEYS = {
    "consumer_key": "consumer/key",
    "consumer_secret": "consumer&secret",
    "access_token": "370773112-token",
    "access_secret": "access secret",
}


@dataclass
class Answer:
    """What the server says next; `body` bytes are sent as they are, `cut` closes the connection early."""

    status: int = 201
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    silent: bool = False


@dataclass
class Seen:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    genuine: bool


@dataclass
class Server:
    """A running server: answers are taken from the front, requests are kept."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)


def percent(text: str) -> str:
    """RFC 5849 section 3.6."""
    return quote(text, safe="-._~")


def signature(url: str, parameters: Mapping[str, str], keys: Mapping[str, str]) -> str:
    """The HMAC-SHA1 signature of a POST by RFC 5849 section 3.4; `parameters` are all but oauth_signature."""
    pairs = sorted((percent(key), percent(value)) for key, value in parameters.items())
    base = "&".join(["POST", percent(url), percent("&".join(f"{key}={value}" for key, value in pairs))])
    key = f"{percent(keys['consumer_secret'])}&{percent(keys['access_secret'])}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def oauth_parameters(header: str) -> dict[str, str]:
    """The parameters of an Authorization header."""
    return {key: unquote(value) for key, value in re.findall(r'(\w+)="([^"]*)"', header)}


@contextmanager
def x_server() -> Iterator[Server]:
    """Serve on a free port of the loopback until the block ends."""
    server = Server(url="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            given = oauth_parameters(self.headers.get("Authorization", ""))
            claimed = given.pop("oauth_signature", "")
            genuine = claimed == signature(server.url + self.path, given, KEYS)
            server.seen.append(Seen(self.path, {k.lower(): v for k, v in self.headers.items()}, body, genuine))
            self.say(server.answers.pop(0))

        def say(self, answer: Answer) -> None:
            if answer.silent:
                self.rfile.read(1)
                return
            if answer.cut:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it so
            """Say nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True  # the client has left, which some tests want

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        server.url = f"http://127.0.0.1:{httpd.server_address[1]}"
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            httpd.shutdown()
            thread.join()
