"""The sandbox over HTTP, on this machine alone: the page, what happens live, what the page asks for, both APIs."""

import json
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.sandbox import HOST
from local.sandbox.api import Call
from local.sandbox.network import Refused
from local.sandbox.world import World

PAGE = Path(__file__).with_name("page")
FILES = {
    "/": ("index.html", "text/html"),
    "/sandbox.css": ("sandbox.css", "text/css"),
    "/sandbox.js": ("sandbox.js", "text/javascript"),
    "/render.js": ("render.js", "text/javascript"),
    "/messenger.js": ("messenger.js", "text/javascript"),
    "/live.js": ("live.js", "text/javascript"),
    "/stations.js": ("stations.js", "text/javascript"),
}
GRAPH = re.compile(r"/v\d+\.\d+/")
BODY_BYTES = 65_536
POLL_SECONDS = 0.3
QUIET_SECONDS = 10.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Server(ThreadingHTTPServer):
    """Serves one world."""

    daemon_threads = True

    def __init__(self, port: int, home: Path, programme: str) -> None:
        super().__init__((HOST, port), _Handler)
        self.hosts = {f"{name}:{port}" for name in (HOST, "localhost")}
        self.world = World(home, f"http://{HOST}:{port}", programme)
        self._lock = threading.Lock()
        self._seen_at, self._seen = 0.0, ""

    def snapshot(self, max_age_seconds: float = 0.0) -> str:
        """The world as JSON; those who listen share one look at it, which may be a little old."""
        with self._lock:
            if time.monotonic() - self._seen_at >= max_age_seconds:
                self._seen = json.dumps(self.world.look(), ensure_ascii=False)
                self._seen_at = time.monotonic()
            return self._seen


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Give the page and its files, what happens live, a snapshot, or what the bot has said."""
        self._answered(self._get)

    def do_POST(self) -> None:
        """Take a call of X's or Meta's API, or what the page asks for."""
        self._answered(self._take)

    def _answered(self, deed: Callable[[], None]) -> None:
        """Whatever goes wrong is told to whoever asked, and logged: a connection that just ends explains nothing."""
        try:
            deed()
        except OSError:
            raise
        except Exception:
            fault = traceback.format_exc()
            print(fault, file=sys.stderr, flush=True)
            self.close_connection = True
            self._tell(500, {"title": "The sandbox fell over what it read", "detail": fault})

    def _get(self) -> None:
        path = urlsplit(self.path).path
        if not self._from_here():
            self._tell(403, {"title": "Forbidden"})
        elif path in FILES:
            self._file(*FILES[path])
        elif path == "/live":
            self._live()
        elif path == "/health":
            self._send(200, str(self.server.world.home).encode(), {"Content-Type": "text/plain"})
        elif path == "/snapshot":
            self._send(200, self.server.snapshot().encode(), {"Content-Type": "application/json"})
        elif path == "/posts":
            self._tell(200, {"data": self.server.world.said()})
        elif path == "/messages":
            self._tell(200, {"data": self.server.world.written()})
        else:
            self._tell(404, {"title": "Not Found"})

    def _take(self) -> None:
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(min(int(length) if length.isdigit() else 0, BODY_BYTES))
        if not self._from_here():
            return self._tell(403, {"title": "Forbidden"})
        content = _object(body)
        if self.path.startswith("/do/"):
            return self._do(self.path.removeprefix("/do/"), content)
        url = f"http://{self.headers['Host']}{self.path}"
        authorization = self.headers.get("Authorization", "")
        call = Call(url=url, path=self.path, authorization=authorization, content=content or {})
        world = self.server.world
        answer = world.message(call) if GRAPH.match(self.path) else world.answer(call)
        return self._tell(answer.status, answer.content, answer.headers)

    def _do(self, name: str, wish: Mapping[str, Any] | None) -> None:
        """A page of another site cannot send JSON here unasked; a browser also says where a request comes from."""
        plain = self.headers.get_content_type() == "application/json"
        if not plain or self.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return self._tell(403, {"title": "Forbidden"})
        done = Refused("That is no JSON object.") if wish is None else self.server.world.do(name, wish)
        if isinstance(done, Refused):
            return self._tell(422, {"error": done.reason})
        return self._tell(200, done)

    def _from_here(self) -> bool:
        """Whether the request was made to this very address: a name that others let point here is not ours."""
        return self.headers.get("Host", "") in self.server.hosts

    def _live(self) -> None:
        """Server-Sent Events: the snapshot whenever it changes, while somebody listens."""
        self.server.snapshot(POLL_SECONDS)  # what it falls over is told before a 200 is
        self.send_response(200)
        for name, value in {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        last, told_at = "", time.monotonic()
        while True:
            seen = self.server.snapshot(POLL_SECONDS)
            quiet = time.monotonic() - told_at >= QUIET_SECONDS
            if seen != last or quiet:
                self.wfile.write(f"data: {seen}\n\n".encode() if seen != last else b": still here\n\n")
                self.wfile.flush()
                last, told_at = seen, time.monotonic()
            time.sleep(POLL_SECONDS)

    def _file(self, name: str, kind: str) -> None:
        headers = {"Content-Type": f"{kind}; charset=utf-8", "Content-Security-Policy": POLICY}
        self._send(200, (PAGE / name).read_bytes(), headers)

    def _tell(self, status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        self._send(status, json.dumps(content).encode(), {"Content-Type": "application/json", **(headers or {})})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        always = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
        for name, value in {**always, **headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        """Serve a connection until it ends; one that its other side has left is no error."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


def serve(port: int, home: Path, programme: str) -> None:
    """Serve until the process is ended."""
    server = Server(port, home, programme)
    threading.Thread(target=server.world.begin, daemon=True).start()
    server.serve_forever()


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
