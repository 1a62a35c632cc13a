"""`make demo`, for each programme, both at the same time: two stages of one checkout."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from local.stages import ROOT, STAGES

pytestmark = [pytest.mark.local]

ENDED = "balances and bank sum to 0: balanced"
TOLD = {
    "smoney": ("vous avez payé 10,00 EUR à Philippe Dupont", "490,00"),
    "rakuten": ("the claim is claimed", "￥165", "￥99,000"),
}


def begun(programme: str, home: Path) -> "subprocess.Popen[str]":
    """The demo of a programme, which ends once it has played."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ENVOI_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "local.demo"],
        cwd=ROOT,
        env=environment | {"PROGRAMME": programme, "DEMO_ONCE": "1", "STATE_DIR": str(home)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, tuple[int, str]]]:
    """Both demos side by side, each on an AWS of its own: the folder that keeps their state, exit codes and words."""
    home = tmp_path_factory.mktemp("demo")
    running = {programme: begun(programme, home) for programme in STAGES}
    said = {programme: process.communicate(timeout=240)[0] for programme, process in running.items()}
    return home, {programme: (process.returncode, said[programme]) for programme, process in running.items()}


def test_both_programmes_are_played_side_by_side(played: tuple[Path, Mapping[str, tuple[int, str]]]) -> None:
    """From one checkout and one folder; each ends with everybody's balance as it should."""
    _, told = played
    assert {programme: code for programme, (code, _) in told.items()} == dict.fromkeys(STAGES, 0), told
    for programme, (_, text) in told.items():
        assert all(words in text for words in (*TOLD[programme], ENDED)), text


def test_what_was_played_before_is_played_again(played: tuple[Path, Mapping[str, tuple[int, str]]]) -> None:
    """With the state kept: whoever had linked takes it back first; older messages and claims are not taken for new."""
    home, told = played
    process = begun("rakuten", home)
    said = process.communicate(timeout=240)[0]
    assert process.returncode == 0, said
    for text, balance in ((told["rakuten"][1], "￥99,000"), (said, "￥98,000")):
        assert f"→  {balance:>12}" in text


def test_a_programme_that_nobody_plays_is_refused(tmp_path: Path) -> None:
    """In a sentence that names those that are."""
    process = begun("no-such-bank", tmp_path)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "There is no programme no-such-bank to play here: try smoney or rakuten." in said
    assert "Traceback" not in said
