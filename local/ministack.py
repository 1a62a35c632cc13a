"""The AWS emulator, MiniStack: started as a process of its own on a free loopback port, stopped by its id alone."""

import json
import os
import socket
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from local import process

MODULE = "ministack"
HOST = "127.0.0.1"
REGION = "eu-west-3"
ACCOUNT = "000000000000"
PREFERRED_PORT = 4566
START_SECONDS = 30

# The emulator's root credentials; Lambda functions get those of their own role instead.
ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}


class NotReady(Exception):
    """The emulator did not start; the message says why and where its log is."""


def free_port(preferred: int = 0) -> int:
    """The preferred port if nobody has it, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise NotReady(f"no free port on {HOST}; close some programs and try again")


def endpoint(port: int) -> str:
    """The emulator's address for every AWS service."""
    return f"http://{HOST}:{port}"


def start(port: int, home: Path, *, keep: bool = False) -> int:
    """Start the emulator and wait until it is healthy; returns its process id.

    `home` gets its log, its state (only with `keep`) and its temporary files. Raises NotReady.
    """
    for folder in ("state", "s3", "tmp"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    _rewind_streams(home / "state" / "lambda.json")
    log = home / "ministack.log"
    pid = process.spawn(MODULE, [], log=log, environment=_environment(port, home, keep=keep))
    deadline = time.monotonic() + START_SECONDS
    while not healthy(port, home):
        if not alive(pid):
            raise NotReady(f"the local AWS ended at once; see {log}")
        if time.monotonic() > deadline:
            stop(pid)
            raise NotReady(f"the local AWS did not answer within {START_SECONDS} s; see {log}")
        time.sleep(0.1)
    return pid


def _rewind_streams(state: Path) -> None:
    """Make functions read streams from their start again.

    The emulator keeps how far a stream was read but none of its records, so it would pass over as many new ones.
    """
    if state.exists():
        kept = json.loads(state.read_text(encoding="utf-8"))
        kept["payload"].pop("dynamodb_stream_positions", None)
        state.write_text(json.dumps(kept), encoding="utf-8")


def healthy(port: int, home: Path) -> bool:
    """Whether the emulator of this home answers on the port; any other program there does not count."""
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/_ministack/health")
        return bool(json.loads(connection.getresponse().read())["edition"] == str(home))
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return False
    finally:
        connection.close()


def alive(pid: int) -> bool:
    """Whether the process exists and is an emulator."""
    return process.alive(pid, MODULE)


def stop(pid: int) -> None:
    """End the emulator, and with it the functions that it runs; one that is gone already is no error."""
    process.stop(pid, MODULE)


def _environment(port: int, home: Path, *, keep: bool) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ENVOI_", "LAMBDA_"))
    }
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "IOT_MTLS_ENABLED": "0",  # else it listens on 8883 of every interface
        "SFTP_ENABLED": "0",
        "AUTH": "true",  # each function may do what its role allows, and no more
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1" if keep else "0",
        "S3_PERSIST": "1" if keep else "0",
        "MINISTACK_EDITION": str(home),  # comes back in its health: that is how ours is told from others
        "STATE_DIR": str(home / "state"),
        "S3_DATA_DIR": str(home / "s3"),
        "TMPDIR": str(home / "tmp"),
    }
    return inherited | ROOT | settings
