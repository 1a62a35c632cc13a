"""The commands `up`, `down` and `status`: quick the second time, polite to other programs, clear when they fail."""

import json
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from local import ministack, stack
from local.__main__ import main

pytestmark = [pytest.mark.local]


def test_a_second_up_finds_the_first(local_stack: stack.Stack) -> None:
    """`up` on a running stack starts nothing anew and takes seconds, even if code has changed since."""
    home = stack_home(local_stack)
    began = time.monotonic()
    again = stack.up(home)
    assert replace(again, digest=local_stack.digest) == local_stack
    assert time.monotonic() - began < 15
    assert stack.status(home) == again


def test_it_listens_on_loopback_alone(local_stack: stack.Stack) -> None:
    """Nobody else on the network reaches the local AWS: its port is free on every other address of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.2", local_stack.port))


def test_what_it_tells(local_stack: stack.Stack) -> None:
    """`up --json` tells all that another program needs to play X and Meta and to look into the table."""
    told = json.loads(json.dumps(local_stack.told()))
    wanted = {
        "api_url",
        "page_url",
        "aws_endpoint_url",
        "region",
        "table",
        "x_consumer_secret",
        "meta_app_secret",
        "bot_user_id",
        "people",
    }
    assert wanted | {"bot_handle"} <= set(told)
    assert told["table"] == "envoi-local"
    assert told["page_url"] == told["api_url"] + "/p"
    assert not {"x_secret", "meta_secret"} & set(told)


def test_a_busy_port_is_stepped_around() -> None:
    """Another program on the usual port keeps it."""
    with socket.socket() as other:
        other.bind((ministack.HOST, 0))
        other.listen()
        taken = other.getsockname()[1]
        assert ministack.free_port(taken) != taken


def test_a_stranger_with_the_same_id_is_not_ours(tmp_path: Path, local_stack: stack.Stack) -> None:
    """A state file left by a crash may name a process that is another program by now: it is not stopped."""
    state = json.loads((stack_home(local_stack) / "stack.json").read_text())
    (tmp_path / "stack.json").write_text(json.dumps(state | {"pid": 1, "sandbox_pid": 1}))
    assert stack.status(tmp_path) is None
    assert stack.down(tmp_path) is False
    assert ministack.healthy(local_stack.port, stack_home(local_stack))


def test_a_start_that_fails_says_where_its_log_is(tmp_path: Path) -> None:
    """An emulator that cannot have its port ends, and the failure names the log."""
    with socket.socket() as other:
        other.bind((ministack.HOST, 0))
        other.listen()
        with pytest.raises(ministack.NotReady, match="ended at once") as failure:
            ministack.start(other.getsockname()[1], tmp_path)
    assert str(tmp_path / "ministack.log") in str(failure.value)
    assert "already in use" in (tmp_path / "ministack.log").read_text()


@pytest.mark.parametrize("content", ["", "{", '{"pid": 1}', "[]"])
def test_a_broken_state_file_is_nothing_running(tmp_path: Path, content: str) -> None:
    """Half a state file, or one of another version, is no reason to fail."""
    (tmp_path / "stack.json").write_text(content)
    assert stack.status(tmp_path) is None


def test_status_without_a_stack_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`status` fails with a sentence when nothing runs."""
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["local", "status"])
    assert main() == 1
    assert "python -m local up" in capsys.readouterr().err


def stack_home(running: stack.Stack) -> Path:
    """Where the stack of this run keeps its state."""
    return Path(running.home)
