"""The sandbox: X and the phones on this machine, on one page; a process of its own, started with the local AWS."""

import os
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from local import process
from local.ministack import NotReady, free_port

MODULE = "local.sandbox"
HOST = "127.0.0.1"
PREFERRED_PORT = 8000
PORTS = 50
START_SECONDS = 20


def start(home: Path, programme: str) -> tuple[int, int]:
    """Start it for the stack whose state file is (or will be) in `home`; returns its process id and its port.

    It takes the preferred port or one of the next, else any that is free. Raises NotReady.
    """
    for port in (*range(PREFERRED_PORT, PREFERRED_PORT + PORTS), 0):
        chosen = free_port(port)
        if chosen != port and port:
            continue
        words = [str(chosen), str(home), programme]
        pid = process.spawn(MODULE, words, log=home / "sandbox.log", environment=os.environ)
        if _answers(pid, chosen, home):
            return pid, chosen
        stop(pid)  # another program has taken the port meanwhile
    raise NotReady(f"the sandbox did not start; see {home / 'sandbox.log'}")


def alive(pid: int) -> bool:
    """Whether the process exists and is a sandbox."""
    return process.alive(pid, MODULE)


def stop(pid: int) -> None:
    """End it; one that is gone already is no error."""
    process.stop(pid, MODULE)


def _answers(pid: int, port: int, home: Path) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while alive(pid) and time.monotonic() < deadline:
        with closing(HTTPConnection(HOST, port, timeout=2)) as connection, suppress(OSError, HTTPException):
            connection.request("GET", "/health")
            if connection.getresponse().read().decode() == str(home):
                return True
        time.sleep(0.05)
    return False
