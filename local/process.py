"""Programs that outlive the command that starts them: told apart by their command line, stopped by their id alone."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

STOP_SECONDS = 15

# What this process started: held until it is stopped, as a dropped one is reported as leaked.
_children: dict[int, subprocess.Popen[bytes]] = {}


def spawn(module: str, arguments: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> int:
    """Run a Python module detached, its output appended to a log; returns its process id."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children[process.pid] = process
    return process.pid


def alive(pid: int, module: str) -> bool:
    """Whether the process exists and runs that module, not another that got its id since."""
    if child := _children.get(pid):
        return child.poll() is None  # its command line may be empty yet, just after the start
    command = Path(f"/proc/{pid}/cmdline")
    if command.parent.parent.joinpath("self").exists():
        return command.exists() and module.encode() in command.read_bytes()
    listed = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return module in listed.stdout


def stop(pid: int, module: str) -> None:
    """End a process that runs the module; one that is gone already is no error."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_SECONDS
        if alive(pid, module):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        while alive(pid, module) and time.monotonic() < deadline:
            time.sleep(0.05)
    if child := _children.pop(pid, None):
        child.wait()
