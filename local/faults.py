"""An AWS that fails on purpose: `python -m local.faults sms down` breaks a service of the local AWS until Ctrl-C.

A proxy stands between functions and the local AWS. It passes a request on as it came, its Host too: so its signature
stays good, and the local AWS goes on enforcing each function's role.
"""

import argparse
import itertools
import json
import re
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, NamedTuple, get_args
from urllib.parse import parse_qs, urlsplit

from local import ministack, stack
from local.stack import Stack

# Longer than our clients wait for an answer (chalicelib/aws.py).
SLOW_SECONDS = 3.3
REDIRECT, X_API = "AWS_ENDPOINT_URL", "ENVOI_X_API_URL"
_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")

How = Literal["down", "throttled", "conflict", "refused", "slow", "lost", "twice"]
# Of the service that a request is signed for: what it says when it is broken, and when it is asked too much.
ERRORS: Mapping[tuple[str, str], str] = {
    ("dynamodb", "down"): "InternalServerError",
    ("dynamodb", "throttled"): "ThrottlingException",
    ("dynamodb", "conflict"): "TransactionCanceledException",
    ("sqs", "down"): "InternalFailure",
    ("sqs", "throttled"): "RequestThrottled",
    ("sns", "down"): "InternalError",
    ("sns", "throttled"): "Throttled",
    ("kms", "down"): "KMSInternalException",
    ("kms", "throttled"): "ThrottlingException",
    ("secretsmanager", "down"): "InternalServiceError",
    ("secretsmanager", "throttled"): "ThrottlingException",
}


# What an operator calls a service, and which requests are meant: signed for what, with what in their bodies.
SERVICES: Mapping[str, tuple[str, str]] = {
    "table": ("dynamodb", ""),
    "queue": ("sqs", ""),
    "topic": ("sns", "TopicArn"),
    "sms": ("sns", "PhoneNumber"),
    "kms": ("kms", ""),
    "secrets": ("secretsmanager", ""),
}


class Asked(NamedTuple):
    """A request as it came: the service that it is signed for, its operation, and all of it."""

    service: str
    operation: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to the calls of a service.

    `down`, `throttled` and `conflict` are answered with an error, `refused` is hung up on; nothing of these is done.
    `slow` is done and answered too late, `lost` is done and never answered, `twice` is done twice and answered once.
    `operation` and `part`, which the body holds, narrow it; if that is said, only the first `times` calls meet it, or
    only each `every`-th.
    """

    service: str
    how: How
    operation: str = ""
    part: str = ""
    times: int | None = None
    every: int = 1

    def meets(self, asked: Asked) -> bool:
        """Whether a request is one of those."""
        return (
            self.service == asked.service
            and self.operation in ("", asked.operation)
            and self.part.encode() in asked.body
        )

    def befalls(self, calls: int) -> bool:
        """Whether the call that comes after so many of those meets it."""
        return (self.times is None or calls < self.times) and calls % self.every == self.every - 1


@dataclass(kw_only=True)
class Proxy:
    """A running proxy; `met` tells of every call that a fault has met, the oldest first."""

    url: str
    upstream: str
    met: list[tuple[str, str, str]] = field(default_factory=list)
    _faults: list[tuple[Fault, Iterator[int]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def broken(self, *faults: Fault) -> Iterator[None]:
        """Let these faults happen inside the block, each call meeting the first that fits."""
        with self._lock:
            self._faults = [(fault, itertools.count()) for fault in faults]
        try:
            yield
        finally:
            with self._lock:
                self._faults = []

    def meet(self, asked: Asked) -> Fault | None:
        """The fault that a request meets now, if any."""
        with self._lock:
            for fault, calls in self._faults:
                if fault.meets(asked) and fault.befalls(next(calls)):
                    self.met.append((asked.service, asked.operation, fault.how))
                    return fault
        return None


@contextmanager
def proxy(upstream: str) -> Iterator[Proxy]:
    """Serve on a free port of the loopback, before an AWS, until the block ends."""
    running = Proxy(url="", upstream=upstream)
    handler = type("Bound", (_Handler,), {"proxy": running})
    server = ThreadingHTTPServer((ministack.HOST, 0), handler)
    server.daemon_threads = True
    running.url = ministack.endpoint(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def redirected(local: Stack, variables: Mapping[str, str]) -> Iterator[None]:
    """Give every function of the local stage these variables too, such as another AWS to reach, inside the block."""
    functions = local.client("lambda")
    named = [each for each in functions.list_functions()["Functions"] if each["FunctionName"].startswith("envoi-local")]
    before = {each["FunctionName"]: _whole(local, each["Environment"]["Variables"]) for each in named}
    _configure(functions, {name: {**own, **variables} for name, own in before.items()})
    try:
        yield
    finally:
        _configure(functions, before)


def _whole(local: Stack, variables: Mapping[str, str]) -> dict[str, str]:
    """A function's variables as the stack gave them, also where a drill that was killed has left its own."""
    kept = {name: value for name, value in variables.items() if name != REDIRECT}
    return kept | ({X_API: local.x_api_url} if X_API in kept else {})


