"""X's API on this machine, as far as Envoi calls it: `python -m local.x_api PORT KEYS_FILE`.

It refuses a call whose OAuth 1.0a signature is not genuine, and the same text twice, as X does. What was posted can be
read at `GET /posts`.
"""

import json
import os
import re
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from oauthlib.oauth1 import Client

from local import process

MODULE = "local.x_api"
HOST = "127.0.0.1"
BODY_BYTES = 65_536
_DIRECT = re.compile(r"/2/dm_conversations/with/([0-9]{1,19})/messages")
_OAUTH = re.compile(r'oauth_(timestamp|nonce)="([^"]+)"')


class XApi(ThreadingHTTPServer):
    """The server, with the keys that genuine calls are signed with and everything posted so far."""

    daemon_threads = True

    def __init__(self, port: int, keys: Mapping[str, str]) -> None:
        super().__init__((HOST, port), _Handler)
        self.keys = keys
        self.posts: list[dict[str, Any]] = []

    def genuine(self, url: str, header: str) -> bool:
        """Whether a call is signed with our keys: it is signed again with its own nonce and time, and compared."""
        fields = dict(_OAUTH.findall(header))
        client = Client(
            self.keys["consumer_key"],
            client_secret=self.keys["consumer_secret"],
            resource_owner_key=self.keys["access_token"],
            resource_owner_secret=self.keys["access_secret"],
            nonce=fields.get("nonce", ""),
            timestamp=fields.get("timestamp", ""),
        )
        _, headers, _ = client.sign(url, http_method="POST")
        return set(header.split(", ")) == set(headers["Authorization"].split(", "))


class _Handler(BaseHTTPRequestHandler):
    server: XApi

    def do_GET(self) -> None:
        """List what was posted."""
        self._answer(200, {"data": self.server.posts})

    def do_POST(self) -> None:
        """Take a post or a private message."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), BODY_BYTES))
        url = f"http://{self.headers['Host']}{self.path}"
        direct = _DIRECT.fullmatch(self.path)
        if not self.server.genuine(url, self.headers.get("Authorization", "")):
            return self._answer(401, {"title": "Unauthorized", "status": 401})
        if self.path != "/2/tweets" and direct is None:
            return self._answer(404, {"title": "Not Found", "status": 404})
        return self._post(json.loads(body), to=direct[1] if direct else None)

    def _post(self, content: Mapping[str, Any], *, to: str | None) -> None:
        if to is None and any(post["text"] == content["text"] and post["to"] is None for post in self.server.posts):
            detail = "You are not allowed to create a Tweet with duplicate content."
            return self._answer(403, {"title": "Forbidden", "detail": detail, "status": 403})
        number = str(len(self.server.posts) + 1)
        replied = content.get("reply", {}).get("in_reply_to_tweet_id")
        self.server.posts.append(
            {"id": number, "text": content["text"], "to": to, "in_reply_to": replied, "at": int(time.time())}
        )
        if to is not None:
            return self._answer(201, {"data": {"dm_conversation_id": to, "dm_event_id": number}})
        return self._answer(201, {"data": {"id": number, "text": content["text"]}})

    def _answer(self, status: int, content: Mapping[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


def start(port: int, home: Path, keys: Mapping[str, str]) -> int:
    """Start it as a process of its own on a port; returns its id. Its keys stand in a file of its owner only."""
    file = home / "x-keys.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(dict(keys)), encoding="utf-8")
    log = home / "x-api.log"
    return process.spawn(MODULE, [str(port), str(file)], log=log, environment=os.environ)


def alive(pid: int) -> bool:
    """Whether the process exists and is an X API of ours."""
    return process.alive(pid, MODULE)


def stop(pid: int) -> None:
    """End it; one that is gone already is no error."""
    process.stop(pid, MODULE)


def main() -> None:
    """Serve until the process is ended."""
    port, keys = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    XApi(port, keys).serve_forever()


if __name__ == "__main__":
    main()
