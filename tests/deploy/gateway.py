"""API Gateway's part for a stage of `chalice deploy`: HTTP in, the function called with a gateway event, HTTP out.

The emulator's import of Chalice's REST API carries no methods, so nothing there would call the function.
"""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PREFIX = "/_aws/execute-api/envoi/api"


@contextmanager
def gateway(functions: Any, function: str) -> Iterator[str]:
    """Serve a function on a free port of this machine; gives the API's address. `functions` is a Lambda client."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: [value] for name, value in self.headers.items()}
            event = gateway_event(self.command, self.path, headers=headers, body=body)
            called = functions.invoke(FunctionName=function, Payload=json.dumps(event))
            answer = json.loads(called["Payload"].read())
            if "FunctionError" in called:
                answer = {"statusCode": 502, "body": json.dumps(answer)}
            content = answer["body"]
            self.send_response(answer["statusCode"])
            for name, values in _headers(answer).items():
                for value in values:
                    self.send_header(name, value)
            sent = base64.b64decode(content) if answer.get("isBase64Encoded") else content.encode()
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def gateway_event(method: str, target: str, *, headers: dict[str, list[str]], body: bytes) -> dict[str, Any]:
    """A REST API's proxy event for a request; every route of ours is one without parameters."""
    address = urlsplit(target.removeprefix(PREFIX))
    query = parse_qs(address.query, keep_blank_values=True) or None
    return {
        "httpMethod": method, "resource": address.path, "path": address.path,
        "headers": {name: values[-1] for name, values in headers.items()}, "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} if query else None,
        "multiValueQueryStringParameters": query, "pathParameters": None, "stageVariables": None,
        "requestContext": {
            "httpMethod": method, "resourcePath": address.path, "stage": "api", "path": f"/api{address.path}",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": body.decode() or None, "isBase64Encoded": False,
    }  # fmt: skip


def _headers(answer: dict[str, Any]) -> dict[str, list[str]]:
    single = {name: [value] for name, value in (answer.get("headers") or {}).items()}
    return single | (answer.get("multiValueHeaders") or {})
