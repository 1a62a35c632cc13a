"""The one call of `chalice deploy` that the emulator does not know: PutRestApi, with which it updates an API.

All else of API Gateway goes on to the emulator as it is.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@contextmanager
def api_gateway(endpoint: str) -> Iterator[str]:
    """Serve API Gateway on a free port of this machine, before the emulator at `endpoint`; gives its address."""
    server = _Server(endpoint)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def handle_one_request(self) -> None:
        """Answer every method alike; the base class would look for a function for each."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = urlsplit(self.path).path.removeprefix("/restapis/")
        if self.command == "PUT" and "/" not in known:
            self._answer(200, {"Content-Type": "application/json"}, json.dumps({"id": known}).encode())
        else:
            self._forward(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _forward(self, body: bytes) -> None:
        server = self.server
        assert isinstance(server, _Server)
        with closing(HTTPConnection(urlsplit(server.endpoint).netloc, timeout=30)) as connection:
            connection.request(self.command, self.path, body=body, headers=dict(self.headers))
            answer = connection.getresponse()
            self._answer(answer.status, dict(answer.getheaders()), answer.read())

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.endpoint = endpoint