def _configure(functions: Any, environments: Mapping[str, Mapping[str, str]]) -> None:
    def one(name: str) -> None:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": environments[name]})

    with ThreadPoolExecutor(len(environments)) as pool:
        list(pool.map(one, environments))


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client; closing it without an answer is what a client sees of a broken network."""

    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def do_POST(self) -> None:
        """Pass a call on, or do to it what its fault says."""
        asked = self._asked()
        fault = self.proxy.meet(asked)
        how = fault.how if fault else ""
        if code := ERRORS.get((asked.service, how)):
            self._say(*_error(asked, code, 500 if how == "down" else 400))
            return
        if how == "refused":
            self.close_connection = True
            return
        answers = [self._passed_on(asked) for _ in range(2 if how == "twice" else 1)]
        if how == "slow":
            time.sleep(SLOW_SECONDS)
        if how in ("slow", "lost"):
            self.close_connection = True
            return
        with suppress(ConnectionError):  # a function that was stopped hears no answer
            self._say(*answers[-1])

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _asked(self) -> Asked:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        scope = _SCOPE.search(self.headers.get("Authorization", ""))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if not operation:
            operation = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
        return Asked(scope[1] if scope else "", operation, self.path, dict(self.headers.items()), body)

    def _passed_on(self, asked: Asked) -> tuple[int, Iterable[tuple[str, str]], bytes]:
        with closing(HTTPConnection(urlsplit(self.proxy.upstream).netloc, timeout=60)) as upstream:
            upstream.request("POST", asked.path, asked.body, asked.headers)
            answer = upstream.getresponse()
            return answer.status, answer.getheaders(), answer.read()

    def _say(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _error(asked: Asked, code: str, status: int) -> tuple[int, list[tuple[str, str]], bytes]:
    """An error answer in the words of the request's protocol: JSON, or XML for the query protocol."""
    if "X-Amz-Target" in asked.headers:
        told: dict[str, Any] = {"__type": code, "message": "broken on purpose"}
        if code == "TransactionCanceledException":
            told["CancellationReasons"] = [{"Code": "TransactionConflict"}, {"Code": "None"}, {"Code": "None"}]
        return status, [("Content-Type", asked.headers["Content-Type"])], json.dumps(told).encode()
    error = f"<Error><Type>Receiver</Type><Code>{code}</Code><Message>broken on purpose</Message></Error>"
    return status, [("Content-Type", "text/xml")], f"<ErrorResponse>{error}</ErrorResponse>".encode()


def main(arguments: Sequence[str] | None = None) -> int:
    """Break one service of the running local stack until Ctrl-C, or for some seconds; status 1 if none is running."""
    parser = argparse.ArgumentParser(prog="python -m local.faults", description="Break a service of the local AWS.")
    parser.add_argument("what", choices=[*SERVICES, "x"], help="`x` is X's API, which can only be down")
    parser.add_argument("how", choices=get_args(How))
    parser.add_argument("--seconds", type=float, default=86_400.0, help="how long; until Ctrl-C unless told")
    options = parser.parse_args(arguments)
    if options.what == "x" and options.how != "down":
        parser.error("X's API can only be down here; the sandbox's page has a switch that limits it")
    running = stack.status()
    if running is None:
        print("Nothing is running. Start it with `python -m local up`.", file=sys.stderr)
        return 1
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    with suppress(KeyboardInterrupt), _drill(running, options.what, options.how):
        print(f"{options.what} is {options.how}. Ctrl-C mends it.", flush=True)
        time.sleep(options.seconds)
    print("Mended.")
    return 0


@contextmanager
def _drill(running: Stack, what: str, how: How) -> Iterator[None]:
    if what == "x":
        with redirected(running, {X_API: f"http://{ministack.HOST}:9"}):  # nobody listens there
            yield
        return
    service, part = SERVICES[what]
    with (
        proxy(running.aws_endpoint_url) as between,
        between.broken(Fault(service=service, part=part, how=how)),
        redirected(running, {REDIRECT: between.url}),
    ):
        yield


if __name__ == "__main__":
    sys.exit(main())
