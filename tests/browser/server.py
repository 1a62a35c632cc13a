"""Envoi's pages on loopback: the real app behind HTTP, a bank on doubles behind the app."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chalice.config import Config
from chalice.local import LocalGateway, LocalGatewayException
from chalice.test import HTTPResponse

from app import app


@dataclass
class Site:
    """Where the pages are served, every request that has come, as `POST /p/open`, and the bytes of every answer."""

    port: int
    asked: list[str] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """What stands before every path."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served() -> Iterator[Site]:
    """Serve the app to this machine for the block; one request at a time, as in one Lambda function."""
    gateway, turn = LocalGateway(app, Config.create()), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        """Hands each request to the app."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer a GET."""
            self._hand_on()

        def do_POST(self) -> None:
            """Answer a POST."""
            self._hand_on()

        def _hand_on(self) -> None:
            site.asked.append(f"{self.command} {self.path}")
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with turn:
                answer = _ask(gateway, self.command, self.path, headers=headers, body=body)
            site.answered.append(len(answer.body) + len(str(answer.headers)))
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name of the base class
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = Site(port=server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _ask(gateway: LocalGateway, method: str, path: str, *, headers: dict[str, str], body: bytes) -> HTTPResponse:
    try:
        answer = gateway.handle_request(method=method, path=path, headers=headers, body=body)
    except LocalGatewayException as error:
        return HTTPResponse(body=error.body or b"", headers=error.headers, status_code=error.CODE)
    return HTTPResponse.create_from_dict(answer)
