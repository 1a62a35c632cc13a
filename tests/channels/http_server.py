"""A small network's API on this machine: it answers as told, and keeps what was asked."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


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
    """One request as it came in; `genuine` is the network's own judgement of who sent it."""

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


@contextmanager
def serving(judge: Callable[[str, Mapping[str, str], Mapping[str, Any]], bool]) -> Iterator[Server]:
    """Serve on a free port of the loopback until the block ends; `judge` gets the URL, the headers and the body."""
    server = Server(url="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.seen.append(Seen(self.path, headers, body, judge(server.url + self.path, headers, body)))
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
