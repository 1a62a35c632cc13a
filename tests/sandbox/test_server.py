"""What the sandbox says when it falls over what it read."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import wire
from local.ministack import free_port
from local.sandbox.server import Server
from local.stages import PROGRAMME


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A sandbox without a stack."""
    serving = Server(free_port(), tmp_path, PROGRAMME)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield serving
    serving.shutdown()
    serving.server_close()


@pytest.mark.parametrize("path", ["/snapshot", "/live"])
def test_what_it_falls_over_is_told_and_logged(
    server: Server, path: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever asked gets a 500 with the place and the reason, instead of a connection that just ends."""

    def fall() -> None:
        raise KeyError("at")

    monkeypatch.setattr(server.world, "look", fall)
    answer = wire.call(f"{server.world.url}{path}")
    assert (answer.status, "KeyError: 'at'" in json.loads(answer.body)["detail"]) == (500, True)
    assert "KeyError: 'at'" in capsys.readouterr().err


def test_without_a_stack_it_says_so(server: Server) -> None:
    """That is no fall: the page goes on and finds the stack when it is there."""
    told = json.loads(wire.call(f"{server.world.url}/snapshot").body)
    assert (told["up"], told["why"]) == (False, "The local AWS is not up.")
