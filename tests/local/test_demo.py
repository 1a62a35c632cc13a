"""`make demo`, for each programme, both at the same time: two stages of one checkout."""

import os
import subprocess
import sys
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


def test_both_programmes_are_played_side_by_side(tmp_path: Path) -> None:
    """Each on an AWS of its own, from one checkout and one folder; each ends with everybody's balance as it should."""
    running = {programme: begun(programme, tmp_path) for programme in STAGES}
    said = {programme: process.communicate(timeout=240)[0] for programme, process in running.items()}
    assert {programme: process.returncode for programme, process in running.items()} == dict.fromkeys(STAGES, 0), said
    for programme, text in said.items():
        assert all(words in text for words in (*TOLD[programme], ENDED)), text


def test_what_was_played_before_is_played_again(tmp_path: Path) -> None:
    """With the state kept: whoever had linked takes it back first; older messages and claims are not taken for new."""
    for balance in ("￥99,000", "￥98,000"):
        process = begun("rakuten", tmp_path)
        said = process.communicate(timeout=240)[0]
        assert process.returncode == 0, said
        assert f"→  {balance:>12}" in said


def test_a_programme_that_nobody_plays_is_refused(tmp_path: Path) -> None:
    """In a sentence that names those that are."""
    process = begun("no-such-bank", tmp_path)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "There is no programme no-such-bank to play here: try smoney or rakuten." in said
    assert "Traceback" not in said
